import Learning

/// What Lode does when no method is named: the median of automatic ETS, automatic ARIMA and the dynamic optimised Theta method;
/// for items that sell now and then the method of their demand's class; with regressors automatic ARIMA, which alone of these uses
/// them.
///
/// ```swift
/// let model = try AutoForecast().fit(series, context: FitContext())
/// try model.forecast(horizon: 12, levels: [0.8], regressors: [:]).mean
/// ```
/// Three methods of different kinds err in different ways, and their median drops the one that errs most. Sources: Petropoulos and
/// Svetunkov (2020), https://doi.org/10.1016/j.ijforecast.2019.01.006, whose fourth member, complex exponential smoothing,
/// we leave out; Syntetos, Boylan and Croston (2005), https://doi.org/10.1057/palgrave.jors.2601841, for the classes.
///
/// - Complexity: that of the three methods.
/// - Throws: as `ForecastCombination`.
public struct AutoForecast: Forecaster {
  /// See `Forecaster`.
  public let name = "Auto"

  /// The automatic choice.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    guard series.regressors.isEmpty else { return try AutoARIMA().fit(series, context: context) }
    if series.values.contains(where: { $0 == 0 }), !series.values.contains(where: { $0 < 0 }) {
      switch DemandProfile(series.values).demandClass {
      case .intermittent, .lumpy, .none: return try DemandClassChoice().fit(series, context: context)
      case .smooth, .erratic: break
      }
    }
    return try ForecastCombination([ETS(), AutoARIMA(), DynamicOptimisedTheta()], by: .median)
      .fit(series, context: context)
  }
}
