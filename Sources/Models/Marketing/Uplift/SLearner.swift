import Foundation
import Learning

/// One model of the outcome in which the treatment is a feature; the effect is what changing it changes.
///
/// A linear base also sees the treatment times each column, without which the effect would be the same for all.
/// Source: Künzel, Sekhon, Bickel and Yu (2019), https://doi.org/10.1073/pnas.1804597116
///
/// ```swift
/// let effects = try await SLearner().fit(data, context: FitContext()).uplift(data.features)
/// ```
/// Input: what was known of each customer before, whether they were treated, what they did after.
public struct SLearner: UpliftLearner {
  /// Its name in the literature.
  public static let name = "SLearner"
  /// What foretells outcomes.
  public let base: ResponseLearner

  /// A learner with this base.
  public init(_ base: ResponseLearner = .trees) { self.base = base }

  /// Learns the model.
  ///
  /// - Complexity: that of the base on all rows, with a column more (linear: twice as many and one).
  /// - Throws: `MarketingError` for data that do not fit or arms that are too small; the base's errors.
  public func fit(_ data: UpliftDataset, context: FitContext) async throws -> SLearnerModel {
    try data.validate()
    let isLinear = if case .linear = base { true } else { false }
    let table = SLearnerModel.table(data.features, crossed: isLinear) { data.treated[$0] }
    let response = try await base.fit(
      table, outcomes: data.outcomes, isBinary: data.isBinary, context: context)
    return SLearnerModel(response: response, crossed: isLinear)
  }
}

/// What an S-learner learned.
public struct SLearnerModel: UpliftModel {
  /// The version of the saved form.
  public static let formatVersion = 1
  let response: ResponseModel
  let crossed: Bool

  /// The effect on each row.
  public func uplift(_ table: FeatureMatrix) throws -> [Double] {
    let with = try response.predict(Self.table(table, crossed: crossed) { _ in true })
    let without = try response.predict(Self.table(table, crossed: crossed) { _ in false })
    return zip(with, without).map { $0 - $1 }
  }

  /// The features with the treatment at the end, and with its products where `crossed`.
  static func table(
    _ features: FeatureMatrix, crossed: Bool, _ isTreated: (Int) -> Bool
  ) -> FeatureMatrix {
    // A name that no column of the caller's can have.
    var names = features.names + ["\u{1F}treated"]
    if crossed { names += features.names.map { "\u{1F}treated × \($0)" } }
    var table = FeatureMatrix(names: names)
    table.reserveRows(features.rowCount)
    for row in 0..<features.rowCount {
      let treatment: Float = isTreated(row) ? 1 : 0
      var values = Array(features.row(row)) + [treatment]
      if crossed { values += features.row(row).map { treatment == 0 ? 0 : $0 } }
      table.append(values)
    }
    return table
  }
}
