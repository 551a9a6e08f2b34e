import Foundation
import MathKernels

/// How customers buy and how they leave.
public enum PurchaseProcess: String, Sendable, Codable, CaseIterable {
  /// They may leave after each repeat purchase (BG/NBD).
  case betaGeometric
  /// They may leave after each purchase, the first one too (MBG/NBD).
  case modifiedBetaGeometric
  /// They may leave at any moment (Pareto/NBD).
  case pareto

  /// The name in the literature.
  public var name: String {
    switch self {
    case .betaGeometric: "BG/NBD"
    case .modifiedBetaGeometric: "MBG/NBD"
    case .pareto: "Pareto/NBD"
    }
  }

  /// The four parameters in the literature's letters; all are above 0.
  public var parameterNames: [String] {
    self == .pareto ? ["r", "alpha", "s", "beta"] : ["r", "alpha", "a", "b"]
  }

  /// Which parameters are times: they grow with the unit.
  var timeParameters: SIMD4<Double> { self == .pareto ? [0, 1, 0, 1] : [0, 1, 0, 0] }

  /// The parameter that covariates of leaving move, and the sign: +1 where a larger parameter means leaving sooner.
  var leavingParameter: (index: Int, sign: Double) { self == .pareto ? (3, -1) : (2, 1) }

  /// The part of a customer's log-likelihood that depends on the number of purchases alone, with its gradient with respect to
  /// the logarithms of the parameters.
  func frequencyTerms(_ x: Double, _ p: SIMD4<Double>) -> (value: Double, gradient: SIMD4<Double>) {
    let (r, alpha) = (p[0], p[1])
    let logAlpha = log(alpha)
    var value = SpecialFunctions.logGamma(r + x) - SpecialFunctions.logGamma(r) + r * logAlpha
    let rate = SpecialFunctions.digamma(r + x) - SpecialFunctions.digamma(r) + logAlpha
    if self == .pareto {
      let (s, logBeta) = (p[2], log(p[3]))
      value += s * logBeta
      return (value, [r * rate, r, s * logBeta, s])
    }
    let (a, b) = (p[2], p[3])
    let survived = self == .betaGeometric ? x : x + 1
    // The ratio of beta functions B(a, b + survived) / B(a, b), by its logarithms.
    value += SpecialFunctions.logGamma(a + b) - SpecialFunctions.logGamma(a + b + survived)
    value += SpecialFunctions.logGamma(b + survived) - SpecialFunctions.logGamma(b)
    let both = SpecialFunctions.digamma(a + b) - SpecialFunctions.digamma(a + b + survived)
    let staying = SpecialFunctions.digamma(b + survived) - SpecialFunctions.digamma(b)
    return (value, [r * rate, r, a * both, b * (both + staying)])
  }

  /// The other part of a customer's log-likelihood, with its gradient with respect to the logarithms of the parameters.
  ///
  /// It is the logarithm of two terms' sum: one that the customer is still there, one that they have left.
  func timeTerms(
    _ x: Double, _ recency: Double, _ age: Double, _ p: SIMD4<Double>
  ) -> (value: Double, gradient: SIMD4<Double>) {
    if self == .pareto { return ParetoIntegral.timeTerms(x, recency, age, p) }
    let (r, alpha, b) = (p[0], p[1], p[3])
    let (untilEnd, untilLast) = (log(alpha + age), log(alpha + recency))
    let here = -(r + x) * untilEnd
    // After no repeat purchase BG/NBD's customers are all there.
    if self == .betaGeometric, x == 0 {
      return (here, [-r * untilEnd, -alpha * r / (alpha + age), 0, 0])
    }
    let before = self == .betaGeometric ? b + x - 1 : b + x
    let odds = log(p[2] / before) + (r + x) * (untilEnd - untilLast)
    let gone = SpecialFunctions.logistic(odds)
    let mean = (1 - gone) * untilEnd + gone * untilLast
    let inverse = (1 - gone) / (alpha + age) + gone / (alpha + recency)
    return (
      here + SpecialFunctions.logSumExp(0, odds),
      [-r * mean, -alpha * (r + x) * inverse, gone, -b * gone / before]
    )
  }

  /// The probability that a customer with this history has not left.
  func probabilityAlive(_ history: PurchaseHistory, _ p: SIMD4<Double>) -> Double {
    let x = Double(history.frequency)
    if self == .pareto { return ParetoIntegral.probabilityAlive(x, history.recency, history.age, p) }
    if self == .betaGeometric, history.frequency == 0 { return 1 }
    let before = self == .betaGeometric ? p[3] + x - 1 : p[3] + x
    let odds =
      log(p[2] / before) + (p[0] + x) * log1p((history.age - history.recency) / (p[1] + history.recency))
    return SpecialFunctions.logistic(-odds)
  }

  /// The purchases within `horizon` of a customer who is there, `age` after the first of 1 + `x` purchases.
  private func purchasesIfAlive(_ x: Double, _ age: Double, _ horizon: Double, _ p: SIMD4<Double>) -> Double {
    if self == .pareto {
      let (s, end) = (p[2], p[3] + age)
      let length = log1p(horizon / end)
      // (1 − e^(−(s − 1)·length)) / (s − 1), which is `length` at s = 1.
      let lived = abs(s - 1) * length < 1e-9 ? length : -expm1(-(s - 1) * length) / (s - 1)
      return (p[0] + x) * end / (p[1] + age) * lived
    }
    return BetaGeometricSeries.purchases(
      shape: p[0] + x, time: p[1] + age, leaving: p[2],
      staying: self == .betaGeometric ? p[3] + x : p[3] + x + 1, horizon: horizon)
  }

  /// The purchases within `horizon` of a customer with this history.
  func expectedPurchases(_ history: PurchaseHistory, _ horizon: Double, _ p: SIMD4<Double>) -> Double {
    guard horizon > 0 else { return 0 }
    return purchasesIfAlive(Double(history.frequency), history.age, horizon, p) * probabilityAlive(history, p)
  }

  /// The repeat purchases within `horizon` of a new customer.
  func expectedPurchases(ofNewCustomerWithin horizon: Double, _ p: SIMD4<Double>) -> Double {
    guard horizon > 0 else { return 0 }
    // MBG/NBD's customers may be gone right after the first purchase.
    let stays = self == .modifiedBetaGeometric ? p[3] / (p[2] + p[3]) : 1
    return stays * purchasesIfAlive(0, 0, horizon, p)
  }
}
