import Foundation
import Learning
import MathKernels

/// One series made ready for regression: rows of columns, and values on the scale that is regressed.
struct RegressionTable: Sendable {
  let id: String
  let length: Int
  let season: Int
  let calendar: StepCalendar?
  let isLogarithm: Bool
  let isNonnegative: Bool
  /// What values are divided by, where they are not taken by their logarithm.
  let level: Double
  /// Each step's columns less their means.
  var rows: [[Double]]
  /// Each step's value on the scale of the regression less the mean; NaN where it is missing.
  var targets: [Double]
  let weights: [Double]
  /// The columns' means, which a forecast takes off too.
  let means: [Double]
  let targetMean: Double
  /// The values as given.
  let values: [Double]

  init(_ series: TimeSeries, columns: RegressionColumns, memory: Double) throws {
    _ = try PreparedSeries(series)
    (id, length, season, calendar) = (series.id, series.count, series.seasonLength, series.calendar)
    values = series.values
    let observed = values.filter { !$0.isNaN }
    isNonnegative = observed.allSatisfy { $0 >= 0 }
    isLogarithm = observed.allSatisfy { $0 > 0 }
    let size = Statistics.mean(observed.map { abs($0) })
    level = size > 0 ? size : 1
    targets = []
    for value in values { targets.append(isLogarithm ? log(value) : value / level) }
    var usual: [Double] = []
    for (index, name) in columns.regressors.enumerated() {
      let known = (series.regressors[name] ?? []).filter(\.isFinite)
      usual.append(known.isEmpty ? (columns.isLogarithm[index] ? 1 : 0) : Statistics.mean(known))
    }
    let prepared = series.values.indices.map { step in
      let known = columns.regressors.enumerated().map { index, name in
        let column = series.regressors[name] ?? []
        return step < column.count && column[step].isFinite ? column[step] : usual[index]
      }
      return columns.row(
        step: step, length: series.count, season: series.seasonLength, calendar: series.calendar,
        known: known)
    }
    rows = prepared
    let count = targets.count
    var weights = [Double](repeating: 0, count: count)
    for step in 0..<count where !targets[step].isNaN { weights[step] = pow(memory, Double(count - 1 - step)) }
    self.weights = weights
    let total = weights.reduce(0, +)
    var means = [Double](repeating: 0, count: columns.count)
    var mean = 0.0
    for step in rows.indices where weights[step] > 0 {
      for column in means.indices { means[column] += weights[step] / total * rows[step][column] }
      mean += weights[step] / total * targets[step]
    }
    (self.means, targetMean) = (means, mean)
    for step in rows.indices {
      for column in means.indices { rows[step][column] -= means[column] }
      targets[step] -= mean
    }
    // Of less than two years nobody can tell the year's shape from the trend; waves of the panel's other series still hold.
    isYoung =
      calendar.map { count < 2 * 365 / max(1, $0.days(of: 0).count) } ?? (count < 2 * series.seasonLength)
  }

  private let isYoung: Bool

  /// The columns' products with one another and with the values.
  private func products(_ offset: [Double]) -> (gram: [Double], right: [Double]) {
    let size = means.count
    var gram = [Double](repeating: 0, count: size * size)
    var right = [Double](repeating: 0, count: size)
    for step in rows.indices where weights[step] > 0 {
      let row = rows[step]
      var rest = targets[step]
      for column in 0..<size { rest -= row[column] * offset[column] }
      for first in 0..<size where row[first] != 0 {
        let weighted = weights[step] * row[first]
        right[first] += weighted * rest
        for second in first..<size { gram[first * size + second] += weighted * row[second] }
      }
    }
    return (gram, right)
  }

  /// The coefficients of this series, pulled towards others.
  func coefficients(towards common: [Double], penalty: Double, columns: RegressionColumns) throws -> [Double]
  {
    let (gram, right) = products(common)
    var penalties = columns.penalties.map { $0 * penalty }
    if isYoung {
      for wave in 1..<1 + 2 * columns.waves { penalties[wave] *= 10 }
    }
    return zip(common, try Self.solve(gram, right, penalties)).map { $0 + $1 }
  }

  /// The coefficients that all series share.
  static func common(_ tables: [RegressionTable], columns: RegressionColumns, penalty: Double) throws
    -> [Double]
  {
    let zero = [Double](repeating: 0, count: columns.count)
    guard tables.count > 1 else { return zero }
    // Blocks of a fixed size, added up in their order: the same sum on any number of cores.
    let parts = parallelBlocks(tables.count, blockSize: 32) { block in
      var gram = [Double](repeating: 0, count: zero.count * zero.count)
      var right = zero
      for table in tables[block] {
        let (ownGram, ownRight) = table.products(zero)
        for index in gram.indices { gram[index] += ownGram[index] }
        for index in right.indices { right[index] += ownRight[index] }
      }
      return (gram, right)
    }
    var (gram, right) = ([Double](repeating: 0, count: zero.count * zero.count), zero)
    for part in parts {
      for index in gram.indices { gram[index] += part.0[index] }
      for index in right.indices { right[index] += part.1[index] }
    }
    return try solve(gram, right, columns.penalties.map { $0 * penalty })
  }

  private static func solve(_ gram: [Double], _ right: [Double], _ penalties: [Double]) throws -> [Double] {
    var matrix = Matrix<Double>(rows: right.count, columns: right.count, gram)
    for index in right.indices { matrix[index, index] += penalties[index] }
    do { return try matrix.solvingSymmetricPositiveDefinite(right) } catch {
      throw ForecastError.noSolution(series: "", method: "LinearRegression")
    }
  }

  /// What the columns leave of the values; NaN where one is missing.
  func residuals(_ coefficients: [Double]) -> [Double] {
    rows.indices.map { step in
      var rest = targets[step]
      for column in coefficients.indices { rest -= rows[step][column] * coefficients[column] }
      return rest
    }
  }

  /// How much the level moves with each miss: the smoothing that forecasts what is left of all series best, four steps ahead on
  /// average.
  static func smoothing(_ all: [(RegressionTable, [Double])]) -> Double {
    let candidates = [0, 0.05, 0.1, 0.2, 0.3, 0.45]
    var losses = [Double](repeating: 0, count: candidates.count)
    for (table, coefficients) in all {
      let rest = table.residuals(coefficients)
      for (index, smoothing) in candidates.enumerated() {
        var level = 0.0
        for step in rest.indices where !rest[step].isNaN {
          level += smoothing * (rest[step] - level)
          for ahead in [1, 4] where step + ahead < rest.count && !rest[step + ahead].isNaN {
            losses[index] += (rest[step + ahead] - level) * (rest[step + ahead] - level)
          }
        }
      }
    }
    return candidates[losses.indices.min { losses[$0] < losses[$1] } ?? 0]
  }
}
