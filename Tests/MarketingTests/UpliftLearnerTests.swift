import Foundation
import Learning
import Marketing
import MathKernels
import Testing

/// Customers with a known effect: spend rises by 4 for those above 0 in the first column, else not at all.
struct KnownEffect {
  var data: UpliftDataset
  var truth: [Double]

  init(seed: UInt64, count: Int = 3000, share: Double = 0.5, confounded: Bool = false) {
    var random = RandomSource(seed: seed)
    var table = FeatureMatrix(names: ["a", "b", "c"])
    var (treated, outcomes, truth) = ([Bool](), [Double](), [Double]())
    for _ in 0..<count {
      let x = (0..<3).map { _ in random.normal() }
      let effect = x[0] > 0 ? 4.0 : 0
      let chance = confounded ? SpecialFunctions.logistic(0.9 * x[1] - 0.3) : share
      let isTreated = random.uniform() < chance
      table.append(x.map(Float.init))
      treated.append(isTreated)
      truth.append(effect)
      outcomes.append(10 + 3 * x[1] + x[2] + 2 * random.normal() + (isTreated ? effect : 0))
    }
    data = UpliftDataset(features: table, treated: treated, outcomes: outcomes)
    self.truth = truth
  }
}

@Suite struct UpliftLearnerTests {
  private func error(of learner: some UpliftLearner, seed: UInt64, share: Double = 0.5) async throws -> (
    rmse: Double, bias: Double
  ) {
    let (training, test) = (KnownEffect(seed: seed, share: share), KnownEffect(seed: seed + 1000))
    let found = try await learner.fit(training.data, context: FitContext(seed: seed)).uplift(
      test.data.features)
    let errors = zip(found, test.truth).map { $0 - $1 }
    return (Statistics.mean(errors.map { $0 * $0 }).squareRoot(), Statistics.mean(errors))
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func learnersRecoverAKnownEffect(seed: UInt64) async throws {
    let (t, s, x) = (
      try await error(of: TLearner(), seed: seed), try await error(of: SLearner(), seed: seed),
      try await error(of: XLearner(), seed: seed)
    )
    // Effects are 0 or 4; foretelling 2 for all has an error of 2.
    #expect(t.rmse < 1.2 && s.rmse < 1.2 && x.rmse < 1.0)
    #expect(abs(t.bias) < 0.4 && abs(s.bias) < 0.5 && abs(x.bias) < 0.4)
    let changed = try await error(of: TransformedOutcome(), seed: seed)
    #expect(changed.rmse < 2 && abs(changed.bias) < 0.9)
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func anXLearnerGainsWhereFewAreHeldOut(seed: UInt64) async throws {
    let t = try await error(of: TLearner(), seed: seed, share: 0.95)
    let x = try await error(of: XLearner(), seed: seed, share: 0.95)
    #expect(x.rmse < t.rmse)
  }

  @Test func aLinearBaseSeesEffectsThatGrowWithAColumn() async throws {
    let known = KnownEffect(seed: 9)
    let trend = zip(known.truth.indices, known.truth).map { 2 * Double(known.data.features[$0.0, 0]) }
    var data = known.data
    data.outcomes = data.outcomes.indices.map { row in
      data.outcomes[row] + (data.treated[row] ? trend[row] - known.truth[row] : 0)
    }
    for found in [
      try await SLearner(.line).fit(data, context: FitContext()).uplift(data.features),
      try await TLearner(.line).fit(data, context: FitContext()).uplift(data.features),
      try await XLearner(.line).fit(data, context: FitContext()).uplift(data.features),
    ] {
      #expect(Statistics.correlation(found, trend) > 0.97)
    }
  }

  @Test func probabilitiesChangeByNoMoreThanOne() async throws {
    var data = KnownEffect(seed: 4).data
    data.outcomes = data.outcomes.map { $0 > 11 ? 1 : 0 }
    let found = try await TLearner().fit(data, context: FitContext()).uplift(data.features)
    #expect(found.allSatisfy { (-1...1).contains($0) })
    let curve = try UpliftCurve(scores: found, outcomes: data.outcomes, treated: data.treated)
    #expect(curve.qiniCoefficient > 0.03)
  }

  @Test func savedModelsForetellTheSame() async throws {
    let data = KnownEffect(seed: 2, count: 400).data
    let model = try await XLearner().fit(data, context: FitContext(seed: 3))
    let again = try JSONDecoder().decode(XLearnerModel.self, from: JSONEncoder().encode(model))
    #expect(try again.uplift(data.features) == model.uplift(data.features))
    let twin = try await XLearner().fit(data, context: FitContext(seed: 3))
    #expect(try twin.uplift(data.features) == model.uplift(data.features))
  }

  @Test func armsThatAreTooSmallAreNamed() async {
    var data = KnownEffect(seed: 2, count: 40).data
    data.treated = data.treated.indices.map { $0 < 3 }
    await #expect(
      throws: MarketingError.notEnoughData(
        needed: "10 customers in each arm", found: "3 treated, 37 held out")
    ) {
      try await TLearner().fit(data, context: FitContext())
    }
  }
}

@Suite struct PropensityAdjustmentTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func takesOutWhatChoseTheTreated(seed: UInt64) async throws {
    let known = KnownEffect(seed: seed, count: 4000, confounded: true)
    let found = try await PropensityAdjustment().estimate(known.data, context: FitContext(seed: 7))
    let treated = known.truth.indices.filter { known.data.treated[$0] }
    let truth = Statistics.mean(treated.map { known.truth[$0] })
    // Choice and outcome share the second column: the plain difference is some 2 too high.
    #expect(found.unadjusted.difference - truth > 1)
    #expect(abs(found.effect.difference - truth) < 4 * found.effect.standardError)
    #expect(found.effect.standardError < 0.2)
    let first = try #require(found.balance.first)
    #expect(first.feature == "b" && first.before > 0.5 && abs(first.after) < 0.1)
    #expect(found.propensityAUC > 0.65)
    #expect(found.overlap.reduce(0) { $0 + $1.treated + $1.controls } == 4000)
  }

  @Test func findsNothingWhereNothingIs() async throws {
    var inside = 0
    for seed in 1...40 as ClosedRange<UInt64> {
      let known = KnownEffect(seed: seed, count: 600, confounded: true)
      var data = known.data
      data.outcomes = data.outcomes.indices.map { row in
        data.outcomes[row] - (data.treated[row] ? known.truth[row] : 0)
      }
      let effect = try await PropensityAdjustment().estimate(data, context: FitContext(seed: seed)).effect
      if effect.interval.lower < 0, effect.interval.upper > 0 { inside += 1 }
    }
    #expect(inside >= 33)
  }
}
