import Commerce
import CustomerValue
import Foundation
import Learning
import MathKernels

/// How good forecasts of the last weeks were, made from what was known before them.
///
/// The model is chosen on the weeks before those, so that its figures here are not the best of several.
public struct ValueCheck: Sendable, Codable, Equatable {
  /// A figure with its interval over customers.
  public struct Figure: Sendable, Codable, Equatable {
    /// The figure; nil where it does not exist, such as the correlation of forecasts that are all the same.
    public var value: Double?
    /// The lower end of its interval of 95 %.
    public var lower: Double?
    /// The upper end.
    public var upper: Double?

    init(_ figure: HoldoutEvaluation.Figure) {
      func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
      value = finite(figure.value)
      (lower, upper) = (finite(figure.interval.lower), finite(figure.interval.upper))
    }
  }

  /// One model, or rule of thumb.
  public struct Forecaster: Sendable, Codable, Equatable {
    /// Its name.
    public var name: String
    /// Whether it is a model, not a rule of thumb.
    public var isModel: Bool
    /// Whether it was chosen.
    public var isChosen: Bool
    /// Its root mean square error in the weeks on which the choice was made.
    public var choiceError: Double
    /// The mean of |forecast − actual| purchases.
    public var meanAbsoluteError: Figure
    /// The root of the mean of (forecast − actual)².
    public var rootMeanSquareError: Figure
    /// The correlation of forecast and actual.
    public var correlation: Figure
    /// The sum of all forecasts over that of what came, less 1.
    public var totalBias: Figure
  }

  /// A tenth of the customers, by forecast, the most valuable first.
  public struct Decile: Sendable, Codable, Equatable {
    /// How many customers it has.
    public var customers: Int
    /// The purchases forecast.
    public var predictedPurchases: Double
    /// Those that came.
    public var actualPurchases: Double
    /// The money forecast; nil where spending is not known.
    public var predictedValue: Double?
    /// What was paid.
    public var actualValue: Double
    /// Customers who bought at all.
    public var buyers: Int
  }

  /// The last day that forecasts were learned from.
  public var learnedUntil: Int32
  /// The last day that was measured.
  public var end: Int32
  /// The last day that was learned from when the model was chosen.
  public var choiceLearnedUntil: Int32
  /// The customers that were forecast.
  public var customers: Int
  /// All that were tried, the best in the weeks of the choice first.
  public var forecasters: [Forecaster]
  /// Models that could not be learned, or are passed over, with the reason.
  public var failures: [String: String]
  /// Tenths of the customers by the chosen model's forecast.
  public var deciles: [Decile]
  /// Where the sum of purchases was said to lie.
  public var totalPurchasesRange: ConfidenceInterval?
  /// Where the money was said to lie; nil where spending is not known.
  public var totalValueRange: ConfidenceInterval?
  /// The share of customers whose purchases lay inside their interval.
  public var coverage: Double?
  /// The level of these intervals.
  public var level: Double

  /// The one that was chosen.
  public var chosen: Forecaster? { forecasters.first(where: \.isChosen) }
}

extension PurchaseModel {
  /// Whether the likelihood has one clear maximum: not a ridge along which parameters grow for ever.
  fileprivate var isWellDetermined: Bool {
    guard let intervals = parameterIntervals() else { return false }
    return intervals.allSatisfy { $0.lower > 0 && $0.upper / $0.lower < 1e4 }
  }
}

/// Chooses a model and measures it.
struct ValueChecking {
  let data: ValueDataset
  let terms: ValueTerms
  let context: FitContext

  /// How many days are held out: a quarter of what there is, a quarter of a year at most.
  static func heldOutDays(of history: Int32) -> Int32? {
    let days = min(91, history / 4 / 7 * 7)
    return days >= 14 ? days : nil
  }

  /// Chooses on the weeks before the last ones, and measures on the last ones.
  ///
  /// - Returns: nil where the history is too short.
  func run() throws -> ValueCheck? {
    let first = Int32(clamping: data.log.firstDay.milliseconds / Timestamp.day)
    guard let days = Self.heldOutDays(of: data.endDay - first) else { return nil }
    let (middle, early) = (data.endDay - days, data.endDay - 2 * days)
    var failures: [String: String] = [:]
    let choice = try measured(from: early, to: middle, resamples: 2, failures: &failures)
    let base = try data.log.customerBase(until: ValueDataset.moment(middle))
    guard let (best, purchases) = try chosen(from: choice, base, failures: &failures) else { return nil }
    let outcomes = try measured(from: middle, to: data.endDay, resamples: resamples, failures: &failures)
    let errors = Dictionary(
      uniqueKeysWithValues: choice.map { ($0.forecaster, $0.rootMeanSquareError.value) })
    let forecasters = outcomes.compactMap { result -> ValueCheck.Forecaster? in
      guard let error = errors[result.forecaster] else { return nil }
      return ValueCheck.Forecaster(
        name: result.forecaster.rawValue, isModel: result.forecaster.process != nil,
        isChosen: result.forecaster == best, choiceError: error,
        meanAbsoluteError: .init(result.meanAbsoluteError),
        rootMeanSquareError: .init(result.rootMeanSquareError), correlation: .init(result.correlation),
        totalBias: .init(result.totalBias))
    }.sorted { ($0.choiceError, $0.name) < ($1.choiceError, $1.name) }
    var check = ValueCheck(
      learnedUntil: middle, end: data.endDay, choiceLearnedUntil: early, customers: 0,
      forecasters: forecasters, failures: failures, deciles: [], level: terms.level)
    guard check.chosen != nil else { return nil }
    try look(back: purchases, base, days: days, into: &check)
    return check
  }

