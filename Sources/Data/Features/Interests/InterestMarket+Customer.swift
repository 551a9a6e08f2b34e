import Commerce
import MathKernels

extension InterestMarket {
  /// The interests of a customer as of a moment, computed of the customer's own events.
  ///
  /// A point stands out when its share differs from that of all other customers by more than chance, at the false
  /// discovery rate of the settings over all the customer's points, and rests on enough events and days.
  ///
  /// - Parameters:
  ///   - rows: the customer's rows of the frame, in any order.
  ///   - frame: the frame that the market has taken up last.
  ///   - limit: how many points of each kind, and of each attribute, are wanted.
  /// - Complexity: O(r log r + points) for r rows.
  public func interests(
    of rows: [Int32], in frame: EventFrame, asOf: Timestamp, limit: Int = 10
  ) -> CustomerInterests {
    let tally = InterestTally(self, rows: rows, frame: frame, asOf: asOf)
    let today = calendar.day(of: asOf)
    var drafts = tally.points.compactMap { draft($0, tally, today: today) }
    let adjusted = HypothesisTests.benjaminiHochberg(drafts.map(\.pValue))
    for index in drafts.indices { drafts[index].judge(qValue: adjusted[index], settings) }
    drafts.sort { Self.isBefore($0, $1) }
    var (shown, taken) = ([Draft](), [Int32: Int]())
    for draft in drafts where taken[draft.dimension, default: 0] < limit {
      taken[draft.dimension, default: 0] += 1
      shown.append(draft)
    }
    let evidence = newestRows(for: Set(shown.map(\.tally.number)), of: rows, in: frame, asOf: asOf)
    var points = shown.map { interest($0, tally, evidence: evidence[$0.tally.number] ?? []) }
    judgeTrends(&points, tally, shown)
    return CustomerInterests(
      points: points, total: drafts.count, events: tally.events, days: tally.days, settings: settings)
  }

  private struct Draft {
    let tally: InterestTally.Point
    let point: InterestPoint
    let dimension: Int32
    let test: ShareTest
    let market: Double?
    let pValue: Double
    var qValue = 1.0
    var standing = CustomerInterests.Standing.unknown

    mutating func judge(qValue: Double, _ settings: InterestSettings) {
      self.qValue = qValue
      guard let market, tally.events >= settings.leastEvents, tally.days >= settings.leastDays else { return }
      standing =
        qValue > settings.falseDiscoveryRate ? .usual : test.share > market ? .above : .below
    }
  }

  private func draft(_ point: InterestTally.Point, _ tally: InterestTally, today: Int32) -> Draft? {
    let number = points.dimensions[Int(point.number)]
    let dimension = tally.dimensions[Int(number)]
    // What was given back as often as bought is no interest.
    guard point.weight > 0, point.events > 0, dimension.weight > 0 else { return nil }
    let all = weights(ofPoint: point.number, asOf: today)
    let others = (point: all.point - point.weight, whole: all.dimension - dimension.weight)
    var market: Double?
    // Half a purchase of one whole keeps the shares of what nobody else has bought yet away from 0.
    if others.whole > 1 { market = min(0.999_999, (max(0, others.point) + 0.5) / (others.whole + 1)) }
    let test = tally.share(of: point, in: dimension, market: market ?? point.weight / dimension.weight)
    return Draft(
      tally: point, point: points.points[Int(point.number)], dimension: number, test: test, market: market,
      pValue: market.map { test.pValue(expected: $0) } ?? 1)
  }

  private static func isBefore(_ a: Draft, _ b: Draft) -> Bool {
    let order = InterestPoint.Kind.allCases
    let (first, second) = (order.firstIndex(of: a.point.kind)!, order.firstIndex(of: b.point.kind)!)
    if first != second { return first < second }
    if a.dimension != b.dimension { return (a.point.name ?? "") < (b.point.name ?? "") }
    if (a.standing == .above) != (b.standing == .above) { return a.standing == .above }
    return (b.test.share, a.point.value) < (a.test.share, b.point.value)
  }

  private func interest(
    _ draft: Draft, _ tally: InterestTally, evidence: [Int32]
  ) -> CustomerInterests.Interest {
    let range = draft.test.interval
    return CustomerInterests.Interest(
      point: draft.point, strength: draft.test.share, marketShare: draft.market,
      lift: draft.market.map { draft.test.share / $0 },
      liftInterval: draft.market.map { range.lower / $0...range.upper / $0 },
      qValue: draft.market == nil ? nil : draft.qValue, standing: draft.standing,
      events: draft.tally.events, days: draft.tally.days,
      lastAt: Timestamp(milliseconds: draft.tally.last), trend: nil, evidence: evidence)
  }

  /// Compares the share of days with each point lately and before, by Fisher's test, all points together.
  private func judgeTrends(
    _ interests: inout [CustomerInterests.Interest], _ tally: InterestTally, _ drafts: [Draft]
  ) {
    var tested: [(index: Int, pValue: Double, trend: CustomerInterests.Trend)] = []
    for (index, draft) in drafts.enumerated() {
      let dimension = tally.dimensions[Int(draft.dimension)]
      let recent = (days: draft.tally.recentDays, of: dimension.recentDays)
      let earlier = (days: draft.tally.days - recent.days, of: dimension.days - recent.of)
      guard recent.of >= 3, earlier.of >= 3, draft.tally.days >= 3 else { continue }
      let rises = recent.days * earlier.of > earlier.days * recent.of
      let oneSided = HypothesisTests.fisherExact(
        both: recent.days, first: draft.tally.days, second: recent.of, total: dimension.days,
        rises ? .greater : .less)
      tested.append(
        (
          index, min(1, 2 * oneSided),
          CustomerInterests.Trend(direction: rises ? .rising : .falling, recent: recent, earlier: earlier)
        ))
    }
    let adjusted = HypothesisTests.benjaminiHochberg(tested.map(\.pValue))
    for (place, entry) in tested.enumerated() {
      interests[entry.index].trend = entry.trend
      if adjusted[place] > settings.falseDiscoveryRate { interests[entry.index].trend?.direction = .steady }
    }
  }

  /// The three newest rows that speak for each of some points.
  private func newestRows(
    for wanted: Set<Int32>, of rows: [Int32], in frame: EventFrame, asOf: Timestamp
  ) -> [Int32: [Int32]] {
    var found: [Int32: [Int32]] = [:]
    let order = rows.sorted {
      (frame.timestamp[Int($1)], $1) < (frame.timestamp[Int($0)], $0)
    }
    for row in order where frame.timestamp[Int(row)] <= asOf.milliseconds && frame.item[Int(row)] >= 0 {
      guard weightOfKind[Int(frame.kind[Int(row)])] > 0 else { continue }
      let moment = Int32(moment(ofMilliseconds: frame.timestamp[Int(row)]))
      for point in Array(points.points(ofItem: frame.item[Int(row)])) + [moment]
      where wanted.contains(point) && found[point, default: []].count < 3 {
        found[point, default: []].append(row)
      }
    }
    return found
  }
}
