import Foundation

/// The gamma function's logarithm and its derivative, and sums of exponentials that neither overflow nor vanish.
///
/// ```swift
/// SpecialFunctions.logGamma(5)                 // ln 24
/// SpecialFunctions.digamma(1)                  // −0.5772156649
/// SpecialFunctions.logSumExp(-1000, -1000)     // −1000 + ln 2
/// ```
public enum SpecialFunctions {
  /// ln Γ(x) for `x` above 0, on any number of threads: the C library's function without its shared sign.
  ///
  /// - Complexity: O(1).
  public static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }

  /// ψ(x), the derivative of ln Γ(x), for `x` above 0.
  ///
  /// Moved up by ψ(x) = ψ(x + 1) − 1/x to 10 or more, where the asymptotic series reaches the precision of a Double.
  /// Source: NIST Digital Library of Mathematical Functions, 5.5.2 and 5.11.2, https://dlmf.nist.gov/5.11
  ///
  /// - Complexity: O(1).
  public static func digamma(_ x: Double) -> Double {
    guard x > 0 else { return .nan }
    guard x.isFinite else { return x }
    var (x, moved) = (x, 0.0)
    while x < 10 {
      moved -= 1 / x
      x += 1
    }
    let inverse = 1 / (x * x)
    let series =
      inverse
      * (1.0 / 12
        - inverse
        * (1.0 / 120
          - inverse
          * (1.0 / 252 - inverse
            * (1.0 / 240 - inverse * (1.0 / 132 - inverse * (691.0 / 32_760 - inverse / 12))))))
    return moved + log(x) - 0.5 / x - series
  }

  /// ln(eᵃ + eᵇ).
  ///
  /// - Complexity: O(1).
  public static func logSumExp(_ a: Double, _ b: Double) -> Double {
    let larger = max(a, b)
    guard larger.isFinite else { return larger }
    return larger + log1p(exp(min(a, b) - larger))
  }

  /// 1 / (1 + e⁻ˣ).
  ///
  /// - Complexity: O(1).
  public static func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
  }
}
