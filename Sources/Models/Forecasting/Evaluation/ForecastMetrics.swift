import Foundation
import MathKernels

/// How good one forecast was, against what came.
///
/// ```swift
/// let metrics = ForecastMetrics(forecast, actual: [12, 15, 11], training: series)
/// metrics.mase   // below 1: better than the seasonal naive forecast inside the series
/// ```
/// A missing value that came (NaN) does not count. A figure that divides by the series' own variation is nil where it has
/// none. Sources: MASE, Hyndman and Koehler (2006), https://doi.org/10.1016/j.ijforecast.2006.03.001; sMAPE and MSIS,
/// Makridakis, Spiliotis and Assimakopoulos (2020), https://doi.org/10.1016/j.ijforecast.2019.04.014; RMSSE and WRMSSE, the
/// same (2022), https://doi.org/10.1016/j.ijforecast.2021.11.013; CRPS, Gneiting and Raftery (2007),
/// https://doi.org/10.1198/016214506000001437
///
/// - Complexity: O(n + h).
public struct ForecastMetrics: Sendable, Codable, Equatable {
  /// The share of values inside an interval, and the interval's scaled score.
  public struct IntervalScore: Sendable, Codable, Equatable {
    /// The probability meant.
    public var level: Double
    /// The share of values inside.
    public var coverage: Double
    /// The mean scaled interval score: its width, and the misses times 2 / (1 − level), over the series' variation.
    public var msis: Double?
  }

  /// The mean absolute error over the mean absolute seasonal difference inside the series.
  public var mase: Double?
  /// The root of the mean squared error over the mean squared difference of neighbours inside the series.
  public var rmsse: Double?
  /// The symmetric mean absolute percentage error, 0 to 200.
  public var smape: Double
  /// The mean absolute error.
  public var meanAbsoluteError: Double
  /// The mean of forecast less value, over the mean absolute seasonal difference: above 0 forecasts were too high.
  public var bias: Double?
  /// The continuous ranked probability score, in the series' units, by the quantiles of the intervals and the mean as median;
  /// nil without intervals.
  public var crps: Double?
  /// Each interval's score.
  public var intervals: [IntervalScore]

  /// The measures of a forecast; nil when no value came.
  ///
  /// - Parameters:
  ///   - forecast: what was said, at least as long as `actual`.
  ///   - actual: what came.
  ///   - training: the series the forecast was made from.
  public init?(_ forecast: Forecast, actual: [Double], training: TimeSeries) {
    let steps = actual.indices.filter { !actual[$0].isNaN && $0 < forecast.mean.count }
    guard !steps.isEmpty else { return nil }
    func mean(_ term: (Int) -> Double) -> Double { steps.reduce(0) { $0 + term($1) } / Double(steps.count) }
    let scale = Self.variation(training, lag: training.seasonLength) { abs($0) }
    let squareScale = Self.variation(training, lag: 1) { $0 * $0 }
    let errors = steps.map { forecast.mean[$0] - actual[$0] }
    meanAbsoluteError = Statistics.mean(errors.map { abs($0) })
    smape = mean { step in
      let sum = abs(forecast.mean[step]) + abs(actual[step])
      return sum == 0 ? 0 : 200 * abs(forecast.mean[step] - actual[step]) / sum
    }
    mase = scale.map { [meanAbsoluteError] in meanAbsoluteError / $0 }
    bias = scale.map { Statistics.mean(errors) / $0 }
    rmsse = squareScale.map { (Statistics.mean(errors.map { $0 * $0 }) / $0).squareRoot() }
    intervals = forecast.intervals.map { interval in
      let inside = mean { interval.lower[$0] <= actual[$0] && actual[$0] <= interval.upper[$0] ? 1 : 0 }
      let score = mean { step in
        let missed = max(0, interval.lower[step] - actual[step]) + max(0, actual[step] - interval.upper[step])
        return interval.upper[step] - interval.lower[step] + 2 / (1 - interval.level) * missed
      }
      return IntervalScore(level: interval.level, coverage: inside, msis: scale.map { score / $0 })
    }
    crps = forecast.intervals.isEmpty ? nil : mean { Self.crps(forecast, step: $0, value: actual[$0]) }
  }

  /// The mean of a term of the differences over a lag; over neighbours where the series is no longer than the lag; nil for 0.
  private static func variation(_ series: TimeSeries, lag: Int, _ term: (Double) -> Double) -> Double? {
    let lag = series.count > lag ? lag : 1
    guard series.count > lag else { return nil }
    let terms = (lag..<series.count).map { term(series.values[$0] - series.values[$0 - lag]) }.filter {
      !$0.isNaN
    }
    let mean = Statistics.mean(terms)
    return mean > 0 ? mean : nil
  }

  /// Twice the quantile loss, integrated over the quantiles known by trapezoids between them.
  private static func crps(_ forecast: Forecast, step: Int, value: Double) -> Double {
    var quantiles = [(share: 0.5, at: forecast.mean[step])]
    for interval in forecast.intervals {
      quantiles.append((0.5 - interval.level / 2, interval.lower[step]))
      quantiles.append((0.5 + interval.level / 2, interval.upper[step]))
    }
    quantiles.sort { $0.share < $1.share }
    let losses = quantiles.map { quantile in
      let gap = value - quantile.at
      return 2 * max(quantile.share * gap, (quantile.share - 1) * gap)
    }
    // The loss counts from 0 to the first quantile, and from the last to 1, as at that quantile.
    var sum =
      quantiles[0].share * losses[0] + (1 - quantiles[quantiles.count - 1].share) * losses[losses.count - 1]
    for index in 1..<quantiles.count {
      sum += (quantiles[index].share - quantiles[index - 1].share) * (losses[index] + losses[index - 1]) / 2
    }
    return sum
  }

  /// The mean of each measure over forecasts, of those that have it; nil for none.
  public static func mean(_ all: [ForecastMetrics]) -> ForecastMetrics? {
    guard var result = all.first else { return nil }
    func average(_ measure: (ForecastMetrics) -> Double?) -> Double? {
      let known = all.compactMap(measure)
      return known.isEmpty ? nil : Statistics.mean(known)
    }
    result.mase = average(\.mase)
    result.rmsse = average(\.rmsse)
    result.smape = average(\.smape) ?? 0
    result.meanAbsoluteError = average(\.meanAbsoluteError) ?? 0
    result.bias = average(\.bias)
    result.crps = average(\.crps)
    result.intervals = result.intervals.map { interval in
      let same: (ForecastMetrics) -> IntervalScore? = { $0.intervals.first { $0.level == interval.level } }
      return IntervalScore(
        level: interval.level, coverage: average { same($0)?.coverage } ?? 0, msis: average { same($0)?.msis }
      )
    }
    return result
  }

  /// The weighted root mean squared scaled error of many series: Σ weight·RMSSE / Σ weight, such as by their sales; nil
  /// where no series has both.
  public static func wrmsse(_ all: [ForecastMetrics], weights: [Double]) -> Double? {
    precondition(all.count == weights.count, "each series needs a weight")
    var (sum, total) = (0.0, 0.0)
    for (metrics, weight) in zip(all, weights) {
      guard let rmsse = metrics.rmsse else { continue }
      sum += weight * rmsse
      total += weight
    }
    return total > 0 ? sum / total : nil
  }
}
