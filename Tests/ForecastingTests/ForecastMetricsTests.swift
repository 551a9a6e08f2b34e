import Forecasting
import Learning
import Testing

@Suite struct ForecastMetricsTests {
  private let forecast = Forecast(
    mean: [5, 5], intervals: [.init(level: 0.8, lower: [4, 4.5], upper: [6, 6])])

  @Test func measuresAsCalculatedByHand() throws {
    let metrics = try #require(
      ForecastMetrics(forecast, actual: [6, 4], training: TimeSeries(values: [1, 2, 3, 4])))
    #expect(metrics.mase == 1 && metrics.rmsse == 1 && metrics.bias == 0)
    #expect(abs(metrics.smape - 100 * (1.0 / 11 + 1.0 / 9)) < 1e-12)
    #expect(metrics.intervals[0].coverage == 0.5)
    #expect(abs((metrics.intervals[0].msis ?? 0) - 4.25) < 1e-12)
    #expect(abs((metrics.crps ?? 0) - 0.655) < 1e-12)
  }

  @Test func scalesBySeasonalDifferences() throws {
    let training = TimeSeries(values: [1, 10, 3, 14], seasonLength: 2)
    let metrics = try #require(ForecastMetrics(Forecast(mean: [5, 5]), actual: [8, 5], training: training))
    #expect(metrics.mase == 0.5 && metrics.bias == -0.5)
    #expect(metrics.crps == nil && metrics.intervals.isEmpty)
  }

  @Test func leavesOutWhatDidNotComeAndWhatCannotBeScaled() throws {
    let flat = TimeSeries(values: [2, 2, 2])
    let metrics = try #require(ForecastMetrics(forecast, actual: [6, .nan], training: flat))
    #expect(metrics.mase == nil && metrics.rmsse == nil && metrics.meanAbsoluteError == 1)
    #expect(ForecastMetrics(forecast, actual: [.nan, .nan], training: flat) == nil)
    #expect(ForecastMetrics(forecast, actual: [], training: flat) == nil)
  }

  @Test func averagesOverSeriesThatHaveTheMeasure() throws {
    let scaled = try #require(
      ForecastMetrics(forecast, actual: [6, 4], training: TimeSeries(values: [1, 2, 3, 4])))
    let flat = try #require(ForecastMetrics(forecast, actual: [5, 5], training: TimeSeries(values: [2, 2])))
    let mean = try #require(ForecastMetrics.mean([flat, scaled]))
    #expect(mean.mase == 1 && mean.meanAbsoluteError == 0.5 && mean.intervals[0].coverage == 0.75)
    #expect(ForecastMetrics.wrmsse([flat, scaled], weights: [9, 1]) == 1)
    #expect(ForecastMetrics.mean([]) == nil)
  }
}
