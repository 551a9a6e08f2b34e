import Foundation
import MathKernels

/// Where the search for the states of a model of exponential smoothing begins.
///
/// Seasons come from the classical decomposition, or from a line with one harmonic for less than three seasons; level and
/// slope from a straight line through the first values without their seasons. Source: Hyndman, Koehler, Ord and Snyder
/// (2008), Forecasting with Exponential Smoothing, section 2.6.1, https://doi.org/10.1007/978-3-540-71918-2
struct SmoothingStart {
  /// The level before the first value.
  var level: Double
  /// The slope before the first value.
  var slope: Double
  /// The seasons of the second to the last step of the first season, latest first; that of the first step follows from them.
  var seasons: [Double]

  /// The start for one form.
  init(_ values: [Double], seasonLength: Int, trend: ETSForm.Trend, season: ETSForm.Season) {
    var adjusted = values
    seasons = []
    if season != .none {
      let factors = season == .multiplicative
      let pattern = Self.seasonal(values, seasonLength: seasonLength, multiplicative: factors)
      seasons = pattern[1..<seasonLength].reversed()
      if factors {
        seasons = seasons.map { max($0, 1e-2) }
        let sum = seasons.reduce(0, +)
        if sum > Double(seasonLength) {
          let divisor = seasons.reduce(0) { $0 + $1 + 1e-2 }
          seasons = seasons.map { $0 / divisor }
        }
        for index in values.indices { adjusted[index] /= max(pattern[index], 1e-2) }
      } else {
        for index in values.indices { adjusted[index] -= pattern[index] }
      }
    }
    let first = adjusted.prefix(max(10, season == .none ? 2 : 2 * seasonLength))
    slope = 0
    guard trend != .none else {
      level = Statistics.mean(first)
      return
    }
    let line = StraightLine(x: first.indices.map { Double($0 + 1) }, y: Array(first))
    (level, slope) = (line.intercept, line.slope)
    // A first forecast of 0 would divide by it.
    if abs(level + slope) < 1e-8 { (level, slope) = (level * (1 + 1e-3), slope * (1 - 1e-3)) }
  }

  /// The seasonal part at each step.
  private static func seasonal(_ values: [Double], seasonLength: Int, multiplicative: Bool) -> [Double] {
    if values.count >= 3 * seasonLength {
      let parts = ClassicalDecomposition(values, seasonLength: seasonLength, multiplicative: multiplicative)
      return values.indices.map { parts.pattern[$0 % seasonLength] }
    }
    let time = values.indices.map { Double($0 + 1) }
    let angles = time.map { 2 * Double.pi * $0 / Double(seasonLength) }
    var columns = [[Double](repeating: 1, count: values.count), time, angles.map { cos($0) }]
    if seasonLength > 2 { columns.append(angles.map { sin($0) }) }
    let line = LeastSquares.solve(columns: columns, values)
    return values.indices.map { index in
      let trend = line[0] + line[1] * time[index]
      return multiplicative ? values[index] / trend : values[index] - trend
    }
  }
}
