import Demand
import Learning
import MathKernels
import Testing

@Suite struct RestockEvaluationTests {
  /// Items whose level moves slowly under noise.
  private static func items(_ count: Int, weeks: Int = 52) -> [RestockEvaluation.Item] {
    var random = RandomSource(seed: 4)
    return (0..<count).map { index in
      let level = 10 + 30 * random.uniform()
      let demand = (0..<weeks).map { _ in
        max(0, (level + 1.5 * level.squareRoot() * random.normal()).rounded())
      }
      return RestockEvaluation.Item(id: "i\(index)", demand: demand, price: 1 + random.uniform())
    }
  }

  @Test func servesTheSameShareAndCostsNoMoreWhereDemandIsSteady() throws {
    let report = try RestockEvaluation(.init(fillRate: 0.97)).run(Self.items(200), context: FitContext())
    #expect(abs(report.tunedFillRate - 0.97) < 1e-9 && report.cover > 1 && report.level > 0.5)
    #expect(abs(report.test.policy.fillRate - report.test.baseline.fillRate) < 0.02)
    // Four weeks' mean follows noise; a longer memory needs less to guard against it.
    #expect(report.equal.saving > 0.02 && report.equal.interval.lower > 0, "\(report.equal)")
    #expect(report.equal.policy.fillRate >= report.equal.baseline.fillRate - 1e-3)
  }

  @Test func theSameSeedGivesTheSameReport() throws {
    let once = try RestockEvaluation().run(Self.items(20), context: FitContext())
    #expect(try RestockEvaluation().run(Self.items(20), context: FitContext()) == once)
    #expect(once.test.items == 20 && once.test.weeks == 26)
    #expect(once.test.interval.lower <= once.test.saving && once.test.saving <= once.test.interval.upper)
  }

  @Test func whatLiesAheadDoesNotMatter() throws {
    // Two shops alike until the last week replayed: what is set before, and all orders before it, are the same.
    var changed = Self.items(20)
    for index in changed.indices { changed[index].demand[51] = 1_000 }
    let (one, other) = (
      try RestockEvaluation().run(Self.items(20), context: FitContext()),
      try RestockEvaluation().run(changed, context: FitContext())
    )
    #expect(one.cover == other.cover && one.level == other.level && one.tunedFillRate == other.tunedFillRate)
  }

  @Test func tooShortAPastIsRefused() throws {
    #expect(throws: DemandError.self) {
      try RestockEvaluation().run(Self.items(3, weeks: 40), context: FitContext())
    }
    #expect(throws: DemandError.self) { try RestockEvaluation().run([], context: FitContext()) }
    #expect(throws: DemandError.self) {
      try RestockEvaluation(.init(fillRate: 1.5)).run(Self.items(3), context: FitContext())
    }
  }
}
