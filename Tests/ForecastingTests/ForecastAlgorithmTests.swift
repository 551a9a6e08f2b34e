import Forecasting
import Foundation
import Learning
import Testing

/// Every method that can be named, on one series.
@Suite struct ForecastAlgorithmTests {
  @Test(arguments: ForecastAlgorithm.allCases)
  func forecastsAndIsTheSameWhenSaved(_ algorithm: ForecastAlgorithm) throws {
    let model = try algorithm.forecaster.fit(.airPassengers, context: FitContext())
    let forecast = try model.forecast(horizon: 6, levels: [0.8], regressors: [:])
    #expect(forecast.mean.count == 6 && forecast.mean.allSatisfy(\.isFinite))
    let saved = try JSONEncoder().encode(StoredForecastModel(model))
    let again = try JSONDecoder().decode(StoredForecastModel.self, from: saved)
    #expect(again.description == model.description)
    let after = try again.forecast(horizon: 6, levels: [0.8], regressors: [:])
    #expect(zip(after.mean, forecast.mean).allSatisfy { abs($0 - $1) <= 1e-9 * abs($1) })
  }

  @Test func automaticForecastsTakeTheMethodThatSuits() throws {
    func chosen(_ series: TimeSeries) throws -> String {
      try AutoForecast().fit(series, context: FitContext()).description
    }
    #expect(try chosen(.airPassengers).contains("ETS") && chosen(.airPassengers).contains("ARIMA"))
    var demand = [Double](repeating: 0, count: 60)
    for step in stride(from: 0, to: 60, by: 5) { demand[step] = Double(step % 3 + 1) }
    let seldom = TimeSeries(values: demand)
    #expect(try !chosen(seldom).contains("ARIMA"))
    var (promotion, values) = ([Double](), [Double]())
    for step in 0..<40 {
      promotion.append(step % 4 == 0 ? 1 : 0)
      values.append(100 + 50 * promotion[step] + Double(step % 3))
    }
    let known = TimeSeries(values: values, regressors: ["promotion": promotion])
    #expect(try chosen(known).contains("regression"))
  }
}
