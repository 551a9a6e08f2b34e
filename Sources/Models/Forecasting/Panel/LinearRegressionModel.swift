import Foundation
import Learning
import MathKernels

/// One series learned by linear regression.
public struct LinearRegressionModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// The coefficients: what a column's unit adds to the logarithm of the values, or to their share of their mean.
  @Packed public private(set) var coefficients: [Double]
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  private let columns: RegressionColumns
  private let id: String
  private let length: Int
  private let season: Int
  private let calendar: StepCalendar?
  private let isLogarithm: Bool
  private let isNonnegative: Bool
  private let level: Double
  private let means: [Double]
  private let targetMean: Double
  private let smoothing: Double
  private let remainder: Double
  private let deviation: Double
  private let smearing: Double
  private let had: [Bool]

  init(_ table: RegressionTable, columns: RegressionColumns, coefficients: [Double], smoothing: Double) {
    (self.columns, id, length) = (columns, table.id, table.length)
    (season, calendar, isLogarithm) = (table.season, table.calendar, table.isLogarithm)
    (isNonnegative, level) = (table.isNonnegative, table.level)
    (means, targetMean, self.smoothing) = (table.means, table.targetMean, smoothing)
    had = columns.regressors.indices.map { column in
      table.rows.contains { $0[$0.count - columns.regressors.count + column] != 0 }
    }
    let rest = table.residuals(coefficients)
    var (moved, errors) = (0.0, [Double]())
    var scaled: [Double] = []
    for step in rest.indices {
      scaled.append(table.targets[step] - rest[step] + moved + table.targetMean)
      if rest[step].isNaN {
        var value = table.targetMean + moved
        for column in coefficients.indices { value += table.rows[step][column] * coefficients[column] }
        scaled[step] = value
        continue
      }
      errors.append(rest[step] - moved)
      moved += smoothing * (rest[step] - moved)
    }
    remainder = moved
    let lost = min(Double(errors.count) / 2, 1 + Double(columns.count) / 4)
    let squares = errors.reduce(0) { $0 + $1 * $1 }
    deviation = errors.isEmpty ? 0 : (squares / max(1, Double(errors.count) - lost)).squareRoot()
    var (came, said) = (0.0, 0.0)
    for step in scaled.indices where !table.values[step].isNaN && table.isLogarithm {
      came += table.values[step]
      said += exp(scaled[step])
    }
    smearing = said > 0 ? min(1.5, max(0.8, came / said)) : 1
    self.coefficients = coefficients
    fitted = []
    fitted = scaled.map { back($0) }
  }

  /// See `ForecastModel`.
  public var description: String { "LinearRegression" }

  /// The coefficient of a regressor, on its own scale: where it and the values are taken by their logarithm, the elasticity.
  public func coefficient(of regressor: String) -> Double? {
    columns.regressors.firstIndex(of: regressor).map {
      coefficients[columns.count - columns.regressors.count + $0] / columns.deviations[$0]
    }
  }

  private func back(_ value: Double) -> Double {
    guard isLogarithm else { return isNonnegative ? max(0, value * level) : value * level }
    return exp(min(value, targetMean + 20)) * smearing
  }

  /// The forecast on the scale of the regression.
  private func path(_ horizon: Int, _ regressors: [String: [Double]]) throws -> [Double] {
    for (index, name) in columns.regressors.enumerated() where had[index] {
      let found = regressors[name]?.count ?? 0
      guard found >= horizon else {
        throw ForecastError.missingRegressor(name: name, needed: horizon, found: found)
      }
    }
    let first = columns.count - columns.regressors.count
    return (0..<horizon).map { ahead in
      let known = columns.regressors.enumerated().map { index, name in
        let column = regressors[name] ?? []
        let usual = means[first + index] * columns.deviations[index]
        let value = ahead < column.count && had[index] ? column[ahead] : .nan
        let isUsable = value.isFinite && (!columns.isLogarithm[index] || value > 0)
        return isUsable ? value : columns.isLogarithm[index] ? exp(usual) : usual
      }
      let row = columns.row(
        step: length + ahead, length: length, season: season, calendar: calendar, known: known)
      var value = targetMean + remainder
      for column in coefficients.indices { value += (row[column] - means[column]) * coefficients[column] }
      return value
    }
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    let path = try path(horizon, regressors)
    var forecast = Forecast(mean: path.map(back))
    forecast.intervals = levels.map { level in
      let z = NormalDistribution.quantile(0.5 + level / 2)
      let half = path.indices.map { ahead in
        z * deviation * (1 + Double(ahead) * smoothing * smoothing).squareRoot()
      }
      return Forecast.Interval(
        level: level, lower: path.indices.map { min(forecast.mean[$0], back(path[$0] - half[$0])) },
        upper: path.indices.map { max(forecast.mean[$0], back(path[$0] + half[$0])) })
    }
    return forecast
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    let path = try path(horizon, regressors)
    return SamplePaths.draw(count: count, horizon: horizon, seed: seed) { values, random in
      var moved = 0.0
      for ahead in values.indices {
        let error = deviation * random.normal()
        values[ahead] = back(path[ahead] + moved + error)
        moved += smoothing * error
      }
    }
  }
}
