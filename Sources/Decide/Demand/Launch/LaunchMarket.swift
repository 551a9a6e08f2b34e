import Commerce
import Foundation

/// What established items of each category, type, brand and attribute usually sell, as seen before each week.
struct LaunchMarket: Sendable {
  /// What is known of a group of items before a week.
  struct Group: Sendable {
    /// Items bought in the weeks before.
    var active = 0.0
    /// Units of all of them, a week.
    var units = 0.0
    /// Those of them bought often enough for their pace to mean something.
    var steady = 0.0
    /// The logarithms of their mean weekly units, summed.
    var sumLevel = 0.0
    /// The squares of those, summed.
    var sumSquares = 0.0
    /// Active items with a price.
    var priced = 0.0
    /// The logarithms of their undiscounted prices, summed.
    var sumPrice = 0.0

    /// The mean level, drawn towards another by a weight of so many items.
    func level(towards other: Double, weight: Double = 4) -> Double {
      (sumLevel + weight * other) / (steady + weight)
    }
    var price: Double? { priced > 0 ? sumPrice / priced : nil }
    var deviation: Double {
      guard steady > 1 else { return 1 }
      return max(0, sumSquares / steady - (sumLevel / steady) * (sumLevel / steady)).squareRoot()
    }
  }

  private let names: Vocabulary
  private let groups: [[Group]]

  /// Labels on fewer items say nothing of others.
  private static let leastItems = 5
  private static let leastLines = 5

  /// - Parameter window: how many weeks before a week are looked at.
  init(_ history: DemandHistory, items: [String: Item], firstWeeks: [Int], window: Int) {
    var counts: [String: Int] = [:]
    let keys = history.items.ids.map { id -> [String] in
      let keys = items[id].map { Self.keys(LaunchProduct($0)) } ?? [Self.everything]
      for key in keys { counts[key, default: 0] += 1 }
      return keys
    }
    let kept = counts.filter { $0.value >= Self.leastItems }.keys.sorted()
    let names = Vocabulary([Self.everything] + kept.filter { $0 != Self.everything })
    var groups = [[Group]](
      repeating: [Group](repeating: Group(), count: names.count), count: history.count + 1)
    for item in history.items.ids.indices where history.totalUnits[item] > 0 {
      let own = keys[item].compactMap { names.index(of: $0).map(Int.init) }
      let weeks = history.weeks(ofItem: item)
      for end in 1...history.count {
        let start = max(0, end - window)
        // New things tell of launches, not of what is usual.
        guard firstWeeks[item] < start || firstWeeks[item] < 0 || start == 0 else { continue }
        Self.add(weeks[start..<end], to: &groups[end], own)
      }
    }
    (self.names, self.groups) = (names, groups)
  }

  private static func add(_ weeks: ArraySlice<DemandHistory.Week>, to groups: inout [Group], _ own: [Int]) {
    var sum = DemandHistory.Week()
    for week in weeks where week.lines > 0 { sum += week }
    guard sum.units > 0 else { return }
    let pace = sum.units / Double(weeks.count)
    let level = log(pace + 0.25)
    let price = sum.amount + sum.discount > 0 ? log((sum.amount + sum.discount) / sum.units) : nil
    for index in own {
      groups[index].active += 1
      groups[index].units += pace
      if sum.lines >= leastLines {
        groups[index].steady += 1
        groups[index].sumLevel += level
        groups[index].sumSquares += level * level
      }
      if let price {
        groups[index].priced += 1
        groups[index].sumPrice += price
      }
    }
  }

  private static let everything = ""

  /// The names of the groups that a product belongs to.
  static func keys(_ product: LaunchProduct) -> [String] {
    [everything]
      + [key("d", product.department), key("c", product.category), key("t", product.type)].compactMap { $0 }
      + product.labels.map { "l:\($0)" }
  }

  static func key(_ kind: String, _ name: String?) -> String? { name.map { "\(kind):\($0)" } }

  /// A group before a week; an empty one when there is none.
  func group(_ key: String?, before week: Int) -> Group {
    guard let key, let index = names.index(of: key) else { return Group() }
    return groups[min(week, groups.count - 1)][Int(index)]
  }

  /// All items before a week.
  func everything(before week: Int) -> Group { group(Self.everything, before: week) }
}
