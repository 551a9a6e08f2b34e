import Learning

/// An ARIMA model of given orders, with seasons, a mean or drift, and regressors.
///
/// Each value depends on past values and past errors after differences that make the series stationary. The coefficients
/// maximise the exact Gaussian likelihood, found by a Kalman filter that treats the levels before the series as unknown;
/// missing values (NaN) are skipped exactly. With regressors it is a regression with ARIMA errors.
///
/// ```swift
/// let series = TimeSeries(values: (0..<60).map { Double($0 % 12) * 3 + Double($0) }, seasonLength: 12)
/// let arima = ARIMA(ARIMAOrder(1, 0, 0, seasonal: (0, 1, 0)))
/// let model = try arima.fit(series, context: FitContext())
/// let forecast = try model.forecast(horizon: 12, levels: [0.8], regressors: [:])
/// ```
/// Sources: Box and Jenkins (1976), Time Series Analysis: Forecasting and Control,
/// https://doi.org/10.1002/9781118619193; Gardner, Harvey and Phillips (1980), https://doi.org/10.2307/2346910. The
/// maximum is sought as by R's `arima`: from the conditional sum of squares, with the past values' coefficients kept
/// stationary. Other than there the coefficients of the regression are found within the likelihood, and the recursions
/// are those of Chandrasekhar.
///
/// - Complexity: O(n·r) an evaluation for r = max(p + P·m, q + Q·m + 1), and some hundred evaluations; with missing
///   values O(n·(r + d + D·m)²).
public struct ARIMA: Forecaster {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The orders.
    public var order: ARIMAOrder
    /// Whether there is a mean, or a drift after one difference; none after two.
    public var includesConstant: Bool
    /// Whether the values are transformed first.
    public var transformation: PowerTransformation
    /// Whether forecasts of a transformed series are means rather than medians.
    public var adjustsBias: Bool

    /// Settings.
    public init(
      order: ARIMAOrder, includesConstant: Bool? = nil, transformation: PowerTransformation = .none,
      adjustsBias: Bool = false
    ) {
      self.order = order
      self.includesConstant = includesConstant ?? (order.d + order.seasonalD == 0)
      (self.transformation, self.adjustsBias) = (transformation, adjustsBias)
    }
  }

  /// The settings.
  public var configuration: Configuration
  /// See `Forecaster`.
  public var name: String { "ARIMA" }

  /// A model with these settings.
  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// A model of these orders, with a mean where nothing is differenced.
  public init(_ order: ARIMAOrder) { configuration = Configuration(order: order) }

  /// Learns the coefficients.
  ///
  /// - Throws: `ForecastError` where the orders, the values or the regressors do not allow it.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try fitModel(series, context: context)
  }

  /// Learns the coefficients, with the model's own type.
  ///
  /// - Throws: `ForecastError` where the orders, the values or the regressors do not allow it.
  public func fitModel(_ series: TimeSeries, context: FitContext = FitContext()) throws -> ARIMAModel {
    let order = configuration.order
    try order.validate(seasonLength: series.seasonLength)
    let input = try ARIMAInput(series, configuration.transformation, seasonLength: series.seasonLength)
    let constant = configuration.includesConstant && order.d + order.seasonalD < 2
    let lost = order.lostToDifferences(seasonLength: series.seasonLength)
    let coefficients = order.coefficientCount + input.columns.count + (constant ? 1 : 0)
    let season = order.isSeasonal ? max(order.seasonalP, order.seasonalQ) * series.seasonLength : 0
    try input.require(lost + max(coefficients + 2, season + order.p + 1))
    guard
      let fitter = ARIMAFitter(
        values: input.values, regressors: input.columns, largest: order, seasonLength: series.seasonLength,
        constants: [constant])
    else { throw ForecastError.noSolution(series: series.id, method: name) }
    guard let fit = fitter.fit(order, constant: constant) else {
      guard let exact = input.exactModel(order, constant: constant) else {
        throw ForecastError.noSolution(series: series.id, method: name)
      }
      return exact
    }
    try context.checkpoint(step: 1, of: 1, metrics: ["aicc": fit.aicc])
    return input.model(
      fit, errors: fitter.standardErrors(fit) ?? [], adjustsBias: configuration.adjustsBias)
  }
}
