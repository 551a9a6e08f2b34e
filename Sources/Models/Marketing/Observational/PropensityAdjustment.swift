import Foundation
import Learning
import MathKernels

/// What a treatment changed for those who had it, where not chance but the shop chose them: adjusted for what was known before.
///
/// ```swift
/// let found = try await PropensityAdjustment().estimate(data, context: FitContext(seed: 42))
/// found.effect.interval; found.overlap; found.balance
/// ```
/// Doubly robust: the probability of treatment and the outcome without it are learned from the features on other folds than the
/// one they are applied to; untreated customers who look like the treated count more. The answer is right if either model is, and
/// if nothing that is missing from the features moved both choice and outcome, which no computation can check: hence the balance,
/// the overlap and, by the caller, a placebo.
/// Source: Robins, Rotnitzky and Zhao (1994), https://doi.org/10.1080/01621459.1994.10476818; for the treated: Moodie, Saarela
/// and Stephens (2018), https://doi.org/10.1002/sim.7863; folds: Chernozhukov et al. (2018), https://doi.org/10.1111/ectj.12097
public struct PropensityAdjustment: Sendable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many folds models are learned on.
    public var folds: Int
    /// Customers less or more likely to be treated than this are left out: nobody is comparable with them.
    public var trimmedBelow: Double
    /// The upper end of the same.
    public var trimmedAbove: Double
    /// The L2 penalty of both models.
    public var regularization: Double
    /// The confidence of intervals.
    public var level: Double

    /// Settings.
    public init(
      folds: Int = 5, trimmedBelow: Double = 0.02, trimmedAbove: Double = 0.95, regularization: Double = 1,
      level: Double = 0.95
    ) {
      (self.folds, self.trimmedBelow, self.trimmedAbove) = (folds, trimmedBelow, trimmedAbove)
      (self.regularization, self.level) = (regularization, level)
    }
  }

  /// How a feature differed between the arms, in standard deviations.
  public struct Balance: Sendable, Codable, Equatable {
    /// The feature.
    public var feature: String
    /// Before the adjustment.
    public var before: Double
    /// After untreated customers have been weighted.
    public var after: Double
  }

  /// How many customers of each arm had a probability of treatment in a range.
  public struct OverlapBin: Sendable, Codable, Equatable {
    /// The range's lower end.
    public var from: Double
    /// The range's upper end.
    public var to: Double
    /// Treated customers.
    public var treated: Int
    /// The others.
    public var controls: Int
  }

  /// What was found.
  public struct Estimate: Sendable, Codable, Equatable {
    /// The effect on the treated.
    public var effect: EffectEstimate
    /// The plain difference, which also holds what told the arms apart before.
    public var unadjusted: EffectEstimate
    /// How features differed, the largest difference first.
    public var balance: [Balance]
    /// How the arms overlap in ten ranges of the probability of treatment.
    public var overlap: [OverlapBin]
    /// Treated customers left out because nobody is comparable.
    public var trimmedTreated: Int
    /// Other customers left out.
    public var trimmedControls: Int
    /// How many unweighted customers the weighted controls are worth.
    public var effectiveControls: Double
    /// The area under the ROC curve of the probability of treatment: 0.5 where chance chose, 1 where nobody is comparable.
    public var propensityAUC: Double
  }

  /// The settings.
  public let configuration: Configuration

  /// The adjustment with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Estimates the effect on the treated.
  ///
  /// - Complexity: O(folds × steps × customers × columns²).
  /// - Throws: `MarketingError` for data that do not fit or too few comparable customers; `CancellationError`.
  public func estimate(_ data: UpliftDataset, context: FitContext) async throws -> Estimate {
    try data.validate()
    let (chances, untreated) = try await crossFit(data, context)
    let kept = data.treated.indices.filter {
      (configuration.trimmedBelow...configuration.trimmedAbove).contains(chances[$0])
    }
    let part = data.rows(kept)
    let (treatedKept, count) = (part.treated.count { $0 }, kept.count)
    guard min(treatedKept, count - treatedKept) >= UpliftDataset.leastInArm else {
      throw MarketingError.notEnoughData(
        needed: "\(UpliftDataset.leastInArm) comparable customers in each arm",
        found: "\(treatedKept) treated, \(count - treatedKept) others")
    }
    let weights = kept.map { data.treated[$0] ? 1 : chances[$0] / (1 - chances[$0]) }
    let controlWeights = zip(weights, part.treated).filter { !$0.1 }.map(\.0)
    let allTreated = data.treated.count { $0 }
    return Estimate(
      effect: effect(part, weights: weights, expected: kept.map { untreated[$0] }),
      unadjusted: try TreatmentEffect.difference(
        outcomes: data.outcomes, treated: data.treated, level: configuration.level),
      balance: balance(data, part, weights), overlap: overlap(chances, data.treated),
      trimmedTreated: allTreated - treatedKept,
      trimmedControls: data.treated.count - allTreated - (count - treatedKept),
      effectiveControls: square(controlWeights.reduce(0, +)) / controlWeights.reduce(0) { $0 + square($1) },
      propensityAUC: ClassificationMetrics.areaUnderROC(scores: chances, labels: data.treated))
  }

  /// For each customer the probability of treatment and the outcome without it, from models that have not seen the customer.
  private func crossFit(
    _ data: UpliftDataset, _ context: FitContext
  ) async throws -> (chances: [Double], untreated: [Double]) {
    var chances = [Double](repeating: 0, count: data.treated.count)
    var untreated = chances
    let learner = ResponseLearner.linear(regularization: configuration.regularization)
    let splits = Splits.kFold(
      count: data.treated.count, folds: max(2, configuration.folds), seed: context.seed)
    for (step, split) in splits.enumerated() {
      let (training, test) = (data.rows(split.training), data.rows(split.test))
      let chance = try await learner.fit(
        training.features, outcomes: training.treated.map { $0 ? 1 : 0 }, isBinary: true, context: context)
      let controls = training.rows(training.arm(false))
      guard controls.treated.count >= 2 else {
        throw MarketingError.notEnoughData(needed: "untreated customers in each fold", found: "none")
      }
      let outcome = try await learner.fit(
        controls.features, outcomes: controls.outcomes, isBinary: data.isBinary, context: context)
      for (place, value) in try zip(split.test, chance.predict(test.features)) { chances[place] = value }
      for (place, value) in try zip(split.test, outcome.predict(test.features)) { untreated[place] = value }
      try context.checkpoint(step: step + 1, of: splits.count)
    }
    return (chances, untreated)
  }

  /// The mean over the treated of what they did beyond the expected, less the same of the weighted others.
  private func effect(_ data: UpliftDataset, weights: [Double], expected: [Double]) -> EffectEstimate {
    let rows = data.treated.indices
    let treated = Double(data.treated.count { $0 })
    let controlWeight = rows.reduce(0.0) { $0 + (data.treated[$1] ? 0 : weights[$1]) }
    func residual(_ row: Int) -> Double { data.outcomes[row] - expected[row] }
    let excess = rows.reduce(0.0) { $0 + (data.treated[$1] ? residual($1) : 0) } / treated
    let drift =
      rows.reduce(0.0) { $0 + (data.treated[$1] ? 0 : weights[$1] * residual($1)) } / controlWeight
    let effect = excess - drift
    // The influence of each customer on the estimate gives its variance.
    let variance = rows.reduce(0.0) { sum, row in
      data.treated[row]
        ? sum + square((residual(row) - excess) / treated)
        : sum + square(weights[row] * (residual(row) - drift) / controlWeight)
    }
    let mean = rows.reduce(0.0) { $0 + (data.treated[$1] ? data.outcomes[$1] : 0) } / treated
    return EffectEstimate(
      treated: Int(treated), controls: data.treated.count - Int(treated), treatedMean: mean,
      controlMean: mean - effect, difference: effect, standardError: variance.squareRoot(),
      level: configuration.level)
  }

  private func balance(_ all: UpliftDataset, _ kept: UpliftDataset, _ weights: [Double]) -> [Balance] {
    all.features.names.indices.map { column in
      let unweighted = [Double](repeating: 1, count: all.treated.count)
      return Balance(
        feature: all.features.names[column], before: difference(all, column, unweighted),
        after: difference(kept, column, weights))
    }.sorted { (abs($0.before), $1.feature) > (abs($1.before), $0.feature) }
  }

  /// The arms' means of a column apart, in standard deviations of the treated; gaps are passed over.
  private func difference(_ data: UpliftDataset, _ column: Int, _ weights: [Double]) -> Double {
    var (sums, totals) = ([0.0, 0.0], [0.0, 0.0])
    var values: [Double] = []
    for row in data.treated.indices {
      let value = Double(data.features[row, column])
      guard !value.isNaN else { continue }
      let arm = data.treated[row] ? 1 : 0
      sums[arm] += weights[row] * value
      totals[arm] += weights[row]
      if arm == 1 { values.append(value) }
    }
    let deviation = values.count > 1 ? Statistics.standardDeviation(values) : 0
    guard deviation > 0, totals[0] > 0, totals[1] > 0 else { return 0 }
    return (sums[1] / totals[1] - sums[0] / totals[0]) / deviation
  }

  private func overlap(_ chances: [Double], _ treated: [Bool]) -> [OverlapBin] {
    var bins = (0..<10).map {
      OverlapBin(from: Double($0) / 10, to: Double($0 + 1) / 10, treated: 0, controls: 0)
    }
    for (chance, isTreated) in zip(chances, treated) {
      let bin = min(9, Int(chance * 10))
      if isTreated { bins[bin].treated += 1 } else { bins[bin].controls += 1 }
    }
    return bins
  }

  private func square(_ value: Double) -> Double { value * value }
}
