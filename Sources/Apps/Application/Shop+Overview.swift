import Commerce
import Features
import Foundation
import Needs
import Storage

/// What the first page says: how trade went lately and what needs attention.
struct Overview: Sendable {
  static let periodDays = 28
  /// From so many orders on, a customer is a regular one.
  static let regularFrom: Int32 = 5
  let weekly: [(monday: Int32, turnover: Turnover)]
  let recent: Turnover
  let previous: Turnover
  /// Customers who bought in the 28 days before the last 28, and not since.
  let lost: Set<Int32>

  /// What an overview was computed of.
  struct Key: Sendable, Equatable {
    let events: Int
    let generation: Int
    let minute: Int64
  }

  /// Sums up a ledger.
  init(_ trade: TradeLedger, asOf: Timestamp) {
    let recentFrom = asOf.adding(days: -Double(Self.periodDays)).milliseconds
    let previousFrom = asOf.adding(days: -2 * Double(Self.periodDays)).milliseconds
    weekly = trade.weeks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    recent = trade.turnover(after: recentFrom)
    previous = trade.turnover(after: previousFrom, upTo: recentFrom)
    lost = previous.customers.subtracting(recent.customers)
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

  /// How trade goes: computed once per state of the event log and minute, away from the actor.
  private func turnover() async -> Overview {
    let moment = asOf
    let key = Overview.Key(
      events: frame.count, generation: generation, minute: moment.milliseconds / 60_000)
    if let known = overviewCache, known.key == key { return known.overview }
    let overview = await Self.sumUp(trade, asOf: moment)
    // Not over a newer one that was computed meanwhile.
    if key.generation == generation, (overviewCache?.key.events ?? 0) <= key.events {
      overviewCache = (key, overview)
    }
    return overview
  }

  private nonisolated static func sumUp(_ trade: TradeLedger, asOf: Timestamp) async -> Overview {
    Overview(trade, asOf: asOf)
  }

  /// What the first page shows.
  public func overview() async throws -> JSONValue {
    try requireReady()
    // Until the first board is there, a list of what needs attention would leave the needs out.
    if board == nil { _ = try? await boardRefresh?.value }
    let overview = await turnover()
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
      "degraded": .array(await degraded),
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
        en: "\(recent.customers.count.grouped) customers bought in the last 28 days.",
        zh: "最近 28 天有 \(recent.customers.count.grouped) 位客户下单。")
    }
    let change = Double(recent.spend) / Double(previous.spend) - 1
    let percent = Wording.percent(abs(change))
    let (en, zh) = change >= 0 ? ("up", "增长") : ("down", "下降")
    return Wording(
      en:
        "\(recent.customers.count.grouped) customers placed \(recent.orderCount.grouped) orders in the last 28 days; "
        + "sales are \(en) \(percent) on the 28 days before.",
      zh:
        "最近 28 天，\(recent.customers.count.grouped) 位客户下了 \(recent.orderCount.grouped) 单；销售额较前 28 天\(zh) \(percent)。"
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
    for (name, fault) in modelFaults.sorted(by: { $0.key < $1.key }) {
      list.append(
        Attention(
          id: "unreadable_model", severity: "warning", link: "#/models", count: 1,
          text: Wording(
            en:
              "The live model '\(name)' cannot be read (\(fault.reason)); something simpler answers instead.",
            zh: "线上模型「\(name)」无法读取（\(fault.reason)），暂由较简单的方法代替。")))
    }
    let lapsing = overview.lost.filter { customers.entries[Int($0)].orders >= Overview.regularFrom }
    if !lapsing.isEmpty {
      let count = lapsing.count
      list.append(
        Attention(
          id: "lapsing_customers", severity: "warning",
          link: "#/customers?min_orders=\(Overview.regularFrom)&min_days=28&max_days=55", count: count,
          text: Wording(
            en: "\(count.grouped) regular customers bought in the 28 days before, but not in the last 28.",
            zh: "\(count.grouped) 位老客户此前 28 天买过，最近 28 天没有再来。")))
    }
    if openDeadLetters > 0 {
      list.append(
        Attention(
          id: "dead_letters", severity: "warning", link: "#/data/dead-letters", count: openDeadLetters,
          text: Wording(
            en: "\(openDeadLetters.grouped) rows could not be taken in and wait for a decision.",
            zh: "\(openDeadLetters.grouped) 行数据未能入库，等待处理。")))
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

  /// A share as a percentage with one decimal below ten.
  static func percent(_ share: Double) -> String {
    let percent = share * 100
    return percent < 10 ? "\((percent * 10).rounded() / 10)%" : "\(JSONValue(percent.rounded()).json)%"
  }
}
