import Forecasting
import Learning
import MathKernels
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

  @Test func drawsPathsOfTheMomentsItStates() throws {
    for method in [Theta() as any Forecaster, OptimisedTheta(), DynamicOptimisedTheta()] {
      let model = try method.fit(.airPassengers, context: FitContext())
      let forecast = try model.forecast(horizon: 20, levels: [0.6826894921370859], regressors: [:])
      let paths = try model.samplePaths(horizon: 20, count: 20_000, regressors: [:], seed: 3)
      for step in [0, 1, 12, 19] {
        let column = paths.map { $0[step] }
        let deviation = (forecast.intervals[0].upper[step] - forecast.intervals[0].lower[step]) / 2
        #expect(abs(Statistics.mean(column) - forecast.mean[step]) < 0.04 * deviation)
        #expect(abs(Statistics.standardDeviation(column) / deviation - 1) < 0.03, "\(method.name) \(step)")
      }
    }
  }
}
