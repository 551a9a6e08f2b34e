import Foundation
import MathKernels

/// Whether chance can have dealt customers to the arms as found: the check for a sample-ratio mismatch.
///
/// ```swift
/// SampleRatio.check(treated: 50_000, controls: 50_800, treatedShare: 0.5).pValue   // 0.0117
/// ```
/// Pearson's χ² with one degree of freedom. A small p-value says that something else than chance decided who was counted: then
/// no difference between the arms can be trusted.
/// Source: Fabijan et al. (2019), https://doi.org/10.1145/3292500.3330722
public enum SampleRatio {
  /// Tests the counts against the share that was meant to be treated; the statistic is χ².
  public static func check(treated: Int, controls: Int, treatedShare: Double) -> TestResult {
    let total = Double(treated + controls)
    guard total > 0, treatedShare > 0, treatedShare < 1 else { return TestResult(statistic: 0, pValue: 1) }
    let (wanted, rest) = (total * treatedShare, total * (1 - treatedShare))
    let (a, b) = (Double(treated) - wanted, Double(controls) - rest)
    let statistic = a * a / wanted + b * b / rest
    return TestResult(statistic: statistic, pValue: erfc((statistic / 2).squareRoot()))
  }
}

/// How many customers a difference needs to be seen, and which difference a number of customers can show.
///
/// ```swift
/// SamplePlan().customersPerArm(from: 0.20, to: 0.25)                                   // 1,030
/// SamplePlan().detectableDifference(rate: 0.2, treated: 1080, controls: 120)           // 0.108
/// ```
public struct SamplePlan: Sendable, Equatable {
  /// How the variance under no difference is reckoned.
  public enum Variance: Sendable {
    /// That of the base rate, as Evan Miller's calculator does.
    case base
    /// That of the mean of both rates, as `power.prop.test` of R does.
    case pooled
  }

  /// How often a difference may be seen where there is none.
  public var significance: Double
  /// How often a difference that is there shall be seen.
  public var power: Double
  /// How the variance under no difference is reckoned.
  public var variance: Variance

  /// A plan; by default 5 % and 80 %.
  public init(significance: Double = 0.05, power: Double = 0.8, variance: Variance = .base) {
    (self.significance, self.power, self.variance) = (significance, power, variance)
  }

  private var alpha: Double { NormalDistribution.quantile(1 - significance / 2) }
  private var beta: Double { NormalDistribution.quantile(power) }

  /// How many customers each of two equal arms needs to tell a rate from another; infinite where they are equal.
  ///
  /// Source: https://www.evanmiller.org/ab-testing/sample-size.html; Fleiss, Levin and Paik (2003), chapter 4.
  public func customersPerArm(from base: Double, to other: Double) -> Double {
    let middle = (base + other) / 2
    let under = variance == .base ? 2 * base * (1 - base) : 2 * middle * (1 - middle)
    let over = base * (1 - base) + other * (1 - other)
    let root = alpha * under.squareRoot() + beta * over.squareRoot()
    return root * root / ((other - base) * (other - base))
  }

  /// The least difference of a rate that arms of these sizes show with the plan's power; nil without customers in both.
  public func detectableDifference(rate: Double, treated: Int, controls: Int) -> Double? {
    detectableDifference(deviation: (rate * (1 - rate)).squareRoot(), treated: treated, controls: controls)
  }

  /// The least difference of means that arms of these sizes show with the plan's power, for outcomes of this standard deviation.
  public func detectableDifference(deviation: Double, treated: Int, controls: Int) -> Double? {
    guard treated > 0, controls > 0 else { return nil }
    return (alpha + beta) * deviation * (1 / Double(treated) + 1 / Double(controls)).squareRoot()
  }
}
