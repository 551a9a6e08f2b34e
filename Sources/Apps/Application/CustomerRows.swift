import Commerce

/// The rows of each customer in an event frame, kept current as events arrive.
struct CustomerRows: Sendable {
  private var rows: [Int32] = []
  private var starts: [Int] = [0]
  private var recent: [Int32: [Int32]] = [:]
  private var recentCount = 0

  init() {}

  init(_ frame: EventFrame) { (rows, starts) = frame.rowsByCustomer() }

  /// The customer's rows: those of the last rebuild in time order, then newer arrivals in order of arrival.
  func rows(of customer: Int32) -> [Int32] {
    let index = Int(customer)
    let old = index + 1 < starts.count ? rows[starts[index]..<starts[index + 1]] : []
    return Array(old) + (recent[customer] ?? [])
  }

  /// Notes a row just added to the frame; rebuilds the whole once arrivals are many.
  mutating func append(_ row: Int32, of customer: Int32, in frame: EventFrame) {
    recent[customer, default: []].append(row)
    recentCount += 1
    if recentCount > max(100_000, rows.count / 4) { self = CustomerRows(frame) }
  }
}
