import Commerce
import Features
import Patterns

/// A shop's orders: who bought which items together, and when.
///
/// ```swift
/// let orders = OrderTable(frame, catalogue: index, calendar: calendar, asOf: now)
/// let baskets = orders.baskets(.category, days: orders.firstDay...orders.lastDay)
/// ```
/// Lines with the same order id are one order; lines without one are an order for each customer and day. Orders of more than two
/// hundred lines, such as a reseller's, are left out.
///
/// - Complexity: O(rows); memory for each line, 4 bytes, and each order, 24.
public struct OrderTable: Sendable {
  /// What baskets hold.
  public enum Level: String, Sendable, Codable, CaseIterable {
    /// Categories.
    case category
    /// Items.
    case item
  }

  /// The local day of each order, as days since 1970-01-01.
  public private(set) var days: [Int32] = []
  /// The customer of each order by the frame's code; `EventFrame.none` for none.
  public private(set) var customers: [Int32] = []
  /// The items by code.
  public let items: Vocabulary
  /// The categories by code.
  public let categories: Vocabulary
  /// The category of each item by code; `EventFrame.none` for none.
  public let categoryOfItem: [Int32]
  private var lines: [Int32] = []
  private var starts: [Int] = [0]

  private static let mostLines = 200

  /// The orders of a shop's events until a moment.
  public init(_ frame: EventFrame, catalogue: CatalogueIndex, calendar: ShopCalendar, asOf: Timestamp) {
    items = frame.items
    categories = catalogue.categories
    categoryOfItem = catalogue.columns(for: frame.items).category
    let rows = (0..<frame.count).filter {
      frame.kind[$0] == EventKind.purchase.code && frame.item[$0] >= 0
        && frame.timestamp[$0] <= asOf.milliseconds
    }
    var orderOf = [Int32](repeating: -1, count: frame.orders.count)
    var visits: [Int64: Int32] = [:]
    var owner = [Int32](repeating: 0, count: rows.count)
    for (place, row) in rows.enumerated() {
      let day = calendar.day(ofMilliseconds: frame.timestamp[row])
      let order = frame.order[row]
      var own: Int32 = -1
      if order >= 0 {
        own = orderOf[Int(order)]
      } else if frame.customer[row] >= 0 {
        own = visits[Int64(frame.customer[row]) << 32 | Int64(UInt32(bitPattern: day))] ?? -1
      }
      if own < 0 {
        own = Int32(days.count)
        days.append(day)
        customers.append(frame.customer[row])
        if order >= 0 {
          orderOf[Int(order)] = own
        } else if frame.customer[row] >= 0 {
          visits[Int64(frame.customer[row]) << 32 | Int64(UInt32(bitPattern: day))] = own
        }
      }
      owner[place] = own
    }
    gather(rows.map { frame.item[$0] }, owner)
  }

  private mutating func gather(_ bought: [Int32], _ owner: [Int32]) {
    starts = [Int](repeating: 0, count: days.count + 1)
    for order in owner { starts[Int(order) + 1] += 1 }
    for order in days.indices { starts[order + 1] += starts[order] }
    lines = [Int32](repeating: 0, count: bought.count)
    var next = starts
    for (item, order) in zip(bought, owner) {
      lines[next[Int(order)]] = item
      next[Int(order)] += 1
    }
  }

  /// How many orders there are.
  public var count: Int { days.count }
  /// The first day with an order.
  public var firstDay: Int32 { days.min() ?? 0 }
  /// The last day with an order.
  public var lastDay: Int32 { days.max() ?? 0 }

  /// The codes of an order's items, one for each line.
  public subscript(order: Int) -> ArraySlice<Int32> { lines[starts[order]..<starts[order + 1]] }

  /// The names of a level by code.
  public func names(_ level: Level) -> Vocabulary { level == .item ? items : categories }

  /// The codes that an order holds on a level; a code may come twice. Empty for one that is left out.
  public func codes(_ order: Int, _ level: Level) -> [Int32] {
    let own = self[order]
    guard own.count <= Self.mostLines else { return [] }
    if level == .item { return Array(own) }
    return own.compactMap { item in
      let category = categoryOfItem[Int(item)]
      return category >= 0 ? category : nil
    }
  }

  /// The baskets of the orders of these days; those without anything are left out.
  public func baskets(_ level: Level, days range: ClosedRange<Int32>) -> Baskets {
    Baskets(
      items: names(level),
      codes: (0..<count).lazy.compactMap { order -> [Int32]? in
        guard range.contains(days[order]) else { return nil }
        let codes = codes(order, level)
        return codes.isEmpty ? nil : codes
      })
  }
}
