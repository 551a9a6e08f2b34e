import MathKernels

/// Which rows of a data set are learned from and which are held out: two lists of row numbers, each in ascending order.
public struct Split: Sendable, Equatable {
  /// The rows to learn from.
  public var training: [Int]
  /// The rows held out.
  public var test: [Int]

  /// A division of rows.
  public init(training: [Int], test: [Int]) {
    self.training = training
    self.test = test
  }
}

/// The usual ways to hold data out.
public enum Splits {
  /// Rows before a moment against rows at or after it.
  ///
  /// ```swift
  /// Splits.temporal(timestamps: [5, 9, 7], cutoff: 8)   // training [0, 2], test [1]
  /// ```
  public static func temporal(timestamps: [Int64], cutoff: Int64) -> Split {
    Split(
      training: timestamps.indices.filter { timestamps[$0] < cutoff },
      test: timestamps.indices.filter { timestamps[$0] >= cutoff })
  }

  /// The moment from which the newest `share` of the rows would be held out, for use with `temporal`.
  ///
  /// Rows of that moment itself are held out, so the share may be larger when many rows have one time.
  /// - Complexity: O(n log n).
  public static func cutoff(timestamps: [Int64], holdingOut share: Double) -> Int64? {
    guard !timestamps.isEmpty else { return nil }
    let sorted = timestamps.sorted()
    let kept = Int((Double(sorted.count) * (1 - min(max(share, 0), 1))).rounded())
    return kept < sorted.count ? sorted[kept] : sorted[sorted.count - 1] + 1
  }

  /// The last row of each group held out, for groups stored one after the other, each in time order.
  ///
  /// - Parameters:
  ///   - starts: where each group starts, and one more entry for the end.
  ///   - minimum: groups with fewer rows are learned from entirely.
  ///   - back: 0 holds out the last row; 1 holds out the one before and drops the last from both sides, and so on.
  public static func leaveLastOut(starts: [Int], minimum: Int = 2, back: Int = 0) -> Split {
    var split = Split(training: [], test: [])
    for (start, end) in zip(starts, starts.dropFirst()) {
      let held = end - 1 - back
      guard end - start >= minimum, held > start else {
        split.training.append(contentsOf: start..<end)
        continue
      }
      split.training.append(contentsOf: start..<held)
      split.test.append(held)
    }
    return split
  }

  /// `folds` divisions in which each row is held out exactly once, drawn at random.
  public static func kFold(count: Int, folds: Int, seed: UInt64) -> [Split] {
    precondition(folds >= 2, "at least two folds are needed")
    var random = RandomSource(seed: seed)
    let order = Array(0..<count).shuffled(using: &random)
    var foldOf = [Int](repeating: 0, count: count)
    for (position, row) in order.enumerated() { foldOf[row] = position % folds }
    return (0..<folds).map { fold in
      Split(
        training: foldOf.indices.filter { foldOf[$0] != fold },
        test: foldOf.indices.filter { foldOf[$0] == fold })
    }
  }

  /// Rows dealt at random within each group: one list per share, and a last one for the rest; each in ascending order.
  ///
  /// A group of n rows gives `(n · share).rounded()` rows to each share, as long as it has some.
  /// - Parameters:
  ///   - starts: where each group starts, and one more entry for the end.
  ///   - shares: the parts of each group; their sum is at most 1.
  ///   - seed: the same seed deals the same.
  public static func dealtWithinGroups(starts: [Int], shares: [Double], seed: UInt64) -> [[Int]] {
    var random = RandomSource(seed: seed)
    var parts = [[Int]](repeating: [], count: shares.count + 1)
    for (start, end) in zip(starts, starts.dropFirst()) {
      let order = Array(start..<end).shuffled(using: &random)
      var next = 0
      for (part, share) in shares.enumerated() {
        let count = min(Int((Double(order.count) * share).rounded()), order.count - next)
        parts[part] += order[next..<next + count].sorted()
        next += count
      }
      parts[shares.count] += order[next...].sorted()
    }
    return parts
  }
}
