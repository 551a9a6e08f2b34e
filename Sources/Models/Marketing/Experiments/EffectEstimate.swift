import Foundation
import MathKernels

/// What a treatment changed: the mean of those who had it less the mean of those who had not, with its interval.
public struct EffectEstimate: Sendable, Codable, Equatable {
  /// Treated customers.
  public var treated: Int
  /// Customers held out.
  public var controls: Int
  /// The mean outcome of the treated.
  public var treatedMean: Double
  /// The mean outcome of those held out.
  public var controlMean: Double
  /// The effect for each customer, in the outcome's units.
  public var difference: Double
  /// The standard error of the difference.
  public var standardError: Double
  /// Where the difference lies.
  public var interval: ConfidenceInterval
  /// The two-sided p-value of no difference.
  public var pValue: Double
  /// The share of the outcome's variance that earlier behaviour explained; 0 without it.
  public var varianceReduction: Double

  /// The difference relative to the mean of those held out; nil where that is 0.
  public var relative: Double? { controlMean == 0 ? nil : difference / controlMean }

  init(
    treated: Int, controls: Int, treatedMean: Double, controlMean: Double, difference: Double,
    standardError: Double, level: Double, varianceReduction: Double = 0
  ) {
    (self.treated, self.controls) = (treated, controls)
    (self.treatedMean, self.controlMean) = (treatedMean, controlMean)
    (self.difference, self.standardError) = (difference, standardError)
    let reach = NormalDistribution.quantile(0.5 + level / 2) * standardError
    interval = ConfidenceInterval(lower: difference - reach, upper: difference + reach, level: level)
    pValue =
      standardError > 0 ? erfc(abs(difference) / standardError / 2.0.squareRoot()) : difference == 0 ? 1 : 0
    self.varianceReduction = varianceReduction
  }
}

/// Measures what a treatment changed where chance decided who had it.
///
/// ```swift
/// let plain = try TreatmentEffect.difference(outcomes: [3, 5, 1, 2], treated: [true, true, false, false])
/// plain.difference   // 2.5
/// ```
/// Outcomes are numbers, a row for each customer: 0 and 1 for a purchase, or an amount. Intervals are normal ones.
public enum TreatmentEffect {
  /// The plain difference of means, each arm with a variance of its own (Welch).
  ///
  /// - Complexity: O(customers).
  /// - Throws: `MarketingError` where an arm has fewer than two customers or a number is not finite.
  public static func difference(
    outcomes: [Double], treated: [Bool], level: Double = 0.95
  ) throws -> EffectEstimate {
    let (with, without) = try arms(outcomes, treated, level)
    let (mean, rest) = (Statistics.mean(with), Statistics.mean(without))
    let error =
      (Statistics.variance(with) / Double(with.count) + Statistics.variance(without) / Double(without.count))
      .squareRoot()
    return EffectEstimate(
      treated: with.count, controls: without.count, treatedMean: mean, controlMean: rest,
      difference: mean - rest, standardError: error, level: level)
  }

  /// The difference after taking off what earlier behaviour foretold: CUPED.
  ///
  /// Each outcome loses θ·(x − x̄), with x what the customer did before and θ = cov(x, y) / var(x) within the arms. The effect
  /// stays, its error shrinks by the share of variance that x explains.
  /// Source: Deng, Xu, Kohavi and Walker (2013), https://doi.org/10.1145/2433396.2433413. We take θ within the arms, where the
  /// authors pool them, so that the effect itself does not enter it.
  ///
  /// - Parameter before: the same figure in the time before, a number for each customer.
  /// - Complexity: O(customers).
  /// - Throws: `MarketingError`.
  public static func cuped(
    outcomes: [Double], before: [Double], treated: [Bool], level: Double = 0.95
  ) throws -> EffectEstimate {
    guard before.count == outcomes.count, before.allSatisfy(\.isFinite) else {
      throw MarketingError.shapeMismatch(
        expected: "\(outcomes.count) finite numbers of before", found: "\(before.count)")
    }
    let plain = try difference(outcomes: outcomes, treated: treated, level: level)
    let (mean, slope) = (Statistics.mean(before), slope(outcomes, before, treated))
    let adjusted = zip(outcomes, before).map { $0 - slope * ($1 - mean) }
    var estimate = try difference(outcomes: adjusted, treated: treated, level: level)
    let (was, now) = (plain.standardError, estimate.standardError)
    estimate.varianceReduction = was > 0 ? max(0, 1 - now * now / (was * was)) : 0
    return estimate
  }

