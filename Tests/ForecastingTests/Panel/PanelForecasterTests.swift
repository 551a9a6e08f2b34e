import Forecasting
import Foundation
import Learning
import MathKernels
import Testing

@Suite("Forecasting across series")
struct PanelForecasterTests {
  private var smallTrees: BoostingForecaster {
    var settings = BoostingForecaster.Configuration(span: 4, maxRows: 20_000)
    (settings.boosting.rounds, settings.boosting.minChildWeight, settings.boosting.threads) = (60, 2, 1)
    (settings.boosting.learningRate, settings.boosting.regularization) = (0.15, 1)
    return BoostingForecaster(settings)
  }

  @Test func boostingKeepsItsPromises() async throws {
    try await PanelConformance(forecaster: smallTrees).check()
  }

  private var smallNetwork: LSTMForecaster {
    LSTMForecaster(.init(span: 4, history: 8, size: 8, epochs: 30, batchSize: 32, learningRate: 0.01))
  }

  @Test func theNetworkKeepsItsPromises() async throws {
    try await PanelConformance(forecaster: smallNetwork).check()
  }

  @Test func regressionKeepsItsPromises() async throws {
    try await PanelConformance(forecaster: LinearRegressionForecaster(), constantTolerance: 1e-6).check()
  }

  @Test func methodsOfOneSeriesKeepThePromisesOfAPanel() async throws {
    let models = try await EachSeries(SimpleExponentialSmoothing()).fit(
      PanelFixtures.plain(), context: FitContext())
    #expect(models.ids == PanelFixtures.plain().map(\.id))
  }

  @Test func regressionOfOneSeriesIsAForecaster() throws {
    try ForecasterConformance(forecaster: LinearRegressionForecaster()).check()
  }

