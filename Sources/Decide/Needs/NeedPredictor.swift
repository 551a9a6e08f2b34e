import Commerce
import Features
import Foundation
import Learning
import MathKernels

/// Predicts needs from live states: a model bound to a catalogue's numbering of categories.
///
/// ```swift
/// let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
/// let needs = try predictor.needs(of: states.state(of: "1044")!, customerID: "1044", asOf: now, limit: 20)
/// ```
/// Bind again when the catalogue has got new categories or the model is replaced. Categories that the model does not know
/// have no needs until the next training.
public struct NeedPredictor: Sendable {
  /// The model.
  public let model: NeedModel
  /// The categories as columns.
  public let space: CategorySpace
  let features: NeedFeatures
  let settings: FeatureSettings

  /// Binds a model to a catalogue.
  public init(model: NeedModel, catalogue: CatalogueIndex) {
    self.model = model
    space = CategorySpace(categories: model.categories, catalogue: catalogue)
    settings = model.configuration.features
    features = NeedFeatures(snapshot: model.snapshot, space: space, settings: settings)
  }

  /// The first local day after a moment: needs reach over the 28 days from there.
  public func day(after moment: Timestamp) -> Int32 {
    Int32(clamping: Int64(settings.calendar.day(of: moment)) + 1)
  }

  /// The strengths of all categories for customers, one row of `space.count` a customer.
  ///
  /// - Complexity: O(customers × categories × trees), on all cores by blocks of customers.
  /// - Throws: `LearningError.libraryFailure`.
  public func strengths(of states: [CustomerState], asOf moment: Timestamp) throws -> [Float] {
    let day = day(after: moment)
    return try parallelBlocks(states.count, blockSize: 32) { block in
      let rows = features.rows(for: states[block], day: day)
      return try margins(rows).map { Float(model.calibration(Double($0))) }
    }.flatMap { $0 }
  }

  func margins(_ rows: [Float]) throws -> [Float] {
    try rows.withUnsafeBufferPointer { try model.trees.margins(rows: $0) }
  }

  /// The needs of one customer, strongest first, each with its explanation and where its evidence lies.
  ///
  /// - Parameters:
  ///   - state: the customer's live state.
  ///   - moment: the moment that the needs are computed for.
  ///   - kind: only needs of this kind.
  ///   - minStrength: only needs at least this strong.
  ///   - limit: at most so many; explanations are computed for these alone.
  /// - Complexity: O(categories × trees) and O(limit × trees × leaves × depth²) for the explanations.
  /// - Throws: `LearningError.libraryFailure`.
  public func needs(
    of state: CustomerState, customerID: String, asOf moment: Timestamp, kind: Need.Kind? = nil,
    minStrength: Double = 0, limit: Int = 20
  ) throws -> [Need] {
    try strongest(
      limit, of: state, customerID: customerID, asOf: moment, kind: kind, minStrength: minStrength
    ).needs
  }

  /// The strongest needs of one customer as `needs(of:)` gives them, and how many match in all.
  ///
  /// - Complexity: that of `needs(of:)`.
  /// - Throws: `LearningError.libraryFailure`.
  public func strongest(
    _ limit: Int, of state: CustomerState, customerID: String, asOf moment: Timestamp,
    kind: Need.Kind? = nil, minStrength: Double = 0
  ) throws -> (needs: [Need], total: Int) {
    let day = day(after: moment)
    let rows = features.rows(for: [state], day: day)
    let margins = try margins(rows).map(Double.init)
    let strengths = margins.map { model.calibration($0) }
    let matching = (0..<space.count).filter { column in
      strengths[column] >= minStrength && (kind.map { $0 == self.kind(rows, column: column) } ?? true)
    }
    let columns = matching.sorted { (strengths[$1], $0) < (strengths[$0], $1) }.prefix(max(0, limit))
    let explanations = try explanations(rows, columns: Array(columns), strengths: strengths)
    let trends = trends(of: state, day: day)
    let needs = zip(columns, explanations).map { column, explanation in
      need(
        state, customerID: customerID, column: column, day: day, rows: rows, strength: strengths[column],
        explanation: explanation, trend: trends[column] ?? NeedTrend(change: 0, pValue: 1, qValue: nil))
    }
    return (needs, matching.count)
  }

