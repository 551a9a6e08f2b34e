import Commerce
import Features
import MathKernels

/// What demand is forecast from.
public struct DemandDataset: Sendable {
  /// What was bought in each full week.
  public var history: DemandHistory
  /// The moment that the data reach to.
  public var asOf: Timestamp
  /// How often customers looked at an item in each week, by item; empty where nobody wrote that down.
  public var views: [String: [Int]]
  /// Items to be forecast however little they sell, such as those whose stock is known.
  public var wanted: [String]

  /// What to forecast from.
  public init(
    history: DemandHistory, asOf: Timestamp, views: [String: [Int]] = [:], wanted: [String] = []
  ) {
    (self.history, self.asOf, self.views, self.wanted) = (history, asOf, views, wanted)
  }

  /// Counts how often customers looked at each item in each full week.
  ///
  /// - Complexity: one pass over the frame; memory for each item that was looked at.
  public static func views(
    in frame: EventFrame, history: DemandHistory, calendar: ShopCalendar
  ) -> [String: [Int]] {
    var counts: [Int32: [Int]] = [:]
    for row in 0..<frame.count where frame.kind[row] == EventKind.view.code && frame.item[row] >= 0 {
      let week = (calendar.day(ofMilliseconds: frame.timestamp[row]) - history.firstMonday)
      guard week >= 0, week / 7 < Int32(history.count) else { continue }
      counts[frame.item[row], default: [Int](repeating: 0, count: history.count)][Int(week / 7)] += 1
    }
    return Dictionary(uniqueKeysWithValues: counts.map { (frame.items[$0.key], $0.value) })
  }

  /// The weeks in which an item that sells steadily sold nothing although as many looked at it as usually: it was out of
  /// stock, and its demand that week is not known to be 0.
  static func soldOut(_ units: [Double], views: [Int]) -> [Int] {
    let window = 8
    return units.indices.filter { week in
      guard units[week] == 0, week >= window, views.indices.contains(week) else { return false }
      let before = units[(week - window)..<week]
      let looked = views[(week - window)..<week].reduce(0, +)
      // A Poisson demand of five a week is 0 once in a hundred and fifty weeks.
      return Statistics.mean(before) >= 5 && before.count { $0 == 0 } <= 1
        && Double(views[week]) >= max(3, 0.5 * Double(looked) / Double(window))
    }
  }
}
