import Learning
import MathKernels

/// Several methods' forecasts of a panel as one, methods of one series among them.
///
/// ```swift
/// let method = PanelCombination([BoostingForecaster(), EachSeries(ETS())], by: .mean)
/// ```
/// Ends of intervals are combined as the means are. A member that cannot forecast a series is left out there. With
/// `backtestWeights` each series weighs the members by the inverse of their mean squared scaled error in a backtest, with
/// `bestInBacktest` it takes the member with the smallest one; the errors of the one series are shrunk towards those of all, as
/// much as one fold of it counts. Sources: as `ForecastCombination`.
///
/// - Complexity: that of the members, twice with a backtest.
/// - Throws: `ForecastError.invalidParameter` without members, and what the members throw.
public struct PanelCombination: PanelForecaster {
  /// The methods.
  public var members: [any PanelForecaster]
  /// How they come together.
  public var rule: ForecastCombination.Rule
  /// How many steps the backtest of the weighted rules forecasts.
  public var horizon: Int
  /// See `PanelForecaster`.
  public var name: String { members.map(\.name).joined(separator: "+") }

  /// A combination.
  public init(_ members: [any PanelForecaster], by rule: ForecastCombination.Rule = .mean, horizon: Int = 8) {
    (self.members, self.rule, self.horizon) = (members, rule, horizon)
  }

  /// See `PanelForecaster`.
  public func fit(_ series: [TimeSeries], context: FitContext) async throws -> any PanelForecastModel {
    guard !members.isEmpty else {
      throw ForecastError.invalidParameter(name: "members", value: "[]", expected: "at least one method")
    }
    var models: [StoredPanelModel] = []
    var errors: [[Double?]] = []
    for member in members {
      models.append(StoredPanelModel(try await member.fit(series, context: context)))
      guard rule == .backtestWeights || rule == .bestInBacktest else { continue }
      errors.append(
        try await PanelRunner(horizon: horizon).backtest(member, on: series, context: context)
          .map { $0.metrics?.rmsse.map { $0 * $0 } })
    }
    return CombinedPanelModel(
      models, weights: weights(errors, count: series.count), median: rule == .median, ids: series.map(\.id))
  }

  /// The members' weights for each series.
  private func weights(_ errors: [[Double?]], count: Int) -> [[Double]] {
    guard !errors.isEmpty else {
      return [[Double]](repeating: members.map { _ in 1 / Double(members.count) }, count: count)
    }
    let overall = errors.map { row in
      let known = row.compactMap { $0 }
      return known.isEmpty ? Double.infinity : Statistics.mean(known)
    }
    return (0..<count).map { index in
      // One fold of one series says about as much as what all series say of a method.
      let own = errors.indices.map { ((errors[$0][index] ?? overall[$0]) + overall[$0]) / 2 }
      guard let least = own.min(), least.isFinite else {
        return own.map { _ in 1 / Double(own.count) }
      }
      if rule == .bestInBacktest {
        let best = own.firstIndex(of: least)
        return own.indices.map { $0 == best ? 1 : 0 }
      }
      let inverse = own.map { 1 / max($0, 1e-9) }
      let total = inverse.reduce(0, +)
      return inverse.map { $0 / total }
    }
  }
}

