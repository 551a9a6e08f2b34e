import Commerce
import Features
import Foundation
import MathKernels

/// What customers' needs say of the demand for categories over the next four weeks, beside what the sales of the weeks before say.
///
/// ```swift
/// let pace = BuyingPace(frame, catalogue: index, calendar: .utc, asOf: now)
/// let needs = NeedDemand(expectedCustomers: ["COFFEE": 412], pace: pace, forecasts: forecasts)
/// needs.rows.filter(\.differs)       // where something is changing
/// ```
/// A need is the calibrated probability that a customer buys of a category within 28 days. Summed over customers and times what each
/// buyer takes home it is a forecast of units that knows who is due, where a series only knows how much was sold. Source of
/// combining forecasts: Bates and Granger (1969), https://doi.org/10.1057/jors.1969.103.
public struct NeedDemand: Sendable, Codable, Equatable {
  /// One category, over the next four weeks.
  public struct Row: Sendable, Codable, Equatable {
    /// The category.
    public var category: String
    /// Units by the customers expected to buy and what each of them buys.
    public var byNeeds: Double
    /// Units by the sales of the weeks before.
    public var bySeries: Double
    /// Both together, weighted as was best before.
    public var combined: Double
    /// Whether they lie further apart than either's errors explain.
    public var differs: Bool
  }

  /// How good the combination was on weeks that the weight was not learned from.
  public struct Backtest: Sendable, Codable, Equatable {
    /// How many pairs of a category and an origin the weight was learned from.
    public var learned: Int
    /// How many it was judged on.
    public var judged: Int
    /// The mean absolute error over the mean units sold, of the series, the needs and both.
    public var series: Double
    /// See `series`.
    public var needs: Double
    /// See `series`.
    public var combined: Double
    /// By which share the combination's error is below that of the series.
    public var improvement: Double
    /// The ends of its interval of 95 percent, over categories.
    public var lower: Double
    /// See `lower`.
    public var upper: Double
  }

  /// The categories.
  public var rows: [Row]
  /// How much the needs weigh in the combination, 0 to 1.
  public var weight: Double
  /// How far off the needs usually are, as a share of what they say; nil where it was not measured.
  public var error: Double?
  /// How good that was; nil where it was not measured.
  public var backtest: Backtest?

  /// How much the needs weigh before anything is measured: nothing, since sales alone foretold a year of groceries better.
  public static let usualWeight = 0.0

  /// Compares both views.
  ///
  /// - Parameters:
  ///   - expectedCustomers: how many customers are expected to buy of each category within 28 days.
  ///   - pace: what a buyer takes home in such a time.
  ///   - weight: how much the needs weigh.
  ///   - error: how far off the needs usually are, as a share of what came.
  public init(
    expectedCustomers: [String: Double], pace: BuyingPace, forecasts: DemandForecasts,
    weight: Double = NeedDemand.usualWeight, error: Double? = nil
  ) {
    (self.weight, self.error) = (weight, error)
    rows = forecasts.outlooks.compactMap { outlook in
      guard outlook.subject.level == .category, let expected = expectedCustomers[outlook.subject.id],
        let perBuyer = pace.unitsPerBuyer[outlook.subject.id], let series = outlook.expected(4),
        let range = forecasts.range(of: outlook, weeks: 4, level: 0.8)
      else { return nil }
      let needs = expected * perBuyer
      // 80 percent of a normal spread lie within 1.28 deviations on either side.
      let own = (range.upper - range.lower) / 2.563
      let theirs = (error ?? usualError(of: expected)) * needs
      return Row(
        category: outlook.subject.id, byNeeds: needs, bySeries: series,
        combined: weight * needs + (1 - weight) * series,
        differs: abs(needs - series) > 1.96 * (own * own + theirs * theirs).squareRoot())
    }
  }

  /// What a category's needs say; nil where there are none.
  public func row(of category: String) -> Row? { rows.first { $0.category == category } }
}

/// Few expected buyers are a less certain number than many.
private func usualError(of expected: Double) -> Double {
  (0.1 * 0.1 + 1 / max(1, expected)).squareRoot()
}

/// What a buyer of each category takes home in 28 days.
public struct BuyingPace: Sendable, Equatable {
  /// Units a buyer buys within 28 days, by category; more where some of them are not known by name.
  public let unitsPerBuyer: [String: Double]

  /// How many times 28 days are looked back upon.
  private static let windows = 3

  /// The pace of the last 84 days up to a moment.
  ///
  /// - Complexity: one pass over the frame.
  public init(_ frame: EventFrame, catalogue: CatalogueIndex, calendar: ShopCalendar, asOf: Timestamp) {
    let end = calendar.day(of: asOf)
    let category = catalogue.columns(for: frame.items).category
    var units = [Double](repeating: 0, count: catalogue.categories.count)
    var buyers = [Set<Int64>](repeating: [], count: catalogue.categories.count)
    for row in 0..<frame.count
    where frame.kind[row] == EventKind.purchase.code && frame.item[row] >= 0
      && frame.timestamp[row] <= asOf.milliseconds
    {
      let age = end - calendar.day(ofMilliseconds: frame.timestamp[row])
      let own = category[Int(frame.item[row])]
      guard age >= 0, age < Int32(28 * Self.windows), own >= 0 else { continue }
      units[Int(own)] += frame.quantity[row].isNaN ? 1 : Double(max(0, frame.quantity[row]))
      // Units that nobody's name is on are spread over those who are known.
      if frame.customer[row] >= 0 {
        buyers[Int(own)].insert(Int64(age / 28) << 32 | Int64(frame.customer[row]))
      }
    }
    unitsPerBuyer = Dictionary(
      uniqueKeysWithValues: catalogue.categories.ids.indices.compactMap { index in
        buyers[index].isEmpty
          ? nil : (catalogue.categories.ids[index], units[index] / Double(buyers[index].count))
      })
  }
}
