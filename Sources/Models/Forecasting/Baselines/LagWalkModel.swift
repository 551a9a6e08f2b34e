import Foundation
import Learning
import MathKernels

/// A walk over a lag: each value is the one `lag` steps before, plus a drift, plus an error.
///
/// What `Naive`, `SeasonalNaive` and `Drift` learn.
public struct LagWalkModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// See `ForecastModel`.
  public let description: String
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  /// How far back the value it starts from lies.
  public let lag: Int
  /// What is added over one lag.
  public let drift: Double
  /// The standard error of the drift.
  public let driftError: Double
  /// The variance of the error of one step.
  public let variance: Double
  private let last: [Double]

  init(_ series: PreparedSeries, lag: Int, drift: Bool, description: String) {
    let values = series.values
    let steps = (lag..<max(lag, values.count)).filter { series.observed[$0] }
    let differences = steps.map { values[$0] - values[$0 - lag] }
    let slope = drift && !differences.isEmpty ? Statistics.mean(differences) : 0
    let lost = drift ? 1 : 0
    let squares = differences.reduce(0) { $0 + ($1 - slope) * ($1 - slope) }
    let variance = differences.count > lost ? squares / Double(differences.count - lost) : 0
    self.lag = lag
    self.drift = slope
    self.variance = variance
    driftError = drift && !differences.isEmpty ? (variance / Double(differences.count)).squareRoot() : 0
    last = Array(values.suffix(lag))
    fitted = values.indices.map { $0 < lag ? .nan : values[$0 - lag] + slope }
    self.description = description
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    let laps = (0..<horizon).map { Double($0 / lag + 1) }
    let mean = (0..<horizon).map { last[$0 % lag] + laps[$0] * drift }
    let deviations = laps.map { ($0 * variance + $0 * $0 * driftError * driftError).squareRoot() }
    return Forecast(mean: mean, deviations: deviations, levels: levels)
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    let deviation = variance.squareRoot()
    return SamplePaths.draw(count: count, horizon: horizon, seed: seed) { path, random in
      let slope = drift + driftError * random.normal()
      for step in 0..<horizon {
        let before = step < lag ? last[step] : path[step - lag]
        path[step] = before + slope + deviation * random.normal()
      }
    }
  }
}
