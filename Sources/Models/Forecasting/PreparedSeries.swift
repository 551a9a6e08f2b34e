import Foundation
import Learning
import MathKernels

/// A series a method of smoothing can run over: checked, every missing value filled.
struct PreparedSeries: Sendable {
  /// Its name, for messages.
  var id: String
  /// As long as the series given, without any NaN.
  var values: [Double]
  /// How many steps make a season.
  var seasonLength: Int
  /// Whether the value at a step was observed.
  var observed: [Bool]

  /// How many steps it has.
  var count: Int { values.count }

  /// Checks and fills a series.
  ///
  /// - Parameters:
  ///   - minimum: how many observed values the method needs.
  ///   - nonnegative: whether a value below 0 is an error.
  init(_ series: TimeSeries, minimum: Int = 1, nonnegative: Bool = false) throws {
    for (index, value) in series.values.enumerated() {
      let limit = 1e100  // beyond it squares overflow
      if value.isInfinite || abs(value) > limit {
        throw ForecastError.invalidValue(
          series: series.id, index: index, value: value, expected: "a number between -1e100 and 1e100")
      }
      if nonnegative, value < 0 {
        throw ForecastError.invalidValue(
          series: series.id, index: index, value: value, expected: "a value of at least 0")
      }
    }
    observed = series.values.map { !$0.isNaN }
    let found = observed.count { $0 }
    guard found >= max(1, minimum) else {
      throw ForecastError.notEnoughData(series: series.id, needed: max(1, minimum), found: found)
    }
    id = series.id
    seasonLength = series.seasonLength
    values = found == series.count ? series.values : series.filled().values
  }

  /// `fitted` with NaN where no value was observed, so that residuals are of observed values alone.
  func residuals(of fitted: [Double]) -> [Double] {
    values.indices.compactMap { observed[$0] && !fitted[$0].isNaN ? values[$0] - fitted[$0] : nil }
  }
}

extension TimeSeries {
  /// The series with its missing values filled: by a straight line between the values around them, after the mean pattern
  /// of the seasons has been taken off where there are two seasons or more; ends by the nearest value.
  ///
  /// ```swift
  /// TimeSeries(values: [1, .nan, 3]).filled().values   // [1, 2, 3]
  /// ```
  /// - Complexity: O(n).
  public func filled() -> TimeSeries {
    guard values.contains(where: \.isNaN), values.contains(where: { !$0.isNaN }) else { return self }
    var result = self
    let pattern = seasonalPattern()
    var adjusted = values
    for index in adjusted.indices { adjusted[index] -= pattern[index % seasonLength] }
    Self.interpolate(&adjusted)
    for index in values.indices where values[index].isNaN {
      result.values[index] = adjusted[index] + pattern[index % seasonLength]
    }
    return result
  }

  /// The mean deviation of each season from a straight line, 0 without two whole seasons.
  private func seasonalPattern() -> [Double] {
    guard seasonLength > 1, count >= 2 * seasonLength else {
      return [Double](repeating: 0, count: seasonLength)
    }
    let known = values.indices.filter { !values[$0].isNaN }
    let line = StraightLine(x: known.map(Double.init), y: known.map { values[$0] })
    var sums = [Double](repeating: 0, count: seasonLength)
    var counts = sums
    for index in known {
      sums[index % seasonLength] += values[index] - line.value(at: Double(index))
      counts[index % seasonLength] += 1
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
  }

  private static func interpolate(_ values: inout [Double]) {
    let known = values.indices.filter { !values[$0].isNaN }
    guard let first = known.first, let last = known.last else { return }
    for index in 0..<first { values[index] = values[first] }
    for index in last..<values.count { values[index] = values[last] }
    for (left, right) in zip(known, known.dropFirst()) where right > left + 1 {
      for index in left + 1..<right {
        let share = Double(index - left) / Double(right - left)
        values[index] = values[left] + share * (values[right] - values[left])
      }
    }
  }
}

/// The straight line of least squares.
struct StraightLine: Sendable, Equatable {
  var intercept: Double
  var slope: Double

  /// The line through points; level when all x are the same.
  init(x: [Double], y: [Double]) {
    let (meanX, meanY) = (Statistics.mean(x), Statistics.mean(y))
    var (products, squares) = (0.0, 0.0)
    for index in x.indices {
      products += (x[index] - meanX) * (y[index] - meanY)
      squares += (x[index] - meanX) * (x[index] - meanX)
    }
    slope = squares > 0 ? products / squares : 0
    intercept = meanY - slope * meanX
  }

  /// The line through values at 0, 1, 2, ….
  init(_ values: some Collection<Double>) {
    self.init(x: (0..<values.count).map(Double.init), y: Array(values))
  }

  func value(at x: Double) -> Double { intercept + slope * x }
}
