import Commerce

/// What was shown to whom lately: what fatigue looks at. Bounded: of each customer the newest impressions, and none that is
/// older than any rule may look back.
public struct ImpressionLedger: Sendable {
  /// At most so many impressions of a customer are kept.
  public static let perCustomer = 300
  /// Older impressions are forgotten.
  public static let longestDays = 90.0
  private static let mostCustomers = 200_000

  private struct Entry: Sendable {
    var item: String
    var time: Int64
  }

  private var entries: [String: [Entry]] = [:]
  /// How many impressions are kept.
  public private(set) var count = 0

  /// An empty ledger.
  public init() {}

  /// Notes what was shown.
  public mutating func note(_ items: [String], to customer: String, at moment: Timestamp) {
    var own = entries[customer] ?? []
    count -= own.count
    let oldest = moment.adding(days: -Self.longestDays).milliseconds
    own.removeAll { $0.time < oldest }
    own += items.map { Entry(item: $0, time: moment.milliseconds) }
    if own.count > Self.perCustomer { own.removeFirst(own.count - Self.perCustomer) }
    entries[customer] = own
    count += own.count
    if entries.count > Self.mostCustomers { forgetHalf() }
  }

  /// What was shown to a customer.
  public func impressions(of customer: String, at moment: Timestamp) -> [Impression] {
    (entries[customer] ?? []).map {
      Impression(item: $0.item, ageDays: max(0, moment.days(since: Timestamp(milliseconds: $0.time))))
    }
  }

  /// Forgets the customers to whom nothing was shown for longest.
  private mutating func forgetHalf() {
    let last = entries.values.map { $0.last?.time ?? 0 }.sorted()
    let middle = last[last.count / 2]
    entries = entries.filter { ($0.value.last?.time ?? 0) > middle }
    count = entries.values.reduce(0) { $0 + $1.count }
  }

  /// Forgets what is too old, of all customers.
  public mutating func sweep(at moment: Timestamp) {
    let oldest = moment.adding(days: -Self.longestDays).milliseconds
    entries = entries.compactMapValues { own in
      let kept = own.filter { $0.time >= oldest }
      return kept.isEmpty ? nil : kept
    }
    count = entries.values.reduce(0) { $0 + $1.count }
  }
}
