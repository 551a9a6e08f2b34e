import Commerce

/// How much data forecasts of lifetime value need before they are worth showing.
///
/// ```swift
/// let gates = DataSufficiency().gates(for: log, at: today)
/// for gate in gates where !gate.isMet { print(gate.description) }
/// ```
/// The defaults are those that marketing programs ask for: 500 customers, 180 days of history, an order within 30 days, and
/// customers with three orders or more.
public struct DataSufficiency: Sendable, Codable, Equatable {
  /// How many customers have bought.
  public var minimumCustomers: Int
  /// How many days lie between the first order and the end of observation.
  public var minimumHistoryDays: Int
  /// How many days ago the last order was at most.
  public var maximumDaysSinceLastOrder: Int
  /// How many customers have bought on `frequentOrders` days or more.
  public var minimumFrequentCustomers: Int
  /// From how many days with orders on a customer is frequent.
  public var frequentOrders: Int

  /// Gates.
  public init(
    minimumCustomers: Int = 500, minimumHistoryDays: Int = 180, maximumDaysSinceLastOrder: Int = 30,
    minimumFrequentCustomers: Int = 10, frequentOrders: Int = 3
  ) {
    self.minimumCustomers = minimumCustomers
    self.minimumHistoryDays = minimumHistoryDays
    self.maximumDaysSinceLastOrder = maximumDaysSinceLastOrder
    self.minimumFrequentCustomers = minimumFrequentCustomers
    self.frequentOrders = frequentOrders
  }

  /// One condition, and how it stands.
  public struct Gate: Sendable, Codable, Equatable, CustomStringConvertible {
    /// What is asked for: `customers`, `history_days`, `days_since_last_order`, `frequent_customers`.
    public var name: String
    /// The number that is needed.
    public var needed: Int
    /// The number that was found.
    public var found: Int
    /// Whether the condition holds.
    public var isMet: Bool
    /// How it stands, in a sentence.
    public var description: String
  }

  /// How each condition stands at the end of a day.
  ///
  /// - Parameter end: the last day of observation; by default that of the last purchase, when the last order is always recent.
  /// - Complexity: O(purchases).
  public func gates(for log: TransactionLog, at end: Timestamp? = nil) -> [Gate] {
    let last = (end ?? log.lastDay).dayNumber
    let seen = log.visits.map { $0.prefix { $0.day <= last } }.filter { !$0.isEmpty }
    let first = seen.lazy.compactMap { $0.first?.day }.min() ?? last
    let latest = seen.lazy.compactMap { $0.last?.day }.max()
    let frequent = seen.count { $0.count >= frequentOrders }
    let (history, silence) = (Int(last - first), latest.map { Int(last - $0) } ?? Int.max)
    func gate(_ name: String, _ found: Int, _ needed: Int, atMost: Bool = false, _ text: String) -> Gate {
      let isMet = atMost ? found <= needed : found >= needed
      return Gate(name: name, needed: needed, found: found, isMet: isMet, description: text)
    }
    return [
      gate(
        "customers", seen.count, minimumCustomers,
        "Customers who have bought: \(seen.count); \(minimumCustomers) are needed."),
      gate(
        "history_days", history, minimumHistoryDays,
        "Days that the orders go back: \(history); \(minimumHistoryDays) are needed."),
      gate(
        "days_since_last_order", silence, maximumDaysSinceLastOrder, atMost: true,
        latest == nil
          ? "There is no order; one within the last \(maximumDaysSinceLastOrder) days is needed."
          : "Days since the last order: \(silence); at most \(maximumDaysSinceLastOrder) are allowed."),
      gate(
        "frequent_customers", frequent, minimumFrequentCustomers,
        "Customers with orders on \(frequentOrders) days or more: \(frequent); \(minimumFrequentCustomers) are needed."
      ),
    ]
  }
}
