import Analytics
import Commerce
import Features

/// A shop written out event by event.
struct TinyShop {
  var frame = EventFrame(currency: .usd)
  var items: [Item] = []
  var customers: [Customer] = []

  /// Adds an event at an RFC 3339 time; money in major units.
  mutating func add(
    _ customer: String?, _ kind: EventKind, _ time: String, item: String? = nil, order: String? = nil,
    session: String? = nil, amount: Double? = nil, channel: String? = nil, quantity: Double? = nil
  ) {
    frame.append(
      EventFrame.Row(
        sequence: Int64(frame.count + 1), kind: kind, customerID: customer, sessionID: session, itemID: item,
        orderID: order, timestamp: Timestamp(rfc3339: time)!, quantity: quantity,
        amount: amount.flatMap { Money($0, currency: .usd) }, discount: nil, rating: nil, channel: channel))
  }

  /// The snapshot; without a moment its end is that of the last event's day in UTC.
  func data(_ timeZone: String = "UTC", asOf: String? = nil, cohorts: [String: [String]] = [:]) throws
    -> AnalyticsData
  {
    let last = frame.lastTimestamp!
    let end = Timestamp(milliseconds: (Int64(last.dayNumber) + 1) * Timestamp.day - 1)
    return AnalyticsData(
      frame: frame, calendar: try ShopCalendar(timeZone: timeZone),
      asOf: asOf.map { Timestamp(rfc3339: $0)! } ?? end, items: items, customers: customers, cohorts: cohorts)
  }
}

/// A definition's answer.
func answer(_ json: JSONValue, _ data: AnalyticsData) throws -> AnalysisResult {
  try AnalysisDefinition(json: json).run(on: data)
}

extension AnalysisTable {
  /// The cells of a column.
  func column(_ name: String) -> [JSONValue] { rows.indices.map { value($0, name)! } }

  /// The numbers of a column; null as NaN.
  func numbers(_ name: String) -> [Double] { column(name).map { $0.number ?? .nan } }

  /// The first row whose cells are as given.
  func row(_ cells: [String: JSONValue]) -> Int? {
    rows.indices.first { row in cells.allSatisfy { value(row, $0.key) == $0.value } }
  }
}
