import Foundation
import MathKernels

/// A series without its seasons, where a test finds any.
///
/// The autocorrelation at the lag of one season is compared with its standard error if there were none (at 90 %, on both
/// sides); the seasons are factors of the classical decomposition, or summands where a value is not above 0.
struct SeasonalAdjustment: Sendable, Codable, Equatable {
  /// Whether seasons were found and taken off.
  let isSeasonal: Bool
  /// Whether they are factors.
  let multiplicative: Bool
  /// The seasons, that of the first value first; one neutral value without any.
  let pattern: [Double]
  /// How many values there are.
  let count: Int

  init(_ values: [Double], seasonLength: Int) {
    count = values.count
    let positive = values.allSatisfy { $0 > 0 }
    if Self.hasSeasons(values, seasonLength: seasonLength) {
      let found = ClassicalDecomposition(values, seasonLength: seasonLength, multiplicative: positive).pattern
      // A factor near 0 would blow its season up.
      if !positive || found.allSatisfy({ abs($0) >= 1e-4 }) {
        (isSeasonal, multiplicative, pattern) = (true, positive, found)
        return
      }
    }
    (isSeasonal, multiplicative, pattern) = (false, positive, [positive ? 1 : 0])
  }

  static func hasSeasons(_ values: [Double], seasonLength: Int) -> Bool {
    let count = values.count
    guard seasonLength > 1, count > 2 * seasonLength, values.contains(where: { $0 != values[0] }) else {
      return false
    }
    let mean = Statistics.mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let correlations = (1...seasonLength).map { lag -> Double in
      var sum = 0.0
      for index in lag..<count { sum += (values[index] - mean) * (values[index - lag] - mean) }
      return sum / squares
    }
    let before = correlations.dropLast().reduce(0) { $0 + $1 * $1 }
    let error = ((1 + 2 * before) / Double(count)).squareRoot()
    return abs(correlations[seasonLength - 1]) / error > NormalDistribution.quantile(0.95)
  }

  /// The season of a step counted from the first value.
  func season(_ step: Int) -> Double { pattern[step % pattern.count] }

  /// Takes the seasons off values from the first on.
  func adjusted(_ values: [Double]) -> [Double] {
    guard isSeasonal else { return values }
    return values.indices.map { multiplicative ? values[$0] / season($0) : values[$0] - season($0) }
  }

  /// Puts the season of a step on.
  func restored(_ value: Double, step: Int) -> Double {
    guard isSeasonal else { return value }
    return multiplicative ? value * season(step) : value + season(step)
  }

  /// What a deviation becomes at a step.
  func scale(_ step: Int) -> Double { isSeasonal && multiplicative ? abs(season(step)) : 1 }
}
