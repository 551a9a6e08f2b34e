import Foundation
import Learning
import MathKernels

/// The gap statistic: how much tighter segments are than those of rows without any structure.
///
/// ```swift
/// let gaps = try GapStatistic().gaps(points, by: KMeans(), 1...8, context: FitContext(seed: 1))
/// let count = GapStatistic.count(gaps)
/// ```
/// Rows without structure are uniform in the box around the points along their principal axes.
///
/// - Complexity: O(references × counts) segmentations.
/// Source: Tibshirani, Walther and Hastie (2001), https://doi.org/10.1111/1467-9868.00293
public struct GapStatistic: Sendable {
  /// How many sets of rows without structure are drawn.
  public var references: Int

  /// The measure.
  public init(references: Int = 10) { self.references = references }

  /// The gap at a number of segments.
  public struct Gap: Sendable, Codable, Equatable {
    /// How many segments.
    public var segments: Int
    /// The mean of the references' log inertia less that of the points.
    public var gap: Double
    /// Its standard error, the references' number taken into account.
    public var error: Double
  }

  /// The gaps at these numbers of segments.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func gaps(
    _ points: Matrix<Double>, by segmenter: any Segmenter, _ counts: ClosedRange<Int>, context: FitContext
  ) throws -> [Gap] {
    guard references >= 1 else {
      throw SegmentationError.invalidParameter(
        name: "references", value: "\(references)", expected: "a whole number of at least 1")
    }
    let map = try PrincipalMap(of: points, dimensions: points.columns)
    let own = try logs(points, segmenter, counts, context)
    let others = try (0..<references).map { reference in
      try logs(Self.reference(map, seed: context.seed, reference), segmenter, counts, context)
    }
    return counts.enumerated().map { place, count in
      let values = others.map { $0[place] }
      let deviation = Statistics.standardDeviation(values, degreesOfFreedomLost: 0)
      return Gap(
        segments: count, gap: Statistics.mean(values) - own[place],
        error: deviation * (1 + 1 / Double(references)).squareRoot())
    }
  }

  /// The least number of segments whose gap is within one standard error of the next one's.
  public static func count(_ gaps: [Gap]) -> Int? {
    zip(gaps, gaps.dropFirst()).first { $0.gap >= $1.gap - $1.error }?.0.segments ?? gaps.last?.segments
  }

  private func logs(
    _ points: Matrix<Double>, _ segmenter: any Segmenter, _ counts: ClosedRange<Int>, _ context: FitContext
  ) throws -> [Double] {
    try counts.map { count in
      let labels = try segmenter.segment(points, into: count, context: FitContext(seed: context.seed))
      return log(max(try Compactness(of: points, labels).inertia, .leastNormalMagnitude))
    }
  }

  private static func reference(_ map: PrincipalMap, seed: UInt64, _ number: Int) -> Matrix<Double> {
    var random = RandomSource(seed: seed, stream: UInt64(number) + 1)
    let columns = map.axes.rows
    let spans = (0..<columns).map { column in
      let values = map.coordinates.map { $0[column] }
      return (values.min() ?? 0, values.max() ?? 0)
    }
    var values = [Double](repeating: 0, count: map.coordinates.count * columns)
    for index in values.indices {
      let (low, high) = spans[index % columns]
      values[index] = low + random.uniform() * (high - low)
    }
    // In the frame of the axes: distances are the same in both.
    return Matrix(rows: map.coordinates.count, columns: columns, values)
  }
}
