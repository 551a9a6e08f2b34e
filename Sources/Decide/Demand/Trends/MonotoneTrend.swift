import Foundation
import MathKernels

/// Whether a series rises or falls: Theil and Sen's slope with the Mann–Kendall test, corrected for autocorrelation.
///
/// ```swift
/// let trend = MonotoneTrend([3, 4, 4, 6, 5, 7, 8, 8, 9, 11])!
/// print(trend.slope, trend.interval.lower, trend.pValue)   // about .8 a step, and surely up
/// ```
/// The slope is the median of the slopes between all pairs of steps: a single promotion or an empty week hardly moves it.
/// The test counts how many pairs rise and how many fall. Weeks that resemble the weeks before them carry less news than as
/// many independent ones, so the count's variance is enlarged by the autocorrelation of the ranks once the slope is taken
/// out, at those lags where it is significant. The interval of the slope takes the same variance.
///
/// Sources: Sen (1968), https://doi.org/10.1080/01621459.1968.10480934; Mann (1945), https://doi.org/10.2307/1907187; Hamed
/// and Rao (1998), https://doi.org/10.1016/S0022-1694(97)00125-X. We differ in that autocorrelation never makes the
/// variance smaller than that of independent steps. The correction is not a full one in short series: of 52 steps without a
/// trend but a first-order autocorrelation of .4, one in eight has a p-value below .05, so a trend deserves a second look at a
/// stricter level.
///
/// - Complexity: O(n² log n) time and O(n²) memory.
public struct MonotoneTrend: Sendable, Equatable {
  /// The median slope a step.
  public let slope: Double
  /// The interval of the slope.
  public let interval: ConfidenceInterval
  /// Pairs that rise less pairs that fall.
  public let score: Double
  /// The two-sided p-value.
  public let pValue: Double
  /// How much larger the variance is for the sake of autocorrelation; 1 for none.
  public let inflation: Double

  /// The trend of values at equal distances; nil for fewer than four.
  ///
  /// - Parameter level: the confidence of the interval.
  public init?(_ values: [Double], level: Double = 0.95) {
    let count = values.count
    guard count >= 4, values.allSatisfy(\.isFinite) else { return nil }
    var slopes: [Double] = []
    slopes.reserveCapacity(count * (count - 1) / 2)
    var score = 0.0
    for later in 1..<count {
      for earlier in 0..<later {
        let rise = values[later] - values[earlier]
        score += rise > 0 ? 1 : rise < 0 ? -1 : 0
        slopes.append(rise / Double(later - earlier))
      }
    }
    slopes.sort()
    slope = Statistics.quantile(ofSorted: slopes, at: 0.5)
    self.score = score
    inflation = Self.inflation(values, slope: slope)
    let variance = Self.variance(values) * inflation
    let deviation = variance.squareRoot()
    let z = score == 0 || deviation == 0 ? 0 : (score - (score > 0 ? 1 : -1)) / deviation
    pValue = erfc(abs(z) / 2.0.squareRoot())
    let reach = NormalDistribution.quantile(0.5 + level / 2) * deviation
    let pairs = Double(slopes.count)
    let (low, high) = ((pairs - reach) / 2, (pairs + reach) / 2)
    interval = ConfidenceInterval(
      lower: slopes[max(0, Int(low.rounded(.down)) - 1)],
      upper: slopes[min(slopes.count - 1, Int(high.rounded(.up)))], level: level)
  }

  /// The variance of the score of independent steps, less what ties take away.
  private static func variance(_ values: [Double]) -> Double {
    func term(_ n: Double) -> Double { n * (n - 1) * (2 * n + 5) }
    var ties: [Double: Double] = [:]
    for value in values { ties[value, default: 0] += 1 }
    return (term(Double(values.count)) - ties.values.reduce(0) { $0 + term($1) }) / 18
  }

  private static func inflation(_ values: [Double], slope: Double) -> Double {
    let n = Double(values.count)
    let ranks = Statistics.midranks(values.enumerated().map { $1 - slope * Double($0) })
    let mean = Statistics.mean(ranks)
    let centred = ranks.map { $0 - mean }
    let spread = centred.reduce(0) { $0 + $1 * $1 }
    guard spread > 0 else { return 1 }
    let bound = NormalDistribution.quantile(0.975) / n.squareRoot()
    var sum = 0.0
    for lag in 1..<(values.count - 2) {
      var product = 0.0
      for step in lag..<values.count { product += centred[step] * centred[step - lag] }
      let correlation = product / spread
      let rest = n - Double(lag)
      if abs(correlation) > bound { sum += rest * (rest - 1) * (rest - 2) * correlation }
    }
    return max(1, 1 + 2 / (n * (n - 1) * (n - 2)) * sum)
  }
}
