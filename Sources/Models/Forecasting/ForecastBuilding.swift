import Foundation
import MathKernels

/// Checks of what is asked of a learned series.
enum ForecastRequest {
  static let longestHorizon = 100_000

  /// - Throws: `ForecastError.invalidParameter` for a horizon or a level out of range.
  static func check(horizon: Int, levels: [Double] = []) throws {
    guard (1...longestHorizon).contains(horizon) else {
      throw ForecastError.invalidParameter(
        name: "horizon", value: "\(horizon)", expected: "1 to \(longestHorizon) steps")
    }
    for level in levels where !(level > 0 && level < 1) {
      throw ForecastError.invalidParameter(
        name: "levels", value: "\(level)", expected: "a probability above 0 and below 1, such as 0.95")
    }
  }

  /// - Throws: `ForecastError.invalidParameter` for a horizon or a count out of range.
  static func check(horizon: Int, count: Int) throws {
    try check(horizon: horizon)
    guard count >= 0 else {
      throw ForecastError.invalidParameter(name: "count", value: "\(count)", expected: "at least 0 paths")
    }
  }
}

extension Forecast {
  /// A forecast whose errors are normal.
  init(mean: [Double], deviations: [Double], levels: [Double]) {
    self.init(mean: mean)
    intervals = levels.map { level in
      let z = NormalDistribution.quantile(0.5 + level / 2)
      return Interval(
        level: level, lower: zip(mean, deviations).map { $0 - z * $1 },
        upper: zip(mean, deviations).map { $0 + z * $1 })
    }
  }

  /// A forecast with the quantiles of sample paths, widened where they leave the mean out.
  init(mean: [Double], paths: [[Double]], levels: [Double]) {
    self.init(mean: mean)
    intervals = levels.map {
      Interval(
        level: $0, lower: [Double](repeating: 0, count: mean.count),
        upper: [Double](repeating: 0, count: mean.count))
    }
    var column = [Double](repeating: 0, count: paths.count)
    for step in mean.indices {
      for path in paths.indices { column[path] = paths[path][step] }
      column.sort()
      for (index, level) in levels.enumerated() {
        let lower = Statistics.quantile(ofSorted: column, at: 0.5 - level / 2)
        let upper = Statistics.quantile(ofSorted: column, at: 0.5 + level / 2)
        intervals[index].lower[step] = min(lower, mean[step])
        intervals[index].upper[step] = max(upper, mean[step])
      }
    }
  }
}

/// Sample paths, each drawn from a stream of its own, so that the first ones do not depend on how many are asked for.
enum SamplePaths {
  static func draw(
    count: Int, horizon: Int, seed: UInt64, _ fill: (inout [Double], inout RandomSource) -> Void
  ) -> [[Double]] {
    (0..<count).map { path in
      var random = RandomSource(seed: seed, stream: UInt64(path) &+ 1)
      var values = [Double](repeating: 0, count: horizon)
      fill(&values, &random)
      return values
    }
  }
}
