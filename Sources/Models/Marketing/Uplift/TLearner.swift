import Foundation
import Learning

/// Two models of the outcome, one of each arm; the effect is what they differ by.
///
/// ```swift
/// let model = try await TLearner().fit(data, context: FitContext(seed: 7))
/// let effects = try model.uplift(data.features)   // one a customer
/// ```
/// Input: what was known of each customer before, whether they were treated, what they did after.
/// Source: Künzel, Sekhon, Bickel and Yu (2019), https://doi.org/10.1073/pnas.1804597116
public struct TLearner: UpliftLearner {
  /// Its name in the literature.
  public static let name = "TLearner"
  /// What foretells outcomes.
  public let base: ResponseLearner

  /// A learner with this base.
  public init(_ base: ResponseLearner = .trees) { self.base = base }

  /// Learns both models.
  ///
  /// - Complexity: that of the base on each arm.
  /// - Throws: `MarketingError` for data that do not fit or arms that are too small; the base's errors.
  public func fit(_ data: UpliftDataset, context: FitContext) async throws -> TLearnerModel {
    try data.validate()
    let models = try await fitArms(data, base: base, context: context)
    return TLearnerModel(treated: models.treated, control: models.control)
  }
}

/// The models of both arms' outcomes.
func fitArms(
  _ data: UpliftDataset, base: ResponseLearner, context: FitContext
) async throws -> (treated: ResponseModel, control: ResponseModel) {
  let isBinary = data.isBinary
  func model(_ isTreated: Bool) async throws -> ResponseModel {
    let part = data.rows(data.arm(isTreated))
    try context.checkpoint(step: isTreated ? 1 : 2, of: 2)
    return try await base.fit(
      part.features, outcomes: part.outcomes, isBinary: isBinary, context: context)
  }
  return (try await model(true), try await model(false))
}

/// What a T-learner learned.
public struct TLearnerModel: UpliftModel {
  /// The version of the saved form.
  public static let formatVersion = 1
  let treated: ResponseModel
  let control: ResponseModel

  /// The effect on each row.
  public func uplift(_ table: FeatureMatrix) throws -> [Double] {
    try zip(treated.predict(table), control.predict(table)).map { $0 - $1 }
  }

  /// What each row is expected to do without the treatment.
  public func withoutTreatment(_ table: FeatureMatrix) throws -> [Double] { try control.predict(table) }
}
