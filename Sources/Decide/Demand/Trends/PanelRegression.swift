import Foundation
import MathKernels

/// Least squares within groups and weeks, with errors that allow for any dependence within a group.
///
/// ```swift
/// let panel = PanelRegression(columns: [logPrice], outcome: logUnits, groups: item, periods: week)
/// print(panel.coefficients[0], panel.errors[0])
/// ```
/// Each observation's distance from its group's and its period's mean is taken, by turns until nothing moves, which is the
/// same as an intercept for every group and every period. Errors are clustered by group, with the usual correction for few
/// clusters, and tests take the normal distribution. Without groups and periods it is one pooled line through all.
///
/// Sources: within transformation and cluster-robust variance as in Cameron and Miller (2015),
/// https://doi.org/10.3368/jhr.50.2.317; alternating projections, Gaure (2013), https://doi.org/10.1016/j.csda.2013.03.024
///
/// - Complexity: O(observations · columns²) for each turn; a few dozen turns at most.
struct PanelRegression: Sendable, Equatable {
  /// One for each column; NaN where a column does not vary within groups.
  let coefficients: [Double]
  /// Their standard errors.
  let errors: [Double]
  /// How many observations were used.
  let count: Int
  /// How many groups.
  let clusters: Int

  /// - Parameters:
  ///   - columns: the regressors, each with one value for each observation.
  ///   - groups: the group of each observation, from 0.
  ///   - periods: the period of each observation, from 0; nil for no effects of time.
  ///   - isWithin: whether groups have intercepts of their own.
  init(columns: [[Double]], outcome: [Double], groups: [Int], periods: [Int]?, isWithin: Bool = true) {
    count = outcome.count
    let groupCount = (groups.max() ?? -1) + 1
    clusters = Set(groups).count
    var columns = columns
    var outcome = outcome
    var effects: [[Int]] = isWithin ? [groups] : [[Int](repeating: 0, count: outcome.count)]
    if let periods { effects.append(periods) }
    Self.demean(&outcome, effects)
    for index in columns.indices { Self.demean(&columns[index], effects) }
    let lost = isWithin ? clusters : 1
    (coefficients, errors) = Self.solve(
      columns, outcome, groups: groups, groupCount: groupCount, clusters: clusters, lost: lost)
  }

  /// An interval of a coefficient.
  func interval(_ column: Int, level: Double = 0.95) -> ConfidenceInterval {
    let half = NormalDistribution.quantile(0.5 + level / 2) * errors[column]
    return ConfidenceInterval(
      lower: coefficients[column] - half, upper: coefficients[column] + half, level: level)
  }

  /// The two-sided p-value of a coefficient of 0.
  func pValue(_ column: Int) -> Double {
    guard errors[column] > 0 else { return .nan }
    return erfc(abs(coefficients[column] / errors[column]) / 2.0.squareRoot())
  }

  private static func demean(_ values: inout [Double], _ effects: [[Int]]) {
    let sizes = effects.map { effect in
      var sizes = [Double](repeating: 0, count: (effect.max() ?? -1) + 1)
      for index in effect { sizes[index] += 1 }
      return sizes
    }
    let scale = Statistics.standardDeviation(values, degreesOfFreedomLost: 0)
    guard scale > 0 else {
      values = values.map { _ in 0 }
      return
    }
    for _ in 0..<(effects.count == 1 ? 1 : 200) {
      var largest = 0.0
      for (effect, sizes) in zip(effects, sizes) {
        var sums = [Double](repeating: 0, count: sizes.count)
        for (index, value) in zip(effect, values) { sums[index] += value }
        for index in sums.indices where sizes[index] > 0 {
          sums[index] /= sizes[index]
          largest = max(largest, abs(sums[index]))
        }
        for index in values.indices { values[index] -= sums[effect[index]] }
      }
      if largest < 1e-9 * scale { break }
    }
  }

  private static func solve(
    _ columns: [[Double]], _ outcome: [Double], groups: [Int], groupCount: Int, clusters: Int, lost: Int
  ) -> ([Double], [Double]) {
    let size = columns.count
    let missing = ([Double](repeating: .nan, count: size), [Double](repeating: .nan, count: size))
    let freedom = outcome.count - lost - size
    guard clusters > 1, freedom > 0 else { return missing }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    var gram = Matrix<Double>(rows: size, columns: size)
    for row in 0..<size { for column in 0..<size { gram[row, column] = dot(columns[row], columns[column]) } }
    guard let inverse = try? gram.inverseOfSymmetricPositiveDefinite() else { return missing }
    let moments = columns.map { dot($0, outcome) }
    let solution = (0..<size).map { row in (0..<size).reduce(0) { $0 + inverse[row, $1] * moments[$1] } }
    guard solution.allSatisfy(\.isFinite) else { return missing }
    var scores = [[Double]](repeating: [Double](repeating: 0, count: groupCount), count: size)
    for index in outcome.indices {
      let residual = outcome[index] - (0..<size).reduce(0) { $0 + solution[$1] * columns[$1][index] }
      for column in 0..<size { scores[column][groups[index]] += columns[column][index] * residual }
    }
    let correction =
      Double(clusters) / Double(clusters - 1) * Double(outcome.count - 1) / Double(outcome.count - size)
    let errors = (0..<size).map { row in
      let weights = (0..<size).map { inverse[row, $0] }
      let variance = (0..<groupCount).reduce(0.0) { sum, group in
        let score = (0..<size).reduce(0) { $0 + weights[$1] * scores[$1][group] }
        return sum + score * score
      }
      return (variance * correction).squareRoot()
    }
    return (solution, errors)
  }
}
