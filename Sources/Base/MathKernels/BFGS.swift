import Foundation

/// The minimum of a smooth function of a few variables, by the method of Broyden, Fletcher, Goldfarb and Shanno.
///
/// ```swift
/// let found = BFGS().minimize(from: [-1.2, 1]) { x in
///   let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
///   return (a * a + 100 * b * b, [-2 * a - 400 * x[0] * b, 200 * b])
/// }
/// found.point        // [1, 1]
/// ```
/// Steps meet the weak Wolfe conditions by bisection (Lewis and Overton 2013, https://doi.org/10.1007/s10107-012-0514-2).
/// Where the search ends, Newton steps with the Hessian of finite differences of the gradient bring the point to the
/// precision that the gradient allows. Source: Nocedal and Wright (2006), Numerical Optimization, chapter 6,
/// https://doi.org/10.1007/978-0-387-40065-5
///
/// - Complexity: one or two evaluations a step, O(d²) each beside the function, and 2d evaluations for each Newton step.
public struct BFGS: Sendable, Equatable {
  /// The search ends when no component of the gradient is larger.
  public var gradientTolerance: Double
  /// The most steps.
  public var maximumSteps: Int

  /// A search.
  public init(gradientTolerance: Double = 1e-6, maximumSteps: Int = 500) {
    self.gradientTolerance = gradientTolerance
    self.maximumSteps = maximumSteps
  }

  /// Where a search ended.
  public struct Result: Sendable, Equatable {
    /// The best point.
    public var point: [Double]
    /// The function there.
    public var value: Double
    /// Its gradient there.
    public var gradient: [Double]
    /// How many steps were made.
    public var steps: Int
    /// How often the function was evaluated.
    public var evaluations: Int
    /// Whether the gradient met the tolerance.
    public var converged: Bool

    /// The largest component of the gradient.
    public var gradientNorm: Double { gradient.reduce(0) { max($0, abs($1)) } }
  }

  /// Looks for a minimum near `start`. The function gives its value and gradient; a value that is not finite is a point
  /// outside its domain.
  public func minimize(
    from start: [Double], _ function: ([Double]) throws -> (value: Double, gradient: [Double])
  ) rethrows -> Result {
    let size = start.count
    var point = start
    var (value, gradient) = try function(point)
    var result = Result(
      point: point, value: value, gradient: gradient, steps: 0, evaluations: 1, converged: false)
    guard value.isFinite, gradient.allSatisfy(\.isFinite) else { return result }
    var inverse = Self.identity(size)
    var isFresh = true
    while result.steps < maximumSteps, result.gradientNorm > gradientTolerance {
      var direction = Self.times(inverse, gradient).map { -$0 }
      var slope = Self.dot(direction, gradient)
      if !(slope < 0) {
        inverse = Self.identity(size)
        isFresh = true
        direction = gradient.map { -$0 }
        slope = -Self.dot(gradient, gradient)
      }
      // A first step of at most one unit: the parameters of a likelihood are logarithms.
      let longest = direction.reduce(0) { max($0, abs($1)) }
      var (step, low, high) = (min(1, (isFresh ? 0.5 : 4) / longest), 0.0, Double.infinity)
      var accepted: (point: [Double], value: Double, gradient: [Double])?
      for _ in 0..<60 {
        let trial = zip(point, direction).map { $0 + step * $1 }
        let (there, slopes) = try function(trial)
        result.evaluations += 1
        if !(there <= value + 1e-4 * step * slope) || !slopes.allSatisfy(\.isFinite) {
          high = step
        } else {
          accepted = (trial, there, slopes)
          if Self.dot(slopes, direction) < 0.9 * slope { low = step } else { break }
        }
        step = high.isFinite ? (low + high) / 2 : 2 * low
      }
      guard let next = accepted else {
        if isFresh { break }
        inverse = Self.identity(size)
        isFresh = true
        continue
      }
      let (moved, turned) = (
        zip(next.point, point).map { $0 - $1 }, zip(next.gradient, gradient).map { $0 - $1 }
      )
      Self.update(&inverse, moved, turned, isFresh: isFresh)
      isFresh = false
      (point, value, gradient) = next
      (result.point, result.value, result.gradient) = next
      result.steps += 1
    }
    try polish(&result, function)
    result.converged = result.gradientNorm <= gradientTolerance
    return result
  }

  /// The Hessian by central differences of the gradient, made symmetric.
  ///
  /// - Complexity: 2d evaluations.
  public static func hessian(
    at point: [Double], step: Double = 1e-4,
    _ function: ([Double]) throws -> (value: Double, gradient: [Double])
  ) rethrows -> Matrix<Double> {
    let size = point.count
    var result = Matrix<Double>(rows: size, columns: size)
    for k in 0..<size {
      let width = step * max(1, abs(point[k]))
      var (above, below) = (point, point)
      above[k] += width
      below[k] -= width
      let (up, down) = (try function(above).gradient, try function(below).gradient)
      for j in 0..<size {
        let slope = (up[j] - down[j]) / (2 * width)
        result[k, j] += slope / 2
        result[j, k] += slope / 2
      }
    }
    return result
  }

  private func polish(
    _ result: inout Result, _ function: ([Double]) throws -> (value: Double, gradient: [Double])
  ) rethrows {
    for _ in 0..<3 {
      guard result.gradientNorm > 1e-12, result.gradientNorm < 1e-2 else { return }
      let hessian = try Self.hessian(at: result.point, function)
      result.evaluations += 2 * result.point.count + 1
      guard let step = try? hessian.solvingSymmetricPositiveDefinite(result.gradient) else { return }
      let point = zip(result.point, step).map { $0 - $1 }
      let (value, gradient) = try function(point)
      let norm = gradient.reduce(0) { max($0, abs($1)) }
      guard value.isFinite, norm < result.gradientNorm else { return }
      (result.point, result.value, result.gradient) = (point, value, gradient)
    }
  }

  private static func update(
    _ inverse: inout [[Double]], _ moved: [Double], _ turned: [Double], isFresh: Bool
  ) {
    let curvature = dot(moved, turned)
    guard curvature > 1e-14 * (dot(moved, moved) * dot(turned, turned)).squareRoot() else { return }
    let size = moved.count
    if isFresh {
      let scale = curvature / dot(turned, turned)
      for k in 0..<size { inverse[k][k] = scale }
    }
    let product = times(inverse, turned)
    let factor = (1 + dot(turned, product) / curvature) / curvature
    for i in 0..<size {
      for j in 0..<size {
        inverse[i][j] +=
          factor * moved[i] * moved[j] - (product[i] * moved[j] + moved[i] * product[j]) / curvature
      }
    }
  }

  private static func identity(_ size: Int) -> [[Double]] {
    (0..<size).map { row in (0..<size).map { $0 == row ? 1 : 0 } }
  }

  private static func times(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    matrix.map { dot($0, vector) }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
