import Foundation
import Learning
import MathKernels

/// A series learned by the optimised Theta method, its line fixed or dynamic.
public struct OptimisedThetaModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// See `ForecastModel`.
  public var description: String {
    (walk.dynamic ? "DynamicOptimisedTheta" : "OptimisedTheta")
      + (seasons.isSeasonal ? "[\(seasons.pattern.count)]" : "")
  }
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  /// The variance of the errors of one step, without seasons.
  public let variance: Double
  /// How fast the level follows the values.
  public var smoothing: Double { walk.smoothing }
  /// θ: by how much the curvature of the series is stretched; infinite where the line counts in full.
  public var theta: Double { 1 / (1 - walk.weight) }
  private let walk: ThetaWalk
  private let seasons: SeasonalAdjustment

  init(_ series: PreparedSeries, dynamic: Bool) throws {
    let seasons = SeasonalAdjustment(series.values, seasonLength: series.seasonLength)
    let values = seasons.adjusted(series.values)
    let search = ThetaSearch(values, dynamic: dynamic)
    var walk = search.best()
    var predictions: [Double] = []
    var squares = 0.0
    for (index, value) in values.enumerated() {
      let forecast = walk.forecast
      predictions.append(seasons.restored(forecast, step: index))
      if index >= search.skipped { squares += (value - forecast) * (value - forecast) }
      walk.observe(value)
    }
    variance = squares / Double(max(1, values.count - search.skipped - 3))
    fitted = predictions
    (self.walk, self.seasons) = (walk, seasons)
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    let (base, variances) = moments(horizon, needsVariance: !levels.isEmpty)
    let steps = (0..<horizon).map { seasons.count + $0 }
    return Forecast(
      mean: zip(base, steps).map { seasons.restored($0, step: $1) },
      deviations: zip(variances, steps).map { $0.squareRoot() * seasons.scale($1) }, levels: levels)
  }

  /// The mean and variance of each step to come, without seasons.
  ///
  /// A walk is linear in its errors, so the variance sums the squares of what an error of each earlier step adds.
  ///
  /// - Complexity: O(h²).
  private func moments(_ horizon: Int, needsVariance: Bool) -> (mean: [Double], variance: [Double]) {
    var walk = walk
    var (mean, before) = ([Double](), [ThetaWalk]())
    for _ in 0..<horizon {
      before.append(walk)
      mean.append(walk.forecast)
      walk.observe(walk.forecast)
    }
    guard needsVariance else { return (mean, [Double](repeating: 0, count: horizon)) }
    var sums = [Double](repeating: 1, count: horizon)
    for origin in 0..<horizon {
      // An error the size of the values keeps the difference clear of rounding.
      let error = max(1, abs(mean[origin]))
      var shocked = before[origin]
      shocked.observe(mean[origin] + error)
      for step in origin + 1..<max(horizon, origin + 1) {
        let added = (shocked.forecast - mean[step]) / error
        sums[step] += added * added
        shocked.observe(shocked.forecast)
      }
    }
    return (mean, sums.map { $0 * variance })
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    let deviation = variance.squareRoot()
    return SamplePaths.draw(count: count, horizon: horizon, seed: seed) { path, random in
      var walk = walk
      for step in 0..<horizon {
        let value = walk.forecast + deviation * random.normal()
        walk.observe(value)
        path[step] = seasons.restored(value, step: seasons.count + step)
      }
    }
  }
}

/// Finds the smoothing, weight and first level with the smallest squared error.
struct ThetaSearch {
  private let values: [Double]
  private let dynamic: Bool
  private let line: RunningLine
  /// The first errors, which hang on the first level, hardly count.
  let skipped: Int

  init(_ values: [Double], dynamic: Bool) {
    (self.values, self.dynamic) = (values, dynamic)
    line = dynamic ? RunningLine() : RunningLine(values)
    skipped = values.count > 6 ? 3 : 0
  }

  /// What is left of their weight, so that a fast smoothing does not leave the first level at any value.
  private static let skippedWeight = 1e-3
  static let range = 0.1...0.99
  private static let gridSteps = 9

  func best() -> ThetaWalk {
    guard values.count > 2, values.contains(where: { $0 != values[0] }) else {
      return ThetaWalk(smoothing: 0.5, weight: 0, level: values[0], dynamic: dynamic, line: line)
    }
    // A grid first, since the error may have several valleys.
    let width = (Self.range.upperBound - Self.range.lowerBound) / Double(Self.gridSteps)
    let grid = (0...Self.gridSteps).map { Self.range.lowerBound + width * Double($0) }
    let errors = grid.map { solve(smoothing: $0).squares }
    let lowest = errors.indices.min { errors[$0] < errors[$1] } ?? 0
    let near = max(0, lowest - 1)...min(Self.gridSteps, lowest + 1)
    let polished = BrentMinimum.find(in: grid[near.lowerBound]...grid[near.upperBound]) {
      solve(smoothing: $0).squares
    }
    let smoothing = solve(smoothing: polished).squares <= errors[lowest] ? polished : grid[lowest]
    let solution = solve(smoothing: smoothing)
    return ThetaWalk(
      smoothing: smoothing, weight: solution.weight, level: solution.level, dynamic: dynamic, line: line)
  }

  private struct Solution {
    var squares: Double
    var level: Double
    var weight: Double
  }

  /// The first level and weight for a smoothing: the errors are those of a walk from level 0 and weight 0, less the level's
  /// and the line's part in each, so both follow from least squares.
  private func solve(smoothing: Double) -> Solution {
    var walk = ThetaWalk(smoothing: smoothing, weight: 0, level: 0, dynamic: dynamic, line: line)
    var (ee, el, ec, ll, lc, cc) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    var decay = 1.0
    for (index, value) in values.enumerated() {
      let count = index < skipped ? Self.skippedWeight : 1
      let (error, share) = (value - walk.level, walk.lineShare)
      ee += count * error * error
      el += count * error * decay
      ec += count * error * share
      ll += count * decay * decay
      lc += count * decay * share
      cc += count * share * share
      walk.observe(value)
      decay *= 1 - smoothing
    }
    let determinant = ll * cc - lc * lc
    var weight = determinant > 1e-12 * ll * cc ? (ec * ll - el * lc) / determinant : 0
    weight = min(max(weight, 0), 1)
    let level = ll > 0 ? (el - weight * lc) / ll : 0
    let squares = ee - 2 * level * el - 2 * weight * ec + level * level * ll + weight * weight * cc
    return Solution(squares: squares + 2 * level * weight * lc, level: level, weight: weight)
  }
}
