import Commerce
import CustomerValue
import Foundation
import Learning
import MathKernels

/// Which of a shop's customers will stop buying: the model that a shop saves, with everyone's risk.
///
/// ```swift
/// let forecast = try await LapseForecasting().fit(LapseDataset(history: history, currency: .usd), context: FitContext())
/// forecast.customer(0).risk
/// ```
public struct LapseForecast: FittedModel {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// How many reasons are kept for each customer.
  public static let reasons = 3

  /// One customer.
  public struct Customer: Sendable, Equatable {
    /// The id.
    public var id: String
    /// The probability not to buy within the horizon.
    public var risk: Double
    /// What the customer may be expected to spend within the horizon at their pace, in major units.
    public var expectedSpend: Double
    /// What is known of them, in the order of `LapseFeatures.Column`.
    public var values: [Double]
    /// The columns that move the risk most, with what they add to its log-odds.
    public var reasons: [(column: LapseFeatures.Column, logOdds: Double)]

    /// What is at stake: risk × expected spend.
    public var valueAtStake: Double { risk * expectedSpend }

    /// Whether both are the same.
    public static func == (a: Customer, b: Customer) -> Bool {
      a.id == b.id && a.risk == b.risk && a.expectedSpend == b.expectedSpend
    }
  }

  /// How much a column moves risks: the mean size of its part in the log-odds.
  public struct Importance: Sendable, Codable, Equatable {
    /// The column.
    public var column: LapseFeatures.Column
    /// The mean size.
    public var logOdds: Double
  }

  /// Of all times between purchases, the share that is longer.
  public struct Gap: Sendable, Codable, Equatable {
    /// How many days.
    public var days: Int
    /// The share that is longer.
    public var longer: Double
    /// Its interval; nil where all are longer.
    public var interval: ConfidenceInterval?
  }

  /// What counts as a lapse.
  public var definition: LapseFeatures.Configuration
  /// The morning as of which customers are seen, as a day since 1970-01-01.
  public var asOf: Int32
  /// The currency of amounts, which are in its major units.
  public var currency: Currency
  /// How risks come about.
  public var model: ChurnModel
  /// BG/NBD as of the morning; nil where it could not be learned.
  public var purchases: PurchaseModel?
  /// How good such risks were on the last morning whose outcome is known; nil where the history is too short to look back.
  public var check: LapseEvaluation.Report?
  /// The mornings that were learned from.
  public var trainingDays: [Int32]
  /// How many rows were learned from.
  public var trainingRows: Int
  /// How much each column moves risks, the most first.
  public var importance: [Importance]
  /// How long customers usually take between purchases.
  public var gaps: [Gap]
  /// The customers' ids.
  public var ids: Vocabulary
  @Packed var risks: [Float]
  @Packed var spend: [Float]
  @Packed var values: [Float]
  @Packed var reasonColumns: [Int32]
  @Packed var reasonParts: [Float]

  /// How many customers there are.
  public var count: Int { risks.count }
  /// Everyone's risk.
  public var everyRisk: [Float] { risks }
  /// What everyone may be expected to spend.
  public var everySpend: [Float] { spend }

  /// A customer's place; nil for one who has not bought lately.
  public func index(of id: String) -> Int? { ids.index(of: id).map(Int.init) }

  /// A customer.
  public func customer(_ place: Int) -> Customer {
    let width = LapseFeatures.Column.allCases.count
    let kept = Self.reasons
    return Customer(
      id: ids[Int32(place)], risk: Double(risks[place]), expectedSpend: Double(spend[place]),
      values: values[place * width..<(place + 1) * width].map(Double.init),
      reasons: (place * kept..<(place + 1) * kept).compactMap { index in
        let column = Int(reasonColumns[index])
        guard column >= 0, column < width else { return nil }
        return (LapseFeatures.Column.allCases[column], Double(reasonParts[index]))
      })
  }

  /// A value of everyone.
  public func column(_ column: LapseFeatures.Column) -> [Float] {
    let width = LapseFeatures.Column.allCases.count
    let place = LapseFeatures.Column.allCases.firstIndex(of: column) ?? 0
    return (0..<count).map { values[$0 * width + place] }
  }

  /// A table of one row, as the model reads it.
  public static func table(of values: [Double]) throws -> ChurnTable {
    try ChurnTable(
      ids: ["customer"],
      columns: zip(LapseFeatures.Column.allCases, values).map { .init(name: $0.rawValue, .numbers([$1])) },
      labels: [nil])
  }

  /// All that moves one customer's risk.
  ///
  /// - Throws: `CustomerValueError`, `LearningError`.
  public func explain(_ place: Int) throws -> ChurnModel.Reasons {
    try model.explain(Self.table(of: customer(place).values))[0]
  }

  /// The risk of a customer had they bought on the day before, as much as they usually do: their history with one visit more, seen and
  /// scored as any other. nil for one who has not bought at all.
  ///
  /// - Throws: `CustomerValueError`, `LearningError`.
  public func riskAfterPurchase(_ history: LapseHistory.Customer) throws -> Double? {
    let seen = history.visits.prefix { $0.day < asOf }
    guard let last = seen.last else { return nil }
    var changed = history
    changed.visits = Array(seen)
    if last.day < asOf - 1 {
      let count = Double(seen.count)
      let amount: Double = seen.reduce(0.0) { (sum: Double, visit) in sum + visit.amount } / count
      let lines: Int = seen.reduce(0) { (sum: Int, visit) in sum + visit.lines } / seen.count
      changed.visits.append(
        .init(
          day: asOf - 1, amount: amount, discount: last.discount, lines: max(1, lines),
          categories: last.categories))
    }
    let features = LapseFeatures(definition)
    guard let values = features.values(of: changed, asOf: asOf, purchases: purchases) else { return nil }
    return try model.risks(Self.table(of: values))[0]
  }
}
