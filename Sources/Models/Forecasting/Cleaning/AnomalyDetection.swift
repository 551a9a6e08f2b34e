import Foundation
import Learning
import MathKernels

/// Finds the steps at which a series did not do what a model of it expected.
///
/// Each residual of the one-step forecasts is compared with their median and its median absolute deviation, so that the
/// anomalies themselves do not hide each other.
///
/// ```swift
/// let anomalies = try AnomalyDetection().find(in: series, by: ETS(), context: FitContext())
/// for anomaly in anomalies { print(anomaly.step, anomaly.value, "expected", anomaly.expected) }
/// ```
/// Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, ASQC Quality Press; the threshold is theirs.
///
/// - Complexity: that of the method, and O(n log n).
/// - Throws: as the method; `ForecastError.invalidParameter`.
public struct AnomalyDetection: Sendable, Codable, Equatable {
  /// How many robust standard deviations off a residual must be.
  public var threshold: Double

  /// A search for anomalies.
  public init(threshold: Double = 3.5) { self.threshold = threshold }

  /// A value that was not expected.
  public struct Anomaly: Sendable, Codable, Equatable {
    /// Its step, counted from 0.
    public var step: Int
    /// The value.
    public var value: Double
    /// The value expected from those before it.
    public var expected: Double
    /// By how many robust standard deviations it is off; below 0 where it is too low.
    public var score: Double
  }

  /// The anomalies under a method, oldest first.
  public func find(in series: TimeSeries, by forecaster: any Forecaster, context: FitContext) throws
    -> [Anomaly]
  {
    try find(in: series, by: forecaster.fit(series, context: context))
  }

  /// The anomalies under a model of the same series, oldest first.
  public func find(in series: TimeSeries, by model: any ForecastModel) throws -> [Anomaly] {
    guard threshold > 0 else {
      throw ForecastError.invalidParameter(name: "threshold", value: "\(threshold)", expected: "above 0")
    }
    let fitted = model.fitted
    let steps = series.values.indices.filter {
      $0 < fitted.count && series.values[$0].isFinite && fitted[$0].isFinite
    }
    guard steps.count > 2 else { return [] }
    let residuals = steps.map { series.values[$0] - fitted[$0] }
    let center = Statistics.median(residuals)
    let distances = residuals.map { abs($0 - center) }
    let deviation = 1.4826 * Statistics.median(distances)
    // More than half of the values as expected to the last digit: the mean distance stands in.
    let scale = deviation > 0 ? deviation : 1.2533 * Statistics.mean(distances)
    guard scale > 1e-12 * (abs(Statistics.mean(series.values.filter(\.isFinite))) + 1e-300) else { return [] }
    return zip(steps, residuals).compactMap { step, residual in
      let score = (residual - center) / scale
      guard abs(score) > threshold else { return nil }
      return Anomaly(step: step, value: series.values[step], expected: fitted[step], score: score)
    }
  }
}
