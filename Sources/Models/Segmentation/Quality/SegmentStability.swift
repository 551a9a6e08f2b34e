import Foundation
import Learning
import MathKernels

/// Whether segments are found again when customers are drawn anew.
///
/// ```swift
/// let stability = try SegmentStability().measure(points, labels, by: KMeans(), context: FitContext(seed: 1))
/// stability.bySegment   // the mean Jaccard similarity to the segment found again: .75 and more is stable
/// ```
/// - Complexity: O(resamples) segmentations.
/// Source: Hennig (2007), https://doi.org/10.1016/j.csda.2006.11.025
public struct SegmentStability: Sendable {
  /// From this similarity on a segment is called stable.
  public static let stable = 0.75
  /// How often rows are drawn with replacement.
  public var resamples: Int

  /// The measure.
  public init(resamples: Int = 20) { self.resamples = resamples }

  /// What was measured.
  public struct Measurement: Sendable, Codable, Equatable {
    /// The mean similarity of each segment to the one most like it among those found again.
    public var bySegment: [Double]
    /// Their mean, segments weighing by their size.
    public var mean: Double
  }

  /// Measures a segmentation that the segmenter made.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func measure(
    _ points: Matrix<Double>, _ labels: [Int], by segmenter: any Segmenter, context: FitContext
  ) throws -> Measurement {
    let count = (labels.max() ?? -1) + 1
    guard labels.count == points.rows, resamples >= 1 else {
      throw SegmentationError.shapeMismatch(
        expected: "a segment for each of \(points.rows) rows", found: "\(labels.count)")
    }
    var (sums, times) = ([Double](repeating: 0, count: count), [Int](repeating: 0, count: count))
    for resample in 0..<resamples {
      var random = RandomSource(seed: context.seed, stream: UInt64(resample) + 1)
      let rows = (0..<points.rows).map { _ in random.index(below: points.rows) }
      let drawn = Matrix(
        rows: rows.count, columns: points.columns, rows.flatMap { points.row($0) })
      let again = try segmenter.segment(
        drawn, into: max(1, count), context: FitContext(seed: context.seed &+ UInt64(resample) + 1))
      // A row drawn twice counts once.
      var found: [Int: Int] = [:]
      for (place, row) in rows.enumerated() { found[row] = again[place] }
      for (segment, similarity) in Self.similarities(labels, found, count).enumerated() {
        guard let similarity else { continue }
        sums[segment] += similarity
        times[segment] += 1
      }
      try context.checkpoint(step: resample + 1, of: resamples)
    }
    let means = (0..<count).map { times[$0] > 0 ? sums[$0] / Double(times[$0]) : 0 }
    let sizes = Segments.sizes(labels, count)
    let mean = (0..<count).reduce(0) { $0 + means[$1] * Double(sizes[$1]) } / Double(max(1, labels.count))
    return Measurement(bySegment: means, mean: mean)
  }

  /// For each segment the greatest Jaccard similarity to one found again; nil for one of which no row was drawn.
  private static func similarities(_ labels: [Int], _ found: [Int: Int], _ count: Int) -> [Double?] {
    let others = (found.values.max() ?? -1) + 1
    var joint = [Int](repeating: 0, count: count * others)
    var (own, theirs) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: others))
    for (row, other) in found {
      joint[labels[row] * others + other] += 1
      own[labels[row]] += 1
      theirs[other] += 1
    }
    return (0..<count).map { segment in
      guard own[segment] > 0 else { return nil }
      return (0..<others).map { other in
        let both = joint[segment * others + other]
        return Double(both) / Double(own[segment] + theirs[other] - both)
      }.max()
    }
  }
}
