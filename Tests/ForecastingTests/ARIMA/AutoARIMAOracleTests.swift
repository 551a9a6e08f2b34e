import Forecasting
import Learning
import Testing

/// What `auto.arima` of R's forecast 8.20 finds.
@Suite struct AutoARIMAOracleTests {
  struct Reference: Sendable, CustomTestStringConvertible {
    var series: TimeSeries
    var model: String
    var aic: Double
    var aicc: Double
    /// The coefficients of past values, past errors and those of past seasons, to the digits that R prints. R starts the levels with a variance of
    /// 10⁶, which moves the fourth digit of the accidental deaths: with 10⁸ it prints -0.5527 as well.
    var coefficients: [Double]?
    var testDescription: String { series.id }
  }

  static let references = [
    Reference(
      series: .airPassengers, model: "ARIMA(2,1,1)(0,1,0)[12]", aic: 1017.85, aicc: 1018.17,
      coefficients: [0.5960, 0.2143, -0.9819]),
    Reference(
      series: .accidentalDeaths, model: "ARIMA(0,1,1)(0,1,1)[12]", aic: 856.88, aicc: 857.32,
      coefficients: [-0.4303, -0.5528]),
    Reference(
      series: .serverUsers, model: "ARIMA(1,1,1)", aic: 514.30, aicc: 514.55,
      coefficients: [0.6504, 0.5256]),
    Reference(
      series: .nile, model: "ARIMA(1,1,1)", aic: 1267.25, aicc: 1267.51,
      coefficients: [0.2544, -0.8741]),
    Reference(
      series: .lynx, model: "ARIMA(2,0,2) with non-zero mean", aic: 1876.17, aicc: 1876.95,
      coefficients: nil),
    Reference(
      series: .ukGas, model: "ARIMA(0,1,1)(0,1,0)[4]", aic: 1030.67, aicc: 1030.79,
      coefficients: [-0.9297]),
    Reference(
      series: .wineind, model: "ARIMA(1,1,2)(0,1,1)[12]", aic: 3004.10, aicc: 3004.48,
      coefficients: [0.4299, -1.4673, 0.5339, -0.6600]),
    Reference(
      series: .woolyrnq, model: "ARIMA(1,0,0)(0,1,1)[4]", aic: 1722.00, aicc: 1722.21,
      coefficients: [0.8077, -0.6669]),
    Reference(
      series: .gas, model: "ARIMA(2,1,1)(0,1,1)[12]", aic: 8163.16, aicc: 8163.29,
      coefficients: [0.3756, 0.1457, -0.8620, -0.6216]),
    Reference(
      series: .co2, model: "ARIMA(1,1,1)(1,1,2)[12]", aic: 180.78, aicc: 180.97,
      coefficients: nil),
  ]

  @Test("agrees with R's auto.arima", arguments: references)
  func agreesWithForecastPackage(_ reference: Reference) throws {
    let model = try AutoARIMA().fitModel(reference.series)
    #expect(model.description == reference.model)
    #expect(abs(try #require(model.aic) - reference.aic) < 0.01)
    #expect(abs(try #require(model.aicc) - reference.aicc) < 0.01)
    guard let expected = reference.coefficients else { return }
    let found =
      model.autoregressive + model.movingAverage + model.seasonalAutoregressive + model.seasonalMovingAverage
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 0.0001, "\(found)") }
  }

  @Test("the mean of the lynx agrees with R to its digits")
  func lynxMean() throws {
    let model = try AutoARIMA().fitModel(TimeSeries.lynx)
    #expect(abs(try #require(model.constantValue) - 1544.40) < 0.005)
    #expect(model.constant == .mean)
  }

  @Test("agrees with R's auto.arima on the logarithm of the airline's passengers")
  func agreesOnLogarithms() throws {
    var configuration = AutoARIMA.Configuration()
    configuration.transformation = .power(0)
    let model = try AutoARIMA(configuration).fitModel(TimeSeries.airPassengers)
    #expect(model.description == "ARIMA(0,1,1)(0,1,1)[12]")
    #expect(abs(try #require(model.aic) + 483.40) < 0.01)
    #expect(abs(try #require(model.aicc) + 483.21) < 0.01)
    #expect(abs(model.movingAverage[0] + 0.4018) < 0.000051)
    #expect(abs(model.seasonalMovingAverage[0] + 0.5569) < 0.000051)
  }

  @Test("the airline's forecasts, variance and likelihood agree with R's")
  func airlineForecasts() throws {
    let model = try AutoARIMA().fitModel(TimeSeries.airPassengers)
    let forecast = try model.forecast(horizon: 6, levels: [], regressors: [:])
    let expected = [445.6349, 420.395, 449.1983, 491.8399, 503.3945, 566.8625]
    for (a, b) in zip(forecast.mean, expected) { #expect(abs(a - b) < 0.0005) }
    #expect(abs(model.variance - 132.3) < 0.051)
    #expect(abs(try #require(model.logLikelihood) + 504.92) < 0.01)
  }

  @Test("errors on the last two years agree with R's", arguments: [(nil, 2.400), (0.0, 1.3805)])
  func holdoutError(_ lambda: Double?, _ expected: Double) throws {
    let all = TimeSeries.airPassengers.values
    let (train, test) = (Array(all[..<120]), Array(all[120...]))
    var configuration = AutoARIMA.Configuration()
    configuration.transformation = lambda.map { .power($0) } ?? .none
    let model = try AutoARIMA(configuration).fitModel(TimeSeries(values: train, seasonLength: 12))
    let forecast = try model.forecast(horizon: 24, levels: [], regressors: [:])
    var (error, scale) = (0.0, 0.0)
    for step in 0..<24 { error += abs(forecast.mean[step] - test[step]) / 24 }
    for step in 12..<120 { scale += abs(train[step] - train[step - 12]) / 108 }
    #expect(abs(error / scale - expected) < 0.0006, "\(error / scale)")
  }
}
