import Learning

/// An algorithm that learns from many series at once, so that each profits from what the others show.
///
/// Series may differ in length and need not end at the same step. Each brings its regressors, attributes and calendar; a
/// regressor that a series lacks is missing there.
public protocol PanelForecaster: Sendable {
  /// Its name in tables and on the command line, such as `GradientBoosting`.
  var name: String { get }

  /// Learns the series; validates its configuration and the series first.
  ///
  /// A series that cannot be forecast does not stop the others: its result says why. The same seed and series give the same
  /// model.
  ///
  /// - Throws: `ForecastError` for settings out of range and for a panel that holds too little, `CancellationError`.
  func fit(_ series: [TimeSeries], context: FitContext) async throws -> any PanelForecastModel
}

/// What a panel forecaster has learned.
public protocol PanelForecastModel: FittedModel {
  /// What was chosen, such as `GradientBoosting(squaredError, 8 steps ahead)`.
  var description: String { get }
  /// The series' names, in the order they were given.
  var ids: [String] { get }

  /// How every series goes on, in the order of `ids`.
  ///
  /// - Parameters:
  ///   - horizon: how many steps.
  ///   - levels: the levels of the intervals, each between 0 and 1.
  ///   - regressors: what is known of the steps to come, by series and name, each at least `horizon` long.
  /// - Throws: `ForecastError` for a horizon or level out of range; what is wrong with one series is in its result.
  func forecast(horizon: Int, levels: [Double], regressors: [String: [String: [Double]]]) throws
    -> [SeriesRunner.Result]

  /// Ways in which one series may go on: `count` rows of `horizon` values each.
  ///
  /// - Parameters:
  ///   - id: the series' name.
  ///   - regressors: what is known of its steps to come, by name.
  /// - Throws: `ForecastError`, `unknownSeries` for a name that was not learned.
  func samplePaths(
    of id: String, horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64
  ) throws -> [[Double]]
}

/// Forecasts and backtests a panel forecaster.
///
/// ```swift
/// let results = try await PanelRunner(horizon: 8, levels: [0.8]).backtest(boosting, on: series, context: context)
/// ```
/// The counterpart of `SeriesRunner`, with the same results. A backtest cuts each series by its own end: what a fold learns from
/// ends `horizon` steps, and so on, before each series does.
///
/// - Complexity: as many fits as origins.
public struct PanelRunner: Sendable {
  /// How many steps are forecast.
  public var horizon: Int
  /// The levels of the intervals.
  public var levels: [Double]

  /// A run.
  public init(horizon: Int, levels: [Double] = []) { (self.horizon, self.levels) = (horizon, levels) }

  /// Forecasts every series.
  ///
  /// - Parameter regressors: what is known of the steps to come, by series.
  public func run(
    _ forecaster: any PanelForecaster, on series: [TimeSeries],
    regressors: [String: [String: [Double]]] = [:], context: FitContext
  ) async throws -> [SeriesRunner.Result] {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    return try await forecaster.fit(series, context: context)
      .forecast(horizon: horizon, levels: levels, regressors: regressors)
  }

  /// Backtests on every series from `origins` ends, one `step` apart, the last `horizon` steps before the series' own.
  public func backtest(
    _ forecaster: any PanelForecaster, on series: [TimeSeries], origins: Int = 1, step: Int = 1,
    context: FitContext
  ) async throws -> [SeriesRunner.BacktestResult] {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    for (name, value) in [("origins", origins), ("step", step)] where value < 1 {
      throw ForecastError.invalidParameter(name: name, value: "\(value)", expected: "at least 1")
    }
    var measured = [[ForecastMetrics]](repeating: [], count: series.count)
    var problems = [String?](repeating: nil, count: series.count)
    for fold in (0..<origins).reversed() {
      let ends = series.map { $0.count - horizon - fold * step }
      let chosen = series.indices.filter { ends[$0] >= 1 }
      guard !chosen.isEmpty else { continue }
      let training = chosen.map { series[$0].before(ends[$0]) }
      var known: [String: [String: [Double]]] = [:]
      for index in chosen {
        known[series[index].id] = series[index].regressors(from: ends[index], count: horizon)
      }
      let results = try await run(forecaster, on: training, regressors: known, context: context)
      for (place, index) in chosen.enumerated() {
        let actual = Array(series[index].values[ends[index]..<ends[index] + horizon])
        if let forecast = results[place].forecast {
          if let metrics = ForecastMetrics(forecast, actual: actual, training: training[place]) {
            measured[index].append(metrics)
          }
        } else {
          problems[index] = results[place].problem
        }
      }
    }
    return series.indices.map { index in
      let problem =
        problems[index]
        ?? (measured[index].isEmpty
          ? ForecastError.notEnoughData(
            series: series[index].id, needed: horizon + 1, found: series[index].count
          ).description : nil)
      return SeriesRunner.BacktestResult(
        id: series[index].id, metrics: problem == nil ? ForecastMetrics.mean(measured[index]) : nil,
        problem: problem)
    }
  }
}
