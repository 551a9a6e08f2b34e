import Commerce
import Foundation

/// What all customers do, as far as a customer's habits are held against it.
///
/// ```swift
/// let market = BehaviourMarket(frame, catalogue: index, calendar: calendar, seasons: seasons)
/// let patterns = market.patterns(of: rows, in: frame, asOf: now)
/// patterns.filter(\.isFound).map(\.words.en)   // ["Comes on Saturdays: 61 % of 84 days, where others come on 16 %."]
/// ```
public struct BehaviourMarket: Sendable {
  /// The shop's clock.
  public let calendar: ShopCalendar
  /// The times of the year when people buy for others.
  public let seasons: [GiftSeason]
  /// The categories and brands of the catalogue by number.
  let categories: Vocabulary
  let brands: Vocabulary
  let category: [Int32]
  let brand: [Int32]
  /// The share of days of shopping on each day of the week, Monday first.
  private(set) var weekdays = [Double](repeating: 1.0 / 7, count: 7)
  /// The mean direction of days of shopping within the month.
  private(set) var month = (x: 0.0, y: 0.0)
  /// Of each category, the share of order lines at a discount; of those with too few lines, of all.
  private(set) var discounts: [Double] = []
  /// Of each category, the share of order lines of items that had come in within the last eight weeks.
  private(set) var news: [Double] = []
  /// Of each category, how many lines each brand has.
  private(set) var brandLines: [[Int32: Double]] = []
  /// The day on which each item was first bought, or far in the future when it has been there since the log began.
  let launched: [Int32]

  static let newForDays: Int32 = 56
  static let settlingDays: Int32 = 84

  /// The habits of the market of all purchases of a frame.
  ///
  /// - Complexity: O(n log n) for n events at worst.
  public init(
    _ frame: EventFrame, catalogue: CatalogueIndex, calendar: ShopCalendar, seasons: [GiftSeason] = []
  ) {
    self.calendar = calendar
    self.seasons = seasons
    (categories, brands) = (catalogue.categories, catalogue.brands)
    (category, brand) = catalogue.columns(for: frame.items)
    launched = Self.launches(frame, calendar)
    countLines(frame)
    countDays(frame)
  }

  /// An item that was there in the first weeks of the log is not known to be new.
  private static func launches(_ frame: EventFrame, _ calendar: ShopCalendar) -> [Int32] {
    var first = [Int32](repeating: .max, count: frame.items.count)
    let start = frame.firstTimestamp.map { calendar.day(of: $0) } ?? 0
    for row in 0..<frame.count where frame.kind[row] == EventKind.purchase.code && frame.item[row] >= 0 {
      let item = Int(frame.item[row])
      first[item] = min(first[item], calendar.day(ofMilliseconds: frame.timestamp[row]))
    }
    return first.map { $0 == .max || $0 < start + settlingDays ? .max : $0 }
  }

  /// Whether an item had come in within the last weeks before a day.
  func isNew(item: Int32, on day: Int32) -> Bool {
    guard Int(item) < launched.count, launched[Int(item)] != .max else { return false }
    return day >= launched[Int(item)] && day - launched[Int(item)] < Self.newForDays
  }

  private mutating func countLines(_ frame: EventFrame) {
    let count = categories.count
    var (lines, cut, new) = (
      [Double](repeating: 0, count: count), [Double](repeating: 0, count: count),
      [Double](repeating: 0, count: count)
    )
    brandLines = [[Int32: Double]](repeating: [:], count: count)
    for row in 0..<frame.count where frame.kind[row] == EventKind.purchase.code && frame.item[row] >= 0 {
      let item = Int(frame.item[row])
      guard category[item] >= 0 else { continue }
      let place = Int(category[item])
      lines[place] += 1
      if frame.discount[row] > 0 { cut[place] += 1 }
      if isNew(item: Int32(item), on: calendar.day(ofMilliseconds: frame.timestamp[row])) { new[place] += 1 }
      if brand[item] >= 0 { brandLines[place][brand[item], default: 0] += 1 }
    }
    let whole = max(1, lines.reduce(0, +))
    let (allCut, allNew) = (cut.reduce(0, +) / whole, new.reduce(0, +) / whole)
    // Twenty lines' worth of the shop's mean keep small categories from saying never or always.
    discounts = lines.indices.map { (cut[$0] + 20 * allCut) / (lines[$0] + 20) }
    news = lines.indices.map { (new[$0] + 20 * allNew) / (lines[$0] + 20) }
  }

  private mutating func countDays(_ frame: EventFrame) {
    let (rows, starts) = frame.rowsByCustomer()
    var counts = [Double](repeating: 0, count: 7)
    var (x, y, total) = (0.0, 0.0, 0.0)
    for customer in 0..<frame.customers.count {
      var last = Int32.min
      for index in starts[customer]..<starts[customer + 1] {
        let row = Int(rows[index])
        guard frame.kind[row] == EventKind.purchase.code else { continue }
        let day = calendar.day(ofMilliseconds: frame.timestamp[row])
        guard day != last else { continue }
        last = day
        counts[CivilDate.weekday(ofDay: Int64(day))] += 1
        let angle = Self.angle(ofDay: day)
        (x, y, total) = (x + cos(angle), y + sin(angle), total + 1)
      }
    }
    guard total > 0 else { return }
    weekdays = counts.map { ($0 + 1) / (total + 7) }
    month = (x / total, y / total)
  }

  /// Where in its month a day lies, as an angle: 0 at the beginning of the first.
  static func angle(ofDay day: Int32) -> Double {
    let date = CivilDate.civil(fromDay: Int64(day))
    let first = CivilDate.day(year: date.year, month: date.month, day: 1) ?? 0
    let next =
      CivilDate.day(
        year: date.month == 12 ? date.year + 1 : date.year, month: date.month == 12 ? 1 : date.month + 1,
        day: 1)
      ?? first + 30
    return 2 * Double.pi * (Double(date.day) - 0.5) / Double(next - first)
  }
}
