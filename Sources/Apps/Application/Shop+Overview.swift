import Commerce
import Foundation
import Storage

/// Orders, buyers and money of one week or one span of days.
struct Turnover: Sendable {
  var orders = Set<Int32>()
  var customers = Set<Int32>()
  var spend: Int64 = 0
  private var linesWithoutOrder = 0

  mutating func add(row: Int, of frame: EventFrame) {
    switch EventKind(code: frame.kind[row]) {
    case .purchase?:
      spend += frame.amount[row]
      if frame.order[row] >= 0 { orders.insert(frame.order[row]) } else { linesWithoutOrder += 1 }
      if frame.customer[row] >= 0 { customers.insert(frame.customer[row]) }
    case .refund?: spend -= frame.amount[row]
    default: break
    }
  }

  /// Orders, a purchase line without an order id counting as one.
  var orderCount: Int { orders.count + linesWithoutOrder }

  /// Average order value in minor units.
  var averageOrder: Double { orderCount > 0 ? Double(spend) / Double(orderCount) : 0 }
}

/// What the first page says: how trade went lately and what needs attention.
struct Overview: Sendable {
  static let periodDays = 28
  let weekly: [(monday: Int32, turnover: Turnover)]
  let recent: Turnover
  let previous: Turnover
  /// Customers who bought at least five times, bought in the 28 days before the last 28, and not since.
  let lapsing: [Int32]

  /// One pass over the frame.
  init(_ frame: EventFrame, asOf: Timestamp, calendar: ShopCalendar, directory: CustomerDirectory) {
    var calendar = calendar
    var weeks: [Int32: Turnover] = [:]
    var recent = Turnover()
    var previous = Turnover()
    let recentFrom = asOf.adding(days: -Double(Self.periodDays)).milliseconds
    let previousFrom = asOf.adding(days: -2 * Double(Self.periodDays)).milliseconds
    for row in 0..<frame.count {
      let time = frame.timestamp[row]
      weeks[calendar.monday(time), default: Turnover()].add(row: row, of: frame)
      if time > recentFrom {
        recent.add(row: row, of: frame)
      } else if time > previousFrom {
        previous.add(row: row, of: frame)
      }
    }
    weekly = weeks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.recent = recent
    self.previous = previous
    let lost = previous.customers.subtracting(recent.customers)
    lapsing = lost.filter { directory.entries[Int($0)].orders >= 5 }.sorted()
  }
}
