import Learning

/// Simple exponential smoothing: the level follows the values, each error moving it by the same share.
///
/// ```swift
/// let model = try SimpleExponentialSmoothing().fit(TimeSeries(values: sales), context: FitContext())
/// ```
/// The state-space model ETS(A,N,N), fitted by maximum likelihood. Source: Brown (1956); as a model, Hyndman, Koehler, Ord
/// and Snyder (2008), https://doi.org/10.1007/978-3-540-71918-2
///
/// - Complexity: O(n · evaluations).
/// - Throws: as `ETS`.
public struct SimpleExponentialSmoothing: Forecaster {
  /// See `Forecaster`.
  public let name = "SES"

  /// Simple exponential smoothing.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try ETS(name: name, ETSForm(.additive, .none, .none)).fitETS(series)
  }
}

/// Holt's linear trend: level and slope each follow the values; damped, the slope fades.
///
/// ```swift
/// let model = try Holt(damped: true).fit(TimeSeries(values: sales), context: FitContext())
/// ```
/// The state-space model ETS(A,A,N) or ETS(A,Ad,N), fitted by maximum likelihood. Sources: Holt (1957), reprinted 2004,
/// https://doi.org/10.1016/j.ijforecast.2003.09.015; Gardner and McKenzie (1985), https://doi.org/10.1287/mnsc.31.10.1237
///
/// - Complexity: O(n · evaluations).
/// - Throws: as `ETS`.
public struct Holt: Forecaster {
  /// Whether the slope fades.
  public var damped: Bool
  /// See `Forecaster`.
  public var name: String { damped ? "DampedHolt" : "Holt" }

  /// Holt's linear trend.
  public init(damped: Bool = false) { self.damped = damped }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try ETS(name: name, ETSForm(.additive, damped ? .damped : .additive, .none)).fitETS(series)
  }
}

/// Holt and Winters' method: level, slope and seasons each follow the values.
///
/// ```swift
/// let series = TimeSeries(values: monthlySales, seasonLength: 12)
/// let model = try HoltWinters(seasonal: .multiplicative).fit(series, context: FitContext())
/// ```
/// The state-space model ETS(A,A,A), or ETS(M,A,M) where the seasons are factors, which needs values above 0; damped if
/// asked. A series of one season or less gets the model without seasons, which its description says. Source: Winters (1960),
/// https://doi.org/10.1287/mnsc.6.3.324
///
/// - Complexity: O(n · evaluations).
/// - Throws: as `ETS`.
public struct HoltWinters: Forecaster {
  /// Whether the seasons are added or factors.
  public enum Seasonal: String, Sendable, Codable, CaseIterable {
    /// They are added.
    case additive
    /// They are factors.
    case multiplicative
  }

  /// Whether the seasons are added or factors.
  public var seasonal: Seasonal
  /// Whether the slope fades.
  public var damped: Bool
  /// See `Forecaster`.
  public var name: String {
    (damped ? "Damped" : "") + "HoltWinters" + (seasonal == .multiplicative ? "Multiplicative" : "")
  }

  /// Holt and Winters' method.
  public init(seasonal: Seasonal = .additive, damped: Bool = false) {
    (self.seasonal, self.damped) = (seasonal, damped)
  }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let form =
      seasonal == .additive
      ? ETSForm(.additive, damped ? .damped : .additive, .additive)
      : ETSForm(.multiplicative, damped ? .damped : .additive, .multiplicative)
    return try ETS(name: name, form).fitETS(series)
  }
}
