/// Minimisation of a smooth function of a few variables by the quasi-Newton method of Broyden, Fletcher, Goldfarb and
/// Shanno, with derivatives by central differences.
///
/// The variable-metric algorithm with a backtracking search: Nash (1990), Compact Numerical Methods for Computers,
/// algorithm 21, https://doi.org/10.1201/9781315139784. It restarts from the steepest descent before it stops.
struct QuasiNewton {
  var tolerance = 1e-8
  var maxIterations = 100
  var differenceStep = 1e-3

  struct Result {
    var value: Double
    var converged: Bool
  }

  /// Moves `x` to a local minimum; nil where the function or its derivatives are not finite at the start.
  func minimize(_ x: inout [Double], _ function: (UnsafePointer<Double>) -> Double) -> Result? {
    let count = x.count
    var value = function(x)
    guard value.isFinite else { return nil }
    if count == 0 { return Result(value: value, converged: true) }
    var gradient = [Double](repeating: 0, count: count)
    guard differentiate(&x, &gradient, function) else { return nil }
    var metric = Self.identity(count)
    var direction = gradient
    var (fresh, updates) = (true, 0)
    for _ in 0..<maxIterations {
      if updates > 2 * count { (metric, fresh, updates) = (Self.identity(count), true, 0) }
      var slope = 0.0
      for row in 0..<count {
        var sum = 0.0
        for column in 0..<count { sum -= metric[row * count + column] * gradient[column] }
        direction[row] = sum
        slope += sum * gradient[row]
      }
      let step = slope < 0 ? search(&x, direction, slope, value, function) : nil
      guard let step, abs(step.value - value) > tolerance * (abs(value) + tolerance) else {
        if let step { value = step.value }
        if fresh { return Result(value: value, converged: true) }
        if step != nil { guard differentiate(&x, &gradient, function) else { return nil } }
        (metric, fresh, updates) = (Self.identity(count), true, 0)
        continue
      }
      value = step.value
      let before = gradient
      guard differentiate(&x, &gradient, function) else { return nil }
      fresh = !Self.update(&metric, direction, step.length, gradient, before)
      if fresh { metric = Self.identity(count) }
      updates = fresh ? 0 : updates + 1
    }
    return Result(value: value, converged: false)
  }

  /// Shortens the step until the function falls enough; nil, with `x` as it was, where no step moves it.
  private func search(
    _ x: inout [Double], _ direction: [Double], _ slope: Double, _ value: Double,
    _ function: (UnsafePointer<Double>) -> Double
  ) -> (length: Double, value: Double)? {
    let start = x
    var length = 1.0
    while true {
      var moved = false
      for index in x.indices {
        x[index] = start[index] + length * direction[index]
        if 10 + x[index] != 10 + start[index] { moved = true }
      }
      guard moved else {
        x = start
        return nil
      }
      let candidate = function(x)
      if candidate.isFinite, candidate <= value + 1e-4 * slope * length { return (length, candidate) }
      length *= 0.2
    }
  }

  private func differentiate(
    _ x: inout [Double], _ gradient: inout [Double], _ function: (UnsafePointer<Double>) -> Double
  ) -> Bool {
    for index in x.indices {
      let center = x[index]
      x[index] = center + differenceStep
      let above = function(x)
      x[index] = center - differenceStep
      let below = function(x)
      x[index] = center
      gradient[index] = (above - below) / (2 * differenceStep)
      if !gradient[index].isFinite { return false }
    }
    return true
  }

  /// Learns the curvature along the step just made; false, with nothing changed, where it is not positive.
  private static func update(
    _ metric: inout [Double], _ direction: [Double], _ length: Double, _ after: [Double], _ before: [Double]
  ) -> Bool {
    let count = direction.count
    var curvature = 0.0
    for index in 0..<count { curvature += length * direction[index] * (after[index] - before[index]) }
    guard curvature > 0 else { return false }
    var image = [Double](repeating: 0, count: count)
    var norm = 0.0
    for row in 0..<count {
      for column in 0..<count {
        image[row] += metric[row * count + column] * (after[column] - before[column])
      }
      norm += image[row] * (after[row] - before[row])
    }
    let weight = 1 + norm / curvature
    for row in 0..<count {
      for column in 0..<count {
        let (a, b) = (length * direction[row], length * direction[column])
        metric[row * count + column] += (weight * a * b - a * image[column] - image[row] * b) / curvature
      }
    }
    return true
  }

  private static func identity(_ count: Int) -> [Double] {
    var result = [Double](repeating: 0, count: count * count)
    for index in 0..<count { result[index * count + index] = 1 }
    return result
  }

  /// The second derivatives at `x`, row by row, by central differences; nil where one is not finite.
  func hessian(_ x: [Double], _ function: (UnsafePointer<Double>) -> Double) -> [Double]? {
    let (count, step) = (x.count, differenceStep)
    var point = x
    func at(_ i: Int, _ a: Double, _ j: Int, _ b: Double) -> Double {
      point[i] += a
      point[j] += b
      let value = function(point)
      (point[i], point[j]) = (x[i], x[j])
      return value
    }
    var result = [Double](repeating: 0, count: count * count)
    let center = function(x)
    for i in 0..<count {
      for j in 0...i {
        let difference =
          i == j
          ? at(i, step, i, step) - 2 * center + at(i, -step, i, -step)
          : at(i, step, j, step) - at(i, step, j, -step) - at(i, -step, j, step) + at(i, -step, j, -step)
        let value = difference / (4 * step * step)
        guard value.isFinite else { return nil }
        result[i * count + j] = value
        result[j * count + i] = value
      }
    }
    return result
  }
}
