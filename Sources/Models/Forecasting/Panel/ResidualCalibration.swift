import Foundation
import Learning
import MathKernels

/// How far forecasts of a panel miss: errors that were made on the steps held out, each over the size of miss expected of its
/// series and step.
///
/// Split conformal prediction across series with normalised scores of either sign, so that intervals may be lopsided as demand
/// is. Of four sizes that are expected the one is taken whose intervals score best on the steps held out. Sources: Lei, G'Sell,
/// Rinaldo, Tibshirani and Wasserman (2018), https://doi.org/10.1080/01621459.2017.1307116; the interval score, Gneiting and
/// Raftery (2007), https://doi.org/10.1198/016214506000001437
struct ResidualCalibration: Sendable, Codable, Equatable {
  /// What a miss is measured by.
  enum Yardstick: String, Sendable, Codable, CaseIterable {
    /// How far the series' values lie from their recent level.
    case deviation
    /// What is forecast.
    case level
    /// The root of what is forecast times the series' mean, as for counts.
    case root
    /// The geometric mean of the first two.
    case both

    func size(mean: Double, series: PanelSeries) -> Double {
      let usual = max(abs(series.mean), 1e-12)
      let level = max(abs(mean), 0.05 * usual)
      let deviation = max(series.deviation, 0.02 * usual)
      return switch self {
      case .deviation: deviation
      case .level: level
      case .root: (level * usual).squareRoot()
      case .both: (level * deviation).squareRoot()
      }
    }
  }

  /// One series' forecast of steps that were held out, and what came.
  struct Case {
    var series: PanelSeries
    var mean: [Double]
    var actual: [Double]
  }

  var yardstick: Yardstick
  /// How many steps each path of errors has.
  var span: Int
  /// Paths of errors, one after the other, NaN where no value came.
  @Packed var paths: [Double]
  /// All errors of a step in ascending order, by step; the last for steps beyond.
  private var sorted: [[Double]]
  /// Whether errors were seen; without any they are taken to be normal.
  var isLearned: Bool

  private static let enoughForAStep = 200

  init(_ cases: [Case], span: Int) {
    self.span = span
    let scored = Yardstick.allCases.map { yardstick in
      (yardstick, Self.paths(cases, yardstick, span))
    }
    isLearned = scored[0].1.contains { !$0.isNaN }
    guard isLearned else {
      // A hundred errors in the shape of the normal distribution, the same at every step.
      yardstick = .deviation
      paths = (0..<100).flatMap { place in
        [Double](repeating: NormalDistribution.quantile((Double(place) + 0.5) / 100), count: span)
      }
      sorted = []
      sorted = Self.sorted(paths, span)
      return
    }
    let best = scored.min {
      Self.score(cases, $0.0, Self.sorted($0.1, span)) < Self.score(cases, $1.0, Self.sorted($1.1, span))
    }
    (yardstick, paths) = best ?? scored[0]
    sorted = []
    sorted = Self.sorted(paths, span)
  }

  private static func paths(_ cases: [Case], _ yardstick: Yardstick, _ span: Int) -> [Double] {
    cases.flatMap { one in
      (0..<span).map { step in
        guard step < one.actual.count, step < one.mean.count else { return Double.nan }
        return (one.actual[step] - one.mean[step]) / yardstick.size(mean: one.mean[step], series: one.series)
      }
    }
  }

  private static func sorted(_ paths: [Double], _ span: Int) -> [[Double]] {
    let byStep = (0..<span).map { step in
      stride(from: step, to: paths.count, by: span).map { paths[$0] }.filter { !$0.isNaN }.sorted()
    }
    guard byStep.contains(where: { $0.count < enoughForAStep }) else { return byStep }
    let all = paths.filter { !$0.isNaN }.sorted()
    return [[Double]](repeating: all, count: span)
  }

  /// The mean score of intervals of 80 % over the mean of the values, the smaller the better.
  private static func score(_ cases: [Case], _ yardstick: Yardstick, _ sorted: [[Double]]) -> Double {
    var (sum, count) = (0.0, 0.0)
    for one in cases {
      let scale = max(one.series.deviation, 1e-12)
      for step in one.actual.indices where !one.actual[step].isNaN && step < sorted.count {
        let size = yardstick.size(mean: one.mean[step], series: one.series)
        let lower = one.mean[step] + size * quantile(sorted[step], 0.1)
        let upper = one.mean[step] + size * quantile(sorted[step], 0.9)
        let missed = max(0, lower - one.actual[step]) + max(0, one.actual[step] - upper)
        sum += (upper - lower + 10 * missed) / scale
        count += 1
      }
    }
    return count > 0 ? sum / count : .infinity
  }

  /// The value with a share of errors below it, counted as if one more were to come.
  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let count = Double(sorted.count + 1)
    let rank =
      share < 0.5 ? Int((share * count).rounded(.down)) : Int((share * count).rounded(.up))
    return sorted[min(sorted.count - 1, max(0, rank - 1))]
  }

  /// How much wider misses are beyond the steps that were held out: as those of a random walk of whole spans.
  private func growth(_ step: Int) -> Double { Double(step / span + 1).squareRoot() }

  /// A forecast with its intervals.
  func forecast(_ mean: [Double], of series: PanelSeries, levels: [Double]) -> Forecast {
    var forecast = Forecast(mean: mean)
    forecast.intervals = levels.map { level in
      var interval = Forecast.Interval(level: level, lower: mean, upper: mean)
      for step in mean.indices {
        let size = yardstick.size(mean: mean[step], series: series) * growth(step)
        let errors = sorted[step % span]
        let (low, high) = (
          Self.quantile(errors, 0.5 - level / 2), Self.quantile(errors, 0.5 + level / 2)
        )
        interval.lower[step] = min(mean[step], mean[step] + size * low)
        interval.upper[step] = max(mean[step], mean[step] + size * high)
        if series.isNonnegative { interval.lower[step] = max(0, interval.lower[step]) }
      }
      return interval
    }
    forecast.nest()
    return forecast
  }

  /// Ways in which a series may go on: whole paths of errors that were made, so that neighbouring steps err together as they did.
  func paths(_ mean: [Double], of series: PanelSeries, count: Int, seed: UInt64) -> [[Double]] {
    let stored = self.paths.count / span
    return SamplePaths.draw(count: count, horizon: mean.count, seed: seed) { values, random in
      var path = 0
      for step in values.indices {
        if step % span == 0 { path = random.index(below: stored) }
        var error = self.paths[path * span + step % span]
        if error.isNaN {
          let errors = sorted[step % span]
          error = errors[random.index(below: errors.count)]
        }
        let value = mean[step] + error * yardstick.size(mean: mean[step], series: series) * growth(step)
        values[step] = series.isNonnegative ? max(0, value) : value
      }
    }
  }
}
