import Learning

/// A panel learned by a recurrent network.
public struct LSTMForecastModel: PanelForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1

  private let forecasts: LSTMForecasts
  private let series: [PanelSeries]
  private let calibration: ResidualCalibration

  init(forecasts: LSTMForecasts, series: [PanelSeries], calibration: ResidualCalibration) {
    (self.forecasts, self.series, self.calibration) = (forecasts, series, calibration)
  }

  /// See `PanelForecastModel`.
  public var ids: [String] { series.map(\.id) }

  /// See `PanelForecastModel`.
  public var description: String {
    let intervals = calibration.isLearned ? "" : ", intervals not calibrated"
    let settings = forecasts.configuration
    return "LSTM(\(settings.size), \(settings.history) read, \(settings.span) ahead\(intervals))"
  }

  /// See `PanelForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [String: [Double]]]) throws
    -> [SeriesRunner.Result]
  {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    let columns = forecasts.features.columns
    return try PanelResults.collect(series, columns: columns, horizon, regressors, description) {
      known, future in
      try forecasts.means(known, future: future, horizon: horizon)
    } forecast: { series, mean in
      calibration.forecast(mean, of: series, levels: levels)
    }
  }

  /// See `PanelForecastModel`.
  public func samplePaths(
    of id: String, horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64
  ) throws -> [[Double]] {
    try ForecastRequest.check(horizon: horizon, count: count)
    let one = try PanelResults.series(id, among: series)
    let future = try forecasts.features.columns.future(regressors, of: one, horizon: horizon)
    guard let mean = try forecasts.means([one], future: [future], horizon: horizon)[0] else { return [] }
    return calibration.paths(mean, of: one, count: count, seed: seed)
  }
}
