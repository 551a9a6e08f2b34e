import Foundation
import MathKernels

/// A map of rows in two dimensions: those along which they vary most.
///
/// ```swift
/// let map = try PrincipalMap(of: points)
/// print(map.coordinates[0], map.explained)   // the first row's place; the share of the variance of each dimension
/// ```
/// The sign of a dimension is such that its greatest weight is positive, so that the same rows give the same map.
///
/// - Complexity: O(rows × columns² + columns³).
/// Source: Hotelling (1933), https://doi.org/10.1037/h0071325
public struct PrincipalMap: Sendable, Equatable {
  /// The dimensions' weights: a row for each, a column for each of the points'.
  public let axes: Matrix<Double>
  /// The share of the variance along each dimension.
  public let explained: [Double]
  /// The columns' means, which lie at the origin.
  public let means: [Double]
  /// Each row's place.
  public let coordinates: [[Double]]

  /// A map of these rows.
  ///
  /// - Throws: `SegmentationError` for rows that are not finite, or none.
  public init(of points: Matrix<Double>, dimensions: Int = 2) throws {
    try Segments.check(points, segments: 1)
    let packed = PackedPoints(points, serially: false)
    var centered = points
    for row in 0..<points.rows {
      for column in 0..<points.columns { centered[row, column] -= packed.means[column] }
    }
    let eigen = try SymmetricEigen(centered.gram())
    let total = eigen.values.reduce(0) { $0 + max(0, $1) }
    let kept = min(dimensions, points.columns)
    var axes = Matrix<Double>(rows: kept, columns: points.columns)
    for dimension in 0..<kept {
      let vector = Array(eigen.vectors.row(points.columns - 1 - dimension))
      let sign: Double = (vector.max { abs($0) < abs($1) } ?? 0) < 0 ? -1 : 1
      for column in vector.indices { axes[dimension, column] = sign * vector[column] }
    }
    let places = centered.multiplied(by: axes, transposingOther: true)
    self.axes = axes
    means = packed.means
    explained = (0..<kept).map {
      total > 0 ? max(0, eigen.values[points.columns - 1 - $0]) / total : 0
    }
    coordinates = (0..<points.rows).map { row in
      Array(places.row(row)) + [Double](repeating: 0, count: dimensions - kept)
    }
  }
}
