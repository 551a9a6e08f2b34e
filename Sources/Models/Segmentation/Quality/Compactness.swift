import Foundation
import MathKernels

/// Measures of segments by their means: how tight each is, and how far from the others.
public struct Compactness: Sendable, Codable, Equatable {
  /// The sum of the rows' squared distances to their segment's mean.
  public let inertia: Double
  /// The variance between segments over the one within; more is better. Infinite when nothing varies within.
  ///
  /// Source: Caliński and Harabasz (1974), https://doi.org/10.1080/03610927408827101
  public let calinskiHarabasz: Double
  /// How alike each segment is to the one most like it, on average; less is better.
  ///
  /// Source: Davies and Bouldin (1979), https://doi.org/10.1109/TPAMI.1979.4766909
  public let daviesBouldin: Double

  /// Measures a segmentation.
  ///
  /// ```swift
  /// try Compactness(of: points, labels).daviesBouldin
  /// ```
  /// - Complexity: O(rows × columns + segments² × columns).
  /// - Throws: `SegmentationError.shapeMismatch` for sizes that do not agree.
  public init(of points: Matrix<Double>, _ labels: [Int]) throws {
    guard labels.count == points.rows, points.rows > 0 else {
      throw SegmentationError.shapeMismatch(
        expected: "a segment for each of \(points.rows) rows", found: "\(labels.count)")
    }
    let columns = points.columns
    let numbers = Segments.bySize(labels)
    let count = Set(numbers).count
    let sizes = Segments.sizes(numbers, count)
    var means = Matrix<Double>(rows: count, columns: columns)
    var center = [Double](repeating: 0, count: columns)
    for (row, label) in numbers.enumerated() {
      for column in 0..<columns {
        means[label, column] += points[row, column] / Double(sizes[label])
        center[column] += points[row, column] / Double(points.rows)
      }
    }
    var (inertia, spread) = (0.0, [Double](repeating: 0, count: count))
    for (row, label) in numbers.enumerated() {
      let squared = Self.squared(points.row(row), means.row(label))
      inertia += squared
      spread[label] += squared.squareRoot() / Double(sizes[label])
    }
    let between = (0..<count).reduce(0) {
      $0 + Double(sizes[$1]) * Self.squared(means.row($1), center[...])
    }
    self.inertia = inertia
    calinskiHarabasz =
      count > 1 ? between / Double(count - 1) / (inertia / Double(points.rows - count)) : 0
    let worst = (0..<count).map { first in
      (0..<count).filter { $0 != first }.map { second in
        let apart = Self.squared(means.row(first), means.row(second)).squareRoot()
        return apart > 0 ? (spread[first] + spread[second]) / apart : 0
      }.max() ?? 0
    }
    daviesBouldin = worst.reduce(0, +) / Double(count)
  }

  private static func squared(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
