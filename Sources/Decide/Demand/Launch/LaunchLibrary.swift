import Commerce
import Features
import Foundation
import MathKernels

/// An earlier launch and how it went.
public struct PastLaunch: Sendable, Equatable {
  /// The item's id.
  public let itemID: String
  /// What was known of it.
  public let product: LaunchProduct
  /// The week of its first sale.
  public let firstWeek: Int
  /// Units in each week from the first on, to the end of the history.
  public let units: [Double]
  /// Customers who bought it for the first time, in each of those weeks.
  public let newCustomers: [Double]

  /// The logarithm of its mean weekly units in its first weeks.
  func level(_ weeks: Int) -> Double { log(Statistics.mean(units.prefix(weeks)) + 0.25) }
}

/// A shop's earlier launches, and what usually sells in its categories week by week: what plans are learned from.
///
/// ```swift
/// let library = try LaunchLibrary(frame, history: history, items: items, calendar: calendar, asOf: now)
/// print(library.launches.count)
/// ```
/// - Complexity: one pass over the frame's purchases and one over the items' weeks.
public struct LaunchLibrary: Sendable {
  /// What counts as a launch.
  public let definition: LaunchDefinition
  /// The launches in order of their first weeks.
  public let launches: [PastLaunch]
  /// The launches whose deciding weeks are not over: they look like ones so far.
  public let young: [PastLaunch]
  /// How many items were first sold after the silent weeks, launches or not.
  public let lateFirstSales: Int
  /// How many full weeks the history has.
  public let weekCount: Int
  /// What sold in the weeks before each week.
  let market: LaunchMarket
  /// The items that were there before, by id, with their descriptions.
  let established: [EstablishedItem]

  /// From so many full weeks on there is anything to go by.
  public static let leastWeeks = 8

  /// Finds the launches in a frame.
  ///
  /// - Parameter items: the catalogue by id.
  /// - Throws: `DemandError.notEnoughWeeks`.
  public init(
    _ frame: EventFrame, history: DemandHistory, items: [String: Item], calendar: ShopCalendar,
    asOf: Timestamp, definition: LaunchDefinition = LaunchDefinition()
  ) throws {
    guard history.count >= Self.leastWeeks else {
      throw DemandError.notEnoughWeeks(needed: Self.leastWeeks, found: history.count)
    }
    self.definition = definition
    weekCount = history.count
    let firstWeeks = history.firstDays.map { day -> Int in
      guard day >= history.firstMonday else { return -1 }
      return day == .max ? .max : Int(day - history.firstMonday) / 7
    }
    let candidates = firstWeeks.indices.filter {
      firstWeeks[$0] >= definition.silentWeeks && firstWeeks[$0] < history.count
    }
    lateFirstSales = candidates.count
    let buyers = Self.firstPurchases(frame, history, of: candidates, calendar, asOf)
    let found = candidates.compactMap { item -> PastLaunch? in
      let first = firstWeeks[item]
      let weeks = Array(history.weeks(ofItem: item)[first...])
      let fresh = buyers[Int32(item)] ?? []
      let isLaunch = definition.isLaunch(
        firstWeek: first, lines: weeks.prefix(definition.decidingWeeks).reduce(0) { $0 + $1.lines },
        customers: Int(fresh.prefix(definition.customerWeeks).reduce(0, +)), weeks: weeks.count)
      guard isLaunch else { return nil }
      let id = history.items.ids[item]
      let price =
        Self.undiscounted(weeks.prefix(1)) ?? Self.undiscounted(weeks.prefix(definition.customerWeeks))
      let product = LaunchProduct(items[id] ?? Item(itemID: id), price: price)
      return PastLaunch(
        itemID: id, product: product, firstWeek: first, units: weeks.map(\.units), newCustomers: fresh)
    }
    .sorted { ($0.firstWeek, $0.itemID) < ($1.firstWeek, $1.itemID) }
    launches = found.filter { $0.units.count >= definition.decidingWeeks }
    young = found.filter { $0.units.count < definition.decidingWeeks }
    market = LaunchMarket(history, items: items, firstWeeks: firstWeeks, window: definition.decidingWeeks)
    established = Self.established(history, items, firstWeeks)
  }

  /// What a unit costs without discounts, in minor units.
  static func undiscounted(_ weeks: some Collection<DemandHistory.Week>) -> Double? {
    let units = weeks.reduce(0) { $0 + $1.units }
    let money = weeks.reduce(0) { $0 + $1.amount + $1.discount }
    return units > 0 && money > 0 ? money / units : nil
  }

  /// How many customers bought each candidate for the first time, by weeks since its first sale.
  private static func firstPurchases(
    _ frame: EventFrame, _ history: DemandHistory, of candidates: [Int], _ calendar: ShopCalendar,
    _ asOf: Timestamp
  ) -> [Int32: [Double]] {
    // A frame may have more items than the history, never others: it only grows.
    var isCandidate = [Bool](repeating: false, count: frame.items.count)
    for item in candidates { isCandidate[item] = true }
    var firsts: [Int64: Int32] = [:]
    for row in 0..<frame.count
    where frame.kind[row] == EventKind.purchase.code && frame.item[row] >= 0
      && isCandidate[Int(frame.item[row])] && frame.timestamp[row] <= asOf.milliseconds
    {
      let week = Int32(calendar.day(ofMilliseconds: frame.timestamp[row]) - history.firstMonday) / 7
      guard week >= 0, week < Int32(history.count) else { continue }
      // Someone unnamed counts once a week: each line could be the same person.
      let customer = frame.customer[row] >= 0 ? Int64(frame.customer[row]) : Int64(1) << 31 + Int64(week)
      let key = Int64(frame.item[row]) << 32 | customer
      firsts[key] = min(firsts[key] ?? .max, week)
    }
    var result: [Int32: [Double]] = [:]
    for (key, week) in firsts {
      let item = Int32(key >> 32)
      let first = Int(history.firstDays[Int(item)] - history.firstMonday) / 7
      result[item, default: [Double](repeating: 0, count: history.count - first)][Int(week) - first] += 1
    }
    return result
  }

  private static func established(
    _ history: DemandHistory, _ items: [String: Item], _ firstWeeks: [Int]
  ) -> [EstablishedItem] {
    let from = max(0, history.count - 26)
    return history.items.ids.indices.compactMap { index in
      guard firstWeeks[index] < max(0, history.count - 12), history.totalUnits[index] > 0 else { return nil }
      let recent = history.weeks(ofItem: index)[from...]
      // What was not bought for half a year is no neighbour.
      guard recent.contains(where: { $0.units > 0 }) else { return nil }
      let id = history.items.ids[index]
      return EstablishedItem(
        item: index, itemID: id,
        product: LaunchProduct(items[id] ?? Item(itemID: id), price: undiscounted(recent)),
        recentUnits: recent.reduce(0) { $0 + $1.units })
    }
  }
}

/// An item that has been sold for a while.
struct EstablishedItem: Sendable {
  let item: Int
  let itemID: String
  let product: LaunchProduct
  let recentUnits: Double
}
