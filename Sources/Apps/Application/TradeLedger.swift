import Commerce
import Features

/// Orders, buyers and money of one week or one span of days.
struct Turnover: Sendable {
  var orders = Set<Int32>()
  var customers = Set<Int32>()
  var spend: Int64 = 0
  private var linesWithoutOrder = 0

  mutating func add(_ line: TradeLedger.Line) {
    spend &+= line.amount
    guard line.isPurchase else { return }
    if line.order >= 0 { orders.insert(line.order) } else { linesWithoutOrder += 1 }
    if line.customer >= 0 { customers.insert(line.customer) }
  }

  /// Orders, a purchase line without an order id counting as one.
  var orderCount: Int { orders.count + linesWithoutOrder }

  /// Average order value in minor units.
  var averageOrder: Double { orderCount > 0 ? Double(spend) / Double(orderCount) : 0 }
}

/// Purchases and refunds by local week and by day, kept current as events arrive: what the overview sums up.
///
/// A copy is cheap, and so is the first change after it: one week and one day are copied, not the whole.
struct TradeLedger: Sendable {
  /// One line that was bought or given back.
  struct Line: Sendable {
    let time: Int64
    /// In minor units; negative when it was given back.
    let amount: Int64
    let order: Int32
    let customer: Int32
    let isPurchase: Bool
  }

  /// By the Monday of the local week; weeks in which only other things happened are there too.
  private(set) var weeks: [Int32: Turnover] = [:]
  /// By day of UTC.
  private var days: [Int64: [Line]] = [:]

  /// Takes in a row of the frame.
  mutating func append(row: Int, of frame: EventFrame, calendar: ShopCalendar) {
    let monday = calendar.monday(ofMilliseconds: frame.timestamp[row])
    guard let line = Line(row: row, of: frame) else {
      if weeks[monday] == nil { weeks[monday] = Turnover() }
      return
    }
    weeks[monday, default: Turnover()].add(line)
    days[line.time.day, default: []].append(line)
  }

  /// What was traded after a moment, and up to another one when it is given.
  func turnover(after start: Int64, upTo end: Int64 = .max) -> Turnover {
    var sum = Turnover()
    for (day, lines) in days where day >= start.day && day <= end.day {
      for line in lines where line.time > start && line.time <= end { sum.add(line) }
    }
    return sum
  }
}

extension TradeLedger.Line {
  /// The line of a row of the frame; nil when it is neither a purchase nor a refund.
  fileprivate init?(row: Int, of frame: EventFrame) {
    let kind = EventKind(code: frame.kind[row])
    guard kind == .purchase || kind == .refund else { return nil }
    self.init(
      time: frame.timestamp[row], amount: kind == .purchase ? frame.amount[row] : 0 &- frame.amount[row],
      order: frame.order[row], customer: frame.customer[row], isPurchase: kind == .purchase)
  }
}

extension Int64 {
  /// The day of UTC of milliseconds, also before 1970.
  fileprivate var day: Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: Timestamp.day)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
