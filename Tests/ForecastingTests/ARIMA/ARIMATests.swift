import Forecasting
import Foundation
import Learning
import MathKernels
import Testing

@Suite struct ARIMATests {
  /// Agrees with R's `arima` and `Arima` of forecast 8.20.
  @Test("the airline's model with seasons agrees with R")
  func airline() throws {
    let order = ARIMAOrder(2, 1, 1, seasonal: (0, 1, 1))
    let model = try ARIMA(order).fitModel(.airPassengers)
    let found = model.autoregressive + model.movingAverage + model.seasonalMovingAverage
    for (a, b) in zip(found, [0.6031480, 0.1997715, -0.9772789, -0.1064982]) { #expect(abs(a - b) < 2e-4) }
    #expect(abs(try #require(model.logLikelihood) + 504.1801767) < 1e-3)
  }

  @Test("a regression with ARIMA errors agrees with R")
  func regression() throws {
    var series = TimeSeries.lakeHuron
    series.regressors = ["year": (1875...1972).map { Double($0 - 1920) }]
    let model = try ARIMA(ARIMAOrder(2, 0, 0)).fitModel(series)
    #expect(model.description == "regression with ARIMA(2,0,0) errors with non-zero mean")
    #expect(abs(model.autoregressive[0] - 1.0048037) < 1e-4)
    #expect(abs(model.autoregressive[1] + 0.2913198) < 1e-4)
    #expect(abs(model.regression[0] + 0.0215688) < 1e-5)
    #expect(abs(try #require(model.constantValue) - 579.0993448) < 1e-3)
    #expect(abs(try #require(model.logLikelihood) + 101.1982673) < 1e-5)
    #expect(abs(model.standardErrors[0] - 0.0976112) < 5e-4)
    let future = ["year": (1973...1977).map { Double($0 - 1920) }]
    let forecast = try model.forecast(horizon: 5, levels: [0.8, 0.95], regressors: future)
    for (a, b) in zip(forecast.mean, [579.39717, 578.80505, 578.36788, 578.09493, 577.94184]) {
      #expect(abs(a - b) < 1e-3)
    }
    let lower = [578.51294, 577.55157, 576.96266, 576.63940, 576.47315]
    for (a, b) in zip(forecast.intervals[0].lower, lower) { #expect(abs(a - b) < 2e-3) }
    #expect(throws: ForecastError.missingRegressor(name: "year", needed: 6, found: 5)) {
      try model.forecast(horizon: 6, levels: [], regressors: future)
    }
  }

  @Test("a series with missing values agrees with R")
  func missingValues() throws {
    let model = try ARIMA(ARIMAOrder(3, 0, 0)).fitModel(.presidents)
    for (a, b) in zip(model.autoregressive, [0.7496071, 0.2522564, -0.1890315]) { #expect(abs(a - b) < 3e-4) }
    #expect(abs(try #require(model.constantValue) - 56.2222535) < 0.03)
    #expect(abs(try #require(model.logLikelihood) + 414.0819314) < 1e-4)
    let forecast = try model.forecast(horizon: 4, levels: [0.95], regressors: [:])
    for (a, b) in zip(forecast.mean, [29.84194, 34.41014, 39.30815, 43.02779]) { #expect(abs(a - b) < 0.02) }
    for (a, b) in zip(forecast.intervals[0].lower, [11.87134, 11.95112, 12.50376, 14.06596]) {
      #expect(abs(a - b) < 0.02)
    }
    #expect(model.fitted.count == 120 && model.fitted[0].isNaN && model.fitted[14].isFinite)
  }

  @Test("differences of a series with missing values agree with R")
  func missingValuesAndDifferences() throws {
    let order = ARIMAOrder(1, 1, 1)
    let model = try ARIMA(order).fitModel(.presidents)
    #expect(abs(model.autoregressive[0] + 0.7642470) < 1e-3 && abs(model.movingAverage[0] - 0.5870758) < 1e-3)
    #expect(abs(try #require(model.logLikelihood) + 413.2691552) < 2e-3)
    let forecast = try model.forecast(horizon: 4, levels: [0.95], regressors: [:])
    for (a, b) in zip(forecast.mean, [24.53588, 24.12634, 24.43933, 24.20013]) { #expect(abs(a - b) < 0.01) }
    for (a, b) in zip(forecast.intervals[0].upper, [42.85623, 47.85104, 53.95274, 57.61037]) {
      #expect(abs(a - b) < 0.02)
    }
  }

  @Test("a drift agrees with R")
  func drift() throws {
    let model = try ARIMA(.init(order: ARIMAOrder(1, 1, 1), includesConstant: true)).fitModel(.serverUsers)
    #expect(model.constant == .drift)
    #expect(abs(try #require(model.constantValue) - 1.1204744) < 2e-3)
    #expect(abs(try #require(model.logLikelihood) + 253.7896552) < 1e-4)
  }

  @Test("intervals agree with R's, on logarithms too")
  func intervals() throws {
    let model = try AutoARIMA().fitModel(.airPassengers)
    let forecast = try model.forecast(horizon: 3, levels: [0.8, 0.95], regressors: [:])
    for (a, b) in zip(forecast.intervals[0].lower, [430.89035, 403.09070, 429.77258]) {
      #expect(abs(a - b) < 0.01)
    }
    for (a, b) in zip(forecast.intervals[1].upper, [468.18475, 446.85963, 478.90742]) {
      #expect(abs(a - b) < 0.01)
    }
    var configuration = AutoARIMA.Configuration()
    configuration.transformation = .power(0)
    let median = try AutoARIMA(configuration).fitModel(.airPassengers)
    // R counts what is left of the levels before the series among the errors, .1 % of their variance here.
    let logs = try median.forecast(horizon: 3, levels: [0.8], regressors: [:])
    for (a, b) in zip(logs.mean, [450.42237, 425.71720, 479.00683]) { #expect(abs(a - b) < 0.05) }
    for (a, b) in zip(logs.intervals[0].lower, [429.54615, 402.81463, 450.13857]) {
      #expect(abs(a - b) < 0.05)
    }
    configuration.adjustsBias = true
    let mean = try AutoARIMA(configuration).fitModel(.airPassengers)
    let adjusted = try mean.forecast(horizon: 3, levels: [], regressors: [:])
    for (a, b) in zip(adjusted.mean, [450.73119, 426.11352, 479.57028]) { #expect(abs(a - b) < 0.01) }
  }

  @Test("a full search and Guerrero's power find what R finds")
  func fullSearch() throws {
    var configuration = AutoARIMA.Configuration()
    configuration.stepwise = false
    let model = try AutoARIMA(configuration).fitModel(.serverUsers)
    #expect(model.description == "ARIMA(3,1,0)")
    #expect(abs(try #require(model.aicc) - 512.42) < 0.01)
    configuration.stepwise = true
    configuration.transformation = .guerrero
    let transformed = try AutoARIMA(configuration).fitModel(.airPassengers)
    #expect(transformed.description == "ARIMA(0,1,1)(0,1,1)[12]")
    #expect(abs(try #require(transformed.lambda) + 0.2947) < 1e-4)
    #expect(abs(try #require(transformed.aicc) + 896.99) < 0.02)
  }

  @Test("a series with gaps is searched as R does")
  func autoWithGaps() throws {
    let model = try AutoARIMA().fitModel(.presidents)
    #expect(model.description == "ARIMA(1,0,0)(0,0,1)[4] with non-zero mean")
    #expect(abs(try #require(model.aicc) - 839.33) < 0.02)
  }

  @Test("the effect of a regressor is found with the orders", arguments: 0..<3)
  func autoRegression(_ seed: Int) throws {
    var random = RandomSource(seed: UInt64(seed))
    let promotion = (0..<120).map { _ in random.uniform() < 0.3 ? 1.0 : 0 }
    var (values, error) = ([Double](), 0.0)
    for step in 0..<120 {
      error = 0.6 * error + random.normal()
      values.append(50 + 8 * promotion[step] + error)
    }
    let series = TimeSeries(values: values, regressors: ["promotion": promotion])
    let model = try AutoARIMA().fitModel(series)
    #expect(model.description.hasPrefix("regression with ARIMA("))
    #expect(abs(model.regression[0] - 8) < 0.6)
    let future = try model.forecast(horizon: 2, levels: [], regressors: ["promotion": [1, 0]])
    #expect(future.mean[0] - future.mean[1] > 6)
  }

  @Test("a long series with gaps is searched on its interpolation and fitted exactly")
  func longSeriesWithGaps() throws {
    var series = TimeSeries.wineind
    for index in [3, 40, 41, 99, 170] { series.values[index] = .nan }
    let model = try AutoARIMA().fitModel(series)
    #expect(model.order.seasonalD == 1 && model.residuals[40].isNaN && model.fitted[40].isFinite)
    let whole = try AutoARIMA().fitModel(.wineind)
    let (a, b) = (
      try model.forecast(horizon: 12, levels: [], regressors: [:]).mean,
      try whole.forecast(horizon: 12, levels: [], regressors: [:]).mean
    )
    for (x, y) in zip(a, b) { #expect(abs(x - y) < 0.1 * y) }
  }

  @Test("a search stops when its task is cancelled")
  func cancellation() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      _ = try AutoARIMA().fitModel(.airPassengers)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("the same series gives the same model on any thread")
  func repeats() throws {
    let models = try parallelBlocks(4, blockSize: 1) { _ in try AutoARIMA().fitModel(.woolyrnq) }
    for model in models {
      #expect(model.aicc == models[0].aicc && model.fitted.last == models[0].fitted.last)
    }
  }

  @Test("forecasters of the family behave alike")
  func conformance() throws {
    try ForecasterConformance(forecaster: AutoARIMA(), minimum: 3).check()
  }

  @Test("the exact likelihood of a series without gaps does not depend on the filter", arguments: 0..<4)
  func filtersAgree(_ seed: Int) throws {
    var random = RandomSource(seed: UInt64(seed))
    var values = [10.0]
    for step in 1..<90 { values.append(0.7 * values[step - 1] + 3 + random.normal() + Double(step % 4)) }
    let orders = [
      ARIMAOrder(1, 0, 1, seasonal: (1, 0, 0)), ARIMAOrder(0, 1, 2, seasonal: (0, 1, 1)),
      ARIMAOrder(2, 1, 0, seasonal: (1, 0, 1)), ARIMAOrder(3, 0, 0),
    ]
    let plain = TimeSeries(values: values, seasonLength: 4)
    // One value more that is missing sends the same values through the filter that carries the levels.
    let gap = TimeSeries(values: values + [.nan], seasonLength: 4)
    let (a, b) = (try ARIMA(orders[seed]).fitModel(plain), try ARIMA(orders[seed]).fitModel(gap))
    let (first, second) = (try #require(a.logLikelihood), try #require(b.logLikelihood))
    #expect(abs(first - second) < 5e-3)
    let ahead = try a.forecast(horizon: 5, levels: [0.8], regressors: [:])
    let later = try b.forecast(horizon: 4, levels: [0.8], regressors: [:])
    for step in 0..<4 {
      #expect(abs(ahead.mean[step + 1] - later.mean[step]) < 0.05)
      #expect(abs(ahead.intervals[0].upper[step + 1] - later.intervals[0].upper[step]) < 0.08)
    }
  }

  @Test("sample paths have the spread of the intervals")
  func samplePaths() throws {
    let model = try AutoARIMA().fitModel(.airPassengers)
    let forecast = try model.forecast(horizon: 12, levels: [0.8], regressors: [:])
    let paths = try model.samplePaths(horizon: 12, count: 4000, regressors: [:], seed: 1)
    for step in [0, 5, 11] {
      let inside = paths.count {
        $0[step] > forecast.intervals[0].lower[step] && $0[step] < forecast.intervals[0].upper[step]
      }
      #expect(abs(Double(inside) / 4000 - 0.8) < 0.03)
    }
  }

  @Test("straight lines and repeated seasons are followed exactly")
  func exactSeries() throws {
    let line = try AutoARIMA().fitModel(TimeSeries(values: (0..<30).map { 3 + 2 * Double($0) }))
    let ahead = try line.forecast(horizon: 3, levels: [0.9], regressors: [:])
    for (a, b) in zip(ahead.mean, [63.0, 65, 67]) { #expect(abs(a - b) < 1e-6) }
    let season = TimeSeries(values: (0..<40).map { Double($0 % 4) * 5 }, seasonLength: 4)
    let again = try AutoARIMA().fitModel(season).forecast(horizon: 4, levels: [], regressors: [:])
    for (a, b) in zip(again.mean, [0.0, 5, 10, 15]) { #expect(abs(a - b) < 1e-6) }
  }

  @Test("what cannot be fitted is refused with its reason")
  func errors() throws {
    let short = TimeSeries(id: "s", values: [1, 2, 3, 4], seasonLength: 12)
    #expect(throws: ForecastError.self) {
      try ARIMA(ARIMAOrder(1, 1, 1, seasonal: (1, 1, 1))).fitModel(short)
    }
    #expect(throws: ForecastError.notEnoughData(series: "s", needed: 3, found: 2)) {
      try AutoARIMA().fitModel(TimeSeries(id: "s", values: [1, 2]))
    }
    #expect(throws: ForecastError.self) { try ARIMA(ARIMAOrder(-1, 0, 0)).fitModel(.nile) }
    #expect(throws: ForecastError.self) {
      try ARIMA(.init(order: ARIMAOrder(1, 0, 0), transformation: .power(0))).fitModel(
        TimeSeries(values: (0..<30).map { Double($0) - 3 }))
    }
    var series = TimeSeries.nile
    series.regressors = ["flat": [Double](repeating: 1, count: 100)]
    #expect(throws: ForecastError.self) { try ARIMA(ARIMAOrder(1, 0, 0)).fitModel(series) }
    series.regressors = ["short": [1, 2]]
    #expect(throws: ForecastError.missingRegressor(name: "short", needed: 100, found: 2)) {
      try ARIMA(ARIMAOrder(1, 0, 0)).fitModel(series)
    }
    #expect(throws: ForecastError.self) {
      try ARIMA(ARIMAOrder(1, 0, 0, seasonal: (1, 0, 0))).fitModel(.nile)
    }
  }
}