/// Several models of one panel.
public struct CombinedPanelModel: PanelForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  private let members: [StoredPanelModel]
  private let weights: [[Double]]
  private let median: Bool
  /// See `PanelForecastModel`.
  public let ids: [String]

  init(_ members: [StoredPanelModel], weights: [[Double]], median: Bool, ids: [String]) {
    (self.members, self.weights, self.median, self.ids) = (members, weights, median, ids)
  }

  /// See `PanelForecastModel`.
  public var description: String {
    "Combination(\(median ? "median" : "mean"): \(members.map(\.description).joined(separator: ", ")))"
  }

  /// See `PanelForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [String: [Double]]]) throws
    -> [SeriesRunner.Result]
  {
    let all = try members.map { try $0.forecast(horizon: horizon, levels: levels, regressors: regressors) }
    return ids.indices.map { index in
      let own = all.indices.filter { all[$0][index].forecast != nil && weights[index][$0] > 0 }
      let forecasts = own.compactMap { all[$0][index].forecast }
      guard !forecasts.isEmpty else {
        return SeriesRunner.Result(id: ids[index], problem: all.lazy.compactMap { $0[index].problem }.first)
      }
      let shares = own.map { weights[index][$0] }
      var result = Forecast(mean: combine(forecasts.map(\.mean), shares))
      result.intervals = levels.indices.map { level in
        Forecast.Interval(
          level: levels[level], lower: combine(forecasts.map { $0.intervals[level].lower }, shares),
          upper: combine(forecasts.map { $0.intervals[level].upper }, shares))
      }
      return SeriesRunner.Result(
        id: ids[index], model: own.compactMap { all[$0][index].model }.joined(separator: " + "),
        forecast: result)
    }
  }

  private func combine(_ rows: [[Double]], _ shares: [Double]) -> [Double] {
    let total = shares.reduce(0, +)
    return rows[0].indices.map { step in
      if median { return Statistics.median(rows.map { $0[step] }) }
      return zip(rows, shares).reduce(0) { $0 + $1.0[step] * $1.1 } / total
    }
  }

  /// Paths of the members, each member as many as its weight asks for.
  public func samplePaths(
    of id: String, horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64
  ) throws -> [[Double]] {
    try ForecastRequest.check(horizon: horizon, count: count)
    guard let index = ids.firstIndex(of: id) else { throw ForecastError.unknownSeries(id) }
    var random = RandomSource(seed: seed, stream: 0xC0)
    var counts = [Int](repeating: 0, count: members.count)
    for _ in 0..<count {
      var place = random.uniform()
      let chosen = weights[index].firstIndex {
        place -= $0
        return place < 0
      }
      counts[chosen ?? members.count - 1] += 1
    }
    return try members.indices.flatMap { member in
      try members[member].samplePaths(
        of: id, horizon: horizon, count: counts[member], regressors: regressors,
        seed: seed &+ UInt64(member))
    }
  }
}

/// A panel model of any method, which can be saved and loaded without knowing which it is.
public struct StoredPanelModel: PanelForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// The model itself.
  public let model: any PanelForecastModel

  /// The model, ready to be saved.
  public init(_ model: any PanelForecastModel) { self.model = (model as? StoredPanelModel)?.model ?? model }

  /// See `PanelForecastModel`.
  public var description: String { model.description }
  /// See `PanelForecastModel`.
  public var ids: [String] { model.ids }

  /// See `PanelForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [String: [Double]]]) throws
    -> [SeriesRunner.Result]
  {
    try model.forecast(horizon: horizon, levels: levels, regressors: regressors)
  }

  /// See `PanelForecastModel`.
  public func samplePaths(
    of id: String, horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64
  ) throws -> [[Double]] {
    try model.samplePaths(of: id, horizon: horizon, count: count, regressors: regressors, seed: seed)
  }

  private static let kinds: [(name: String, type: any PanelForecastModel.Type)] = [
    ("boosting", BoostingForecastModel.self), ("lstm", LSTMForecastModel.self), ("series", SeriesModels.self),
    ("combination", CombinedPanelModel.self),
  ]

  private enum CodingKeys: String, CodingKey { case kind, model }

  /// Decodes a model of any kind this package has; any other is `ForecastError.invalidParameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .kind)
    guard let kind = Self.kinds.first(where: { $0.name == name }) else {
      throw ForecastError.invalidParameter(
        name: "kind", value: name, expected: "one of " + Self.kinds.map(\.name).joined(separator: ", "))
    }
    model = try container.decode(kind.type, forKey: .model)
  }

  /// Encodes the model with the name of its kind.
  public func encode(to encoder: any Encoder) throws {
    let own = ObjectIdentifier(type(of: model))
    guard let kind = Self.kinds.first(where: { ObjectIdentifier($0.type) == own }) else {
      throw ForecastError.invalidParameter(
        name: "model", value: "\(type(of: model))", expected: "a model of this package")
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind.name, forKey: .kind)
    try container.encode(model, forKey: .model)
  }
}
