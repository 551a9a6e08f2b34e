import Commerce
import Features

/// What analyses read: a snapshot of a shop's events, its catalogue and its customers.
///
/// ```swift
/// let data = AnalyticsData(frame: frame, calendar: try ShopCalendar(timeZone: "Asia/Shanghai"), asOf: now)
/// let result = try definition.run(on: data)
/// ```
public struct AnalyticsData: Sendable {
  /// The events.
  public let frame: EventFrame
  /// The events of each customer.
  public let index: AnalyticsIndex
  /// The shop's clock.
  public let calendar: ShopCalendar
  /// The moment up to which the data are complete: later buckets are marked as not complete.
  public private(set) var asOf: Timestamp
  /// What the catalogue says of each item of the frame.
  let items: [Item?]
  /// What the shop says of each customer of the frame.
  let customers: [Customer?]
  /// The members of cohorts, as flags by customer.
  private(set) var cohorts: [String: [Bool]]

  /// A snapshot.
  ///
  /// - Parameters:
  ///   - index: that of the frame; nil to make one.
  ///   - asOf: the moment up to which the data are complete.
  ///   - items: what the catalogue says; items without events are passed over.
  ///   - customers: what the shop says; customers without events are passed over.
  ///   - cohorts: the ids of members by the cohort's id.
  public init(
    frame: EventFrame, index: AnalyticsIndex? = nil, calendar: ShopCalendar = .utc, asOf: Timestamp,
    items: some Sequence<Item> = [], customers: some Sequence<Customer> = [],
    cohorts: [String: [String]] = [:]
  ) {
    self.frame = frame
    self.index = index ?? AnalyticsIndex(frame)
    self.calendar = calendar
    self.asOf = asOf
    var known = [Item?](repeating: nil, count: frame.items.count)
    for item in items { if let index = frame.items.index(of: item.itemID) { known[Int(index)] = item } }
    self.items = known
    var described = [Customer?](repeating: nil, count: frame.customers.count)
    for customer in customers {
      if let index = frame.customers.index(of: customer.customerID) { described[Int(index)] = customer }
    }
    self.customers = described
    self.cohorts = [:]
    self.cohorts = flags(of: cohorts)
  }

  /// The same snapshot with other cohorts, or seen from another moment.
  public func with(asOf: Timestamp? = nil, cohorts: [String: [String]]? = nil) -> AnalyticsData {
    var copy = self
    if let asOf { copy.asOf = asOf }
    if let cohorts { copy.cohorts = flags(of: cohorts) }
    return copy
  }

  private func flags(of cohorts: [String: [String]]) -> [String: [Bool]] {
    cohorts.mapValues { ids in
      var isMember = [Bool](repeating: false, count: frame.customers.count)
      for id in ids { if let index = frame.customers.index(of: id) { isMember[Int(index)] = true } }
      return isMember
    }
  }

  /// So many customers make up a block of parallel work.
  var customerBlock: Int { max(64, index.customerCount / 32 + 1) }

  /// Major units of the shop's currency.
  func money(_ minorUnits: Int64) -> JSONValue {
    .number(Double(minorUnits) / frame.currency.minorUnitsPerMajor)
  }
}

extension AnalysisSpan {
  /// The span in UTC milliseconds, from the first to just before the end.
  func range(in data: AnalyticsData) -> Range<Int64> {
    let calendar = data.calendar
    let end = max(data.asOf, data.frame.lastTimestamp ?? data.asOf)
    switch self {
    case .everything:
      let first = calendar.day(of: data.frame.firstTimestamp ?? end)
      return calendar.start(ofDay: first)
        .milliseconds..<calendar.start(ofDay: calendar.day(of: end) + 1).milliseconds
    case .lastDays(let days):
      let next = calendar.day(of: data.asOf) + 1
      return calendar.start(ofDay: next - Int32(days)).milliseconds..<calendar.start(ofDay: next).milliseconds
    case .days(let from, let through):
      return calendar.start(ofDay: from).milliseconds..<calendar.start(ofDay: through + 1).milliseconds
    case .moments(let from, let to): return from.milliseconds..<to.milliseconds
    }
  }
}