  /// One customer's need of one category.
  ///
  /// - Throws: `NeedError.unknownSubject`, `LearningError.libraryFailure`.
  public func need(
    of state: CustomerState, customerID: String, category: String, asOf moment: Timestamp
  ) throws -> Need {
    guard let column = space.categories.index(of: category) else { throw NeedError.unknownSubject(category) }
    let day = day(after: moment)
    let rows = features.rows(for: [state], day: day)
    let strengths = try margins(rows).map { model.calibration(Double($0)) }
    let explanation = try explanations(rows, columns: [Int(column)], strengths: strengths)[0]
    return need(
      state, customerID: customerID, column: Int(column), day: day, rows: rows,
      strength: strengths[Int(column)],
      explanation: explanation,
      trend: trends(of: state, day: day)[Int(column)] ?? NeedTrend(change: 0, pValue: 1, qValue: nil))
  }

  /// The subject of a column.
  public func subject(ofColumn column: Int) -> Need.Subject {
    Need.Subject(category: model.categories[column], path: model.categoryPaths[column])
  }

  func kind(_ rows: [Float], column: Int) -> Need.Kind {
    rows[column * NeedFeatures.width + NeedFeature.purchases.rawValue] > 0 ? .replenish : .explore
  }

  private func need(
    _ state: CustomerState, customerID: String, column: Int, day: Int32, rows: [Float], strength: Double,
    explanation: NeedExplanation, trend: NeedTrend
  ) -> Need {
    let facts = PairFacts(
      rows, row: column * NeedFeatures.width, column: column, strength: strength, snapshot: model.snapshot)
    let evidence = evidence(state, column: column, day: day)
    return Need(
      needID: "customer:\(customerID):\(model.categories[column])", subject: subject(ofColumn: column),
      kind: kind(rows, column: column), holder: Need.Holder(customer: customerID), strength: strength,
      horizonDays: NeedMining.horizonDays, expectedInDays: facts.expectedInDays, overdue: facts.isOverdue,
      value: money(facts.value), valueIfBought: money(facts.valueIfBought), trend: trend,
      evidenceCount: evidence.count, explanation: explanation, evidenceSequences: evidence.sequences)
  }

  func money(_ minorUnits: Double) -> Money {
    Money(minorUnits: Int64(max(0, min(minorUnits.rounded(), 9e15))), currency: model.currency)
  }

  /// The events that show a need: those of its category, or else of the categories that speak most for it.
  private func evidence(_ state: CustomerState, column: Int, day: Int32) -> (sequences: [Int64], count: Int) {
    func history(_ column: Int) -> CategoryHistory? {
      space.category(ofColumn: column).flatMap { state.history(ofCategory: $0) }
    }
    if let own = history(column), own.eventCount > 0 { return (own.evidence.reversed(), Int(own.eventCount)) }
    let related = features.relatedColumns(of: state, to: column, day: day, limit: 3).compactMap {
      history($0)
    }
    return (
      related.flatMap { $0.evidence.suffix(2).reversed() }, related.reduce(0) { $0 + Int($1.eventCount) }
    )
  }
}

extension NeedMining {
  /// The probability of a purchase within the first `days` of the horizon, purchases coming at a steady pace.
  static func strength(_ strength: Double, withinDays days: Int) -> Double {
    guard days < horizonDays else { return strength }
    return -expm1(log1p(-min(strength, 0.999)) * Double(days) / Double(horizonDays))
  }
}

/// What a pair's strength and features come to in days and money.
struct PairFacts {
  let expectedInDays: Double?
  let isOverdue: Bool
  /// In minor units.
  let value: Double
  let valueIfBought: Double

  /// - Parameter row: where the pair's features begin.
  init(_ rows: [Float], row: Int, column: Int, strength: Double, snapshot: MarketSnapshot) {
    func feature(_ feature: NeedFeature) -> Double { Double(rows[row + feature.rawValue]) }
    // Purchases are taken to come at a steady pace within the horizon.
    let expected = -log1p(-min(strength, 0.999))
    let daily = expected / Double(NeedMining.horizonDays)
    // The median day given that the category is bought within the horizon; says nothing of needs that hardly are.
    expectedInDays = strength >= 0.05 ? -log1p(-min(strength, 0.999) / 2) / daily : nil
    let count = feature(.purchases)
    isOverdue = count >= 3 && feature(.overdue) > 1.25 && feature(.overdue) < 4
    // Three purchases of the category's mean steady a customer's own.
    let own = count > 0 ? feature(.spendPerPurchase) * 100 * count : 0
    let spend = max(0, (own + 3 * snapshot.spendPerPurchase[column]) / (count + 3))
    value = spend * expected
    valueIfBought = strength > 0 ? value / strength : spend
  }
}
