import Learning
import MathKernels

/// Several methods' forecasts as one: combined forecasts are seldom the best and hardly ever bad.
///
/// ```swift
/// let method = ForecastCombination([ETS(), DynamicOptimisedTheta(), SeasonalNaive()], by: .median)
/// let model = try method.fit(series, context: FitContext())
/// ```
/// Ends of intervals are combined as the means are. A member that cannot learn a series is left out, and the description names
/// those that take part. Weights by backtest are the inverse of each member's mean scaled error; without a backtest, where the
/// series is too short for one, all weigh the same. Sources: Bates and Granger (1969), https://doi.org/10.1057/jors.1969.103;
/// quantile averaging, Lichtendahl, Grushka-Cockayne and Winkler (2013), https://doi.org/10.1287/mnsc.1120.1667
///
/// - Complexity: that of the members, times the backtest's origins and one.
/// - Throws: the error of the first member where none can learn the series; `ForecastError.invalidParameter` without members.
public struct ForecastCombination: Forecaster {
  /// How members come together.
  public enum Rule: String, Sendable, Codable, CaseIterable {
    /// The mean.
    case mean
    /// The median.
    case median
    /// The mean weighted by the inverse error of a backtest.
    case backtestWeights
    /// The member best in a backtest alone.
    case bestInBacktest
  }

  /// The methods.
  public var members: [any Forecaster]
  /// How they come together.
  public var rule: Rule
  /// The backtest of the weighted rules; nil for one of a season's length (at most 12 steps, at least 4) from two origins.
  public var backtest: RollingOrigin?
  /// See `Forecaster`.
  public var name: String { "Combination(\(rule.rawValue))" }

  /// A combination.
  public init(_ members: [any Forecaster], by rule: Rule = .median, backtest: RollingOrigin? = nil) {
    (self.members, self.rule, self.backtest) = (members, rule, backtest)
  }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    guard !members.isEmpty else {
      throw ForecastError.invalidParameter(name: "members", value: "[]", expected: "at least one method")
    }
    let scores = rule == .mean || rule == .median ? nil : try backtestErrors(series, context)
    if rule == .bestInBacktest, let scores, let best = scores.indices.min(by: { scores[$0] < scores[$1] }),
      scores[best].isFinite
    {
      return try members[best].fit(series, context: context)
    }
    var (models, weights) = ([any ForecastModel](), [Double]())
    var refusal: ForecastError?
    for (index, member) in members.enumerated() {
      do {
        models.append(try member.fit(series, context: context))
        weights.append(scores.map { 1 / max($0[index], 1e-9) } ?? 1)
      } catch let error as ForecastError { refusal = refusal ?? error }
    }
    if let refusal, models.isEmpty { throw refusal }
    // No backtest came to an end: all weigh the same.
    if weights.allSatisfy({ $0 == 0 }) { weights = weights.map { _ in 1 } }
    return CombinedModel(models, weights: weights, median: rule == .median, count: series.count)
  }

  /// Each member's mean scaled error; infinite for one that cannot be tested.
  private func backtestErrors(_ series: TimeSeries, _ context: FitContext) throws -> [Double] {
    let length = series.seasonLength > 1 ? min(12, max(4, series.seasonLength)) : 4
    let test = backtest ?? RollingOrigin(horizon: length, origins: 2, step: max(1, length / 2), minimum: 4)
    return try members.map { member in
      do {
        let metrics = try test.run(member, on: series, context: context).metrics
        return metrics?.mase ?? metrics?.meanAbsoluteError ?? .infinity
      } catch is ForecastError { return .infinity }
    }
  }
}

/// Several models of one series.
public struct CombinedModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// Each member's share.
  public let weights: [Double]
  /// Whether the median is taken.
  public let median: Bool
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  private let members: [StoredForecastModel]

  /// The members.
  public var models: [any ForecastModel] { members.map(\.model) }
  /// See `ForecastModel`.
  public var description: String {
    let rule = median ? "median" : Set(weights).count == 1 ? "mean" : "weighted"
    return "Combination(\(rule): \(members.map(\.description).joined(separator: ", ")))"
  }

  init(_ models: [any ForecastModel], weights: [Double], median: Bool, count: Int) {
    let total = weights.reduce(0, +)
    self.weights = weights.map { $0 / total }
    self.median = median
    members = models.map { StoredForecastModel($0) }
    let predictions = models.map(\.fitted)
    fitted = []
    fitted = combine(predictions, count: count)
  }

  private func combine(_ rows: [[Double]], count: Int) -> [Double] {
    (0..<count).map { step in
      if median { return Statistics.median(rows.map { $0[step] }) }
      var sum = 0.0
      for (row, weight) in zip(rows, weights) { sum += weight * row[step] }
      return sum
    }
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    let all = try members.map { try $0.forecast(horizon: horizon, levels: levels, regressors: regressors) }
    var result = Forecast(mean: combine(all.map(\.mean), count: horizon))
    result.intervals = levels.indices.map { index in
      Forecast.Interval(
        level: levels[index], lower: combine(all.map { $0.intervals[index].lower }, count: horizon),
        upper: combine(all.map { $0.intervals[index].upper }, count: horizon))
    }
    return result
  }

  /// Paths of the members, each member as many as its weight asks for.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    var ends = weights
    for index in ends.indices.dropFirst() { ends[index] += ends[index - 1] }
    let owners = (0..<count).map { path in
      let place = (Double(path) + 0.5) / Double(count)
      return ends.firstIndex { place < $0 } ?? ends.count - 1
    }
    var queues = try members.enumerated().map { index, member in
      try member.samplePaths(
        horizon: horizon, count: owners.count { $0 == index }, regressors: regressors,
        seed: seed &+ UInt64(index))[...]
    }
    return owners.compactMap { queues[$0].popFirst() }
  }
}
