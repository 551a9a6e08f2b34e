import Learning
import MathKernels

/// Forecasts many series at once, on all cores.
///
/// ```swift
/// let results = try SeriesRunner(horizon: 8, levels: [0.8, 0.95]).run(ETS(), on: allSeries, context: context)
/// for result in results { print(result.id, result.forecast?.mean ?? [], result.problem ?? "") }
/// ```
/// Results come in the order of the series and are the same on any number of threads. A series that cannot be forecast gets a
/// sentence instead of a forecast; the others go on. `FitContext.onProgress` hears of each block of series, and a cancelled
/// task stops at its end.
///
/// - Complexity: that of the method for each series, over the cores.
/// - Throws: `CancellationError`, `ForecastError.invalidParameter`.
public struct SeriesRunner: Sendable {
  /// How many steps are forecast.
  public var horizon: Int
  /// The levels of the intervals.
  public var levels: [Double]
  /// Runs on the caller's thread alone.
  public var serially: Bool

  /// A run.
  public init(horizon: Int, levels: [Double] = [], serially: Bool = false) {
    (self.horizon, self.levels, self.serially) = (horizon, levels, serially)
  }

  /// One series' forecast.
  public struct Result: Sendable, Codable, Equatable {
    /// The series.
    public var id: String
    /// What was chosen.
    public var model: String?
    /// How it goes on; nil when it could not be forecast.
    public var forecast: Forecast?
    /// Why there is no forecast.
    public var problem: String?
  }

  /// Forecasts every series.
  ///
  /// - Parameters:
  ///   - regressors: what is known of the steps to come, by series.
  ///   - scale: how to scale the intervals, as learned by `conformalScale`; nil for the method's own.
  public func run(
    _ forecaster: any Forecaster, on series: [TimeSeries], regressors: [String: [String: [Double]]] = [:],
    scale: ConformalScale? = nil, context: FitContext
  ) throws -> [Result] {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    return try map(series, context: context) { one, inner in
      do {
        var model = try forecaster.fit(one, context: inner)
        if let scale { model = ConformalModel(StoredForecastModel(model), scale: scale) }
        let forecast = try model.forecast(
          horizon: horizon, levels: levels, regressors: regressors[one.id] ?? [:])
        return Result(id: one.id, model: model.description, forecast: forecast)
      } catch let error as ForecastError { return Result(id: one.id, problem: error.description) }
    }
  }

  /// Learns from how far a method missed the last steps of many series how to scale the intervals of all.
  ///
  /// What a single short series cannot promise, many alike can: coverage holds over series drawn as these were. Series of
  /// different frequency are best calibrated apart. Source: as `Conformal`.
  public func conformalScale(
    _ forecaster: any Forecaster, on series: [TimeSeries], origins: Int = 1, context: FitContext
  ) throws -> ConformalScale {
    try ForecastRequest.check(horizon: horizon)
    let test = RollingOrigin(horizon: horizon, origins: origins)
    let scores = try map(series, context: context) { one, inner -> [Double] in
      do {
        return try test.run(forecaster, on: one, levels: [ConformalScale.referenceLevel], context: inner)
          .folds
          .flatMap { ConformalScale.scores($0.forecast, actual: $0.actual) }
      } catch is ForecastError { return [] }
    }
    return ConformalScale(scores: scores.flatMap { $0 })
  }

  /// One series' backtest.
  public struct BacktestResult: Sendable, Codable, Equatable {
    /// The series.
    public var id: String
    /// How good the forecasts were; nil when there were none.
    public var metrics: ForecastMetrics?
    /// Why there are none.
    public var problem: String?
  }

  /// Backtests a method on every series.
  public func backtest(
    _ forecaster: any Forecaster, on series: [TimeSeries], origins: Int = 1, step: Int = 1,
    context: FitContext
  ) throws -> [BacktestResult] {
    let test = RollingOrigin(horizon: horizon, origins: origins, step: step)
    return try map(series, context: context) { one, inner in
      do {
        let metrics = try test.run(forecaster, on: one, levels: levels, context: inner).metrics
        return BacktestResult(id: one.id, metrics: metrics)
      } catch let error as ForecastError { return BacktestResult(id: one.id, problem: error.description) }
    }
  }

  /// How many series lie between two reports: enough to keep all cores busy, few enough to stop soon.
  private static let reportSize = 64

  private func map<Output: Sendable>(
    _ series: [TimeSeries], context: FitContext,
    _ body: @Sendable (TimeSeries, FitContext) throws -> Output
  ) throws -> [Output] {
    let inner = FitContext(seed: context.seed)
    var results: [Output] = []
    results.reserveCapacity(series.count)
    for start in stride(from: 0, to: series.count, by: Self.reportSize) {
      let end = min(series.count, start + Self.reportSize)
      results += try parallelBlocks(end - start, blockSize: 1, serially: serially) { block in
        try body(series[start + block.lowerBound], inner)
      }
      try context.checkpoint(step: end, of: series.count)
    }
    return results
  }
}
