import Foundation
import Learning

/// ARIMA with its orders chosen by an information criterion.
///
/// The KPSS test and the strength of the season say how often the series is differenced; then a stepwise search moves
/// from four simple models to better neighbours until there is none, or all models up to the limits are tried. Models
/// with roots near the unit circle, and ones whose likelihood has no proper maximum, are refused.
///
/// ```swift
/// let values = (0..<48).map { 100 + 20 * sin(Double($0) * .pi / 6) + Double(($0 * 7919) % 13) }
/// let model = try AutoARIMA().fit(TimeSeries(values: values, seasonLength: 12), context: FitContext())
/// print(model.description)      // such as ARIMA(0,0,0)(1,1,0)[12]
/// ```
/// Source: Hyndman and Khandakar (2008), https://doi.org/10.18637/jss.v027.i03, with the rules of `auto.arima` of R's
/// forecast 8.20: a long series (above 150 values, or seasons above 12 steps) is searched by the conditional sum of
/// squares, and the best model is fitted by the exact likelihood. Other than there, series with missing values are
/// searched exactly when short and with the gaps filled when long.
///
/// - Complexity: some 20 to 94 models in the stepwise search, each as `ARIMA`.
public struct AutoARIMA: Forecaster {
  /// What the best model has the least of.
  public enum Criterion: String, Sendable, Codable {
    /// Akaike's criterion, corrected for short series.
    case aicc
    /// Akaike's criterion.
    case aic
    /// The Bayesian criterion.
    case bic
  }

  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The largest orders p, q, P and Q.
    public var largest = ARIMAOrder(5, 2, 5, seasonal: (2, 1, 2))
    /// The largest sum of p, q, P and Q in a full search.
    public var maxOrder = 5
    /// The differences; nil to choose them by the KPSS test.
    public var differences: Int?
    /// The seasonal differences; nil to choose them by the strength of the season.
    public var seasonalDifferences: Int?
    /// Whether models with seasons are tried.
    public var seasonal = true
    /// Whether models with a drift are tried after one difference.
    public var allowsDrift = true
    /// Whether models with a mean are tried without differences.
    public var allowsMean = true
    /// What the best model has the least of.
    public var criterion = Criterion.aicc
    /// Whether the search is stepwise rather than over all models.
    public var stepwise = true
    /// How many models the stepwise search tries at most.
    public var maxModels = 94
    /// Whether the search uses the conditional sum of squares; nil for series that are long or have long seasons.
    public var approximates: Bool?
    /// Whether the values are transformed first.
    public var transformation = PowerTransformation.none
    /// Whether forecasts of a transformed series are means rather than medians.
    public var adjustsBias = false

