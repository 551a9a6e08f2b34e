import MathKernels

/// Whether those near each other on a map are near each other in truth, from 0 to 1.
///
/// ```swift
/// let trust = try Trustworthiness(neighbours: 12).measure(points, places)
/// ```
/// 1 means that no row has a neighbour on the map that it does not have among the points. Rows that are new among the neighbours
/// count by how far down the list of true neighbours they are.
///
/// - Complexity: O(rows² × log rows), on all cores.
/// Source: Venna and Kaski (2001), https://doi.org/10.1007/3-540-44668-0_68
public struct Trustworthiness: Sendable {
  /// How many neighbours are looked at.
  public var neighbours: Int

  /// The measure.
  public init(neighbours: Int = 12) { self.neighbours = neighbours }

  /// Measures a map of rows.
  ///
  /// - Throws: `SegmentationError` for sizes that do not agree, or fewer than twice as many rows as neighbours.
  public func measure(_ points: Matrix<Double>, _ places: [[Double]]) throws -> Double {
    let (rows, k) = (points.rows, neighbours)
    guard places.count == rows else {
      throw SegmentationError.shapeMismatch(
        expected: "a place for each of \(rows) rows", found: "\(places.count)")
    }
    guard k >= 1, 2 * k < rows else {
      throw SegmentationError.notEnoughData(needed: 2 * k + 1, found: rows)
    }
    let map = Matrix(rows: rows, columns: places[0].count, places.flatMap { $0 })
    let parts = parallelBlocks(rows, blockSize: 16) { block in
      block.reduce(0) { sum, row in
        let truth = Self.order(points, row)
        var rank = [Int](repeating: 0, count: rows)
        for (place, other) in truth.enumerated() { rank[other] = place + 1 }
        return Self.order(map, row).prefix(k).reduce(sum) { $0 + max(0, rank[$1] - k) }
      }
    }
    let worst = Double(rows * k) * Double(2 * rows - 3 * k - 1)
    return 1 - 2 * Double(parts.reduce(0, +)) / worst
  }

  /// The other rows, the nearest first.
  private static func order(_ points: Matrix<Double>, _ row: Int) -> [Int] {
    let distances = (0..<points.rows).map { other in
      (0..<points.columns).reduce(0) { sum, column in
        let difference = points[row, column] - points[other, column]
        return sum + difference * difference
      }
    }
    return distances.indices.filter { $0 != row }.sorted { (distances[$0], $0) < (distances[$1], $1) }
  }
}
