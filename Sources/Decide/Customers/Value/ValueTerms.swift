import Commerce
import CustomerValue

/// What counts as a customer's value, and how far ahead it is reckoned.
public struct ValueTerms: Sendable, Codable, Equatable {
  /// How many months ahead.
  public var horizonMonths: Double
  /// What a month costs: 0.01 is 1 % a month.
  public var monthlyDiscount: Double
  /// Which part of an amount is worth: 1 for revenue, a margin for profit.
  public var margin: Double
  /// The level of the intervals.
  public var level: Double
  /// Goes on where the data are too few.
  public var ignoresGates: Bool
  /// Seeds what is drawn.
  public var seed: UInt64

  /// Terms; by default twelve months of revenue at 1 % a month, intervals of 80 %.
  public init(
    horizonMonths: Double = 12, monthlyDiscount: Double = 0.01, margin: Double = 1, level: Double = 0.8,
    ignoresGates: Bool = false, seed: UInt64 = 42
  ) {
    self.horizonMonths = horizonMonths
    self.monthlyDiscount = monthlyDiscount
    self.margin = margin
    self.level = level
    self.ignoresGates = ignoresGates
    self.seed = seed
  }

  /// Throws when a term is out of its range.
  ///
  /// - Throws: `CustomerValueError.invalidParameter`.
  public func validate() throws {
    func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
      guard range.contains(value) else {
        throw CustomerValueError.invalidParameter(
          name: name, value: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check("horizon_months", horizonMonths, 1...60)
    try check("monthly_discount", monthlyDiscount, 0...0.5)
    try check("margin", margin, 0.001...1)
    try check("level", level, 0.5...0.99)
  }
}

/// What a shop's customers are valued from.
public struct ValueDataset: Sendable {
  /// Who bought on which days, for how much.
  public var log: TransactionLog
  /// The last day that is observed, on the shop's own clock, as a day since 1970-01-01.
  public var endDay: Int32
  /// The currency of the amounts.
  public var currency: Currency

  /// Purchases until the end of a day.
  public init(log: TransactionLog, endDay: Int32, currency: Currency) {
    (self.log, self.endDay, self.currency) = (log, endDay, currency)
  }

  /// The moment that stands for a day in the log.
  static func moment(_ day: Int32) -> Timestamp { Timestamp(milliseconds: Int64(day) * Timestamp.day) }
}
