import Commerce
import Foundation
import MathKernels

/// Which categories, brands, departments and attributes rise and fall.
///
/// ```swift
/// let board = TrendBoard(history, attributes: [:])
/// for row in board.rows(.category) where row.direction == .rising { print(row.id, row.change.value) }
/// ```
/// Each subject's weekly units, and its weekly share of the shop's order lines, are tested for a trend on a logarithmic
/// scale (`MonotoneTrend`); false discoveries are controlled within each level. The share is of lines rather than of units, so
/// that goods sold by the gallon or gram do not count a thousandfold. A subject counts when it was bought in at least three of
/// four weeks; how many did not is kept beside the rows.
///
/// - Complexity: O(items · weeks + subjects · weeks²).
public struct TrendBoard: Sendable {
  /// How many weeks are looked at, at most: a year.
  public static let weeks = 52
  /// From so many weeks on there is something to say.
  public static let leastWeeks = 12
  /// From so many weeks on a season could be told from a trend.
  public static let seasonsFrom = 104
  /// Values of attributes beyond those most bought are left out.
  private static let mostSubjects = 2_000

  /// The first of the weeks looked at.
  public let firstWeek: Int
  /// The weeks looked at.
  public let weekCount: Int
  private let rowsByLevel: [DemandTrend.Level: [DemandTrend]]
  private let thinByLevel: [DemandTrend.Level: Int]

  /// The trends in the last year of a shop's weeks.
  ///
  /// - Parameter attributes: the attributes of items by id; empty for none.
  public init(_ history: DemandHistory, attributes: [String: [String: JSONValue]]) {
    let firstWeek = max(0, history.count - Self.weeks)
    let weekCount = history.count - firstWeek
    (self.firstWeek, self.weekCount) = (firstWeek, weekCount)
    var rows: [DemandTrend.Level: [DemandTrend]] = [:]
    var thin: [DemandTrend.Level: Int] = [:]
    guard weekCount >= Self.leastWeeks, let shop = history.weeks(of: .shop) else {
      (rowsByLevel, thinByLevel) = ([:], [:])
      return
    }
    let lines = shop[firstWeek...].map { Double($0.lines) }
    for level in DemandTrend.Level.allCases {
      let all = Self.series(level, history, attributes)
      let tried = all.prefix(Self.mostSubjects)
        .map { ($0.0, Array($0.1[firstWeek...])) }
      let kept = tried.filter { 4 * $0.1.count(where: { $0.lines > 0 }) >= 3 * weekCount }
      let trends = parallelBlocks(kept.count, blockSize: 32) { block in
        block.compactMap { Self.trend(level, kept[$0].0, kept[$0].1, shop: lines) }
      }.flatMap { $0 }
      rows[level] = Self.adjusted(trends)
      thin[level] = all.count - trends.count
    }
    (rowsByLevel, thinByLevel) = (rows, thin)
  }

  /// The subjects of a level, those of most units first.
  public func rows(_ level: DemandTrend.Level) -> [DemandTrend] { rowsByLevel[level] ?? [] }

  /// How many subjects of a level were bought too seldom for a trend.
  public func thin(_ level: DemandTrend.Level) -> Int { thinByLevel[level] ?? 0 }

  private static func series(
    _ level: DemandTrend.Level, _ history: DemandHistory, _ attributes: [String: [String: JSONValue]]
  ) -> [(String, [DemandHistory.Week])] {
    func subjects(_ level: DemandSubject.Level) -> [(String, [DemandHistory.Week])] {
      history.subjects(level).compactMap { subject in history.weeks(of: subject).map { (subject.id, $0) } }
    }
    switch level {
    case .category: return subjects(.category)
    case .brand: return subjects(.brand)
    case .department: return subjects(.department)
    case .attribute: return ofAttributes(history, attributes)
    }
  }

  /// The weeks of each value of each attribute; of prices and stock no trend is made, they are not kinds of goods.
  private static func ofAttributes(
    _ history: DemandHistory, _ attributes: [String: [String: JSONValue]]
  ) -> [(String, [DemandHistory.Week])] {
    var sums: [String: [DemandHistory.Week]] = [:]
    for (item, id) in history.items.ids.enumerated() where history.totalUnits[item] > 0 {
      let named = (attributes[id] ?? [:]).compactMap { key, value in
        ItemTerms.notKinds.contains(key) ? nil : value.asLabel.map { "\(key)=\($0)" }
      }
      guard !named.isEmpty else { continue }
      let weeks = history.weeks(ofItem: item)
      for name in named {
        var sum = sums[name] ?? [DemandHistory.Week](repeating: .init(), count: history.count)
        for week in weeks.indices where weeks[week].lines > 0 { sum[week] += weeks[week] }
        sums[name] = sum
      }
    }
    return sums.map { ($0.key, $0.value, $0.value.reduce(0) { $0 + $1.lines }) }
      .sorted { ($1.2, $0.0) < ($0.2, $1.0) }.map { ($0.0, $0.1) }
  }

  private static func trend(
    _ level: DemandTrend.Level, _ id: String, _ weeks: [DemandHistory.Week], shop lines: [Double]
  ) -> DemandTrend? {
    // Half a unit for the few weeks without any.
    let units = weeks.map { log($0.units + 0.5) }
    let share = zip(weeks, lines).map { log((Double($0.lines) + 0.5) / ($1 + 0.5)) }
    guard let ofUnits = MonotoneTrend(units), let ofShare = MonotoneTrend(share) else { return nil }
    return DemandTrend(
      level: level, id: id, units: weeks.reduce(0) { $0 + $1.units },
      amount: weeks.reduce(0) { $0 + $1.amount }, change: change(ofUnits), shareChange: change(ofShare),
      series: weeks.map(\.units))
  }

  private static func change(_ trend: MonotoneTrend) -> DemandTrend.Change {
    func quarter(_ slope: Double) -> Double { exp(13 * slope) - 1 }
    return DemandTrend.Change(
      value: quarter(trend.slope),
      interval: ConfidenceInterval(
        lower: quarter(trend.interval.lower), upper: quarter(trend.interval.upper),
        level: trend.interval.level), pValue: trend.pValue, qValue: trend.pValue)
  }

  private static func adjusted(_ trends: [DemandTrend]) -> [DemandTrend] {
    let ofUnits = HypothesisTests.benjaminiHochberg(trends.map(\.change.pValue))
    let ofShare = HypothesisTests.benjaminiHochberg(trends.map(\.shareChange.pValue))
    return trends.indices.map { index in
      var trend = trends[index]
      trend.change.qValue = ofUnits[index]
      trend.shareChange.qValue = ofShare[index]
      return trend
    }
  }
}

/// Attributes that are an item's terms of trade rather than what it is.
enum ItemTerms {
  static let notKinds: Set<String> = [
    "stock", "on_order", "unit_cost", "cost", "lead_time_days", "delivery_days", "pack_size", "min_order",
    "shelf_life_days", "volume", "price", "list_price",
  ]
}

extension JSONValue {
  /// A short text, number or flag as a label; nil for anything else.
  var asLabel: String? {
    switch self {
    case .string(let text): text.isEmpty || text.utf8.count > 80 ? nil : text
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    case .bool(let flag): String(flag)
    default: nil
    }
  }
}
