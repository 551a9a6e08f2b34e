import Foundation
import Learning
import MathKernels

/// The historic average: every value to come is the mean of all.
///
/// ```swift
/// let model = try HistoricAverage().fit(TimeSeries(values: [3, 5, 4]), context: FitContext())
/// try model.forecast(horizon: 2, levels: [0.8], regressors: [:]).mean   // [4, 4]
/// ```
/// Intervals are normal with variance (1 + 1/n)·σ². Source: Hyndman and Athanasopoulos, Forecasting: Principles and
/// Practice, 3rd edition, sections 5.2 and 5.5, https://otexts.com/fpp3/simple-methods.html
///
/// - Complexity: O(n).
/// - Throws: `ForecastError.notEnoughData` for a series without a value, `invalidValue` for an infinite one.
public struct HistoricAverage: Forecaster {
  /// See `Forecaster`.
  public let name = "HistoricAverage"

  /// The historic average.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let prepared = try PreparedSeries(series)
    let values = zip(prepared.values, prepared.observed).filter(\.1).map(\.0)
    let spread = Statistics.variance(values)
    return HistoricAverageModel(
      fitted: [Double](repeating: Statistics.mean(values), count: series.count),
      mean: Statistics.mean(values), variance: spread.isNaN ? 0 : spread, observed: values.count)
  }
}

/// The mean of a series, with its spread.
public struct HistoricAverageModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// See `ForecastModel`.
  public var description: String { "HistoricAverage" }
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  /// The mean of the observed values.
  public let mean: Double
  /// Their variance.
  public let variance: Double
  /// How many there are.
  public let observed: Int

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    let deviation = (variance * (1 + 1 / Double(observed))).squareRoot()
    return Forecast(
      mean: [Double](repeating: mean, count: horizon),
      deviations: [Double](repeating: deviation, count: horizon), levels: levels)
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    let deviation = variance.squareRoot()
    return SamplePaths.draw(count: count, horizon: horizon, seed: seed) { path, random in
      let centre = mean + deviation / Double(observed).squareRoot() * random.normal()
      for step in 0..<horizon { path[step] = centre + deviation * random.normal() }
    }
  }
}
