import Learning
import MathKernels

/// A model of a transformed series, which forecasts on the scale of the series itself.
///
/// Means are corrected for the bias of the transformation, quantiles carried over; a path keeps its order.
public struct TransformedModel<Inner: ForecastModel>: ForecastModel {
  /// See `FittedModel`.
  public static var formatVersion: Int { Inner.formatVersion }
  /// The transformation.
  public let transformation: BoxCox
  /// The model on the transformed scale.
  public let inner: Inner
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  /// See `ForecastModel`.
  public var description: String {
    "BoxCox(\((transformation.lambda * 1000).rounded() / 1000))+\(inner.description)"
  }

  /// Learns the transformed series.
  ///
  /// - Throws: what `learn` throws; `ForecastError.invalidValue` for a value the transformation does not take.
  public init(_ transformation: BoxCox, of series: TimeSeries, learn: (TimeSeries) throws -> Inner) throws {
    var transformed = series
    for (index, value) in series.values.enumerated() where !value.isNaN {
      transformed.values[index] = transformation.transform(value)
      guard transformed.values[index].isFinite else {
        throw ForecastError.invalidValue(
          series: series.id, index: index, value: value,
          expected: "a value above 0, which Box and Cox's transformation needs")
      }
    }
    self.transformation = transformation
    inner = try learn(transformed)
    fitted = transformation.inverse(inner.fitted)
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    let measuring = 0.6826894921370859  // one standard deviation on either side
    let raw = try inner.forecast(horizon: horizon, levels: levels + [measuring], regressors: regressors)
    let intervals = raw.intervals.map { interval in
      Forecast.Interval(
        level: interval.level, lower: bounded(interval.lower, otherwise: 0),
        upper: bounded(interval.upper, otherwise: .greatestFiniteMagnitude))
    }
    let spread = raw.intervals[levels.count]
    let variances = (0..<horizon).map { step -> Double in
      let half = (spread.upper[step] - spread.lower[step]) / 2
      return half * half
    }
    var means = transformation.inverseMeans(raw.mean, variances: variances)
    for step in means.indices where !means[step].isFinite {
      means[step] = transformation.inverse(raw.mean[step])
    }
    var forecast = Forecast(mean: means, intervals: Array(intervals.prefix(levels.count)))
    forecast.widenToMean()
    return forecast
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try inner.samplePaths(horizon: horizon, count: count, regressors: regressors, seed: seed)
      .map { bounded($0, otherwise: .greatestFiniteMagnitude) }
  }

  /// On the original scale; beyond the image of a power below 0 there is no value, only a limit.
  private func bounded(_ values: [Double], otherwise limit: Double) -> [Double] {
    values.map {
      let value = transformation.inverse($0)
      return value.isNaN || value.isInfinite ? limit : value
    }
  }
}

extension Forecast {
  /// Widens intervals that leave the mean out, as those of skewed distributions may.
  mutating func widenToMean() {
    for index in intervals.indices {
      for step in mean.indices {
        intervals[index].lower[step] = min(intervals[index].lower[step], mean[step])
        intervals[index].upper[step] = max(intervals[index].upper[step], mean[step])
      }
    }
  }
}
