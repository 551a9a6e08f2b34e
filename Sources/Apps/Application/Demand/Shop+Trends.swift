import Commerce
import Demand
import Features
import Foundation
import MathKernels

/// The trends of one count of the shop's weeks.
struct TrendStudy: Sendable {
  fileprivate let number: Int
  fileprivate let task: Task<TrendBoard, Never>
}

/// Which trends to list.
public struct TrendFilter: Sendable {
  /// How trends are sorted.
  public enum Order: String, Sendable, CaseIterable {
    /// The surest and largest change first: first those that surely rise or fall, by size.
    case change
    /// Most units first.
    case units
  }

  /// What trends are of.
  public var level = DemandTrend.Level.category
  /// Only those that go this way.
  public var direction: DemandTrend.Direction?
  /// Only those whose name contains this.
  public var query: String?
  /// How they are sorted.
  public var order = Order.change

  /// A filter that lets all categories through.
  public init() {}
}

/// What rises and falls, and what goes with sales.
extension Shop {
  private func trendBoard(of snapshot: DemandSnapshot) async -> TrendBoard {
    if let trendStudy, trendStudy.number >= snapshot.number { return await trendStudy.task.value }
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      TrendBoard(snapshot.history, attributes: snapshot.items.mapValues(\.attributes))
    }
    trendStudy = TrendStudy(number: snapshot.number, task: task)
    return await task.value
  }

  /// One page of the trends of a level.
  ///
  /// - Throws: `ApplicationError.notTrained` until enough full weeks are there.
  public nonisolated func trends(_ filter: TrendFilter, page: PageRequest) async throws -> Page {
    let snapshot = try await demandSnapshot()
    guard snapshot.history.count >= TrendBoard.leastWeeks else {
      throw ApplicationError.conflict(
        reason:
          "The shop has \(snapshot.history.count) full weeks of purchases; trends need \(TrendBoard.leastWeeks)."
      )
    }
    let board = await trendBoard(of: snapshot)
    let all = board.rows(filter.level)
    let needle = filter.query?.lowercased()
    let chosen = all.filter { row in
      (filter.direction == nil || row.direction == filter.direction)
        && (needle.map { row.id.lowercased().contains($0) } ?? true)
    }
    let sorted = filter.order == .units ? chosen : chosen.sorted { Self.precedes($0, $1) }
    let dates = (0..<board.weekCount).map { snapshot.history.date(ofWeek: board.firstWeek + $0) }
    let currency = snapshot.history.currency
    var answer = try Page.slice(sorted, name: "trends", page) { Self.json($0, dates, currency) }
    answer.extra = [
      "as_of": JSONValue(snapshot.asOf), "weeks": JSONValue(board.weekCount),
      "rising": JSONValue(all.count { $0.direction == .rising }),
      "falling": JSONValue(all.count { $0.direction == .falling }),
      "summary": Self.summary(all, board, filter.level, weeks: snapshot.history.count),
    ]
    return answer
  }

  /// First what is sure, then what is not, each by the size of its change.
  private nonisolated static func precedes(_ a: DemandTrend, _ b: DemandTrend) -> Bool {
    let (isSure, other) = (a.direction != .steady, b.direction != .steady)
    if isSure != other { return isSure }
    return (abs(b.change.value), a.id) < (abs(a.change.value), b.id)
  }

  private nonisolated static func json(
    _ row: DemandTrend, _ dates: [String], _ currency: Currency
  ) -> JSONValue {
    let spend = Money(minorUnits: Int64(row.amount.rounded()), currency: currency)
    return [
      "subject": .string(row.subject), "level": .string(row.level.rawValue), "id": .string(row.id),
      "label": .string(row.id), "units": JSONValue(row.units), "spend": JSONValue(spend),
      "change": JSONValue(row.change.value), "interval": interval(row.change.interval),
      "p_value": JSONValue(row.change.pValue), "q_value": JSONValue(row.change.qValue),
      "direction": .string(row.direction.rawValue), "share_change": JSONValue(row.shareChange.value),
      "share_interval": interval(row.shareChange.interval),
      "share_q_value": JSONValue(row.shareChange.qValue),
      "series": .array(
        zip(dates, row.series).map { ["week": .string($0), "units": JSONValue($1)] }),
    ]
  }

  private nonisolated static func interval(_ interval: ConfidenceInterval) -> JSONValue {
    ["lower": JSONValue(interval.lower), "upper": JSONValue(interval.upper)]
  }

  private nonisolated static func summary(
    _ rows: [DemandTrend], _ board: TrendBoard, _ level: DemandTrend.Level, weeks: Int
  ) -> JSONValue {
    let rising = rows.count { $0.direction == .rising }
    let falling = rows.count { $0.direction == .falling }
    let names: (en: String, zh: String) =
      switch level {
      case .category: ("categories", "个品类")
      case .brand: ("brands", "个品牌")
      case .department: ("departments", "个部门")
      case .attribute: ("attribute values", "个属性值")
      }
    var en =
      "Over \(board.weekCount) weeks \(rising) of \(rows.count) \(names.en) rise and \(falling) fall, in units and in their "
      + "share of the shop's order lines alike, at a false discovery rate of 5%."
    var zh =
      "在 \(board.weekCount) 周内，\(rows.count) \(names.zh)中有 \(rising) 个上升、\(falling) 个下降：销量与占全店订单行的份额"
      + "同向变化，错误发现率 5%。"
    if board.thin(level) > 0 {
      en += " \(board.thin(level)) were bought too seldom to tell."
      zh += "另有 \(board.thin(level)) 个购买太少，无法判断。"
    }
    if weeks < TrendBoard.seasonsFrom {
      en += " With less than two years of data a season cannot be told from a trend."
      zh += "数据不足两年，无法区分季节与趋势。"
    }
    return ["en": .string(en), "zh": .string(zh)]
  }
}

