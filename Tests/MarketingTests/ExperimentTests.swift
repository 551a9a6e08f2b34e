import Marketing
import MathKernels
import Testing

@Suite struct ExperimentTests {
  @Test func agreesWithEvanMillerAndRsPowerPropTestOnSampleSize() {
    #expect(SamplePlan().customersPerArm(from: 0.2, to: 0.25).rounded() == 1030)
    #expect(abs(SamplePlan(variance: .pooled).customersPerArm(from: 0.2, to: 0.25) - 1093.7) < 0.05)
  }

  @Test func aMismatchOfTheSampleRatioIsSeen() {
    #expect(
      abs(SampleRatio.check(treated: 50_000, controls: 50_800, treatedShare: 0.5).pValue - 0.01174) < 5e-6)
    #expect(SampleRatio.check(treated: 900, controls: 100, treatedShare: 0.9).pValue > 0.999_999)
    #expect(SampleRatio.check(treated: 0, controls: 0, treatedShare: 0.9).pValue == 1)
  }

  @Test func whatAPlanCanSeeShrinksWithTheRootOfItsCustomers() throws {
    let few = try #require(SamplePlan().detectableDifference(rate: 0.2, treated: 1080, controls: 120))
    let many = try #require(SamplePlan().detectableDifference(rate: 0.2, treated: 4320, controls: 480))
    #expect(abs(few - 0.10784) < 1e-4)
    #expect(abs(few / many - 2) < 1e-9)
    #expect(SamplePlan().detectableDifference(rate: 0.2, treated: 10, controls: 0) == nil)
  }

  @Test func theDifferenceIsWelchs() throws {
    let found = try TreatmentEffect.difference(
      outcomes: [3, 5, 7, 1, 2], treated: [true, true, true, false, false])
    #expect(found.difference == 3.5 && found.treatedMean == 5 && found.controlMean == 1.5)
    // Variances 4/3 and 0.5/2.
    #expect(abs(found.standardError - (4.0 / 3 + 0.25).squareRoot()) < 1e-12)
    #expect(abs(found.interval.upper - found.difference - 1.959964 * found.standardError) < 1e-5)
  }

  /// Customers whose spend after follows their spend before, with an effect of 2 on the treated.
  private func spenders(_ seed: UInt64, count: Int = 4000) -> (
    after: [Double], before: [Double], treated: [Bool]
  ) {
    var random = RandomSource(seed: seed)
    var (after, before, treated) = ([Double](), [Double](), [Bool]())
    for _ in 0..<count {
      let (habit, isTreated) = (random.normal(), random.uniform() < 0.8)
      before.append(50 + 10 * habit + 3 * random.normal())
      after.append(50 + 10 * habit + 3 * random.normal() + (isTreated ? 2 : 0))
      treated.append(isTreated)
    }
    return (after, before, treated)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func earlierBehaviourMakesTheIntervalNarrower(seed: UInt64)
    throws
  {
    let data = spenders(seed)
    let plain = try TreatmentEffect.difference(outcomes: data.after, treated: data.treated)
    let cuped = try TreatmentEffect.cuped(
      outcomes: data.after, before: data.before, treated: data.treated)
    // The correlation of before and after is 100/109, so 84 % of the variance goes.
    #expect(abs(cuped.varianceReduction - 0.8417) < 0.035)
    #expect(cuped.standardError < 0.45 * plain.standardError)
    #expect(abs(cuped.difference - 2) < 4 * cuped.standardError)
  }

  @Test func intervalsHoldTheEffectAsOftenAsTheySay() throws {
    var held = 0
    for seed in 100..<300 as Range<UInt64> {
      let data = spenders(seed, count: 300)
      let found = try TreatmentEffect.cuped(outcomes: data.after, before: data.before, treated: data.treated)
      if (found.interval.lower...found.interval.upper).contains(2) { held += 1 }
    }
    #expect((180...199).contains(held))
  }

  @Test func strataTakeOutWhatChanceDealtUnevenly() throws {
    // Big spenders were treated more often; within each stratum the effect is 1.
    let outcomes: [Double] = [11, 11, 11, 11, 10, 10, 2, 2, 1, 1, 1, 1]
    let treated = [true, true, true, true, false, false, true, true, false, false, false, false]
    let strata = [String](repeating: "big", count: 6) + [String](repeating: "small", count: 6)
    let (found, covered) = try TreatmentEffect.stratified(
      outcomes: outcomes, treated: treated, strata: strata)
    #expect(abs(found.difference - 1) < 1e-12 && covered == 12)
    #expect(try TreatmentEffect.difference(outcomes: outcomes, treated: treated).difference == 4)
  }

  @Test func tooFewCustomersAreNamed() {
    #expect(
      throws: MarketingError.notEnoughData(
        needed: "two customers in each arm", found: "1 treated, 2 held out")
    ) {
      try TreatmentEffect.difference(outcomes: [1, 2, 3], treated: [true, false, false])
    }
    #expect(throws: MarketingError.self) {
      try TreatmentEffect.cuped(outcomes: [1, 2, 3, 4], before: [1], treated: [true, true, false, false])
    }
  }
}
