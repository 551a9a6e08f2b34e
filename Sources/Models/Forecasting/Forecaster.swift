import Learning

/// An algorithm that learns from one series and says how it goes on.
///
/// Every method of one series conforms, so that evaluation, combination and conformal intervals are written once.
public protocol Forecaster: Sendable {
  /// Its name in tables and on the command line, such as `AutoARIMA`.
  var name: String { get }

  /// Learns a series; validates its configuration and the series first.
  ///
  /// - Throws: `ForecastError`, `CancellationError`.
  func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel
}

/// What a forecaster has learned of one series.
public protocol ForecastModel: FittedModel {
  /// What was chosen, as the field writes it: `ARIMA(2,1,1)(0,1,0)[12]`, `ETS(M,Ad,M)`.
  var description: String { get }
  /// One-step forecasts of the series learned, as long as it; NaN where there is none.
  var fitted: [Double] { get }

  /// How the series goes on.
  ///
  /// - Parameters:
  ///   - horizon: how many steps.
  ///   - levels: the levels of the intervals, each between 0 and 1, such as .8 and .95.
  ///   - regressors: what is known of the steps to come, by name, each at least `horizon` long.
  /// - Throws: `ForecastError`.
  func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast

  /// Ways in which the series may go on: `count` rows of `horizon` values each.
  ///
  /// - Throws: `ForecastError`.
  func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
}

/// How a series goes on.
public struct Forecast: Sendable, Codable, Equatable {
  /// An interval at each step.
  public struct Interval: Sendable, Codable, Equatable {
    /// The probability that a value falls inside, between 0 and 1.
    public var level: Double
    /// Its lower ends.
    public var lower: [Double]
    /// Its upper ends.
    public var upper: [Double]

    /// An interval.
    public init(level: Double, lower: [Double], upper: [Double]) {
      (self.level, self.lower, self.upper) = (level, lower, upper)
    }
  }

  /// The expected value at each step.
  public var mean: [Double]
  /// Intervals, in the order of the levels asked for.
  public var intervals: [Interval]

  /// A forecast.
  public init(mean: [Double], intervals: [Interval] = []) { (self.mean, self.intervals) = (mean, intervals) }
}
