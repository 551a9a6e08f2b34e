/// The order in which rows joined, in the form of SciPy's `linkage`.
///
/// ```swift
/// tree.merges.suffix(3).map(\.height)
/// let labels = tree.cut(atHeight: 10)
/// ```
public struct MergeTree: Sendable, Codable, Equatable {
  /// Two segments that join.
  public struct Merge: Sendable, Codable, Equatable {
    /// The smaller number of the two: a row, or `rows` + i for the segment of merge i.
    public var first: Int
    /// The larger number of the two.
    public var second: Int
    /// How far apart they were.
    public var height: Double
    /// How many rows the joint segment has.
    public var size: Int
  }

  /// How many rows there are.
  public let rows: Int
  /// The merges, the lowest first: one fewer than rows.
  public let merges: [Merge]

  /// Numbers the segments of merges that name each segment by one of its rows.
  init(rows: Int, chainMerges: [ChainMerge]) {
    self.rows = rows
    let order = chainMerges.indices.sorted {
      (chainMerges[$0].height, $0) < (chainMerges[$1].height, $1)
    }
    var sets = RowSets(rows)
    var (numbers, sizes) = (Array(0..<rows), [Int](repeating: 1, count: rows))
    merges = order.enumerated().map { index, place in
      let merge = chainMerges[place]
      let (a, b) = (sets.root(merge.first), sets.root(merge.second))
      let pair = (min(numbers[a], numbers[b]), max(numbers[a], numbers[b]))
      let size = sizes[a] + sizes[b]
      let root = sets.join(a, b)
      (numbers[root], sizes[root]) = (rows + index, size)
      return Merge(first: pair.0, second: pair.1, height: merge.height, size: size)
    }
  }

  /// The segment of each row when there are this many segments, the largest first.
  public func cut(into count: Int) -> [Int] {
    labels(merging: max(0, rows - max(1, count)))
  }

  /// The segment of each row when nothing farther apart than this has joined, the largest first.
  public func cut(atHeight height: Double) -> [Int] {
    labels(merging: merges.prefix { $0.height <= height }.count)
  }

  private func labels(merging count: Int) -> [Int] {
    var sets = RowSets(rows)
    // A row of each segment that a merge made.
    var members = Array(0..<rows)
    for merge in merges.prefix(count) {
      let (a, b) = (sets.root(members[merge.first]), sets.root(members[merge.second]))
      members.append(sets.join(a, b))
    }
    var numbers: [Int: Int] = [:]
    return Segments.bySize(
      (0..<rows).map { row in
        let root = sets.root(row)
        if let number = numbers[root] { return number }
        numbers[root] = numbers.count
        return numbers.count - 1
      })
  }
}

/// Disjoint sets of rows.
private struct RowSets {
  private var parents: [Int]

  init(_ count: Int) { parents = Array(0..<count) }

  mutating func root(_ row: Int) -> Int {
    var row = row
    while parents[row] != row {
      parents[row] = parents[parents[row]]
      row = parents[row]
    }
    return row
  }

  /// Joins two roots; returns the new one.
  mutating func join(_ a: Int, _ b: Int) -> Int {
    parents[b] = a
    return a
  }
}