  /// Models whose error is so little above the least one's are as good.
  private static let asGood = 1.01

  /// The model of the smallest error; of several about as good the first whose parameters the data tell.
  private func chosen(
    from choice: [HoldoutEvaluation.Result], _ base: CustomerBase, failures: inout [String: String]
  ) throws -> (PurchaseForecaster, PurchaseModel)? {
    let models = choice.filter { $0.forecaster.process != nil }
      .sorted { $0.rootMeanSquareError.value < $1.rootMeanSquareError.value }
    guard let least = models.first?.rootMeanSquareError.value else { return nil }
    var fallback: (PurchaseForecaster, PurchaseModel)?
    for candidate in models.map(\.forecaster)
    where models.contains(where: {
      $0.forecaster == candidate && $0.rootMeanSquareError.value <= least * Self.asGood
    }) {
      let model: PurchaseModel
      do {
        model = try candidate.fit(
          base, fitting: PurchaseFitting(starts: 1), context: FitContext(seed: terms.seed))
      } catch let error as CustomerValueError {
        failures[candidate.rawValue] = error.description
        continue
      }
      if model.isWellDetermined { return (candidate, model) }
      if fallback == nil { fallback = (candidate, model) }
      failures[candidate.rawValue] =
        "Other parameters fit as well: with these data its intervals would not be reliable."
    }
    return fallback
  }

  /// Fewer resamples where there are many customers: then the intervals are narrow anyway.
  private var resamples: Int { max(100, min(1000, 50_000_000 / max(1, data.log.customers.count))) }

  private func measured(
    from start: Int32, to end: Int32, resamples: Int, failures: inout [String: String]
  ) throws -> [HoldoutEvaluation.Result] {
    try PurchaseForecaster.allCases.compactMap { forecaster in
      try Task.checkCancellation()
      do {
        return try HoldoutEvaluation.run(
          data.log, calibrationEnd: ValueDataset.moment(start), end: ValueDataset.moment(end),
          forecasters: [forecaster], fitting: PurchaseFitting(starts: 1), resamples: resamples,
          context: FitContext(seed: terms.seed)
        ).results.first
      } catch let error as CustomerValueError {
        failures[forecaster.rawValue] = error.description
        return nil
      }
    }
  }

  /// What the chosen model would have said of the last weeks, by tenths of the customers.
  private func look(
    back purchases: PurchaseModel, _ base: CustomerBase, days: Int32, into check: inout ValueCheck
  ) throws {
    let spend = try? CustomerValuing.spending(of: base, seed: terms.seed)
    let terms = try LifetimeValue(
      purchases: purchases, spend: spend, horizon: Double(days) / 7, monthlyDiscount: 0)
    let forecast = try terms.forecast(
      base, levels: [self.terms.level], draws: CustomerValuing.draws(for: base.count), seed: self.terms.seed)
    let actual = data.log.purchases(
      of: base.ids, after: ValueDataset.moment(check.learnedUntil), until: ValueDataset.moment(check.end))
    check.customers = base.count
    check.totalPurchasesRange = forecast.totalIntervals.first?.purchases
    check.totalValueRange = spend == nil ? nil : forecast.totalIntervals.first?.value
    let inside = zip(forecast.customers, actual).count { customer, came in
      customer.intervals.first.map {
        Double(came.count) >= $0.purchases.lower && Double(came.count) <= $0.purchases.upper
      } ?? false
    }
    check.coverage = base.count > 0 ? Double(inside) / Double(base.count) : nil
    check.deciles = deciles(forecast.customers, actual)
  }

  private func deciles(
    _ customers: [CustomerForecast], _ actual: [(count: Int, amount: Double)]
  ) -> [ValueCheck.Decile] {
    let keys = customers.map { $0.lifetimeValue ?? $0.expectedPurchases }
    let order = keys.indices.sorted { (-keys[$0], $0) < (-keys[$1], $1) }
    let hasValue = customers.first?.lifetimeValue != nil
    return (0..<10).compactMap { tenth in
      let part = order[tenth * order.count / 10..<(tenth + 1) * order.count / 10]
      guard !part.isEmpty else { return nil }
      return ValueCheck.Decile(
        customers: part.count,
        predictedPurchases: part.reduce(0) { $0 + customers[$1].expectedPurchases },
        actualPurchases: part.reduce(0) { $0 + Double(actual[$1].count) },
        predictedValue: hasValue ? part.reduce(0) { $0 + (customers[$1].lifetimeValue ?? 0) } : nil,
        actualValue: part.reduce(0) { $0 + actual[$1].amount },
        buyers: part.count { actual[$0].count > 0 })
    }
  }
}
