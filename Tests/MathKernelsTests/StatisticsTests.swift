import MathKernels
import Testing

@Suite struct StatisticsTests {
  let sample = [3.0, 1, 4, 1, 5, 9, 2, 6]

  @Test func agreesWithNumPyOnVarianceQuantilesAndRanks() {
    #expect(abs(Statistics.variance(sample) - 7.553571428571429) < 1e-12)
    let quantiles = Statistics.quantiles(sample, at: [0, 0.1, 0.5, 0.77, 1])
    for (found, expected) in zip(quantiles, [1, 1, 3.5, 5.39, 9]) { #expect(abs(found - expected) < 1e-12) }
    #expect(Statistics.midranks(sample) == [4, 1.5, 5, 1.5, 6, 8, 3, 7])
  }

  @Test func emptySamplesHaveNoMeanNorSpread() {
    #expect(Statistics.mean([]).isNaN)
    #expect(Statistics.variance([1]).isNaN)
    #expect(Statistics.median([]).isNaN)
  }

  @Test func varianceSurvivesALargeMean() {
    #expect(abs(Statistics.variance([1e9 + 1, 1e9 + 2, 1e9 + 3]) - 1) < 1e-6)
  }

  @Test func agreesWithSciPyOnTheNormalDistribution() {
    #expect(abs(NormalDistribution.cumulative(-3.2) - 0.0006871379379158471) < 1e-15)
    let quantiles = [
      1e-10: -6.361340902404056, 0.001: -3.090232306167813, 0.3: -0.5244005127080409,
      0.975: 1.959963984540054,
    ]
    for (p, expected) in quantiles { #expect(abs(NormalDistribution.quantile(p) - expected) < 1e-11) }
    #expect(NormalDistribution.quantile(0) == -.infinity)
    #expect(NormalDistribution.quantile(1.5).isNaN)
  }

  @Test func agreesWithSciPyOnTwoProportions() {
    let result = HypothesisTests.twoProportions(successes: 120, of: 1000, versus: 90, of: 1000)
    #expect(abs(result.statistic - 2.1882658846227234) < 1e-12)
    #expect(abs(result.pValue - 0.028650240398448473) < 1e-12)
    #expect(HypothesisTests.twoProportions(successes: 0, of: 0, versus: 1, of: 2).pValue == 1)
    #expect(HypothesisTests.twoProportions(successes: 5, of: 5, versus: 7, of: 7).pValue == 1)
  }

  @Test func agreesWithSciPyOnMcNemar() {
    #expect(abs(HypothesisTests.mcNemar(onlyFirst: 3, onlySecond: 12).pValue - 0.03515625) < 1e-12)
    let large = HypothesisTests.mcNemar(onlyFirst: 40, onlySecond: 20)
    #expect(abs(large.statistic - 6.016666666666667) < 1e-12)
    #expect(abs(large.pValue - 0.014171388254012323) < 1e-12)
    #expect(HypothesisTests.mcNemar(onlyFirst: 0, onlySecond: 0).pValue == 1)
    #expect(HypothesisTests.mcNemar(onlyFirst: 30, onlySecond: 30).pValue == 1)
  }

  @Test func agreesWithSciPyOnFalseDiscoveries() {
    let adjusted = HypothesisTests.benjaminiHochberg([0.01, 0.04, 0.03, 0.5, 0.02])
    for (found, expected) in zip(adjusted, [0.05, 0.05, 0.05, 0.5, 0.05]) {
      #expect(abs(found - expected) < 1e-12)
    }
    #expect(HypothesisTests.benjaminiHochberg([]).isEmpty)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func bootstrapCoversTheMeanAndRepeatsItself(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let values = (0..<400).map { _ in random.normal() }
    let interval = Bootstrap.meanInterval(of: values, seed: seed)
    let mean = Statistics.mean(values)
    #expect(interval.lower < mean && mean < interval.upper)
    // The normal approximation is ±1.96 / √400 = ±0.098.
    #expect(abs((interval.upper - interval.lower) - 0.196) < 0.04)
    #expect(Bootstrap.meanInterval(of: values, seed: seed) == interval)
    #expect(Bootstrap.meanInterval(of: values, seed: seed + 1) != interval)
  }
}

@Suite struct WilsonIntervalTests {
  /// R: prop.test(8, 10, correct = FALSE)$conf.int.
  @Test func agreesWithR() {
    let interval = Statistics.wilsonInterval(successes: 8, of: 10)
    #expect(abs(interval.lower - 0.4901625) < 1e-6)
    #expect(abs(interval.upper - 0.9433178) < 1e-6)
  }

  @Test func staysWithinZeroAndOne() {
    #expect(Statistics.wilsonInterval(successes: 0, of: 5).lower == 0)
    #expect(Statistics.wilsonInterval(successes: 5, of: 5).upper == 1)
    let unknown = Statistics.wilsonInterval(successes: 0, of: 0)
    #expect(unknown.lower == 0 && unknown.upper == 1)
  }
}
