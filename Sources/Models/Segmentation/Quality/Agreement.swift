import Foundation

/// How alike two ways to part the same rows are.
public enum Agreement {
  /// The adjusted Rand index: 1 for the same segments under any numbers, about 0 for unrelated ones.
  ///
  /// ```swift
  /// Agreement.adjustedRand([0, 0, 1, 1], [1, 1, 0, 0])   // 1
  /// ```
  /// Source: Hubert and Arabie (1985), https://doi.org/10.1007/BF01908075
  ///
  /// - Complexity: O(rows + pairs of segments that meet).
  /// - Throws: `SegmentationError.shapeMismatch` for different numbers of rows.
  public static func adjustedRand(_ first: [Int], _ second: [Int]) throws -> Double {
    guard first.count == second.count else {
      throw SegmentationError.shapeMismatch(expected: "\(first.count) rows", found: "\(second.count)")
    }
    func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }
    struct Cell: Hashable { var first, second: Int }
    var (cells, rows, columns) = ([Cell: Int](), [Int: Int](), [Int: Int]())
    for (a, b) in zip(first, second) {
      cells[Cell(first: a, second: b), default: 0] += 1
      rows[a, default: 0] += 1
      columns[b, default: 0] += 1
    }
    let joint = cells.values.reduce(0) { $0 + pairs($1) }
    let (a, b) = (rows.values.reduce(0) { $0 + pairs($1) }, columns.values.reduce(0) { $0 + pairs($1) })
    let all = pairs(first.count)
    let expected = all > 0 ? a * b / all : 0
    let most = (a + b) / 2
    // Both are one segment, or both are all single rows.
    return most == expected ? 1 : (joint - expected) / (most - expected)
  }
}
