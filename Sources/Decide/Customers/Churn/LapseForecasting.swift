import Commerce
import CustomerValue
import Foundation
import Learning
import MathKernels

/// What lapse is foretold from.
public struct LapseDataset: Sendable {
  /// What customers did.
  public var history: LapseHistory
  /// The currency of amounts.
  public var currency: Currency
  /// The morning as of which customers are seen; nothing of that day or later is read.
  public var asOf: Int32

  /// A history until the morning of a day; by default the one after the last event.
  public init(history: LapseHistory, currency: Currency, asOf: Int32? = nil) {
    self.history = history
    self.currency = currency
    self.asOf = asOf ?? history.lastDay + 1
  }
}

/// Learns which customers stop buying, measures that on the last weeks, and says everyone's risk.
///
/// ```swift
/// let forecast = try await LapseForecasting().fit(dataset, context: FitContext())
/// forecast.check?.chosen
/// ```
/// The newest morning whose horizon is over is the test: what is measured there was learned from mornings whose own horizon ended
/// before it. Then the same search learns anew, from mornings up to that one.
///
/// - Complexity: that of `LapseEvaluation` and of `ChurnClassifier` on some twelve mornings of all active customers.
public struct LapseForecasting: Estimator {
  /// What counts as a lapse.
  public var definition: LapseFeatures.Configuration
  /// The settings of the families.
  public var classifier: ChurnClassifier.Configuration

  /// A forecasting of lapses.
  public init(
    _ definition: LapseFeatures.Configuration = .init(), classifier: ChurnClassifier.Configuration = .lapse
  ) {
    (self.definition, self.classifier) = (definition, classifier)
  }

  /// Learns, measures and foretells.
  ///
  /// - Throws: `CustomerValueError.notEnoughData` for too short a history or too few who lapsed, `CancellationError`.
  public func fit(_ data: LapseDataset, context: FitContext) async throws -> LapseForecast {
    let features = LapseFeatures(definition)
    let days = features.trainingDays(data.history, asOf: data.asOf)
    guard !days.isEmpty else {
      throw CustomerValueError.notEnoughData(
        needed: "\(definition.horizonDays + 84) days of purchases",
        found: "\(max(0, data.asOf - data.history.firstDay))")
    }
    try context.checkpoint(step: 0, of: 3)
    let check = try await measured(data, features, context)
    try context.checkpoint(step: 1, of: 3)
    let quiet = FitContext(seed: context.seed)
    let training = try LapseFeatures.joined(
      try days.map { try features.table(data.history, asOf: $0, context: quiet) })
    let models = try await ChurnClassifier(classifier).compare(
      training.table, groups: training.groups, context: quiet)
    guard let model = models.first else {
      throw CustomerValueError.notEnoughData(needed: "customers who lapsed", found: "none")
    }
    try context.checkpoint(step: 2, of: 3)
    let today = try features.table(data.history, asOf: data.asOf, context: quiet)
    let forecast = try forecast(data, today, model, check, days, training.table.count)
    try context.checkpoint(step: 3, of: 3)
    return forecast
  }

  /// nil where the history is too short to look back.
  private func measured(
    _ data: LapseDataset, _ features: LapseFeatures, _ context: FitContext
  ) async throws -> LapseEvaluation.Report? {
    do {
      return try await LapseEvaluation(
        features: features, classifier: ChurnClassifier(classifier), resamples: 300
      ).run(
        data.history, asOf: data.asOf - Int32(definition.horizonDays),
        context: FitContext(seed: context.seed))
    } catch CustomerValueError.notEnoughData {
      return nil
    }
  }

  private func forecast(
    _ data: LapseDataset, _ today: LapseFeatures.Day, _ model: ChurnModel, _ check: LapseEvaluation.Report?,
    _ days: [Int32], _ rows: Int
  ) throws -> LapseForecast {
    let risks = try model.risks(today.table)
    let blocks = try parallelBlocks(today.table.count, blockSize: 512) { block in
      try model.explain(today.table.selecting(Array(block)))
    }
    let reasons = blocks.flatMap { $0 }
    let columns = LapseFeatures.Column.allCases
    let place = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1.rawValue, $0) })
    var (kept, parts) = ([Int32](), [Float]())
    var sums = [Double](repeating: 0, count: columns.count)
    for reason in reasons {
      for driver in reason.drivers { sums[place[driver.column] ?? 0] += abs(driver.contribution) }
      for driver in reason.drivers.prefix(LapseForecast.reasons) {
        kept.append(Int32(place[driver.column] ?? 0))
        parts.append(Float(driver.contribution))
      }
    }
    let importance = columns.indices.map {
      LapseForecast.Importance(column: columns[$0], logOdds: sums[$0] / Double(max(1, reasons.count)))
    }
    var ids = Vocabulary()
    for id in today.table.ids { _ = ids.insert(id) }
    return LapseForecast(
      definition: definition, asOf: data.asOf, currency: data.currency, model: Self.light(model),
      purchases: today.purchases, check: check.map(Self.light), trainingDays: days, trainingRows: rows,
      importance: importance.sorted { $0.logOdds > $1.logOdds },
      gaps: try Self.gaps(data.history, data.asOf), ids: ids, risks: risks.map(Float.init),
      spend: today.expectedSpend.map(Float.init),
      values: (0..<today.table.count).flatMap { row in
        today.table.row(row).map { if case .number(let value) = $0 { Float(value) } else { .nan } }
      }, reasonColumns: kept, reasonParts: parts)
  }

  /// Without the risks of each row, which nobody asks for later.
  private static func light(_ report: LapseEvaluation.Report) -> LapseEvaluation.Report {
    var copy = report
    for place in copy.results.indices { copy.results[place].risks = [] }
    return copy
  }

  private static func light(_ model: ChurnModel) -> ChurnModel { model.withoutValidation }

  private static func gaps(_ history: LapseHistory, _ day: Int32) throws -> [LapseForecast.Gap] {
    let curve = try LapseRhythm(history, asOf: day).curve
    return ([1, 2, 3, 5] + Array(stride(from: 7, through: 182, by: 7))).map {
      LapseForecast.Gap(
        days: $0, longer: curve.survival(at: Double($0)), interval: curve.interval(at: Double($0)))
    }
  }
}
