import Commerce
import Foundation
import MathKernels

extension BehaviourMarket {
  /// What was looked for in a customer's purchases up to a moment; `isFound` says what is there.
  ///
  /// Each habit is tested by itself, on days rather than lines, and only where there are enough of them; the p-values of one
  /// customer are then adjusted together (Benjamini and Hochberg, a twentieth of false claims). A habit must also be large
  /// enough to matter.
  ///
  /// - Complexity: O(r log r) for r rows.
  public func patterns(of rows: [Int32], in frame: EventFrame, asOf: Timestamp) -> [BehaviourPattern] {
    let visits = CustomerVisits(self, rows: rows, frame: frame, asOf: asOf).visits
    var found = [
      weekday(visits), payday(visits), stockUpAfterPause(visits), stockUpOnDiscount(visits),
      promotion(visits), newItems(visits),
    ].compactMap { $0 }
    found += giftSeasons(visits) + loyalties(visits)
    let adjusted = HypothesisTests.benjaminiHochberg(found.map(\.pattern.pValue))
    var patterns: [BehaviourPattern] = []
    for (place, test) in found.enumerated() {
      var pattern = test.pattern
      pattern.qValue = adjusted[place]
      pattern.isFound = adjusted[place] <= pattern.kind.falseDiscoveryRate && test.matters
      pattern.evidence = Array(test.evidence.suffix(3).reversed())
      patterns.append(pattern)
    }
    let order = BehaviourPattern.Kind.allCases
    return patterns.sorted {
      if $0.isFound != $1.isFound { return $0.isFound }
      if $0.kind != $1.kind { return order.firstIndex(of: $0.kind)! < order.firstIndex(of: $1.kind)! }
      return ($0.pValue, $0.category ?? "") < ($1.pValue, $1.category ?? "")
    }
  }

  /// The share of false claims among those that a habit is there.
  public static let falseDiscoveryRate = 0.05

  /// A test with whether its effect is large enough to matter.
  struct Test {
    var pattern: BehaviourPattern
    var matters: Bool
    var evidence: [Int32]
  }

  static let weekdayNames = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  /// χ² of days by weekday against all customers'.
  private func weekday(_ visits: [CustomerVisits.Visit]) -> Test? {
    let total = Double(visits.count)
    guard visits.count >= 20 else { return nil }
    var counts = [Double](repeating: 0, count: 7)
    for visit in visits { counts[CivilDate.weekday(ofDay: Int64(visit.day))] += 1 }
    let expected = weekdays.map { $0 * total }
    let square = zip(counts, expected).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
    // χ² with six degrees of freedom has a closed tail.
    let half = square / 2
    let pValue = exp(-half) * (1 + half + half * half / 2)
    let high = counts.indices.filter {
      counts[$0] > expected[$0] + 1.5 * expected[$0].squareRoot() && counts[$0] >= 5
    }.sorted { counts[$0] > counts[$1] }
    let days = high.reduce(0.0) { $0 + counts[$1] }
    let usual = high.reduce(0.0) { $0 + weekdays[$1] }
    return Test(
      pattern: BehaviourPattern(
        kind: .weekday, detail: high.map { Self.weekdayNames[$0] }, observed: days / total,
        expected: usual, days: Int(days), ofDays: visits.count, pValue: min(1, pValue)),
      matters: !high.isEmpty && days / total >= 1.4 * usual,
      evidence: visits.filter { high.contains(CivilDate.weekday(ofDay: Int64($0.day))) }.compactMap {
        $0.lines.first?.row
      })
  }

