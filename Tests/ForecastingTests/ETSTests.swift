import Forecasting
import Learning
import MathKernels
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

  /// Form, sigma², and mean and 95 % interval of the first and the 14th step to come, of `forecast::ets`.
  @Test(arguments: [
    (
      TimeSeries.accidentalDeaths, "ANA", 85667.85631,
      [8397.496909, 7599.220613, 7823.833644, 6241.879537, 8971.160175, 8956.561690]
    ),
    (
      .serverUsers, "AAdN", 12.22438726,
      [218.3663349, 211.6751474, 211.5136362, 109.4113840, 225.2190337, 313.9389109]
    ),
    (
      .nile, "MNN", 0.02395705656,
      [838.8751613, 838.8751613, 584.3901810, 548.0327232, 1093.3601417, 1129.7175994]
    ),
    (
      .ukGas, "MAM", 0.01362359634,
      [1258.8236182, 824.9897050, 970.8459192, 459.6373391, 1546.8013172, 1190.3420710]
    ),
    (
      .airPassengers, "AAA", 325.6970381,
      [437.2862726, 446.6241697, 401.9146490, 314.9068010, 472.6578963, 578.3415384]
    ),
    (
      .airPassengers, "MAdA", 0.005663450682,
      [428.2662744, 424.2762667, 365.0974888, 171.5014523, 491.4350601, 677.0510810]
    ),
  ])
  func agreesWithForecastPackageOnIntervals(
    series: TimeSeries, form: String, variance: Double, ends: [Double]
  ) throws {
    let model = try ETS(.init(forms: [#require(ETSForm(form))])).fitETS(series)
    #expect(abs(model.variance / variance - 1) < 1e-3)
    let forecast = try model.forecast(horizon: 14, levels: [0.95], regressors: [:])
    let interval = forecast.intervals[0]
    let ours = [forecast.mean, interval.lower, interval.upper].flatMap { [$0[0], $0[13]] }
    for (value, expected) in zip(ours, ends) { #expect(abs(value / expected - 1) < 1e-3, "\(ours)") }
  }

  @Test func agreesWithForecastPackageOnHeldOutMonths() throws {
    let training = TimeSeries.airPassengers.before(120)
    let actual = Array(TimeSeries.airPassengers.values[120...])
    for (method, mase) in [(ETS() as any Forecaster, 2.2122), (Theta(), 2.2123), (SeasonalNaive(), 2.4935)] {
      let forecast = try method.fit(training, context: FitContext())
        .forecast(horizon: 24, levels: [], regressors: [:])
      let measured = try #require(ForecastMetrics(forecast, actual: actual, training: training)?.mase)
      #expect(abs(measured - mase) < 0.01, "\(method.name): \(measured)")
    }
  }

  /// The exact moments of each class against those of its own sample paths.
  @Test(arguments: ["MAdM", "MAM", "MNM", "MAN", "MNA", "AAA", "AAdN"])
  func drawsPathsOfTheMomentsItStates(form: String) throws {
    let model = try ETS(.init(forms: [#require(ETSForm(form))])).fitETS(.airPassengers)
    let horizon = 30
    let forecast = try model.forecast(horizon: horizon, levels: [0.6826894921370859], regressors: [:])
    let paths = try model.samplePaths(horizon: horizon, count: 40_000, regressors: [:], seed: 11)
    for step in [0, 11, 12, 13, 29] {
      let column = paths.map { $0[step] }
      let deviation = (forecast.intervals[0].upper[step] - forecast.intervals[0].lower[step]) / 2
      #expect(abs(Statistics.mean(column) - forecast.mean[step]) < 0.03 * deviation)
      #expect(abs(Statistics.standardDeviation(column) / deviation - 1) < 0.025, "\(form) step \(step)")
    }
  }

  @Test func keepsItsParametersInBounds() throws {
    for form in ETSForm.admissible {
      let model = try ETS(.init(forms: [form])).fitETS(.ukGas)
      let p = model.parameters
      #expect(p.level >= 0.0001 && p.level <= 0.9999 && p.damping <= 1)
      #expect(p.slope <= p.level && p.season <= 1 - p.level)
      #expect(form.trend == .damped ? (0.8...0.98).contains(p.damping) : p.damping == 1)
      #expect((form.trend == .none) == (p.slope == 0) && (form.season == .none) == (p.season == 0))
    }
  }

  @Test func letsTheSlopeOfShortSeriesFollowSlowly() throws {
    let short = TimeSeries(values: Array(TimeSeries.serverUsers.values.prefix(40)))
    let holt = ETSForm(.additive, .damped, .none)
    let capped = try ETS(.init(forms: [holt])).fitETS(short)
    let free = try ETS(.init(forms: [holt], largestSlopeRate: 0.9999)).fitETS(short)
    #expect(capped.parameters.slope <= 0.2 && free.parameters.slope > 0.5)
  }

  @Test func refusesFormsTheSeriesCannotHave() throws {
    let zeros = TimeSeries(id: "z", values: [3, 0, 4, 5, 2, 6, 7, 3, 4], seasonLength: 1)
    #expect(
      throws: ForecastError.invalidValue(
        series: "z", index: 1, value: 0, expected: "a value above 0, which ETS(M,N,N) needs")
    ) { _ = try ETS(.init(forms: [ETSForm(.multiplicative, .none, .none)])).fitETS(zeros) }
    #expect(throws: ForecastError.self) { _ = try ETS(.init(forms: [])).fitETS(zeros) }
    #expect(throws: ForecastError.self) { _ = try ETS(.init(maximumEvaluations: 0)).fitETS(zeros) }
    #expect(throws: ForecastError.self) { _ = try ETS(.init(largestSlopeRate: 1)).fitETS(zeros) }
    #expect(try ETS().fitETS(zeros).form.error == .additive)
    #expect(ETSForm("XNN") == nil && ETSForm("AQN") == nil && ETSForm("MAdM")?.description == "ETS(M,Ad,M)")
  }

  @Test func conform() throws {
    try ForecasterConformance(forecaster: ETS()).check()
    try ForecasterConformance(forecaster: SimpleExponentialSmoothing()).check()
    try ForecasterConformance(forecaster: Holt()).check()
    try ForecasterConformance(forecaster: Holt(damped: true)).check()
    try ForecasterConformance(forecaster: HoltWinters()).check()
    try ForecasterConformance(forecaster: HoltWinters(damped: true)).check()
    try ForecasterConformance(
      forecaster: ETS(.init(forms: [ETSForm(.additive, .none, .multiplicative)])), positive: true
    ).check()
    try ForecasterConformance(forecaster: HoltWinters(seasonal: .multiplicative), positive: true).check()
  }
}
