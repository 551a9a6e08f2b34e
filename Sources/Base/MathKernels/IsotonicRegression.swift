/// A non-decreasing curve from scores to probabilities, learned by pooling adjacent violators.
///
/// ```swift
/// let curve = try IsotonicRegression(scores: [1, 2, 3, 4], labels: [0, 1, 0, 1])
/// curve(2.5)   // 0.5
/// ```
/// Between the points it learned it interpolates linearly; beyond them it stays at the first or last value, as
/// scikit-learn's `IsotonicRegression(out_of_bounds="clip")` does. Scores that are equal are pooled first.
/// Source: Zadrozny and Elkan (2002), https://doi.org/10.1145/775047.775151
public struct IsotonicRegression: Sendable, Codable, Equatable {
  /// The scores of the curve's points, ascending.
  public let scores: [Double]
  /// The values of the curve's points, ascending.
  public let values: [Double]

  /// Learns the curve from scores and what came true (0 or 1, or any finite number), each case with a weight of 1 unless
  /// weights are given.
  ///
  /// - Complexity: O(n log n).
  /// - Throws: `MathError.shapeMismatch` when the arrays differ in length or are empty, `invalidParameter` when a number
  ///   is not finite or a weight not positive.
  public init(scores: [Double], labels: [Double], weights: [Double]? = nil) throws {
    guard !scores.isEmpty, scores.count == labels.count, weights.map({ $0.count == scores.count }) ?? true
    else {
      throw MathError.shapeMismatch(
        expected: "as many labels and weights as scores, at least one",
        found: "\(scores.count) scores, \(labels.count) labels, \(weights?.count ?? scores.count) weights")
    }
    guard scores.allSatisfy(\.isFinite), labels.allSatisfy(\.isFinite) else {
      throw MathError.invalidParameter(
        name: "scores or labels", value: "not finite", expected: "finite numbers")
    }
    guard weights?.allSatisfy({ $0 > 0 && $0.isFinite }) ?? true else {
      throw MathError.invalidParameter(name: "weights", value: "not positive", expected: "positive numbers")
    }
    var pools = Self.pooledByScore(scores: scores, labels: labels, weights: weights)
    Self.poolAdjacentViolators(&pools)
    var points: (scores: [Double], values: [Double]) = ([], [])
    for pool in pools {
      points.scores.append(pool.first)
      points.values.append(pool.mean)
      if pool.last > pool.first {
        points.scores.append(pool.last)
        points.values.append(pool.mean)
      }
    }
    self.scores = points.scores
    values = points.values
  }

  /// The curve's value at a score; the mid value of the curve for NaN.
  ///
  /// - Complexity: O(log points).
  public func callAsFunction(_ score: Double) -> Double {
    guard !score.isNaN else { return values[values.count / 2] }
    guard score > scores[0] else { return values[0] }
    var (low, high) = (0, scores.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if scores[middle] <= score { low = middle } else { high = middle }
    }
    guard high < scores.count else { return values[low] }
    let share = (score - scores[low]) / (scores[high] - scores[low])
    return values[low] + share * (values[high] - values[low])
  }

  private struct Pool {
    var first: Double
    var last: Double
    var weight: Double
    var sum: Double
    var mean: Double { sum / weight }
  }

  private static func pooledByScore(scores: [Double], labels: [Double], weights: [Double]?) -> [Pool] {
    var order = Array(scores.indices)
    order.sort { scores[$0] < scores[$1] }
    var pools: [Pool] = []
    for index in order {
      let weight = weights?[index] ?? 1
      if let last = pools.last, last.first == scores[index] {
        pools[pools.count - 1].weight += weight
        pools[pools.count - 1].sum += weight * labels[index]
      } else {
        pools.append(
          Pool(first: scores[index], last: scores[index], weight: weight, sum: weight * labels[index]))
      }
    }
    return pools
  }

  private static func poolAdjacentViolators(_ pools: inout [Pool]) {
    var kept: [Pool] = []
    kept.reserveCapacity(pools.count)
    for pool in pools {
      kept.append(pool)
      while kept.count > 1, kept[kept.count - 2].mean >= kept[kept.count - 1].mean {
        let right = kept.removeLast()
        kept[kept.count - 1].last = right.last
        kept[kept.count - 1].weight += right.weight
        kept[kept.count - 1].sum += right.sum
      }
    }
    pools = kept
  }
}
