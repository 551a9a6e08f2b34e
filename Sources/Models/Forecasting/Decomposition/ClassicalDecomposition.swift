import MathKernels

/// Trend by a centred moving average over one season, seasons by the mean of what is left: the textbook's decomposition.
///
/// ```swift
/// let parts = ClassicalDecomposition([2, 4, 3, 5, 4, 6, 5, 7], seasonLength: 2, multiplicative: false)
/// parts.pattern   // [-0.75, 0.75]
/// ```
/// Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 3.4,
/// https://otexts.com/fpp3/classical-decomposition.html
///
/// - Complexity: O(n).
struct ClassicalDecomposition {
  /// The moving average; NaN in the first and last half season.
  let trend: [Double]
  /// One value for each season, with mean 0, or 1 if multiplicative, starting with that of the first value.
  let pattern: [Double]

  /// Takes a series of at least two seasons apart.
  init(_ values: [Double], seasonLength: Int, multiplicative: Bool) {
    precondition(seasonLength > 1 && values.count >= 2 * seasonLength, "two seasons are needed")
    let half = seasonLength / 2
    let (odd, length) = (seasonLength % 2 == 1, Double(seasonLength))
    var trend = [Double](repeating: .nan, count: values.count)
    for center in half..<values.count - half {
      var sum = odd ? values[center - half] + values[center + half] : 0
      if !odd { sum = (values[center - half] + values[center + half]) / 2 }
      for index in center - half + 1..<center + half { sum += values[index] }
      trend[center] = sum / length
    }
    var sums = [Double](repeating: 0, count: seasonLength)
    var counts = sums
    for index in values.indices where !trend[index].isNaN {
      sums[index % seasonLength] +=
        multiplicative ? values[index] / trend[index] : values[index] - trend[index]
      counts[index % seasonLength] += 1
    }
    let means = zip(sums, counts).map { $0 / $1 }
    let center = Statistics.mean(means)
    self.trend = trend
    pattern = means.map { multiplicative ? $0 / center : $0 - center }
  }
}
