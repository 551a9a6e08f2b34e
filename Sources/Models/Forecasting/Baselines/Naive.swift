import Learning

/// The naive forecast: every value to come equals the last one.
///
/// Optimal for a random walk, and the yardstick the others are measured by.
///
/// ```swift
/// let model = try Naive().fit(TimeSeries(values: [3, 5, 4]), context: FitContext())
/// try model.forecast(horizon: 2, levels: [0.8], regressors: [:]).mean   // [4, 4]
/// ```
/// Intervals are normal with variance h·σ², σ² the mean square of the one-step errors. Source: Hyndman and
/// Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, sections 5.2 and 5.5,
/// https://otexts.com/fpp3/simple-methods.html
///
/// - Complexity: O(n).
/// - Throws: `ForecastError.notEnoughData` for a series without a value, `invalidValue` for an infinite one.
public struct Naive: Forecaster {
  /// See `Forecaster`.
  public let name = "Naive"

  /// The naive forecast.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try LagWalkModel(PreparedSeries(series), lag: 1, drift: false, description: name)
  }
}

/// The seasonal naive forecast: every value to come equals the last one of its season.
///
/// ```swift
/// let series = TimeSeries(values: [3, 5, 4, 6], seasonLength: 2)
/// let model = try SeasonalNaive().fit(series, context: FitContext())
/// try model.forecast(horizon: 3, levels: [], regressors: [:]).mean   // [4, 6, 4]
/// ```
/// Intervals are normal with variance k·σ² in the k-th season to come. A series of less than one season and one step is
/// continued as by `Naive`, which its description says. Source: Hyndman and Athanasopoulos, Forecasting: Principles and
/// Practice, 3rd edition, sections 5.2 and 5.5, https://otexts.com/fpp3/simple-methods.html
///
/// - Complexity: O(n).
/// - Throws: `ForecastError.notEnoughData` for a series without a value, `invalidValue` for an infinite one.
public struct SeasonalNaive: Forecaster {
  /// See `Forecaster`.
  public let name = "SeasonalNaive"

  /// The seasonal naive forecast.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let prepared = try PreparedSeries(series)
    guard series.seasonLength > 1, prepared.count > series.seasonLength else {
      return LagWalkModel(prepared, lag: 1, drift: false, description: "Naive")
    }
    return LagWalkModel(
      prepared, lag: series.seasonLength, drift: false, description: "SeasonalNaive[\(series.seasonLength)]")
  }
}

/// The random walk with drift: the line from the first value to the last goes on.
///
/// ```swift
/// let model = try Drift().fit(TimeSeries(values: [1, 2, 4]), context: FitContext())
/// try model.forecast(horizon: 2, levels: [0.95], regressors: [:]).mean   // [5.5, 7]
/// ```
/// Intervals are normal with variance h·(1 + h / (n − 1))·σ², which holds the uncertainty of the drift. Source: Hyndman
/// and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, sections 5.2 and 5.5,
/// https://otexts.com/fpp3/simple-methods.html
///
/// - Complexity: O(n).
/// - Throws: `ForecastError.notEnoughData` for a series of fewer than two values, `invalidValue` for an infinite one.
public struct Drift: Forecaster {
  /// See `Forecaster`.
  public let name = "Drift"

  /// The random walk with drift.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try LagWalkModel(
      PreparedSeries(series, minimum: 2), lag: 1, drift: true, description: "RandomWalkWithDrift")
  }
}
