/// The methods that learn many series at once, by the names that tables and commands know.
public enum PanelAlgorithm: String, Sendable, Codable, CaseIterable {
  /// Ridge regression on trend, season, holidays, price and promotion, series leaning on what all show.
  case linearRegression = "LinearRegression"
  /// Trees over lags, regressors, attributes and calendar.
  case gradientBoosting = "GradientBoosting"
  /// A recurrent network that reads each series' last steps.
  case lstm = "LSTM"

  /// The method with its usual settings.
  ///
  /// - Parameters:
  ///   - horizon: how many steps will be asked for.
  ///   - holidays: the holidays that become columns; nil for none.
  public func forecaster(horizon: Int, holidays: HolidayCalendar?) -> any PanelForecaster {
    switch self {
    case .linearRegression: LinearRegressionForecaster(.init(holidays: holidays))
    case .gradientBoosting: BoostingForecaster(.init(span: min(horizon, 26), holidays: holidays))
    case .lstm: LSTMForecaster(.init(span: min(horizon, 26), holidays: holidays))
    }
  }
}
