import Foundation

/// The standard normal distribution.
///
/// ```swift
/// NormalDistribution.cumulative(1.96)   // 0.975
/// NormalDistribution.quantile(0.975)    // 1.96
/// ```
public enum NormalDistribution {
  /// The density at `x`.
  public static func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

  /// The probability of a value at most `x`.
  public static func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

  /// The value that is not exceeded with probability `p`; ±infinity at 1 and 0, NaN outside.
  ///
  /// Acklam's rational approximation (relative error 1.15e-9) with one step of Halley's method, which brings it to the
  /// precision of a Double.
  public static func quantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    // The upper half mirrors the lower one, where 1 − p would lose digits.
    if p > 0.5 { return -quantile(1 - p) }
    let estimate = p < 0.02425 ? tailEstimate(p) : centralEstimate(p)
    let residual = (cumulative(estimate) - p) / density(estimate)
    return estimate - residual / (1 + estimate * residual / 2)
  }

  private static func tailEstimate(_ p: Double) -> Double {
    let q = (-2 * log(p)).squareRoot()
    return polynomial(
      q,
      [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
      ])
      / polynomial(
        q, [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1])
  }

  private static func centralEstimate(_ p: Double) -> Double {
    let q = p - 0.5
    let r = q * q
    return q
      * polynomial(
        r,
        [
          -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
          -3.066479806614716e+01, 2.506628277459239,
        ])
      / polynomial(
        r,
        [
          -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
          -1.328068155288572e+01, 1,
        ])
  }

  private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }
}
