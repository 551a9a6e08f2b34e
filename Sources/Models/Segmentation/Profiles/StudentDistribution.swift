import Foundation

/// Student's t distribution.
enum StudentDistribution {
  /// The probability of a statistic at least as far from 0.
  ///
  /// The regularized incomplete beta function by its continued fraction, evaluated by Lentz's method (1976),
  /// https://doi.org/10.1364/AO.15.000668.
  static func twoSided(_ t: Double, degreesOfFreedom: Double) -> Double {
    guard t.isFinite, degreesOfFreedom > 0 else { return t.isNaN ? 1 : 0 }
    guard degreesOfFreedom < 1e6 else { return erfc(abs(t) / 2.0.squareRoot()) }
    return incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
  }

  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0, x < 1 else { return x <= 0 ? 0 : 1 }
    // The fraction converges fast below the mean alone; above it the mirrored one does.
    guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
    let logConstant: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
    let front: Double = exp(logConstant + a * log(x) + b * log(1 - x)) / a
    let tiny = 1e-300
    var (value, c, d) = (1.0, 1.0, 0.0)
    for step in 0..<400 {
      let m = Double(step / 2)
      let top = a + 2 * m
      var numerator: Double = 1
      if step % 2 == 1 {
        numerator = -(a + m) * (a + b + m) * x / (top * (top + 1))
      } else if step > 0 {
        numerator = m * (b - m) * x / ((top - 1) * top)
      }
      d = 1 + numerator * d
      d = 1 / (abs(d) < tiny ? tiny : d)
      c = 1 + numerator / c
      c = abs(c) < tiny ? tiny : c
      value *= c * d
      if abs(c * d - 1) < 1e-14 { break }
    }
    return front * (value - 1)
  }
}
