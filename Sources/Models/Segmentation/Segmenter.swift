import Learning
import MathKernels

/// An algorithm that parts rows into segments.
///
/// ```swift
/// let segments = try KMeans().segment(points, into: 5, context: FitContext(seed: 1))   // a segment for each row
/// ```
/// Points are rows of finite numbers on comparable scales: see `TableEncoding`.
public protocol Segmenter: Sendable {
  /// The algorithm's name, such as `KMeans`.
  var name: String { get }

  /// The segment of each row, from 0; at most `count` segments, the largest first.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  func segment(_ points: Matrix<Double>, into count: Int, context: FitContext) throws -> [Int]
}

/// What all algorithms check and order alike.
enum Segments {
  /// Throws unless there are rows enough and all numbers are finite.
  static func check(_ points: Matrix<Double>, segments: Int) throws {
    guard segments >= 1 else {
      throw SegmentationError.invalidParameter(
        name: "segments", value: "\(segments)", expected: "a whole number of at least 1")
    }
    guard points.columns > 0 else {
      throw SegmentationError.shapeMismatch(expected: "at least one column", found: "none")
    }
    guard points.rows >= segments else {
      throw SegmentationError.notEnoughData(needed: segments, found: points.rows)
    }
    if let place = points.elements.firstIndex(where: { !$0.isFinite }) {
      throw SegmentationError.notFinite(row: place / points.columns, column: place % points.columns)
    }
  }

  /// New numbers for segments: the largest is 0, ties go to the one whose first row comes first; empty ones vanish.
  static func bySize(_ labels: [Int]) -> [Int] {
    let order = ranks(of: labels)
    return labels.map { order[$0] }
  }

  /// For each old number its new one.
  static func ranks(of labels: [Int]) -> [Int] {
    let count = (labels.max() ?? -1) + 1
    var (sizes, first) = ([Int](repeating: 0, count: count), [Int](repeating: .max, count: count))
    for (row, label) in labels.enumerated() {
      sizes[label] += 1
      first[label] = min(first[label], row)
    }
    let order = (0..<count).sorted { (-sizes[$0], first[$0], $0) < (-sizes[$1], first[$1], $1) }
    var ranks = [Int](repeating: 0, count: count)
    for (rank, label) in order.enumerated() { ranks[label] = rank }
    return ranks
  }

  /// How many rows each segment has.
  static func sizes(_ labels: [Int], _ count: Int) -> [Int] {
    labels.reduce(into: [Int](repeating: 0, count: count)) { $0[$1] += 1 }
  }
}
