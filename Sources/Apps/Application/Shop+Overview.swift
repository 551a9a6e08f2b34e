import Commerce
import Features
import Foundation
import Needs
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
      spend &+= frame.amount[row]
      if frame.order[row] >= 0 { orders.insert(frame.order[row]) } else { linesWithoutOrder += 1 }
      if frame.customer[row] >= 0 { customers.insert(frame.customer[row]) }
    case .refund?: spend &-= frame.amount[row]
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
    var weeks: [Int32: Turnover] = [:]
    var recent = Turnover()
    var previous = Turnover()
    let recentFrom = asOf.adding(days: -Double(Self.periodDays)).milliseconds
    let previousFrom = asOf.adding(days: -2 * Double(Self.periodDays)).milliseconds
    for row in 0..<frame.count {
      let time = frame.timestamp[row]
      weeks[calendar.monday(ofMilliseconds: time), default: Turnover()].add(row: row, of: frame)
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

extension Shop {
  /// The facts of the shop that every page needs.
  public func facts(roles: [String]) throws -> JSONValue {
    try requireReady()
    return [
      "shop": .string(name), "name": .string(settings.name), "currency": .string(settings.currency.code),
      "time_zone": .string(settings.timeZone), "category_label": .string(settings.categoryLabel),
      "customers": JSONValue(frame.customers.count), "items": JSONValue(catalogue.items.count),
      "events": JSONValue(frame.count), "first_event_at": JSONValue(frame.firstTimestamp),
      "last_event_at": JSONValue(frame.lastTimestamp), "as_of": JSONValue(asOf), "roles": JSONValue(roles),
    ]
  }

  /// How trade goes: computed once per state of the event log.
  func turnover() -> Overview {
    if let known = overviewCache, known.events == frame.count { return known.overview }
    let overview = Overview(frame, asOf: asOf, calendar: calendar, directory: customers)
    overviewCache = (frame.count, overview)
    return overview
  }

  /// What the first page shows.
  public func overview() async throws -> JSONValue {
    try requireReady()
    let overview = turnover()
    let letters = try await store.deadLetterCounts()[.open] ?? 0
    return [
      "as_of": JSONValue(asOf), "fresh_until": JSONValue(lastIngestedAt ?? frame.lastTimestamp),
      "sentences": sentences(overview).json, "tiles": .array(tiles(overview)),
      "weekly": .array(
        overview.weekly.map { week in
          [
            "week": .string(ShopCalendar.date(ofDay: week.monday)),
            "orders": JSONValue(week.turnover.orderCount),
            "customers": JSONValue(week.turnover.customers.count),
            "spend": JSONValue(money(week.turnover.spend).amount),
          ]
        }),
      "attention": .array(attention(overview, openDeadLetters: letters).map(\.json)),
    ]
  }

  func money(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: frame.currency) }

  private func tiles(_ overview: Overview) -> [JSONValue] {
    func tile(_ id: String, _ unit: String, _ value: (Turnover) -> Double) -> JSONValue {
      [
        "id": .string(id), "unit": .string(unit), "value": JSONValue(value(overview.recent)),
        "previous": JSONValue(value(overview.previous)), "period_days": JSONValue(Overview.periodDays),
      ]
    }
    return [
      tile("spend", "money") { self.money($0.spend).amount },
      tile("orders", "count") { Double($0.orderCount) },
      tile("customers", "count") { Double($0.customers.count) },
      tile("aov", "money") { self.money(Int64($0.averageOrder.rounded())).amount },
    ]
  }

  private func sentences(_ overview: Overview) -> Wording {
    let (recent, previous) = (overview.recent, overview.previous)
    guard previous.spend > 0 else {
      return Wording(
        en: "\(Wording.count(recent.customers.count)) customers bought in the last 28 days.",
        zh: "最近 28 天有 \(Wording.count(recent.customers.count)) 位客户下单。")
    }
    let change = Double(recent.spend) / Double(previous.spend) - 1
    let percent = Wording.percent(abs(change))
    let (en, zh) = change >= 0 ? ("up", "增长") : ("down", "下降")
    return Wording(
      en:
        "\(Wording.count(recent.customers.count)) customers placed \(Wording.count(recent.orderCount)) orders in the last 28 days; "
        + "sales are \(en) \(percent) on the 28 days before.",
      zh:
        "最近 28 天，\(Wording.count(recent.customers.count)) 位客户下了 \(Wording.count(recent.orderCount)) 单；销售额较前 28 天\(zh) \(percent)。"
    )
  }

  /// What the market board says, once it is computed.
  private func needsAttention() -> [Attention] {
    guard let rows = board?.board.rows else { return [] }
    var list: [Attention] = []
    let rising = rows.filter { $0.trend.base.direction == .rising }
    let falling = rows.filter { $0.trend.base.direction == .falling }
    func name(_ rows: [NeedBoard.Row]) -> String {
      rows.max { $0.expectedCustomers < $1.expectedCustomers }?.subject.label ?? ""
    }
    if !rising.isEmpty {
      list.append(
        Attention(
          id: "rising_needs", severity: "info", link: "#/needs?trend=rising&sort=change", count: rising.count,
          text: Wording(
            en: "\(rising.count) needs rise beyond chance; \(name(rising)) touches most customers.",
            zh: "\(rising.count) 个需求显著上升，其中「\(name(rising))」涉及客户最多。")))
    }
    if !falling.isEmpty {
      list.append(
        Attention(
          id: "falling_needs", severity: "info", link: "#/needs?trend=falling&sort=change",
          count: falling.count,
          text: Wording(
            en: "\(falling.count) needs fall beyond chance; \(name(falling)) touches most customers.",
            zh: "\(falling.count) 个需求显著下降，其中「\(name(falling))」涉及客户最多。")))
    }
    return list
  }

  private func attention(_ overview: Overview, openDeadLetters: Int) -> [Attention] {
    var list = needsAttention()
    if !overview.lapsing.isEmpty {
      let count = overview.lapsing.count
      list.append(
        Attention(
          id: "lapsing_customers", severity: "warning", link: "#/customers?sort=recency", count: count,
          text: Wording(
            en: "\(count) regular customers bought in the period before and not in the last 28 days.",
            zh: "\(count) 位老客户前 28 天买过，最近 28 天没有回来。")))
    }
    if openDeadLetters > 0 {
      list.append(
        Attention(
          id: "dead_letters", severity: "warning", link: "#/data/dead-letters", count: openDeadLetters,
          text: Wording(
            en: "\(openDeadLetters) rows could not be taken in and wait for a decision.",
            zh: "\(openDeadLetters) 行数据未能入库，等待处理。")))
    }
    return list
  }
}

/// One thing on the first page that someone should look at.
struct Attention: Sendable {
  let id: String
  let severity: String
  let link: String
  let count: Int
  let text: Wording

  var json: JSONValue {
    [
      "id": .string(id), "severity": .string(severity), "link": .string(link), "count": JSONValue(count),
      "text": ["en": JSONValue(text.en.first), "zh": JSONValue(text.zh.first)],
    ]
  }
}

/// The same said in English and in Chinese.
struct Wording: Sendable {
  var en: [String]
  var zh: [String]

  init(en: String, zh: String) {
    self.en = [en]
    self.zh = [zh]
  }

  var json: JSONValue { ["en": JSONValue(en), "zh": JSONValue(zh)] }

  /// A whole number with its thousands apart.
  static func count(_ number: Int) -> String {
    var text = ""
    for (place, digit) in String(abs(number)).reversed().enumerated() {
      if place > 0, place.isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + String(text.reversed())
  }

  /// A share as a percentage with one decimal below ten.
  static func percent(_ share: Double) -> String {
    let percent = share * 100
    return percent < 10 ? "\((percent * 10).rounded() / 10)%" : "\(JSONValue(percent.rounded()).json)%"
  }
}
