import Commerce
import Customers
import Features
import Foundation
import Patterns

/// Which patterns to list.
public struct PatternFilter: Sendable {
  /// How rules and sequences are sorted.
  public enum Order: String, Sendable, CaseIterable {
    /// Those that explain most orders first.
    case leverage
    /// The strongest first.
    case lift
    /// The surest first.
    case confidence
    /// The most frequent first.
    case support
  }

  /// Only this level.
  public var level: OrderTable.Level?
  /// Only patterns with this item.
  public var item: String?
  /// Only patterns with this category; of items those of this category.
  public var category: String?
  /// Only patterns with a name or title that contains this.
  public var query: String?
  /// Only complements or substitutes.
  public var kind: ItemRelations.Relation.Kind?
  /// Only patterns that hold in the later weeks.
  public var validatedOnly = false
  /// The share of orders at least.
  public var minSupport = 0.0
  /// The confidence at least.
  public var minConfidence = 0.0
  /// The lift at least.
  public var minLift = 0.0
  /// How they are sorted.
  public var order = Order.leverage

  /// A filter that lets everything through.
  public init() {}
}

/// The patterns in use with what the catalogue and the orders say of their items.
struct PatternScene: Sendable {
  struct Key: Sendable, Equatable {
    let version: Int
    let generation: Int
    let catalogue: Int
  }

  /// What an item was sold for lately.
  struct Sold: Sendable {
    var units = 0.0
    var amount = 0.0
  }

  let key: Key
  let live: Live<ShopPatterns>
  let items: [String: Item]
  let orders: OrderTable
  let customers: Vocabulary
  let currency: Currency
  /// Item rules that hold, one for each two items, those that bring most first.
  let bundles: [ShopPatterns.Rule]
  private let sold: [String: Sold]

  var patterns: ShopPatterns { live.model }

  init(
    key: Key, live: Live<ShopPatterns>, items: [String: Item], frame: EventFrame, index: CatalogueIndex,
    calendar: ShopCalendar, asOf: Timestamp
  ) {
    (self.key, self.live, self.items) = (key, live, items)
    (customers, currency) = (frame.customers, frame.currency)
    orders = OrderTable(frame, catalogue: index, calendar: calendar, asOf: asOf)
    let start = calendar.start(ofDay: live.model.splitDay + 1).milliseconds
    var sums: [Int32: Sold] = [:]
    for row in 0..<frame.count
    where frame.kind[row] == EventKind.purchase.code && frame.item[row] >= 0
      && frame.timestamp[row] >= start && frame.amount[row] > 0
    {
      let quantity = frame.quantity[row]
      sums[frame.item[row], default: Sold()].units += quantity > 0 ? Double(quantity) : 1
      sums[frame.item[row], default: Sold()].amount +=
        Double(frame.amount[row]) / frame.currency.minorUnitsPerMajor
    }
    sold = Dictionary(uniqueKeysWithValues: sums.map { (frame.items[$0.key], $0.value) })
    bundles = Self.bundles(live.model, sold)
  }

  private static let leastBundleLift = 1.2

  private static func bundles(_ patterns: ShopPatterns, _ sold: [String: Sold]) -> [ShopPatterns.Rule] {
    var best: [Set<String>: ShopPatterns.Rule] = [:]
    for rule in patterns.rules where rule.level == .item && rule.holds {
      guard (rule.later.lift ?? 0) >= leastBundleLift else { continue }
      let key = Set(rule.antecedent + rule.consequent)
      if (best[key]?.later.confidence ?? -1) < (rule.later.confidence ?? 0) { best[key] = rule }
    }
    func worth(_ rule: ShopPatterns.Rule) -> Double {
      let item = rule.consequent.first.flatMap { sold[$0] }
      let price = item.map { $0.units > 0 ? $0.amount / $0.units : 0 } ?? 0
      return rule.later.leverage * Double(rule.later.orders) * max(price, 0.01)
    }
    return best.values.map { ($0, worth($0)) }
      .sorted {
        ($1.1, $0.0.antecedent[0], $0.0.consequent[0]) < ($0.1, $1.0.antecedent[0], $1.0.consequent[0])
      }
      .map(\.0)
  }

  // MARK: What is known of an item