/// What goes with sales.
extension Shop {
  /// How sales go with price, promotion, stock and delivery, with what must not be read into it.
  ///
  /// - Parameter category: only its items; nil for all.
  /// - Throws: `ApplicationError.notFound` for a category that the shop has not sold.
  public nonisolated func salesCorrelations(category: String?, page: PageRequest) async throws -> Page {
    let snapshot = try await demandSnapshot()
    if let category, snapshot.history.weeks(of: DemandSubject(.category, category)) == nil {
      throw ApplicationError.notFound(what: "category", id: category)
    }
    let attributes = snapshot.items.mapValues(\.attributes).filter { !$0.value.isEmpty }
    let found = await Self.correlate(snapshot, attributes, category)
    var answer = try Page.slice(found.factors, name: "sales-correlations", page) {
      Self.json($0, isYoung: snapshot.history.count < TrendBoard.seasonsFrom)
    }
    answer.extra = [
      "as_of": JSONValue(snapshot.asOf), "category": JSONValue(category),
      "weeks": JSONValue(snapshot.history.count),
    ]
    return answer
  }

  private nonisolated static func correlate(
    _ snapshot: DemandSnapshot, _ attributes: [String: [String: JSONValue]], _ category: String?
  ) async -> SalesCorrelations {
    SalesCorrelations(snapshot.history, attributes: attributes, category: category)
  }

  private nonisolated static func json(_ factor: SalesCorrelations.Factor, isYoung: Bool) -> JSONValue {
    let warning = CorrelationWords.warning(factor, isYoung: isYoung)
    let label = CorrelationWords.label(factor.kind)
    return [
      "factor": .string(factor.kind.rawValue), "label": ["en": .string(label.en), "zh": .string(label.zh)],
      "estimate": JSONValue(factor.estimate), "interval": factor.interval.map { interval($0) } ?? .null,
      "p_value": JSONValue(factor.pValue), "q_value": JSONValue(factor.qValue),
      "pairs": JSONValue(factor.observations), "items": JSONValue(factor.items),
      "naive_estimate": JSONValue(factor.naive),
      "warning": ["en": .string(warning.en), "zh": .string(warning.zh)],
    ]
  }
}

