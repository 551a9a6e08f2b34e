import Foundation
import Learning
import MathKernels

/// Centers found by `KMeans` or `MiniBatchKMeans`, the one with most rows first.
public struct KMeansModel: FittedModel, Equatable {
  /// 1.
  public static var formatVersion: Int { 1 }

  /// How many columns the points have.
  public let columns: Int
  /// The centers, one after the other.
  public let centers: [Double]
  /// How many rows each had when it was found.
  public let sizes: [Int]
  /// The sum of the rows' squared distances to their centers.
  public let inertia: Double
  /// How many iterations were made.
  public let iterations: Int
  /// Whether the centers had come to rest.
  public let converged: Bool

  /// How many centers there are: fewer than asked for when there are fewer distinct rows.
  public var count: Int { sizes.count }

  /// One center.
  public func center(_ index: Int) -> [Double] { Array(centers[index * columns..<(index + 1) * columns]) }

  /// The nearest center of each row.
  ///
  /// - Complexity: O(rows × columns × centers), on all cores.
  /// - Throws: `SegmentationError` for other columns than those of the centers, or numbers that are not finite.
  public func assign(_ points: Matrix<Double>) throws -> [Int] {
    try Segments.check(points, segments: 1)
    guard points.columns == columns else {
      throw SegmentationError.shapeMismatch(expected: "\(columns) columns", found: "\(points.columns)")
    }
    let origin = (0..<columns).map { column in
      (0..<count).reduce(0) { $0 + centers[$1 * columns + column] } / Double(count)
    }
    let packed = PackedPoints(points, means: origin, serially: false)
    let moved = centers.indices.map { centers[$0] - origin[$0 % columns] }
    return CenterResult.assign(packed, CenterTable(moved, columns: columns), false).0.map(Int.init)
  }

  /// The distance of each row to a center.
  public func distances(_ points: Matrix<Double>, to labels: [Int]) -> [Double] {
    labels.enumerated().map { row, label in
      var sum = 0.0
      for column in 0..<columns {
        let difference = points[row, column] - centers[label * columns + column]
        sum += difference * difference
      }
      return sum.squareRoot()
    }
  }
}
