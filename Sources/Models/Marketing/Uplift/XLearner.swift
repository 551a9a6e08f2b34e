import Foundation
import Learning

/// Learns effects themselves: each customer's outcome less what the other arm's model foretells for them.
///
/// First a model of each arm's outcome; then for the treated D = y − μ₀(x), for the others D = μ₁(x) − y, and a model of D in each
/// arm; the effect is their mean, weighted by the probability of treatment e: e·τ₀ + (1 − e)·τ₁. Stronger than the T-learner where
/// one arm is much larger than the other, as it is with a small holdout.
/// Source: Künzel, Sekhon, Bickel and Yu (2019), https://doi.org/10.1073/pnas.1804597116
///
/// ```swift
/// let effects = try await XLearner().fit(data, context: FitContext()).uplift(data.features)
/// ```
/// Input: what was known of each customer before, whether they were treated, what they did after. Where customers were not
/// treated with one probability, the mean of theirs is the weight.
public struct XLearner: UpliftLearner {
  /// Its name in the literature.
  public static let name = "XLearner"
  /// What foretells outcomes and effects.
  public let base: ResponseLearner

  /// A learner with this base.
  public init(_ base: ResponseLearner = .trees) { self.base = base }

  /// Learns four models.
  ///
  /// - Complexity: twice that of the base on each arm.
  /// - Throws: `MarketingError` for data that do not fit or arms that are too small; the base's errors.
  public func fit(_ data: UpliftDataset, context: FitContext) async throws -> XLearnerModel {
    try data.validate()
    let outcomes = try await fitArms(data, base: base, context: context)
    func effects(_ isTreated: Bool) async throws -> ResponseModel {
      let part = data.rows(data.arm(isTreated))
      let other = try (isTreated ? outcomes.control : outcomes.treated).predict(part.features)
      let imputed = zip(part.outcomes, other).map { isTreated ? $0 - $1 : $1 - $0 }
      return try await base.fit(part.features, outcomes: imputed, isBinary: false, context: context)
    }
    let weight =
      (0..<data.treated.count).reduce(0) { $0 + data.propensity($1) } / Double(data.treated.count)
    return XLearnerModel(
      treated: try await effects(true), control: try await effects(false), treatedShare: weight)
  }
}

/// What an X-learner learned.
public struct XLearnerModel: UpliftModel {
  /// The version of the saved form.
  public static let formatVersion = 1
  let treated: ResponseModel
  let control: ResponseModel
  let treatedShare: Double

  /// The effect on each row.
  public func uplift(_ table: FeatureMatrix) throws -> [Double] {
    try zip(control.predict(table), treated.predict(table)).map {
      treatedShare * $0 + (1 - treatedShare) * $1
    }
  }
}