  @Test(arguments: ["GradientBoosting", "LinearRegression", "LSTM"])
  func priceAndPromotionMoveTheForecast(name: String) async throws {
    let series = PanelFixtures.promoted()
    let methods: [String: any PanelForecaster] = [
      "GradientBoosting": smallTrees, "LSTM": smallNetwork, "LinearRegression": LinearRegressionForecaster(),
    ]
    let method = try #require(methods[name])
    let model = try await method.fit(series, context: FitContext(seed: 1))
    let ahead = PanelFixtures.ahead(series, price: [4, 2, 4, 2], promotion: [0, 0, 1, 1])
    let results = try model.forecast(horizon: 4, levels: [], regressors: ahead)
    for (index, result) in results.enumerated() {
      let mean = try #require(result.forecast).mean
      let size = 20 * Double(1 + index % 7)
      for (said, factor) in zip(mean, [1.0, 2, 2, 4]) {
        #expect(
          abs(said / size / factor - 1) < 0.25, "\(name) says \(said) where \(size * factor) is expected")
      }
    }
  }

  @Test func regressionFindsTheElasticity() throws {
    let one = PanelFixtures.promoted(count: 1, length: 120, noise: 0.02)[0]
    let model = try LinearRegressionForecaster(.init(regularization: 0.01)).fit(one, context: FitContext())
    let learned = try #require(model as? LinearRegressionModel)
    #expect(abs(try #require(learned.coefficient(of: "price")) + 1) < 0.03)
    #expect(abs(try #require(learned.coefficient(of: "promotion")) - log(2)) < 0.03)
    #expect(learned.coefficient(of: "weather") == nil)
  }

  /// Nothing that comes after the last step may change a forecast, whatever comes.
  @Test func boostingSeesNothingAfterAnOrigin() async throws {
    let series = PanelFixtures.promoted(count: 12, length: 60)
    let cut = series.map { $0.before(48) }
    // The same past with another future: only the backtest's errors may differ.
    let other = series.map { one in
      var one = one
      for step in 48..<60 { one.values[step] *= 1000 }
      return one
    }
    let known = Dictionary(
      uniqueKeysWithValues: series.map { ($0.id, $0.regressors(from: 48, count: 12)) })
    let direct = try await smallTrees.fit(cut, context: FitContext(seed: 4))
      .forecast(horizon: 12, levels: [0.8], regressors: known)
    let again = try await smallTrees.fit(other.map { $0.before(48) }, context: FitContext(seed: 4))
      .forecast(horizon: 12, levels: [0.8], regressors: known)
    #expect(direct == again)
    let runner = PanelRunner(horizon: 12, levels: [0.8])
    let backtest = try await runner.backtest(smallTrees, on: series, context: FitContext(seed: 4))
    for (index, result) in direct.enumerated() {
      let metrics = ForecastMetrics(
        try #require(result.forecast), actual: Array(series[index].values[48...]), training: cut[index])
      #expect(backtest[index].metrics == metrics)
    }
  }

  @Test func boostingsIntervalsCoverWhatTheyPromise() async throws {
    let series = PanelFixtures.promoted(count: 150, length: 70, noise: 0.3)
    let results = try await PanelRunner(horizon: 4, levels: [0.8, 0.95])
      .backtest(smallTrees, on: series, context: FitContext(seed: 2))
    let mean = try #require(ForecastMetrics.mean(results.compactMap(\.metrics)))
    #expect(abs(mean.intervals[0].coverage - 0.8) < 0.06)
    #expect(abs(mean.intervals[1].coverage - 0.95) < 0.04)
  }

  @Test func boostingRefusesSettingsOutOfRange() async throws {
    for settings in [
      BoostingForecaster.Configuration(span: 0), .init(objective: .logistic), .init(maxRows: 5),
    ] {
      await #expect(throws: ForecastError.self) {
        try await BoostingForecaster(settings).fit(PanelFixtures.plain(), context: FitContext())
      }
    }
    for settings in [LSTMForecaster.Configuration(span: 0), .init(history: 0), .init(learningRate: 0)] {
      await #expect(throws: ForecastError.self) {
        try await LSTMForecaster(settings).fit(PanelFixtures.plain(), context: FitContext())
      }
    }
    await #expect(throws: ForecastError.self) {
      try await BoostingForecaster().fit([TimeSeries(id: "one", values: [3])], context: FitContext())
    }
  }

  @Test func boostingSaysWhenItsIntervalsAreNotCalibrated() async throws {
    let short = (0..<5).map { TimeSeries(id: "s\($0)", values: [1, 2, 3]) }
    let model = try await smallTrees.fit(short, context: FitContext())
    #expect(model.description.contains("not calibrated"))
  }

  @Test func aCombinationAveragesItsMembers() async throws {
    let series = PanelFixtures.plain()
    let members: [any PanelForecaster] = [EachSeries(Naive()), EachSeries(HistoricAverage())]
    var means: [[SeriesRunner.Result]] = []
    for member in members {
      means.append(
        try await PanelRunner(horizon: 3, levels: [0.8]).run(member, on: series, context: FitContext()))
    }
    let combined = try await PanelRunner(horizon: 3, levels: [0.8])
      .run(PanelCombination(members, by: .mean), on: series, context: FitContext())
    for index in series.indices {
      let parts = means.compactMap { $0[index].forecast?.mean[2] }
      #expect(abs(try #require(combined[index].forecast).mean[2] - parts.reduce(0, +) / 2) < 1e-9)
    }
  }

  @Test func aCombinationTakesTheMethodThatWasBest() async throws {
    let rising = (0..<6).map { index in
      TimeSeries(id: "r\(index)", values: (0..<40).map { Double($0 * (index + 1)) })
    }
    let choice = PanelCombination(
      [EachSeries(HistoricAverage()), EachSeries(Drift())], by: .bestInBacktest, horizon: 4)
    let results = try await PanelRunner(horizon: 4).run(choice, on: rising, context: FitContext())
    for (index, result) in results.enumerated() {
      #expect(abs(try #require(result.forecast).mean[3] - Double(43 * (index + 1))) < 1e-6)
    }
    await #expect(throws: ForecastError.self) {
      try await PanelCombination([]).fit(rising, context: FitContext())
    }
  }
}