    /// The default settings.
    public init() {}
  }

  /// The settings.
  public var configuration: Configuration
  /// See `Forecaster`.
  public var name: String { "AutoARIMA" }

  /// A search with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Chooses the orders and learns the coefficients.
  ///
  /// - Throws: `ForecastError`, `CancellationError`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try fitModel(series, context: context)
  }

  /// Chooses the orders and learns the coefficients, with the model's own type.
  ///
  /// - Throws: `ForecastError`, `CancellationError`.
  public func fitModel(_ series: TimeSeries, context: FitContext = FitContext()) throws -> ARIMAModel {
    try validate()
    let seasonLength = configuration.seasonal ? series.seasonLength : 1
    let input = try ARIMAInput(series, configuration.transformation, seasonLength: seasonLength)
    try input.require(3)
    if input.columns.isEmpty, Differencing.isConstant(input.values) {
      guard let model = input.exactModel(ARIMAOrder(0, 0, 0), constant: configuration.allowsMean) else {
        return try ARIMA(.init(order: ARIMAOrder(0, 0, 0), includesConstant: false)).fitModel(series)
      }
      return model
    }
    let (d, seasonalD, rest) = try differences(input)
    if Differencing.isConstant(rest) {
      let plain = ARIMAOrder(0, d, 0, seasonal: (0, seasonalD, 0))
      if let model = input.exactModel(plain, constant: d + seasonalD < 2) { return model }
    }
    let limits = limits(input, d, seasonalD)
    let constants =
      d + seasonalD < 2 && (d + seasonalD == 0 ? configuration.allowsMean : configuration.allowsDrift)
    guard
      let search = ARIMASearch(
        input, largest: limits, configuration: configuration, allowsConstant: constants, context: context)
    else { throw ForecastError.noSolution(series: series.id, method: name) }
    try configuration.stepwise ? search.stepwise() : search.full()
    guard let best = try search.refined() else {
      throw ForecastError.noSolution(series: series.id, method: name)
    }
    return input.model(best.fit, errors: best.errors, adjustsBias: configuration.adjustsBias)
  }

  private func validate() throws {
    try configuration.largest.validate(seasonLength: 2)
    let settings: [(String, Int?, Int)] = [
      ("differences", configuration.differences, 0), ("maxOrder", configuration.maxOrder, 0),
      ("seasonalDifferences", configuration.seasonalDifferences, 0),
      ("maxModels", configuration.maxModels, 1),
    ]
    for (name, value, least) in settings {
      if let value, value < least || value > 1000 {
        throw ForecastError.invalidParameter(
          name: name, value: "\(value)", expected: "a number from \(least) to 1000")
      }
    }
  }

  /// The differences to take, and what is left of the series, or of its regression, after them.
  private func differences(_ input: ARIMAInput) throws -> (d: Int, seasonalD: Int, rest: [Double]) {
    var rest = input.values
    var columns = input.columns
    if !columns.isEmpty {
      let rows = rest.indices.filter { !rest[$0].isNaN }
      let ones = [Double](repeating: 1, count: rest.count)
      guard rows.count > columns.count + 1,
        let found = ARIMAData.leastSquares(rest, [ones] + columns, rows)
      else { throw ForecastError.noSolution(series: input.series.id, method: name) }
      for (column, share) in zip([ones] + columns, found) {
        for index in rest.indices { rest[index] -= share * column[index] }
      }
    }
    let season = input.seasonLength
    var seasonalD = 0
    if season > 1 {
      let long = rest.count > 2 * season
      seasonalD =
        configuration.seasonalDifferences
        ?? (long
          ? Differencing.seasonalDifferences(
            rest, seasonLength: season, atMost: configuration.largest.seasonalD) : 0)
    }
    for _ in 0..<seasonalD {
      let (shorter, regressors) = (
        ARIMAData.difference(rest, season), columns.map { ARIMAData.difference($0, season) }
      )
      // A difference that leaves nothing, or makes a regressor constant, is not taken.
      if configuration.seasonalDifferences == nil,
        shorter.allSatisfy(\.isNaN) || regressors.contains(where: Differencing.isConstant)
      {
        seasonalD = 0
        break
      }
      (rest, columns) = (shorter, regressors)
    }
    var d = configuration.differences ?? Differencing.differences(rest, atMost: configuration.largest.d)
    for taken in 0..<d {
      let (shorter, regressors) = (
        ARIMAData.difference(rest, 1), columns.map { ARIMAData.difference($0, 1) }
      )
      if configuration.differences == nil,
        shorter.allSatisfy(\.isNaN) || regressors.contains(where: Differencing.isConstant)
      {
        d = taken
        break
      }
      (rest, columns) = (shorter, regressors)
    }
    guard !rest.allSatisfy(\.isNaN) else {
      throw ForecastError.notEnoughData(
        series: input.series.id, needed: d + seasonalD * season + 3, found: input.known)
    }
    return (d, seasonalD, rest)
  }

  /// The largest orders that the length of the series and of its season allow, with the differences found.
  private func limits(_ input: ARIMAInput, _ d: Int, _ seasonalD: Int) -> ARIMAOrder {
    let (length, season) = (input.values.count, input.seasonLength)
    var result = configuration.largest
    (result.d, result.seasonalD) = (d, seasonalD)
    (result.p, result.q) = (min(result.p, length / 3), min(result.q, length / 3))
    (result.seasonalP, result.seasonalQ) = (
      season > 1 ? min(result.seasonalP, length / 3 / season) : 0,
      season > 1 ? min(result.seasonalQ, length / 3 / season) : 0
    )
    if result.seasonalP > 0 { result.p = min(result.p, season - 1) }
    if result.seasonalQ > 0 { result.q = min(result.q, season - 1) }
    return result
  }
}
