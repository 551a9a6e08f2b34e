import Foundation
import Learning
import MathKernels

/// Intervals that hold what they promise: the width of a method's own intervals is corrected by how far its past forecasts
/// missed.
///
/// ```swift
/// let method = Conformal(ETS(), backtest: RollingOrigin(horizon: 6, origins: 12))
/// let model = try method.fit(series, context: FitContext())
/// ```
/// Split conformal prediction with normalised scores: each backtested error is divided by the half-width the method itself
/// gave that step, from origins in the second half of the series, and the ⌈(n + 1)·level⌉-th smallest quotient scales the intervals to come. A series too short for enough
/// quotients keeps the method's own intervals, which the description says. Errors of neighbouring origins depend on each
/// other, so that coverage holds on average over series rather than for each. Sources: Lei, G'Sell, Rinaldo, Tibshirani and
/// Wasserman (2018), https://doi.org/10.1080/01621459.2017.1307116; for series, Stankevičiūtė, Alaa and van der Schaar (2021),
/// https://proceedings.neurips.cc/paper/2021/hash/312f1ba2a72318edaaa995a67835fad5-Abstract.html
///
/// - Complexity: that of the method, times the backtest's origins and one.
/// - Throws: as the method.
public struct Conformal: Forecaster {
  /// The method.
  public var base: any Forecaster
  /// Where its errors come from.
  public var backtest: RollingOrigin
  /// See `Forecaster`.
  public var name: String { "Conformal(\(base.name))" }

  /// Conformal intervals around a method.
  public init(_ base: any Forecaster, backtest: RollingOrigin = RollingOrigin(horizon: 4, origins: 12)) {
    (self.base, self.backtest) = (base, backtest)
  }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    var scores: [Double] = []
    do {
      let level = ConformalScale.referenceLevel
      // Models of half the series or less say little of the width that one of the whole needs.
      var backtest = backtest
      backtest.minimum = max(backtest.minimum, series.count / 2)
      scores = try backtest.run(base, on: series, levels: [level], context: context).folds
        .flatMap { ConformalScale.scores($0.forecast, actual: $0.actual) }
    } catch ForecastError.notEnoughData {
      // Too short to look back: the method's own intervals stay, and the description says so.
    }
    let model = try base.fit(series, context: context)
    return ConformalModel(StoredForecastModel(model), scale: ConformalScale(scores: scores))
  }
}

/// How far to widen or narrow intervals at each level, learned from past misses of one series or of many.
///
/// ```swift
/// let scale = ConformalScale(scores: folds.flatMap { ConformalScale.scores($0.forecast, actual: $0.actual) })
/// scale.halfWidths(reference: halfWidths, level: 0.95)
/// ```
public struct ConformalScale: Sendable, Codable, Equatable {
  /// The level of the intervals the scores are measured against.
  public static let referenceLevel = 0.8
  /// Past misses, each over the half-width of the reference interval, in ascending order.
  @Packed public private(set) var scores: [Double]

  /// A scale from scores.
  public init(scores: [Double]) { self.scores = scores.filter(\.isFinite).sorted() }

  /// The scores of one forecast whose first interval is the reference.
  public static func scores(_ forecast: Forecast, actual: [Double]) -> [Double] {
    guard let interval = forecast.intervals.first else { return [] }
    return actual.indices.compactMap { step in
      let half = (interval.upper[step] - interval.lower[step]) / 2
      guard half > 0, !actual[step].isNaN else { return nil }
      return abs(actual[step] - forecast.mean[step]) / half
    }
  }

  /// What the reference half-width is multiplied by at a level; nil where there are too few scores to promise it.
  public func factor(level: Double) -> Double? {
    let rank = Int((Double(scores.count + 1) * level).rounded(.up))
    return rank >= 1 && rank <= scores.count ? scores[rank - 1] : nil
  }

  /// A forecast with its intervals replaced; `reference` is the same forecast with the reference interval first.
  public func applied(to reference: Forecast, levels: [Double], own: Forecast) -> Forecast {
    var result = own
    let base = reference.intervals[0]
    for (index, level) in levels.enumerated() {
      guard let factor = factor(level: level) else { continue }
      for step in own.mean.indices {
        let half = (base.upper[step] - base.lower[step]) / 2 * factor
        result.intervals[index].lower[step] = own.mean[step] - half
        result.intervals[index].upper[step] = own.mean[step] + half
      }
    }
    result.nest()
    return result
  }
}

extension Forecast {
  /// Widens each interval to hold those of lower levels.
  mutating func nest() {
    let order = intervals.indices.sorted { intervals[$0].level < intervals[$1].level }
    for (inner, outer) in zip(order, order.dropFirst()) {
      for step in mean.indices {
        intervals[outer].lower[step] = min(intervals[outer].lower[step], intervals[inner].lower[step])
        intervals[outer].upper[step] = max(intervals[outer].upper[step], intervals[inner].upper[step])
      }
    }
  }
}

/// A model with conformal intervals.
public struct ConformalModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// How its intervals are scaled.
  public let scale: ConformalScale
  private let base: StoredForecastModel

  /// See `ForecastModel`.
  public var description: String {
    scale.scores.isEmpty ? base.description : "\(base.description) conformal(\(scale.scores.count))"
  }
  /// See `ForecastModel`.
  public var fitted: [Double] { base.fitted }

  /// A model with its intervals scaled, as by scores of many series.
  public init(_ base: StoredForecastModel, scale: ConformalScale) { (self.base, self.scale) = (base, scale) }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    let all = try base.forecast(
      horizon: horizon, levels: [ConformalScale.referenceLevel] + levels, regressors: regressors)
    var own = all
    own.intervals.removeFirst()
    return scale.applied(to: all, levels: levels, own: own)
  }

  /// Paths of the method itself, stretched about the mean as its intervals are at the reference level.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    let paths = try base.samplePaths(horizon: horizon, count: count, regressors: regressors, seed: seed)
    guard let factor = scale.factor(level: ConformalScale.referenceLevel), count > 0 else { return paths }
    let mean = try base.forecast(horizon: horizon, levels: [], regressors: regressors).mean
    return paths.map { path in zip(path, mean).map { $1 + factor * ($0 - $1) } }
  }
}
