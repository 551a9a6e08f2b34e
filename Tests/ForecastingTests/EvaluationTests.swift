import Forecasting
import Foundation
import Learning
import MathKernels
import Testing

@Suite struct EvaluationTests {
  private func noise(_ count: Int, stream: UInt64) -> [Double] {
    var random = RandomSource(seed: 5, stream: stream)
    return (0..<count).map { _ in
      let normal = random.normal()
      return 100 + normal * normal * normal
    }
  }

  @Test func backtestsFromTheLastOrigins() throws {
    let series = TimeSeries(
      values: (0..<10).map(Double.init), regressors: ["price": (0..<10).map(Double.init)])
    let test = RollingOrigin(horizon: 2, origins: 3)
    #expect(test.origins(count: 10) == [6, 7, 8])
    let result = try test.run(Drift(), on: series, context: FitContext())
    #expect(result.folds.map(\.origin) == [6, 7, 8])
    #expect(result.folds[0].actual == [6, 7] && result.folds[0].forecast.mean == [6, 7])
    #expect(result.metrics?.mase == 0)
    #expect(series.before(4).regressors["price"] == [0, 1, 2, 3])
    #expect(series.regressors(from: 8, count: 2)["price"] == [8, 9])
    #expect(throws: ForecastError.notEnoughData(series: "", needed: 5, found: 4)) {
      _ = try test.run(Naive(), on: series.before(4), context: FitContext())
    }
    #expect(throws: ForecastError.self) {
      _ = try RollingOrigin(horizon: 0).run(Naive(), on: series, context: FitContext())
    }
  }

  @Test func combines() throws {
    let members: [any Forecaster] = [Naive(), HistoricAverage(), Drift()]
    let series = TimeSeries(values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    func mean(_ rule: ForecastCombination.Rule) throws -> Double {
      try ForecastCombination(members, by: rule).fit(series, context: FitContext())
        .forecast(horizon: 1, levels: [], regressors: [:]).mean[0]
    }
    #expect(try abs(mean(.mean) - (12 + 6.5 + 13) / 3) < 1e-12)
    #expect(try mean(.median) == 12)
    // The drift has no error in the backtest and takes all the weight.
    #expect(try abs(mean(.backtestWeights) - 13) < 1e-6)
    #expect(try mean(.bestInBacktest) == 13)
    let named = try ForecastCombination([Drift(), Naive()]).fit(
      TimeSeries(values: [4]), context: FitContext())
    #expect(named.description == "Combination(median: Naive)")
    for rule in ForecastCombination.Rule.allCases {
      try ForecasterConformance(forecaster: ForecastCombination([ETS(), Theta(), SeasonalNaive()], by: rule))
        .check()
    }
  }

  @Test func savesModelsOfAnyMethod() throws {
    let methods: [any Forecaster] = [
      Naive(), HistoricAverage(), ETS(), ETS(.init(boxCox: 0)), Theta(), OptimisedTheta(), Croston(),
      MSTLForecaster(), ForecastCombination([ETS(), Theta()]), Conformal(Naive()),
    ]
    for method in methods {
      let model = try method.fit(.airPassengers, context: FitContext())
      let data = try JSONEncoder().encode(StoredForecastModel(model))
      let back = try JSONDecoder().decode(StoredForecastModel.self, from: data)
      #expect(back.description == model.description)
      let before = try model.forecast(horizon: 3, levels: [0.9], regressors: [:])
      #expect(try back.forecast(horizon: 3, levels: [0.9], regressors: [:]) == before)
    }
    #expect(throws: ForecastError.self) {
      _ = try JSONDecoder().decode(
        StoredForecastModel.self, from: Data(#"{"kind":"oracle","model":{}}"#.utf8))
    }
  }

  @Test func conformalIntervalsHoldWhatTheyPromise() throws {
    let method = Conformal(HistoricAverage(), backtest: RollingOrigin(horizon: 2, origins: 30))
    try ForecasterConformance(forecaster: method).check()
    var inside: [Double: Int] = [:]
    let count = 1200
    for stream in 0..<count {
      let values = noise(62, stream: UInt64(stream) + 1)
      let model = try method.fit(TimeSeries(values: Array(values.prefix(60))), context: FitContext())
      for interval in try model.forecast(horizon: 2, levels: [0.8, 0.95], regressors: [:]).intervals {
        for step in 0..<2
        where interval.lower[step] <= values[60 + step] && values[60 + step] <= interval.upper[step] {
          inside[interval.level, default: 0] += 1
        }
      }
    }
    for level in [0.8, 0.95] {
      let coverage = Double(inside[level] ?? 0) / Double(2 * count)
      #expect(abs(coverage - level) < 0.03, "\(level): \(coverage)")
    }
    let short = try Conformal(Naive()).fit(TimeSeries(values: [1, 2]), context: FitContext())
    #expect(short.description == "Naive")
  }

  @Test func adaptiveConformalKeepsItsPromiseWhileErrorsGrow() throws {
    var conformal = try AdaptiveConformal(level: 0.9)
    #expect(conformal.halfWidth.isInfinite)
    var random = RandomSource(seed: 2)
    for step in 0..<4000 { conformal.update(score: abs(random.normal()) * (1 + Double(step) / 200)) }
    #expect(abs(Double(conformal.inside) / Double(conformal.count) - 0.9) < 0.01)
    #expect(throws: ForecastError.self) { _ = try AdaptiveConformal(level: 1) }
    #expect(throws: ForecastError.self) { _ = try AdaptiveConformal(level: 0.9, window: 0) }
  }

  @Test func runsManySeriesTheSameOnAnyNumberOfThreads() throws {
    let series =
      (0..<150).map { TimeSeries(id: "s\($0)", values: noise(30, stream: UInt64($0) + 1)) }
      + [TimeSeries(id: "empty", values: [])]
    nonisolated(unsafe) var steps: [Int] = []
    let context = FitContext { steps.append($0.step) }
    let runner = SeriesRunner(horizon: 3, levels: [0.8])
    let results = try runner.run(ETS(), on: series, context: context)
    #expect(results.map(\.id) == series.map(\.id))
    #expect(results[150].forecast == nil && results[150].problem?.contains("'empty'") == true)
    #expect(steps == [64, 128, 151])
    let serial = try SeriesRunner(horizon: 3, levels: [0.8], serially: true)
      .run(ETS(), on: series, context: FitContext())
    #expect(serial == results)
    let tests = try runner.backtest(Naive(), on: series, origins: 2, context: FitContext())
    #expect(tests[0].metrics?.mase != nil && tests[150].problem != nil)
  }

  @Test func calibratesManyShortSeriesTogether() throws {
    let all = (0..<500).map { noise(16, stream: UInt64($0) + 1) }
    let known = all.map { TimeSeries(values: Array($0.prefix(14))) }
    let runner = SeriesRunner(horizon: 2, levels: [0.8, 0.95])
    let scale = try runner.conformalScale(HistoricAverage(), on: known, context: FitContext())
    #expect(scale.scores.count == 1000)
    let results = try runner.run(HistoricAverage(), on: known, scale: scale, context: FitContext())
    for index in 0..<2 {
      var inside = 0
      for (values, result) in zip(all, results) {
        let interval = try #require(result.forecast).intervals[index]
        inside += (0..<2).count {
          interval.lower[$0] <= values[14 + $0] && values[14 + $0] <= interval.upper[$0]
        }
      }
      #expect(abs(Double(inside) / 1000 - [0.8, 0.95][index]) < 0.03)
    }
    #expect(results[0].model?.contains("conformal") == true)
  }

  @Test func stopsWhenCancelled() async throws {
    let series = (0..<200).map { TimeSeries(id: "s\($0)", values: noise(30, stream: UInt64($0) + 1)) }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try SeriesRunner(horizon: 3).run(Naive(), on: series, context: FitContext())
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }
}