  /// What to call an item or a category.
  func label(_ name: String, _ level: OrderTable.Level) -> String {
    guard level == .item else { return name }
    let item = items[name]
    return item?.title ?? item?.category.map { "\($0) \(name)" } ?? name
  }

  /// What a unit was sold for lately, or the catalogue's price; in major units.
  func price(_ item: String) -> Double? {
    if let own = sold[item], own.units > 0 { return own.amount / own.units }
    return items[item]?.price.flatMap { $0.currency == currency ? $0.amount : nil }
  }

  /// What a unit costs the shop, by its attributes.
  func cost(_ item: String) -> Double? { number(item, "unit_cost") ?? number(item, "cost") }

  /// The stock, by its attributes.
  func stock(_ item: String) -> Double? { number(item, "stock") }

  private func number(_ item: String, _ name: String) -> Double? {
    guard let value = items[item]?.attributes[name] else { return nil }
    return value.number ?? value.string.flatMap(Double.init)
  }

  /// How many weeks the later orders are of.
  var laterWeeks: Double { Double(patterns.endDay - patterns.splitDay) / 7 }

  // MARK: Lists

  private func matches(_ names: [String], _ level: OrderTable.Level, _ filter: PatternFilter) -> Bool {
    if let wanted = filter.level, wanted != level { return false }
    if let item = filter.item, level != .item || !names.contains(item) { return false }
    if let category = filter.category {
      let own = level == .category ? names : names.compactMap { items[$0]?.category }
      guard own.contains(category) else { return false }
    }
    if let needle = filter.query?.lowercased() {
      return names.contains {
        $0.lowercased().contains(needle) || label($0, level).lowercased().contains(needle)
      }
    }
    return true
  }

  func rules(_ filter: PatternFilter) -> [ShopPatterns.Rule] {
    let found = patterns.rules.filter { rule in
      matches(rule.antecedent + rule.consequent, rule.level, filter)
        && (!filter.validatedOnly || rule.holds) && rule.earlier.support >= filter.minSupport
        && (rule.earlier.confidence ?? 0) >= filter.minConfidence
        && (rule.earlier.lift ?? 0) >= filter.minLift
    }
    func key(_ rule: ShopPatterns.Rule) -> Double {
      switch filter.order {
      case .leverage: rule.earlier.leverage
      case .lift: rule.earlier.lift ?? 0
      case .confidence: rule.earlier.confidence ?? 0
      case .support: rule.earlier.support
      }
    }
    let keys = found.map(key)
    return found.indices.sorted { (-keys[$0], $0) < (-keys[$1], $1) }.map { found[$0] }
  }

  func relations(_ filter: PatternFilter) -> [ShopPatterns.Relation] {
    patterns.relations.filter { relation in
      matches(relation.names, relation.level, filter) && (!filter.validatedOnly || relation.holds)
        && (filter.kind == nil || relation.kind == filter.kind)
    }
  }

  func sequences(_ filter: PatternFilter) -> [ShopPatterns.Sequence] {
    let found = patterns.sequences.filter { sequence in
      matches([sequence.first, sequence.next], sequence.level, filter)
        && (!filter.validatedOnly || sequence.holds) && sequence.share >= filter.minConfidence
    }
    guard filter.order == .confidence || filter.order == .support else { return found }
    let keys = found.map { filter.order == .confidence ? $0.share : Double($0.followed) }
    return found.indices.sorted { (-keys[$0], $0) < (-keys[$1], $1) }.map { found[$0] }
  }

  func bundles(_ filter: PatternFilter) -> [ShopPatterns.Rule] {
    bundles.filter { matches($0.antecedent + $0.consequent, .item, filter) }
  }

  /// The orders that hold all of these, the newest first.
  func orders(_ names: [String], _ level: OrderTable.Level) -> [Int] {
    let wanted = names.compactMap { orders.names(level).index(of: $0) }
    guard wanted.count == names.count, !wanted.isEmpty else { return [] }
    let found = (0..<orders.count).filter { order in
      let own = orders.codes(order, level)
      return wanted.allSatisfy(own.contains)
    }
    return found.sorted { (orders.days[$1], $0) < (orders.days[$0], $1) }
  }
}