/// What people are told about what goes with sales.
private enum CorrelationWords {
  typealias Text = (en: String, zh: String)

  static func label(_ kind: SalesCorrelations.Kind) -> Text {
    switch kind {
    case .price: ("Price: percent of units per percent of price", "价格：价格每变动 1%，销量变动的百分比")
    case .promotion: ("Promotion: change of units per 10 points more off", "促销：折扣每多 10 个百分点的销量变化")
    case .stock: ("Stock: percent of units per percent of stock", "库存：库存每多 1%，销量变动的百分比")
    case .delivery: ("Delivery: change of units per day longer", "配送：每多一天的销量变化")
    }
  }

  static func warning(_ factor: SalesCorrelations.Factor, isYoung: Bool) -> Text {
    guard let estimate = factor.estimate else { return missing(factor.kind) }
    var parts: [Text] = []
    switch factor.kind {
    case .price:
      parts.append(
        (
          "Prices are set by people who expect sales: a price that is raised when demand is high hides part of its effect.",
          "价格由预期销量的人制定：需求旺时涨价会掩盖部分影响。"
        ))
      parts.append(
        (
          "Only weeks with sales count, so an item that nobody bought at a price is not seen.",
          "只计入有销量的周，因价格而无人购买的周看不到。"
        ))
    case .promotion:
      parts.append(
        (
          "Promotions are planned for weeks and items that sell well anyway, and draw purchases forward from later weeks.",
          "促销往往安排在本就好卖的商品和时段，并会透支以后几周的购买。"
        ))
    case .stock:
      parts.append(
        (
          "Stock is that of today and shops stock what sells: this is a comparison of items, not an effect.",
          "库存是今天的数值，商家会多备畅销品：这只是商品间的比较，不是因果影响。"
        ))
    case .delivery:
      parts.append(
        (
          "Delivery is that of today and large or rare goods take longer: this is a comparison of items, not an effect.",
          "配送时长是今天的数值，大件或冷门商品本来就慢：这只是商品间的比较，不是因果影响。"
        ))
    }
    if let overlap = factor.overlap, abs(overlap) > 0.2 {
      let share = String(format: "%.2f", overlap)
      parts.append(
        (
          "Promotions coincide with changes of the price before discounts (correlation \(share)), so the two are hard to part.",
          "促销与折前价格的变动同时发生（相关系数 \(share)），二者难以分开。"
        ))
    }
    if let naive = factor.naive, abs(naive - estimate) > 0.25 * max(abs(estimate), 0.05) {
      parts.append(
        (
          "One line through all items would say \(String(format: "%+.2f", naive)): most of the difference is that dear and cheap "
            + "items differ in much else.",
          "若不区分商品直接拟合，会得到 \(String(format: "%+.2f", naive))：差别主要来自贵、贱商品本身的其他差异。"
        ))
    }
    if isYoung, factor.kind == .price || factor.kind == .promotion {
      parts.append(
        (
          "Weeks of the whole shop are held constant, but the seasons of single categories are not: that takes two years.",
          "已控制全店的每周波动，但单个品类的季节性需两年数据才能控制。"
        ))
    }
    return (parts.map(\.en).joined(separator: " "), parts.map(\.zh).joined())
  }

  private static func missing(_ kind: SalesCorrelations.Kind) -> Text {
    switch kind {
    case .price, .promotion:
      (
        "Too few items were bought in twelve weeks or more with prices that vary.",
        "购买满十二周且价格有变动的商品太少。"
      )
    case .stock:
      (
        "The shop's items carry no 'stock' (or too few do): put it by POST /v1/items or an import.",
        "商品没有（或太少有）库存属性 stock：请通过 POST /v1/items 或导入写入。"
      )
    case .delivery:
      (
        "The shop's items carry no 'delivery_days' or 'lead_time_days' (or too few do): put them by POST /v1/items or an import.",
        "商品没有（或太少有）配送属性 delivery_days 或 lead_time_days：请通过 POST /v1/items 或导入写入。"
      )
    }
  }
}
