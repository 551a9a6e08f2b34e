import Foundation
import Learning
import MathKernels

/// A series as panel methods read it: checked, its regressors in the order of the panel's columns.
struct PanelSeries: Sendable, Codable {
  var id: String
  /// NaN where a value is missing.
  var values: [Double]
  var seasonLength: Int
  /// A row of values for each regressor of the panel on its scale, NaN where it is missing.
  var regressors: [[Double]]
  /// The codes of its attributes, NaN for a value never seen.
  var attributes: [Double]
  var calendar: StepCalendar?
  /// Whether no value is below 0, so that no forecast may be.
  var isNonnegative: Bool
  /// Why it cannot be forecast.
  var problem: String?

  var count: Int { values.count }
  /// How far its values lie from their recent level: the root of the mean squared difference to the mean of the four before.
  var deviation: Double
  /// The mean of its values.
  var mean: Double

  init(_ series: TimeSeries, columns: PanelColumns) {
    (id, values, seasonLength) = (series.id, series.values, series.seasonLength)
    calendar = series.calendar
    let count = series.count
    regressors = columns.regressors.enumerated().map { column, name in
      let known = series.regressors[name] ?? []
      return (0..<count).map { $0 < known.count ? columns.scaled(known[$0], column) : .nan }
    }
    attributes = columns.attributes.map { column in
      series.attributes[column.name].flatMap { column.codes[$0] } ?? .nan
    }
    do { _ = try PreparedSeries(series) } catch { problem = "\(error)" }
    let observed = values.filter { !$0.isNaN }
    isNonnegative = observed.allSatisfy { $0 >= 0 }
    mean = problem == nil ? Statistics.mean(observed) : 0
    deviation = Self.deviation(observed)
  }

  private static func deviation(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    var sum = 0.0
    for index in 1..<values.count {
      let before = values[max(0, index - 4)..<index]
      let gap = values[index] - before.reduce(0, +) / Double(before.count)
      sum += gap * gap
    }
    return (sum / Double(values.count - 1)).squareRoot()
  }
}

/// Which columns the series of a panel have: their regressors and attributes.
struct PanelColumns: Sendable, Codable, Equatable {
  struct Attribute: Sendable, Codable, Equatable {
    var name: String
    /// The number that stands for each value, in alphabetical order.
    var codes: [String: Double]
  }

  var regressors: [String]
  var attributes: [Attribute]
  /// Which regressors are taken by their logarithm: those above 0 throughout that vary, such as prices, so that a change is a share.
  var isLogarithm: [Bool]
  /// How much each regressor varies within series, on its scale, at least 1e-9.
  var deviations: [Double]

  init(_ series: [TimeSeries]) {
    regressors = Set(series.flatMap { $0.regressors.keys }).sorted()
    let names = Set(series.flatMap { $0.attributes.keys }).sorted()
    attributes = names.map { name in
      let values = Set(series.compactMap { $0.attributes[name] }).sorted()
      return Attribute(
        name: name, codes: Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, Double($0)) }))
    }
    isLogarithm = regressors.map { name in
      let values = series.lazy.flatMap { $0.regressors[name] ?? [] }.filter(\.isFinite)
      return values.allSatisfy { $0 > 0 } && values.contains { $0 != values.first }
    }
    deviations = zip(regressors, isLogarithm).map { name, isLogarithm in
      var (sum, count) = (0.0, 0)
      for one in series {
        let known = (one.regressors[name] ?? []).filter(\.isFinite).map { isLogarithm ? log($0) : $0 }
        guard known.count > 1 else { continue }
        sum += Statistics.variance(known, degreesOfFreedomLost: 0) * Double(known.count)
        count += known.count
      }
      return max(1e-9, count > 0 ? (sum / Double(count)).squareRoot() : 1)
    }
  }

  /// A regressor's value on its scale; NaN for one that has none there.
  func scaled(_ value: Double, _ column: Int) -> Double {
    guard value.isFinite else { return .nan }
    return isLogarithm[column] ? (value > 0 ? log(value) : .nan) : value
  }

  /// A panel's series; every series needs a name of its own.
  func prepare(_ series: [TimeSeries]) throws -> [PanelSeries] {
    var seen: Set<String> = []
    for one in series where !seen.insert(one.id).inserted {
      throw ForecastError.invalidParameter(
        name: "series", value: one.id, expected: "a name that no other series of the panel has")
    }
    return series.map { PanelSeries($0, columns: self) }
  }

  /// The values of the regressors over the steps to come on their scale, in the order of the columns.
  ///
  /// - Throws: `ForecastError.missingRegressor` where a regressor that the series has is too short.
  func future(_ given: [String: [Double]]?, of series: PanelSeries, horizon: Int) throws -> [[Double]] {
    try regressors.enumerated().map { index, name in
      let known = given?[name] ?? []
      guard known.count >= horizon else {
        if series.regressors[index].allSatisfy(\.isNaN) { return [Double](repeating: .nan, count: horizon) }
        throw ForecastError.missingRegressor(name: name, needed: horizon, found: known.count)
      }
      return known.prefix(horizon).map { scaled($0, index) }
    }
  }
}
