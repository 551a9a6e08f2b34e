import Foundation
import Learning
import MathKernels

/// One model of an outcome that was changed so that its mean is the effect: y·(t − e) / (e·(1 − e)).
///
/// Unbiased but noisy: a check on the others rather than a rival.
/// Source: Athey and Imbens (2016), https://doi.org/10.1073/pnas.1510489113. We take the mean off y first, which changes no effect
/// and leaves much less noise where outcomes are far from 0.
///
/// ```swift
/// let effects = try await TransformedOutcome().fit(data, context: FitContext()).uplift(data.features)
/// ```
/// Input: what was known of each customer before, whether they were treated, what they did after, and the probability e of each
/// to be treated where it was not the same for all.
public struct TransformedOutcome: UpliftLearner {
  /// Its name in the literature.
  public static let name = "TransformedOutcome"
  /// What foretells the changed outcome.
  public let base: ResponseLearner

  /// A learner with this base.
  public init(_ base: ResponseLearner = .trees) { self.base = base }

  /// Learns the model.
  ///
  /// - Complexity: that of the base on all rows.
  /// - Throws: `MarketingError` for data that do not fit or arms that are too small; the base's errors.
  public func fit(_ data: UpliftDataset, context: FitContext) async throws -> TransformedOutcomeModel {
    try data.validate()
    let mean = Statistics.mean(data.outcomes)
    let changed = data.outcomes.indices.map { row in
      let chance = data.propensity(row)
      return (data.outcomes[row] - mean) * ((data.treated[row] ? 1 : 0) - chance) / (chance * (1 - chance))
    }
    return TransformedOutcomeModel(
      effect: try await base.fit(data.features, outcomes: changed, isBinary: false, context: context))
  }
}

/// What was learned of the changed outcome.
public struct TransformedOutcomeModel: UpliftModel {
  /// The version of the saved form.
  public static let formatVersion = 1
  let effect: ResponseModel

  /// The effect on each row.
  public func uplift(_ table: FeatureMatrix) throws -> [Double] { try effect.predict(table) }
}
