import Foundation

/// Descriptive statistics of a sample.
///
/// ```swift
/// Statistics.mean([1, 2, 3, 4])                     // 2.5
/// Statistics.quantiles([1, 2, 3, 4], at: [0.5])     // [2.5]
/// ```
public enum Statistics {
  /// The arithmetic mean, or NaN for an empty sample.
  public static func mean(_ values: some Collection<Double>) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  /// The sample variance (denominator n − `degreesOfFreedomLost`), or NaN when the sample is too small.
  ///
  /// Two passes, so that a large mean does not swallow a small spread.
  public static func variance(_ values: some Collection<Double>, degreesOfFreedomLost: Int = 1) -> Double {
    guard values.count > degreesOfFreedomLost else { return .nan }
    let center = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    return squares / Double(values.count - degreesOfFreedomLost)
  }

  /// The square root of `variance`.
  public static func standardDeviation(_ values: some Collection<Double>, degreesOfFreedomLost: Int = 1)
    -> Double
  {
    variance(values, degreesOfFreedomLost: degreesOfFreedomLost).squareRoot()
  }

  /// Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, the default of R and NumPy).
  ///
  /// - Parameter probabilities: each from 0 to 1.
  /// - Complexity: O(n log n).
  public static func quantiles(_ values: some Sequence<Double>, at probabilities: [Double]) -> [Double] {
    let sorted = values.sorted()
    return probabilities.map { quantile(ofSorted: sorted, at: $0) }
  }

  /// One quantile of values already in ascending order; NaN for an empty sample.
  public static func quantile(ofSorted sorted: [Double], at probability: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let position = min(max(probability, 0), 1) * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return last }
    return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
  }

  /// The middle value, or NaN for an empty sample.
  public static func median(_ values: some Sequence<Double>) -> Double { quantiles(values, at: [0.5])[0] }

  /// Pearson's correlation of two samples of one length; NaN when either has no spread.
  public static func correlation(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "correlation needs two samples of one length")
    let (meanX, meanY) = (mean(x), mean(y))
    var (products, squaresX, squaresY) = (0.0, 0.0, 0.0)
    for index in x.indices {
      let (a, b) = (x[index] - meanX, y[index] - meanY)
      products += a * b
      squaresX += a * a
      squaresY += b * b
    }
    return products / (squaresX * squaresY).squareRoot()
  }

  /// Ranks from 1 in ascending order; tied values share the mean of their ranks.
  ///
  /// - Complexity: O(n log n).
  public static func midranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      let shared = Double(start + 1 + end) / 2
      for position in start..<end { ranks[order[position]] = shared }
      start = end
    }
    return ranks
  }
}

extension Statistics {
  /// The population stability index of two distributions over the same classes: Σ (b − a) · ln(b / a) of their shares, where
  /// empty classes count as half an observation. Below 0.1 nothing has changed, above 0.25 much has, by the usual reading.
  ///
  /// ```swift
  /// Statistics.populationStabilityIndex([50, 50], [50, 50])   // 0
  /// ```
  /// - Parameters:
  ///   - before: counts of each class, at least 0; as many as in `after`.
  ///   - after: counts of each class.
  public static func populationStabilityIndex(_ before: [Double], _ after: [Double]) -> Double {
    precondition(before.count == after.count, "both count the same classes")
    func shares(_ counts: [Double]) -> [Double] {
      let filled = counts.map { max($0, 0.5) }
      let total = filled.reduce(0, +)
      return filled.map { $0 / total }
    }
    return zip(shares(before), shares(after)).reduce(0) { $0 + ($1.1 - $1.0) * log($1.1 / $1.0) }
  }
}

/// A range that holds an unknown figure with a stated confidence.
public struct ConfidenceInterval: Sendable, Codable, Equatable {
  /// The lower end.
  public var lower: Double
  /// The upper end.
  public var upper: Double
  /// The confidence, such as 0.95.
  public var level: Double

  /// A range with its confidence.
  public init(lower: Double, upper: Double, level: Double) {
    self.lower = lower
    self.upper = upper
    self.level = level
  }
}

extension Statistics {
  /// A confidence interval of a share by Wilson's score, which also holds for few trials and for shares near 0 and 1.
  ///
  /// ```swift
  /// Statistics.wilsonInterval(successes: 8, of: 10)   // 0.4902 to 0.9433
  /// ```
  /// Without trials nothing is known: 0 to 1. Source: Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953
  public static func wilsonInterval(successes: Int, of trials: Int, level: Double = 0.95)
    -> ConfidenceInterval
  {
    guard trials > 0 else { return ConfidenceInterval(lower: 0, upper: 1, level: level) }
    let (n, share) = (Double(trials), Double(successes) / Double(trials))
    let z = NormalDistribution.quantile(0.5 + level / 2)
    let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return ConfidenceInterval(lower: max(0, centre - half), upper: min(1, centre + half), level: level)
  }
}
