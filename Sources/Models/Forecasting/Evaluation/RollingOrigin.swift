import Learning

/// Forecasts a series from several of its own steps, and compares with what came: a backtest.
///
/// ```swift
/// let test = RollingOrigin(horizon: 8, origins: 3)
/// let result = try test.run(ETS(), on: series, levels: [0.8], context: FitContext())
/// result.metrics?.mase
/// ```
/// The last origin leaves `horizon` steps, each one before it `step` more. Source: Tashman (2000),
/// https://doi.org/10.1016/S0169-2070(00)00065-0
///
/// - Complexity: as many fits as origins.
public struct RollingOrigin: Sendable, Codable, Equatable {
  /// How many steps are forecast from each origin.
  public var horizon: Int
  /// How many origins there are at most.
  public var origins: Int
  /// How many steps lie between two.
  public var step: Int
  /// The fewest values to learn from; an earlier origin is left out.
  public var minimum: Int

  /// A backtest.
  public init(horizon: Int, origins: Int = 1, step: Int = 1, minimum: Int = 3) {
    (self.horizon, self.origins, self.step, self.minimum) = (horizon, origins, step, minimum)
  }

  /// One origin's forecast and what came.
  public struct Fold: Sendable, Codable, Equatable {
    /// How many values were known.
    public var origin: Int
    /// What was said.
    public var forecast: Forecast
    /// What came.
    public var actual: [Double]
    /// How good it was; nil when no value came.
    public var metrics: ForecastMetrics?
  }

  /// All origins' forecasts.
  public struct Result: Sendable, Codable, Equatable {
    /// Each origin's, the earliest first.
    public var folds: [Fold]
    /// The mean over the origins; nil without any.
    public var metrics: ForecastMetrics?
  }

  /// Where a series of this length is forecast from, the earliest first.
  public func origins(count: Int) -> [Int] {
    (0..<max(0, origins)).map { count - horizon - $0 * step }.filter { $0 >= max(1, minimum) }.reversed()
  }

  /// Backtests a method.
  ///
  /// - Throws: `ForecastError.invalidParameter` for a horizon, number or step below 1, `notEnoughData` for a series too short
  ///   for one origin, and what the method throws.
  public func run(
    _ forecaster: any Forecaster, on series: TimeSeries, levels: [Double] = [], context: FitContext
  ) throws -> Result {
    for (name, value) in [("horizon", horizon), ("origins", origins), ("step", step)] where value < 1 {
      throw ForecastError.invalidParameter(name: name, value: "\(value)", expected: "at least 1")
    }
    let places = origins(count: series.count)
    guard !places.isEmpty else {
      throw ForecastError.notEnoughData(
        series: series.id, needed: max(1, minimum) + horizon, found: series.count)
    }
    let folds = try places.map { origin in
      let training = series.before(origin)
      let forecast = try forecaster.fit(training, context: context).forecast(
        horizon: horizon, levels: levels, regressors: series.regressors(from: origin, count: horizon))
      let actual = Array(series.values[origin..<origin + horizon])
      return Fold(
        origin: origin, forecast: forecast, actual: actual,
        metrics: ForecastMetrics(forecast, actual: actual, training: training))
    }
    return Result(folds: folds, metrics: ForecastMetrics.mean(folds.compactMap(\.metrics)))
  }
}
