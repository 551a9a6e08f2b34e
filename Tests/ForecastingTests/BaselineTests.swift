import Forecasting
import Learning
import Testing

@Suite struct BaselineTests {
  @Test func conform() throws {
    try ForecasterConformance(forecaster: Naive()).check()
    try ForecasterConformance(forecaster: SeasonalNaive()).check()
    try ForecasterConformance(forecaster: Drift(), minimum: 2).check()
    try ForecasterConformance(forecaster: HistoricAverage()).check()
  }

  @Test func agreesWithForecastPackageOnNile() throws {
    // naive, rwf(drift = TRUE) and snaive of forecast 8.20, h = 3, level = 95.
    let naive = try Naive().fit(.nile, context: FitContext()).forecast(
      horizon: 3, levels: [0.95], regressors: [:])
    #expect(naive.mean == [740, 740, 740])
    #expect(abs(naive.intervals[0].lower[2] - 171.9734712) < 1e-4)
    let drift = try Drift().fit(.nile, context: FitContext()).forecast(
      horizon: 3, levels: [0.95], regressors: [:])
    #expect(abs(drift.mean[2] - 728.4848485) < 1e-4)
    #expect(abs(drift.intervals[0].upper[2] - 1307.835324) < 1e-4)
  }

  @Test func agreesWithForecastPackageOnAirPassengers() throws {
    let model = try SeasonalNaive().fit(.airPassengers, context: FitContext())
    let forecast = try model.forecast(horizon: 14, levels: [0.8], regressors: [:])
    #expect(forecast.mean[0] == 417 && forecast.mean[13] == 391)
    #expect(abs(forecast.intervals[0].lower[0] - 370.4595002) < 1e-4)
    #expect(abs(forecast.intervals[0].lower[13] - 325.1817939) < 1e-4)
    #expect(model.description == "SeasonalNaive[12]")
    #expect(model.fitted[11].isNaN && model.fitted[12] == 112)
  }

  @Test func averagesWhatIsThere() throws {
    let model = try HistoricAverage().fit(TimeSeries(values: [1, .nan, 3]), context: FitContext())
    let forecast = try model.forecast(horizon: 2, levels: [0.95], regressors: [:])
    #expect(forecast.mean == [2, 2])
    // σ² = 2 over two values: half-width 1.959964·√(2·1.5).
    #expect(abs(forecast.intervals[0].upper[0] - (2 + 1.959964 * 3.0.squareRoot())) < 1e-5)
  }

  @Test func continuesALessThanSeasonLongSeriesNaively() throws {
    let model = try SeasonalNaive().fit(
      TimeSeries(values: [1, 2, 3], seasonLength: 12), context: FitContext())
    #expect(model.description == "Naive")
    #expect(try model.forecast(horizon: 1, levels: [], regressors: [:]).mean == [3])
  }

  @Test func fillsGapsAlongTheSeason() {
    var values = (0..<24).map { Double($0 % 4 == 0 ? 100 : 10) }
    values[8] = .nan
    values[9] = .nan
    let filled = TimeSeries(values: values, seasonLength: 4).filled().values
    #expect(abs(filled[8] - 100) < 3 && abs(filled[9] - 10) < 3)
    #expect(TimeSeries(values: [1, .nan, 3, .nan]).filled().values == [1, 2, 3, 3])
  }
}
