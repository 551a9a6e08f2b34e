import Commerce
import Foundation
import MathKernels

extension BehaviourMarket {
  /// Lines at a discount against what the same categories' lines are at for all customers.
  func promotion(_ visits: [CustomerVisits.Visit]) -> Test? {
    guard
      let sums = excess(
        visits, minimum: 20, holds: \.isCut, expected: { self.discounts[Int($0.category)] })
    else { return nil }
    return Test(
      pattern: sums.pattern(.promotion),
      matters: sums.share >= 0.6 && sums.share >= 1.3 * sums.expectedShare, evidence: sums.rows)
  }

  /// Lines of items that had just come in against what the same categories' lines are for all customers.
  func newItems(_ visits: [CustomerVisits.Visit]) -> Test? {
    guard
      let sums = excess(visits, minimum: 20, holds: \.isNew, expected: { self.news[Int($0.category)] })
    else { return nil }
    return Test(
      pattern: sums.pattern(.newItems),
      matters: sums.rows.count >= 5 && sums.share >= 1.5 * sums.expectedShare,
      evidence: sums.rows)
  }

  /// One brand of a category against its share among all customers, on days with the category.
  func loyalties(_ visits: [CustomerVisits.Visit]) -> [Test] {
    var days: [Int32: [CustomerVisits.Visit]] = [:]
    for visit in visits {
      for (category, lines) in Dictionary(grouping: visit.lines, by: \.category) where category >= 0 {
        let branded = lines.filter { $0.brand >= 0 }
        // One line a day: what is bought at once is chosen at once.
        if let first = branded.first {
          days[category, default: []].append(CustomerVisits.Visit(day: visit.day, lines: [first]))
        }
      }
    }
    return days.sorted { $0.key < $1.key }.compactMap { loyalty($0.value, category: $0.key) }
  }

  private func loyalty(_ visits: [CustomerVisits.Visit], category: Int32) -> Test? {
    guard visits.count >= 8 else { return nil }
    let lines = brandLines[Int(category)]
    let whole = lines.values.reduce(0, +)
    guard lines.count >= 2, whole > 0 else { return nil }
    let counts = Dictionary(visits.flatMap(\.lines).map { ($0.brand, 1) }, uniquingKeysWith: +)
    guard let brand = counts.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) })?.key,
      let usual = lines[brand].map({ ($0 + 1) / (whole + Double(lines.count)) }), usual < 0.9,
      let sums = excess(visits, minimum: 8, holds: { $0.brand == brand }, expected: { _ in usual })
    else { return nil }
    var pattern = sums.pattern(.brandLoyalty)
    pattern.category = categories[category]
    pattern.detail = [brands[brand]]
    // The brand was chosen for being bought most: as many brands could have been.
    pattern.pValue = min(1, pattern.pValue * Double(min(lines.count, 10)))
    return Test(
      pattern: pattern, matters: sums.share >= 0.8 && sums.share >= 1.3 * usual, evidence: sums.rows)
  }

  /// Days on which a category is bought: before holidays against the customer's other days.
  func giftSeasons(_ visits: [CustomerVisits.Visit]) -> [Test] {
    let inSeason = visits.map { visit in seasons.filter { $0.days.contains(visit.day) } }
    let season = inSeason.count { !$0.isEmpty }
    guard season >= 3, visits.count - season >= 8 else { return [] }
    var days: [Int32: [Int]] = [:]
    for (index, visit) in visits.enumerated() {
      for category in Set(visit.lines.map(\.category)) where category >= 0 {
        days[category, default: []].append(index)
      }
    }
    return days.sorted { $0.key < $1.key }.compactMap { category, places -> Test? in
      guard places.count >= 4 else { return nil }
      let before = places.filter { !inSeason[$0].isEmpty }
      let share = Double(before.count) / Double(places.count)
      let usual = Double(season) / Double(visits.count)
      let names = Dictionary(before.flatMap { inSeason[$0].map { ($0.name, 1) } }, uniquingKeysWith: +)
      let pattern = BehaviourPattern(
        kind: .giftSeason, category: categories[category],
        detail: names.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key), observed: share,
        expected: usual, days: before.count, ofDays: places.count,
        pValue: HypothesisTests.fisherExact(
          both: before.count, first: places.count, second: season, total: visits.count, .greater))
      return Test(
        pattern: pattern, matters: before.count >= 4 && share >= 0.6 && share >= 1.5 * usual,
        evidence: before.compactMap { place in visits[place].lines.first { $0.category == category }?.row })
    }
  }

  /// How many lines of each day are of a sort, beyond what was expected of them.
  private struct Excess {
    var lines = 0.0
    var holding = 0.0
    var expected = 0.0
    var variance = 0.0
    var spread = 0.0
    var days = 0
    var holdingDays = 0
    var rows: [Int32] = []

    var share: Double { holding / lines }
    var expectedShare: Double { expected / lines }

    /// One-sided; the spread is the larger of chance's and that seen between days.
    var pValue: Double {
      let deviation = max(variance, spread).squareRoot()
      guard deviation > 0 else { return 1 }
      return 1 - NormalDistribution.cumulative((holding - expected - 0.5) / deviation)
    }

    func pattern(_ kind: BehaviourPattern.Kind) -> BehaviourPattern {
      BehaviourPattern(
        kind: kind, detail: [], observed: share, expected: expectedShare, days: holdingDays, ofDays: days,
        pValue: pValue)
    }
  }

  private func excess(
    _ visits: [CustomerVisits.Visit], minimum: Int, holds: (CustomerVisits.Line) -> Bool,
    expected: (CustomerVisits.Line) -> Double
  ) -> Excess? {
    var sums = Excess()
    for visit in visits {
      let lines = visit.lines.filter { $0.category >= 0 }
      guard !lines.isEmpty else { continue }
      let holding = lines.filter(holds)
      let chances = lines.map(expected)
      let surprise = Double(holding.count) - chances.reduce(0, +)
      sums.lines += Double(lines.count)
      sums.holding += Double(holding.count)
      sums.expected += chances.reduce(0, +)
      sums.variance += chances.reduce(0) { $0 + $1 * (1 - $1) }
      sums.spread += surprise * surprise
      sums.days += 1
      sums.holdingDays += holding.isEmpty ? 0 : 1
      sums.rows += holding.map(\.row)
    }
    guard sums.days >= minimum, sums.lines > 0 else { return nil }
    // About the customer's own mean: the excess itself is no spread between days.
    let shift = (sums.holding - sums.expected) / Double(sums.days)
    sums.spread = max(0, sums.spread - Double(sums.days) * shift * shift)
    return sums
  }
}