  /// θ: the slope of outcomes on earlier behaviour, both as deviations from their arm's mean.
  private static func slope(_ outcomes: [Double], _ before: [Double], _ treated: [Bool]) -> Double {
    var (products, squares) = (0.0, 0.0)
    for arm in [true, false] {
      let rows = treated.indices.filter { treated[$0] == arm }
      let (x, y) = (Statistics.mean(rows.map { before[$0] }), Statistics.mean(rows.map { outcomes[$0] }))
      for row in rows {
        products += (before[row] - x) * (outcomes[row] - y)
        squares += (before[row] - x) * (before[row] - x)
      }
    }
    return squares > 0 ? products / squares : 0
  }

  /// The mean of the strata's differences, each weighted by its share of customers.
  ///
  /// - Parameter strata: the group of each customer, known before the treatment, such as a tier of spend.
  /// - Returns: the estimate over strata in which both arms have two customers or more, and how many customers those hold.
  /// - Complexity: O(customers).
  /// - Throws: `MarketingError` where no stratum has both arms.
  public static func stratified(
    outcomes: [Double], treated: [Bool], strata: [String], level: Double = 0.95
  ) throws -> (estimate: EffectEstimate, covered: Int) {
    guard strata.count == outcomes.count else {
      throw MarketingError.shapeMismatch(expected: "\(outcomes.count) strata", found: "\(strata.count)")
    }
    _ = try arms(outcomes, treated, level)
    var parts: [(size: Int, estimate: EffectEstimate)] = []
    for (_, rows) in Dictionary(grouping: strata.indices, by: { strata[$0] }).sorted(by: { $0.key < $1.key })
    {
      let arm = rows.map { treated[$0] }
      guard arm.count(where: { $0 }) >= 2, arm.count(where: { !$0 }) >= 2 else { continue }
      let part = try difference(outcomes: rows.map { outcomes[$0] }, treated: arm, level: level)
      parts.append((rows.count, part))
    }
    let covered = parts.reduce(0) { $0 + $1.size }
    guard covered > 0 else {
      throw MarketingError.notEnoughData(
        needed: "a stratum with two customers in each arm", found: "none of \(Set(strata).count)")
    }
    func mean(_ figure: (EffectEstimate) -> Double) -> Double {
      parts.reduce(0) { $0 + Double($1.size) / Double(covered) * figure($1.estimate) }
    }
    let variance = parts.reduce(0.0) { sum, part in
      let share = Double(part.size) / Double(covered) * part.estimate.standardError
      return sum + share * share
    }
    let estimate = EffectEstimate(
      treated: parts.reduce(0) { $0 + $1.estimate.treated },
      controls: parts.reduce(0) { $0 + $1.estimate.controls }, treatedMean: mean(\.treatedMean),
      controlMean: mean(\.controlMean), difference: mean(\.difference), standardError: variance.squareRoot(),
      level: level)
    return (estimate, covered)
  }

  private static func arms(
    _ outcomes: [Double], _ treated: [Bool], _ level: Double
  ) throws -> (with: [Double], without: [Double]) {
    guard level > 0, level < 1 else {
      throw MarketingError.invalidParameter(name: "level", value: "\(level)", expected: "between 0 and 1")
    }
    guard outcomes.count == treated.count, outcomes.allSatisfy(\.isFinite) else {
      throw MarketingError.shapeMismatch(
        expected: "\(treated.count) finite outcomes", found: "\(outcomes.count)")
    }
    var (with, without) = ([Double](), [Double]())
    for (outcome, isTreated) in zip(outcomes, treated) {
      isTreated ? with.append(outcome) : without.append(outcome)
    }
    guard with.count >= 2, without.count >= 2 else {
      throw MarketingError.notEnoughData(
        needed: "two customers in each arm", found: "\(with.count) treated, \(without.count) held out")
    }
    return (with, without)
  }
}
