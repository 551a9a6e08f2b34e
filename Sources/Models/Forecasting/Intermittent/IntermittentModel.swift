import Foundation
import Learning
import MathKernels

/// Demand that comes now and then: in each step with the same probability, in sizes like those seen.
///
/// The point forecast is the mean demand a step. Quantiles and paths are of a step that has a demand with the probability
/// learned, its size one of those seen, scaled so that their mean is the size forecast; an interval is widened where it would
/// leave the mean out, as below one demand in ten steps.
public struct IntermittentModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// See `ForecastModel`.
  public let description: String
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  /// The mean demand a step.
  public let rate: Double
  /// The probability of a demand in a step.
  public let probability: Double
  /// The sizes of demand, scaled to the size forecast, in ascending order.
  private let sizes: [Double]

  init(_ series: DemandSeries, description: String, rate: Double, probability: Double, fitted: [Double]) {
    self.description = description
    self.rate = rate
    let share = min(1, max(0, probability))
    self.probability = share
    self.fitted = series.spread(fitted)
    let seen = series.sizes
    let scale = share > 0 && !seen.isEmpty ? rate / share / Statistics.mean(seen) : 0
    sizes = seen.map { $0 * scale }.sorted()
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    func flat(_ value: Double) -> [Double] { [Double](repeating: value, count: horizon) }
    let intervals = levels.map { level in
      Forecast.Interval(
        level: level, lower: flat(min(rate, quantile(0.5 - level / 2))),
        upper: flat(max(rate, quantile(0.5 + level / 2))))
    }
    return Forecast(mean: flat(rate), intervals: intervals)
  }

  private func quantile(_ share: Double) -> Double {
    guard share > 1 - probability, probability > 0, !sizes.isEmpty else { return 0 }
    return Statistics.quantile(ofSorted: sizes, at: (share - (1 - probability)) / probability)
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    return SamplePaths.draw(count: count, horizon: horizon, seed: seed) { path, random in
      for step in 0..<horizon where random.uniform() < probability && !sizes.isEmpty {
        path[step] = sizes[random.index(below: sizes.count)]
      }
    }
  }
}
