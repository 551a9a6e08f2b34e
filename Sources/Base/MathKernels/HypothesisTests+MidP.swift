import Foundation

extension HypothesisTests {
  /// The mid-p version of the exact McNemar test: two-sided, from the two counts of disagreement.
  ///
  /// ```swift
  /// HypothesisTests.mcNemarMidP(onlyFirst: 5, onlySecond: 15)   // p 0.0266
  /// ```
  /// Half of the probability of the observed counts is left out, which keeps the level close to nominal where the exact
  /// test is too cautious. Source: Fagerland, Lydersen and Laake (2013), https://doi.org/10.1186/1471-2288-13-91
  ///
  /// - Returns: the smaller count as the statistic, and the p-value; 1 without disagreements.
  /// - Complexity: O(smaller count).
  public static func mcNemarMidP(onlyFirst: Int, onlySecond: Int) -> TestResult {
    let total = onlyFirst + onlySecond
    guard total > 0 else { return TestResult(statistic: 0, pValue: 1) }
    let fewer = min(onlyFirst, onlySecond)
    func mass(_ k: Int) -> Double {
      let ways = lgamma(Double(total) + 1) - lgamma(Double(k) + 1) - lgamma(Double(total - k) + 1)
      return exp(ways - Double(total) * log(2))
    }
    let tail = (0...fewer).reduce(0.0) { $0 + mass($1) }
    return TestResult(statistic: Double(fewer), pValue: min(1, 2 * tail - mass(fewer)))
  }
}
