import Foundation

/// A share of so many independent cases, held against a known one by the likelihood ratio.
///
/// The number of cases may be fractional, as an effective sample size is. Where few cases are expected the normal test of
/// two shares finds too much; the likelihood ratio does not.
/// Source: Brown, Cai and DasGupta (2001), https://doi.org/10.1214/ss/1009213286; we take half a case off the difference
/// before testing, which errs on the careful side.
struct ShareTest: Sendable {
  /// The share seen.
  var share: Double
  /// Of so many cases.
  var cases: Double

  /// The two-sided p-value of the share being `expected`, which lies strictly between 0 and 1.
  func pValue(expected: Double) -> Double {
    guard cases > 0 else { return 1 }
    let half = 0.5 / cases
    let nearer = share > expected ? max(expected, share - half) : min(expected, share + half)
    return erfc((cases * Self.divergence(nearer, expected)).squareRoot())
  }

  /// The shares that are not rejected at the level whose squared quantile is 3.84: 95 %.
  var interval: (lower: Double, upper: Double) {
    guard cases > 0 else { return (0, 1) }
    let bound = 1.920729 / cases
    return (search(from: share, to: 0, bound), search(from: share, to: 1, bound))
  }

  private func search(from inside: Double, to outside: Double, _ bound: Double) -> Double {
    var (inside, outside) = (inside, outside)
    for _ in 0..<40 {
      let middle = (inside + outside) / 2
      if Self.divergence(share, middle) < bound { inside = middle } else { outside = middle }
    }
    return (inside + outside) / 2
  }

  /// The Kullback–Leibler divergence of two yes/no chances.
  private static func divergence(_ p: Double, _ q: Double) -> Double {
    let yes: Double = p > 0 ? p * log(p / q) : 0
    let no: Double = p < 1 ? (1 - p) * log((1 - p) / (1 - q)) : 0
    return max(0, yes + no)
  }
}
