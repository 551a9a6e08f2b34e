import Foundation
import Learning
import MathKernels

/// The share of customers who stay longer than each time, estimated without assuming any shape.
///
/// ```swift
/// let curve = try KaplanMeier().fit(.init(durations: [1, 2, 2, 3], events: [true, true, false, true]))
/// curve.survival(at: 2)          // 0.5
/// curve.interval(at: 2)          // with its uncertainty
/// curve.median                   // 2: the first time at which no more than half are left
/// ```
/// Customers who are still there count until they go out of sight. Variances are Greenwood's; intervals are taken on the scale
/// of log(−log S), so that they stay between 0 and 1. Sources: Kaplan and Meier (1958),
/// https://doi.org/10.1080/01621459.1958.10501452; Kalbfleisch and Prentice (2002), https://doi.org/10.1002/9781118032985
///
/// - Complexity: O(n log n).
public struct KaplanMeier: Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The confidence of the intervals.
    public var level: Double

    /// Settings.
    public init(level: Double = 0.95) { self.level = level }
  }

  /// The settings.
  public let configuration: Configuration

  /// An estimate with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Estimates the curve.
  ///
  /// - Throws: `CustomerValueError.invalidParameter`, `CancellationError`.
  public func fit(_ data: SurvivalData, context: FitContext) async throws -> SurvivalCurve {
    try context.checkpoint(step: 0, of: 1)
    return try fit(data)
  }

  /// Estimates the curve, on the caller's thread.
  public func fit(_ data: SurvivalData) throws -> SurvivalCurve {
    guard configuration.level > 0, configuration.level < 1 else {
      throw CustomerValueError.invalidParameter(
        name: "level", value: "\(configuration.level)", expected: "between 0 and 1")
    }
    let order = (0..<data.count).sorted { data.durations[$0] < data.durations[$1] }
    var atRisk = data.weights.reduce(0, +)
    var (survival, greenwood, place) = (1.0, 0.0, 0)
    var points: [SurvivalCurve.Point] = []
    while place < order.count {
      let time = data.durations[order[place]]
      var (left, gone) = (0.0, 0.0)
      while place < order.count, data.durations[order[place]] == time {
        let index = order[place]
        if data.events[index] { left += data.weights[index] } else { gone += data.weights[index] }
        place += 1
      }
      if left > 0 {
        survival *= max(0, 1 - left / atRisk)
        if atRisk > left { greenwood += left / (atRisk * (atRisk - left)) }
        points.append(
          .init(
            time: time, atRisk: atRisk, left: left, survival: survival,
            interval: interval(survival, greenwood)))
      }
      atRisk -= left + gone
    }
    return SurvivalCurve(points: points, lastTime: data.durations[order[order.count - 1]], count: data.count)
  }

  private func interval(_ survival: Double, _ greenwood: Double) -> ConfidenceInterval {
    let level = configuration.level
    guard survival > 0, survival < 1 else {
      return ConfidenceInterval(lower: survival, upper: survival, level: level)
    }
    let z = NormalDistribution.quantile((1 + level) / 2)
    let spread = z * greenwood.squareRoot() / log(survival)
    let (a, b) = (pow(survival, exp(spread)), pow(survival, exp(-spread)))
    return ConfidenceInterval(lower: min(a, b), upper: max(a, b), level: level)
  }
}

/// The share of customers who stay longer than each time: a curve that falls by steps.
public struct SurvivalCurve: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// A step of the curve.
  public struct Point: Sendable, Codable, Equatable {
    /// When somebody left.
    public var time: Double
    /// How many were still watched just before.
    public var atRisk: Double
    /// How many left.
    public var left: Double
    /// The share that stays longer.
    public var survival: Double
    /// Its interval.
    public var interval: ConfidenceInterval
  }

  /// The steps, in order of time.
  public let points: [Point]
  /// The longest time that anybody was watched.
  public let lastTime: Double
  /// How many customers there were.
  public let count: Int

  /// The last step at or before a time; nil before the first.
  private func point(at time: Double) -> Point? {
    var (low, high) = (0, points.count)
    while low < high {
      let middle = (low + high) / 2
      if points[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? points[low - 1] : nil
  }

  /// The share that stays longer than `time`; after the last time that anybody was watched it stays as it was.
  public func survival(at time: Double) -> Double { point(at: time)?.survival ?? 1 }

  /// The interval of that share; nil before the first step, where all are still there.
  public func interval(at time: Double) -> ConfidenceInterval? { point(at: time)?.interval }

  /// The first time at which no more than half are left; nil when more than half stay.
  public var median: Double? { points.first { $0.survival <= 0.5 }?.time }

  /// The mean time that is stayed up to `time`: the area under the curve.
  public func restrictedMean(until time: Double) -> Double {
    var (area, before, share) = (0.0, 0.0, 1.0)
    for point in points where point.time < time {
      area += (point.time - before) * share
      (before, share) = (point.time, point.survival)
    }
    return area + max(0, time - before) * share
  }
}