  /// Rayleigh's test of where in the month days lie, around what all customers do.
  private func payday(_ visits: [CustomerVisits.Visit]) -> Test? {
    let total = Double(visits.count)
    guard visits.count >= 20 else { return nil }
    let angles = visits.map { Self.angle(ofDay: $0.day) }
    let x = angles.reduce(0) { $0 + cos($1) } / total - month.x
    let y = angles.reduce(0) { $0 + sin($1) } / total - month.y
    let length = (x * x + y * y).squareRoot()
    let middle = atan2(y, x)
    func isNear(_ angle: Double) -> Bool { cos(angle - middle) >= cos(Double.pi / 6) }
    let near = angles.indices.filter { isNear(angles[$0]) }
    let share = Double(near.count) / total
    let turned = (middle + 2 * Double.pi).truncatingRemainder(dividingBy: 2 * Double.pi)
    let day = Int(turned / (2 * Double.pi) * 30.44) + 1
    return Test(
      pattern: BehaviourPattern(
        kind: .payday, detail: [String(day)], observed: share, expected: 1.0 / 6, days: near.count,
        ofDays: visits.count, pValue: min(1, exp(-total * length * length))),
      matters: length >= 0.2 && share >= 1.4 / 6 && near.count >= 5,
      evidence: near.compactMap { visits[$0].lines.first?.row })
  }

  /// Rank correlation of the pause before a day with the units bought on it.
  private func stockUpAfterPause(_ visits: [CustomerVisits.Visit]) -> Test? {
    guard visits.count >= 21 else { return nil }
    let later = Array(visits.dropFirst())
    let gaps = zip(visits, later).map { Double($1.day - $0.day) }
    let sizes = later.map(\.units)
    let rank = Statistics.correlation(Statistics.midranks(gaps), Statistics.midranks(sizes))
    guard rank.isFinite else { return nil }
    let limit = Statistics.quantiles(gaps, at: [0.8])[0]
    let long = gaps.indices.filter { gaps[$0] >= limit }
    let short = gaps.indices.filter { gaps[$0] < limit }
    guard !long.isEmpty, !short.isEmpty else { return nil }
    let (after, usual) = (Statistics.mean(long.map { sizes[$0] }), Statistics.mean(short.map { sizes[$0] }))
    let z = rank * Double(gaps.count - 1).squareRoot()
    return Test(
      pattern: BehaviourPattern(
        kind: .stockUpAfterPause, detail: [String(format: "%.0f", limit)], observed: after, expected: usual,
        days: long.count, ofDays: gaps.count, pValue: 1 - NormalDistribution.cumulative(z)),
      matters: rank >= 0.25 && after >= 1.3 * usual, evidence: long.compactMap { later[$0].lines.first?.row })
  }

  /// Units of a line at a discount against the same item's units without, by signs of the items' differences.
  private func stockUpOnDiscount(_ visits: [CustomerVisits.Visit]) -> Test? {
    var units: [Int32: (cut: [Double], full: [Double], rows: [Int32])] = [:]
    for line in visits.flatMap(\.lines) where line.category >= 0 {
      if line.isCut {
        units[line.category, default: ([], [], [])].cut.append(line.units)
        units[line.category, default: ([], [], [])].rows.append(line.row)
      } else {
        units[line.category, default: ([], [], [])].full.append(line.units)
      }
    }
    let known = units.values.filter { $0.cut.count >= 2 && $0.full.count >= 2 }
    let means = known.map { (cut: Statistics.mean($0.cut), full: Statistics.mean($0.full)) }
    let differing = means.filter { abs($0.cut - $0.full) > 1e-9 }
    guard differing.count >= 8 else { return nil }
    let more = differing.count { $0.cut > $0.full }
    let z = (Double(2 * more - differing.count) - 1) / Double(differing.count).squareRoot()
    let cut = Statistics.mean(means.map(\.cut))
    let full = Statistics.mean(means.map(\.full))
    return Test(
      pattern: BehaviourPattern(
        kind: .stockUpOnDiscount, detail: [], observed: cut, expected: full, days: more,
        ofDays: differing.count, pValue: 1 - NormalDistribution.cumulative(z)),
      matters: cut >= 1.25 * full, evidence: known.flatMap(\.rows).sorted())
  }
}
