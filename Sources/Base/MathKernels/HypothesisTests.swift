import Foundation

/// The result of a significance test.
public struct TestResult: Sendable, Codable, Equatable {
  /// The test's statistic: z for proportions, χ² for McNemar's test (the smaller count when exact).
  public var statistic: Double
  /// The two-sided p-value.
  public var pValue: Double

  /// A statistic with its p-value.
  public init(statistic: Double, pValue: Double) {
    self.statistic = statistic
    self.pValue = pValue
  }
}

/// Significance tests and the control of false discoveries.
public enum HypothesisTests {
  /// Tests whether two shares differ: the pooled two-sample z-test, two-sided.
  ///
  /// ```swift
  /// HypothesisTests.twoProportions(successes: 120, of: 1000, versus: 90, of: 1000).pValue   // 0.0288
  /// ```
  /// The statistic is positive when the first share is larger. Without trials or without spread nothing can differ: the
  /// statistic is 0 and the p-value 1.
  public static func twoProportions(
    successes first: Int, of firstTrials: Int, versus second: Int, of secondTrials: Int
  ) -> TestResult {
    guard firstTrials > 0, secondTrials > 0 else { return TestResult(statistic: 0, pValue: 1) }
    let (n1, n2) = (Double(firstTrials), Double(secondTrials))
    let pooled = Double(first + second) / (n1 + n2)
    let error = (pooled * (1 - pooled) * (1 / n1 + 1 / n2)).squareRoot()
    guard error > 0 else { return TestResult(statistic: 0, pValue: 1) }
    let z = (Double(first) / n1 - Double(second) / n2) / error
    return TestResult(statistic: z, pValue: erfc(abs(z) / 2.0.squareRoot()))
  }

  /// McNemar's test of two paired yes/no outcomes, from the two counts of disagreement.
  ///
  /// Exact (binomial) up to 25 disagreements, else χ² with the continuity correction.
  /// Source: McNemar (1947), https://doi.org/10.1007/BF02295996
  public static func mcNemar(onlyFirst: Int, onlySecond: Int) -> TestResult {
    let total = onlyFirst + onlySecond
    guard total > 0 else { return TestResult(statistic: 0, pValue: 1) }
    if total <= 25 {
      let fewer = min(onlyFirst, onlySecond)
      let tail = (0...fewer).reduce(0.0) { $0 + exp(logChoose(total, $1) - Double(total) * log(2)) }
      return TestResult(statistic: Double(fewer), pValue: min(1, 2 * tail))
    }
    let difference = max(0, abs(Double(onlyFirst - onlySecond)) - 1)
    let statistic = difference * difference / Double(total)
    return TestResult(statistic: statistic, pValue: erfc((statistic / 2).squareRoot()))
  }

  /// p-values adjusted so that rejecting those at most `q` keeps the expected share of false discoveries at `q`.
  ///
  /// ```swift
  /// HypothesisTests.benjaminiHochberg([0.01, 0.04, 0.03])   // [0.03, 0.04, 0.04]
  /// ```
  /// In the order given. Source: Benjamini and Hochberg (1995), https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
  ///
  /// - Complexity: O(n log n).
  public static func benjaminiHochberg(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { pValues[$0] > pValues[$1] }
    var adjusted = pValues
    var smallest = 1.0
    for (position, index) in order.enumerated() {
      let rank = Double(pValues.count - position)
      smallest = min(smallest, pValues[index] * Double(pValues.count) / rank)
      adjusted[index] = smallest
    }
    return adjusted
  }

  private static func logChoose(_ n: Int, _ k: Int) -> Double {
    lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
  }
}
