import Forecasting
import Learning
import Testing

@Suite struct ThetaTests {
  @Test func conform() throws {
    try ForecasterConformance(forecaster: Theta()).check()
    try ForecasterConformance(forecaster: OptimisedTheta()).check()
    try ForecasterConformance(forecaster: DynamicOptimisedTheta()).check()
  }

  @Test func agreesWithForecastPackageOnAirPassengers() throws {
    let model = try Theta().fit(.airPassengers, context: FitContext())
    let mean = try model.forecast(horizon: 3, levels: [], regressors: [:]).mean
    for (value, expected) in zip(mean, [440.0782, 428.3843, 489.7071]) {
      #expect(abs(value - expected) < 5e-5)
    }
  }

  @Test func followsALineExactly() throws {
    let line = TimeSeries(values: (0..<40).map { 3 + 2 * Double($0) })
    for method in [OptimisedTheta() as any Forecaster, DynamicOptimisedTheta()] {
      let mean = try method.fit(line, context: FitContext())
        .forecast(horizon: 3, levels: [], regressors: [:]).mean
      for (value, expected) in zip(mean, [83.0, 85, 87]) {
        #expect(abs(value - expected) < 0.05, "\(method.name): \(mean)")
      }
    }
  }
}
