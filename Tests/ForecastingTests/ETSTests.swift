import Forecasting
import Learning
import Testing

@Suite struct ETSTests {
  /// Form and AIC of `forecast::ets`, version 8.20.
  @Test(arguments: [
    (TimeSeries.airPassengers, "MAdM", 1395.166), (.accidentalDeaths, "ANA", 1140.145),
    (.wineind, "MAdM", 3637.995), (.ukGas, "MAM", 1254.722), (.nile, "MNN", 1458.302),
    (.serverUsers, "AAdN", 717.731),
  ])
  func agreesWithForecastPackage(series: TimeSeries, form: String, aic: Double) throws {
    let model = try ETS().fitETS(series)
    #expect(model.form == ETSForm(form))
    #expect(model.aic < aic + 0.0006)
    #expect(model.aic > aic - 1)
  }

  @Test func conform() throws {
    try ForecasterConformance(forecaster: ETS()).check()
    try ForecasterConformance(forecaster: SimpleExponentialSmoothing()).check()
    try ForecasterConformance(forecaster: Holt()).check()
    try ForecasterConformance(forecaster: Holt(damped: true)).check()
    try ForecasterConformance(forecaster: HoltWinters()).check()
  }
}
