import Marketing
import MathKernels
import Testing

@Suite struct UpliftCurveTests {
  /// Sixty customers with seventeen different scores; figures from scikit-uplift 0.5.1.
  private func sixty(distinct: Bool = false) -> (scores: [Double], outcomes: [Double], treated: [Bool]) {
    let rows = Array(0..<60)
    let treated = rows.map { ($0 * 37 + 11) % 60 < 27 }
    let few = rows.map { Double($0 * 23 % 17) / 17 }
    let outcomes = rows.map { row -> Double in
      let bonus = treated[row] && few[row] > 0.5 ? 3 : 0
      return (row * 29 + 5) % 13 < 4 + bonus + row % 3 ? 1 : 0
    }
    return (distinct ? rows.map { Double($0 * 23 % 61) / 61 } : few, outcomes, treated)
  }

  @Test func agreesWithScikitUplift() throws {
    let data = sixty()
    let curve = try UpliftCurve(scores: data.scores, outcomes: data.outcomes, treated: data.treated)
    #expect(
      curve.points.map(\.customers) == [
        0, 3, 6, 10, 14, 18, 21, 24, 27, 31, 35, 39, 42, 45, 48, 52, 56, 60,
      ])
    let qini = [
      0, 1, 1, 2.142857, 3.333333, 3.090909, 3, 4.615385, 5.285714, 5.388889, 5.75, 5.590909, 5.217391, 4.8,
      5.222222, 5.068966, 5.129032, 4.363636,
    ]
    let uplift = [
      0, 3, 6, 7.142857, 9.333333, 7.948052, 7, 10.06993, 10.978022, 12.850427, 13.416667, 12.826203,
      11.533181, 10.8, 11.936508, 11.46027, 11.489032, 9.69697,
    ]
    for (point, (expectedQini, expectedUplift)) in zip(curve.points, zip(qini, uplift)) {
      #expect(abs(point.qini - expectedQini) < 1e-6 && abs(point.uplift - expectedUplift) < 1e-6)
    }
    #expect(abs(try #require(curve.normalizedQini) - 0.1900282505545771) < 1e-12)
    #expect(abs(try #require(curve.normalizedUplift) - 0.3011355831158447) < 1e-12)
  }

  @Test func agreesWithScikitUpliftWhereNoScoreComesTwice() throws {
    let data = sixty(distinct: true)
    let curve = try UpliftCurve(scores: data.scores, outcomes: data.outcomes, treated: data.treated)
    #expect(abs(try #require(curve.uplift(atTop: 0.3)) - 0.6666666666666666) < 1e-12)
    #expect(abs(try #require(curve.normalizedQini) - 0.13022026065797018) < 1e-12)
    #expect(abs(try #require(curve.normalizedUplift) - 0.014031262960370742) < 1e-12)
  }

  /// The same by counting anew at every cut.
  private func bruteForceQini(_ scores: [Double], _ outcomes: [Double], _ treated: [Bool]) -> Double {
    let cuts = Set(scores).sorted(by: >)
    let points =
      [(0.0, 0.0)]
      + cuts.map { cut -> (Double, Double) in
        let rows = scores.indices.filter { scores[$0] >= cut }
        let (with, without) = (rows.filter { treated[$0] }, rows.filter { !treated[$0] })
        let lost =
          without.isEmpty
          ? 0 : without.map { outcomes[$0] }.reduce(0, +) * Double(with.count) / Double(without.count)
        return (Double(rows.count), with.map { outcomes[$0] }.reduce(0, +) - lost)
      }
    let area = zip(points, points.dropFirst()).reduce(0) { $0 + ($1.1.0 - $1.0.0) * ($1.1.1 + $1.0.1) / 2 }
    let total = Double(scores.count)
    return (area / total - points[points.count - 1].1 / 2) / Double(treated.count { $0 })
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>) func equalsCountingByHand(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let scores = (0..<50).map { _ in Double(random.index(below: 12)) }
    let outcomes = (0..<50).map { _ in random.uniform() < 0.3 ? 10 * random.uniform() : 0 }
    let treated = (0..<50).map { $0 < 2 ? $0 == 0 : random.uniform() < 0.6 }
    let curve = try UpliftCurve(scores: scores, outcomes: outcomes, treated: treated)
    #expect(abs(curve.qiniCoefficient - bruteForceQini(scores, outcomes, treated)) < 1e-10)
    #expect(curve.normalizedQini == nil)
  }

  @Test func intervalsHoldTheFigureAndAreTheSameForTheSameSeed() throws {
    let data = sixty()
    let found = try UpliftEvaluation(
      scores: data.scores, outcomes: data.outcomes, treated: data.treated, resamples: 200, seed: 5)
    #expect(found.qini.interval.lower < found.qini.value && found.qini.value < found.qini.interval.upper)
    #expect(found.top.count == 4 && found.curve.count == 21 && found.curve.last?.customers == 60)
    #expect(
      found
        == (try UpliftEvaluation(
          scores: data.scores, outcomes: data.outcomes, treated: data.treated, resamples: 200, seed: 5)))
  }

  @Test func oneArmIsNotEnough() {
    #expect(throws: MarketingError.notEnoughData(needed: "customers in both arms", found: "2 treated of 2")) {
      try UpliftCurve(scores: [1, 2], outcomes: [0, 1], treated: [true, true])
    }
  }
}
