import Foundation
import MathKernels

/// What fell among a product's neighbours when alike products were launched before.
///
/// For each neighbour and each earlier launch of the same kind: how its units changed from the eight weeks before the launch to
/// the eight weeks after, beyond how the rest of its category changed (differences in differences, in logarithms). The mean
/// over the launches is held against the same mean in weeks drawn by chance, so that an item whose sales swing anyway shows no
/// effect. A product that takes customers from the whole category alike does not show.
///
/// - Complexity: O(neighbours · (weeks + resamples · launches)).
struct Cannibalisation {
  let found: [LaunchPlan.Cannibalised]
  let examined: Int

  private static let span = 8
  private static let neighbours = 40
  private static let launches = 20
  private static let shown = 10
  private static let resamples = 999

  init(
    _ planner: LaunchPlanner, _ profile: LaunchSimilarity.Profile,
    launches: [(similarity: Double, index: Int)], neighbours: [(similarity: Double, index: Int)]
  ) {
    let library = planner.forecaster.library
    let history = planner.history
    let weeks = Array(Self.span...max(Self.span, history.count - Self.span))
    let chosen = launches.prefix(Self.launches).filter {
      $0.similarity > 0.5 && library.launches[$0.index].firstWeek + Self.span <= history.count
    }
    let dates = chosen.map { library.launches[$0.index].firstWeek }
    guard dates.count >= 3, weeks.count >= 3 * Self.span, let category = profile.product.category,
      var total = history.weeks(of: DemandSubject(.category, category))?.map(\.units)
    else {
      (found, examined) = ([], 0)
      return
    }
    // What was launched would make the rest seem to grow, and is no neighbour that was there before.
    let launched = library.launches + library.young
    for launch in launched where launch.product.category == category {
      for (week, units) in launch.units.enumerated() { total[launch.firstWeek + week] -= units }
    }
    let fresh = Set(launched.map(\.itemID))
    let rest = total.map { max(0, $0) }
    let near = neighbours.prefix(200).filter {
      !fresh.contains(library.established[$0.index].itemID)
        && library.established[$0.index].product.category == category
        && library.established[$0.index].recentUnits >= 26
    }.prefix(Self.neighbours)
    let tested = near.enumerated().map { place, neighbour -> (id: String, effect: Double, pValue: Double) in
      let item = library.established[neighbour.index]
      let own = history.weeks(ofItem: item.item).map(\.units)
      let changes = Self.changes(own, rest, weeks)
      let effect = Statistics.mean(dates.map { changes[$0 - Self.span] })
      var random = RandomSource(seed: 42, stream: UInt64(place) + 1)
      let centre = Statistics.mean(changes)
      let extreme = (0..<Self.resamples).count { _ in
        let drawn = (0..<dates.count).reduce(0) { sum, _ in sum + changes[random.index(below: changes.count)]
        }
        return abs(drawn / Double(dates.count) - centre) >= abs(effect - centre)
      }
      return (item.itemID, effect - centre, Double(extreme + 1) / Double(Self.resamples + 1))
    }
    let adjusted = HypothesisTests.benjaminiHochberg(tested.map(\.pValue))
    examined = tested.count
    found = tested.indices.filter { tested[$0].effect < 0 }
      .sorted { (tested[$0].pValue, tested[$0].effect) < (tested[$1].pValue, tested[$1].effect) }
      .prefix(Self.shown).map { index in
        LaunchPlan.Cannibalised(
          itemID: tested[index].id, unitsShare: exp(tested[index].effect) - 1, pValue: tested[index].pValue,
          qValue: adjusted[index], launches: dates.count)
      }
  }

  /// For each week the change of an item's units across it, beyond that of the rest of its category.
  private static func changes(_ own: [Double], _ total: [Double], _ weeks: [Int]) -> [Double] {
    func sum(_ units: [Double], _ range: Range<Int>) -> Double { units[range].reduce(0, +) }
    return weeks.map { week in
      let (before, after) = (week - span..<week, week..<min(week + span, own.count))
      let (ownBefore, ownAfter) = (sum(own, before), sum(own, after))
      let restBefore = sum(total, before) - ownBefore
      let restAfter = sum(total, after) - ownAfter
      return log((ownAfter + 1) / (ownBefore + 1)) - log((restAfter + 1) / (restBefore + 1))
    }
  }
}
