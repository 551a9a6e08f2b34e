import Foundation

/// The arithmetic of polynomials in the lag: 1 − φ₁B − … − φₚBᵖ, given as [φ₁, …, φₚ].
enum LagPolynomial {
  /// The coefficients whose partial autocorrelations are tanh of the arguments: stationary for any argument.
  ///
  /// Source: Jones (1980), https://doi.org/10.2307/1268324
  static func stationary(
    _ arguments: UnsafePointer<Double>, _ count: Int, into result: UnsafeMutablePointer<Double>
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, count)) { previous in
      for order in 0..<count {
        let partial = tanh(arguments[order])
        for index in 0..<order { previous[index] = result[index] }
        for index in 0..<order { result[index] = previous[index] - partial * previous[order - 1 - index] }
        result[order] = partial
      }
    }
  }

  /// The partial autocorrelations of the coefficients; nil where they are not stationary, that is where a root of the
  /// polynomial lies on or inside the unit circle.
  static func partialAutocorrelations(_ coefficients: [Double]) -> [Double]? {
    var (current, result) = (coefficients, coefficients)
    for order in stride(from: coefficients.count - 1, through: 0, by: -1) {
      let partial = current[order]
      guard abs(partial) < 1 else { return nil }
      result[order] = partial
      let previous = current
      for index in 0..<order {
        current[index] = (previous[index] + partial * previous[order - 1 - index]) / (1 - partial * partial)
      }
    }
    return result
  }

  /// Whether all roots have a modulus above `radius`: those of φ(B) do where φ(radius·B) is stationary.
  static func rootsExceed(_ radius: Double, _ coefficients: [Double]) -> Bool {
    var power = 1.0
    return partialAutocorrelations(
      coefficients.map {
        power *= radius
        return $0 * power
      }) != nil
  }

  /// The same process with its moving average θ, given as [θ₁, …] of 1 + θ₁B + …, turned invertible: roots inside the
  /// unit circle are replaced by their reciprocals.
  static func invertible(_ theta: [Double]) -> [Double] {
    guard partialAutocorrelations(theta.map { -$0 }) == nil else { return theta }
    guard let degree = theta.lastIndex(where: { $0 != 0 }).map({ $0 + 1 }) else { return theta }
    var product = [Complex(1, 0)]
    for root in roots([1] + theta[..<degree]) {
      // The factor 1 − B/root, or 1 − B·conj(root) once the root is reflected.
      let slope = root.modulus < 1 ? Complex(root.real, -root.imaginary) : Complex(1, 0) / root
      var next = product + [Complex(0, 0)]
      for index in product.indices { next[index + 1] = next[index + 1] - product[index] * slope }
      product = next
    }
    return product.dropFirst().map(\.real) + theta[degree...].map { _ in 0 }
  }

  /// The roots of c₀ + c₁z + … by the simultaneous iteration of Durand and Kerner.
  static func roots(_ coefficients: [Double]) -> [Complex] {
    let degree = coefficients.count - 1
    guard degree > 0 else { return [] }
    let monic = coefficients.map { Complex($0 / coefficients[degree], 0) }
    let radius = 1 + monic.dropLast().map(\.modulus).reduce(0, max)
    var roots = (0..<degree).map { index -> Complex in
      let angle = 2 * Double.pi * Double(index) / Double(degree) + 0.4
      return Complex(radius * cos(angle) / 2, radius * sin(angle) / 2)
    }
    for _ in 0..<500 {
      var change = 0.0
      for index in 0..<degree {
        var value = monic[degree]
        for power in stride(from: degree - 1, through: 0, by: -1) {
          value = value * roots[index] + monic[power]
        }
        var product = Complex(1, 0)
        for other in 0..<degree where other != index { product = product * (roots[index] - roots[other]) }
        let step = value / product
        roots[index] = roots[index] - step
        change = max(change, step.modulus)
      }
      if change < 1e-14 * radius { break }
    }
    return roots
  }

  /// A complex number.
  struct Complex {
    var real: Double
    var imaginary: Double
    init(_ real: Double, _ imaginary: Double) { (self.real, self.imaginary) = (real, imaginary) }
    var modulus: Double { hypot(real, imaginary) }
    static func + (a: Complex, b: Complex) -> Complex { Complex(a.real + b.real, a.imaginary + b.imaginary) }
    static func - (a: Complex, b: Complex) -> Complex { Complex(a.real - b.real, a.imaginary - b.imaginary) }
    static func * (a: Complex, b: Complex) -> Complex {
      Complex(
        a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }
    static func / (a: Complex, b: Complex) -> Complex {
      let square = b.real * b.real + b.imaginary * b.imaginary
      return Complex(
        (a.real * b.real + a.imaginary * b.imaginary) / square,
        (a.imaginary * b.real - a.real * b.imaginary) / square)
    }
  }
}
