import Foundation
import Learning
import MathKernels

/// Whether and how the values are transformed before a model is fitted.
public enum PowerTransformation: Sendable, Codable, Equatable {
  /// As they are.
  case none
  /// By Box and Cox with this power; 0 takes logarithms.
  case power(Double)
  /// By Box and Cox with the power that Guerrero's method finds.
  case guerrero
}

/// A fitted ARIMA model.
public struct ARIMAModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// What a model has beside its past values and errors.
  public enum Constant: String, Sendable, Codable {
    /// Neither a mean nor a drift.
    case none
    /// A mean that is not 0.
    case mean
    /// A change at every step.
    case drift
  }

  /// The orders.
  public internal(set) var order: ARIMAOrder
  /// How many steps make a season.
  public internal(set) var seasonLength: Int
  /// Whether there is a mean or a drift.
  public internal(set) var constant: Constant
  /// The coefficients of past values, φ₁ to φₚ.
  public internal(set) var autoregressive: [Double] = []
  /// The coefficients of past errors, θ₁ to θ_q.
  public internal(set) var movingAverage: [Double] = []
  /// The coefficients of the values of past seasons.
  public internal(set) var seasonalAutoregressive: [Double] = []
  /// The coefficients of the errors of past seasons.
  public internal(set) var seasonalMovingAverage: [Double] = []
  /// The coefficients of the regressors, in the order of their names.
  public internal(set) var regression: [Double] = []
  /// The mean or the drift; nil without one.
  public internal(set) var constantValue: Double?
  /// The names of the regressors, in order.
  public internal(set) var regressorNames: [String]
  /// The standard errors of the coefficients of past values and errors, within and then across seasons; empty where the
  /// likelihood gives none.
  public internal(set) var standardErrors: [Double] = []
  /// The variance of the errors, with the number of coefficients allowed for.
  public internal(set) var variance: Double
  /// The logarithm of the likelihood; nil where the model follows the series exactly.
  public internal(set) var logLikelihood: Double?
  /// Akaike's information criterion; nil where there is no likelihood.
  public internal(set) var aic: Double?
  /// The same corrected for short series; nil also where the series is too short for it.
  public internal(set) var aicc: Double?
  /// The Bayesian information criterion; nil where there is no likelihood.
  public internal(set) var bic: Double?
  /// The power of the transformation; nil without one.
  public internal(set) var lambda: Double?
  /// One-step forecasts of the series; NaN where there is none.
  @Packed public internal(set) var fitted: [Double]
  /// The one-step errors, on the transformed scale where there is one; NaN where there is none.
  @Packed public internal(set) var residuals: [Double]

  /// Whether forecasts are means rather than medians on the original scale.
  var adjustsBias = false
  /// The values that forecasts go on from, transformed, without the missing ones at the start.
  @Packed var values: [Double]
  /// The regressors of those steps, one after the other.
  @Packed var regressors: [Double]

  /// As the field writes it: `ARIMA(2,1,1)(0,1,0)[12] with drift`.
  public var description: String {
    let base = order.description(seasonLength: seasonLength)
    let whole = regressorNames.isEmpty ? base : "regression with \(base) errors"
    return switch constant {
    case .none: whole
    case .mean: whole + " with non-zero mean"
    case .drift: whole + " with drift"
    }
  }

  /// How the series goes on: the expected values, and intervals from normal errors.
  ///
  /// - Complexity: O(n·r + h²·r) for r = max(p + P·m, q + Q·m + 1).
  /// - Throws: `ForecastError`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    let form = try ahead(horizon, regressors)
    let deviations = form.forecastVariances.map { (variance * $0).squareRoot() }
    let intervals = levels.map { level in
      let width = NormalDistribution.quantile((1 + level) / 2)
      return Forecast.Interval(
        level: level, lower: original(zip(form.means, deviations).map { $0 - width * $1 }),
        upper: original(zip(form.means, deviations).map { $0 + width * $1 }))
    }
    guard let lambda, adjustsBias else { return Forecast(mean: original(form.means), intervals: intervals) }
    let means = BoxCox(lambda: lambda).inverseMeans(form.means, variances: deviations.map { $0 * $0 })
    return Forecast(mean: means, intervals: intervals)
  }

  /// Ways in which the series may go on, drawn with normal errors.
  ///
  /// - Complexity: O(n·r + h²·(r + count)).
  /// - Throws: `ForecastError`.
  public func samplePaths(
    horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64
  ) throws -> [[Double]] {
    try ForecastRequest.check(horizon: horizon, count: count)
    let form = try ahead(horizon, regressors)
    let paths = SamplePaths.draw(count: count, horizon: horizon, seed: seed) { path, random in
      path = form.means
      for origin in 0..<horizon {
        let error = random.normal() * (variance * form.variances[origin]).squareRoot()
        for step in origin..<horizon { path[step] += form.responses[origin][step - origin] * error }
      }
    }
    return paths.map(original)
  }

  private func original(_ values: [Double]) -> [Double] {
    lambda.map { BoxCox(lambda: $0).inverse(values) } ?? values
  }

  private func ahead(_ horizon: Int, _ future: [String: [Double]]) throws -> InnovationsForm {
    var columns: [[Double]] = []
    for (index, name) in regressorNames.enumerated() {
      let known = future[name] ?? []
      guard known.count >= horizon, known[..<horizon].allSatisfy(\.isFinite) else {
        throw ForecastError.missingRegressor(
          name: name, needed: horizon, found: known.prefix(horizon).count(where: \.isFinite))
      }
      let past = regressors[index * values.count..<(index + 1) * values.count]
      columns.append(Array(past) + Array(known[..<horizon]))
    }
    if let constantValue {
      let steps = ARIMAFitter.constant(values.count + horizon, order)
      return innovations(columns + [steps], regression + [constantValue], horizon)
    }
    return innovations(columns, regression, horizon)
  }

  /// Runs the model over the series less its regression, and beyond.
  func innovations(_ columns: [[Double]], _ coefficients: [Double], _ horizon: Int) -> InnovationsForm {
    var explained = [Double](repeating: 0, count: values.count + horizon)
    for (column, coefficient) in zip(columns, coefficients) {
      for index in explained.indices { explained[index] += coefficient * column[index] }
    }
    let rest = values.indices.map { values[$0] - explained[$0] }
    guard
      let data = ARIMAData(
        values: rest, regressors: [], d: order.d, seasonalD: order.seasonalD, seasonLength: seasonLength)
    else { preconditionFailure("no regressors are never collinear") }
    let likelihood = ARMALikelihood(data, largest: order, seasonLength: seasonLength)
    likelihood.configure(order)
    var form = InnovationsForm(
      likelihood,
      factors: autoregressive + movingAverage + seasonalAutoregressive + seasonalMovingAverage,
      horizon: horizon)
    for step in form.predictions.indices { form.predictions[step] += explained[step] }
    for step in form.means.indices { form.means[step] += explained[values.count + step] }
    return form
  }
}
