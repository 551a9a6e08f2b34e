import Foundation

extension HypothesisTests {
  /// Which departure from independence a test looks for.
  public enum Alternative: String, Sendable, Codable, CaseIterable {
    /// The two occur together more often than by chance.
    case greater
    /// They occur together less often.
    case less
  }

  /// Fisher's exact test of a 2 × 2 table, one-sided: whether two things occur together by chance alone.
  ///
  /// ```swift
  /// let p = HypothesisTests.fisherExact(both: 8, first: 10, second: 12, total: 40, .greater)
  /// ```
  /// - Parameters:
  ///   - both: how often both occur.
  ///   - first: how often the first occurs, with or without the second.
  ///   - second: how often the second occurs.
  ///   - total: how many cases there are.
  /// - Returns: the probability of as many joint cases or more (fewer), given the margins; 1 for an impossible table.
  /// - Complexity: O(terms that matter): the tail is summed from the observed table on, or taken from the other tail where
  ///   that is the shorter one.
  /// Source: Fisher (1934), Statistical Methods for Research Workers, section 21.02.
  public static func fisherExact(both: Int, first: Int, second: Int, total: Int, _ alternative: Alternative)
    -> Double
  {
    let (least, most) = (max(0, first + second - total), min(first, second))
    guard total > 0, first >= 0, second >= 0, both >= least, both <= most else { return 1 }
    let mean = Double(first) * Double(second) / Double(total)
    let table = (first: Double(first), second: Double(second), total: Double(total))
    switch alternative {
    case .greater:
      return Double(both) > mean
        ? tail(from: both, through: most, table)
        : 1 - (both > least ? tail(from: both - 1, through: least, table) : 0)
    case .less:
      return Double(both) < mean
        ? tail(from: both, through: least, table)
        : 1 - (both < most ? tail(from: both + 1, through: most, table) : 0)
    }
  }

  /// The hypergeometric probabilities from one count away from the mean to the last, each from the one before.
  private static func tail(
    from start: Int, through end: Int, _ table: (first: Double, second: Double, total: Double)
  ) -> Double {
    let step = end >= start ? 1.0 : -1.0
    var count = Double(start)
    var term = exp(logHypergeometric(count, table))
    var sum = term
    while count != Double(end), term > sum * 1e-17 {
      // p(k + 1) / p(k) = (K − k)(n − k) / ((k + 1)(N − K − n + k + 1)), and its inverse downwards.
      let k = step > 0 ? count : count - 1
      let ratio =
        (table.first - k) * (table.second - k)
        / ((k + 1) * (table.total - table.first - table.second + k + 1))
      term *= step > 0 ? ratio : 1 / ratio
      sum += term
      count += step
    }
    return min(1, sum)
  }

  private static func logHypergeometric(
    _ count: Double, _ table: (first: Double, second: Double, total: Double)
  ) -> Double {
    func logChoose(_ n: Double, _ k: Double) -> Double { lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) }
    return logChoose(table.first, count) + logChoose(table.total - table.first, table.second - count)
      - logChoose(table.total, table.second)
  }
}
