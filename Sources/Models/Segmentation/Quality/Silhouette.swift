import Foundation
import Learning
import MathKernels

/// Silhouettes: how much closer rows are to their own segment than to the next one, from −1 to 1.
///
/// ```swift
/// let quality = try Silhouette().measure(points, labels)
/// print(quality.mean, quality.bySegment)
/// ```
/// A row that is alone in its segment counts as 0. Above `maximumRows` a sample is taken, as many rows of each segment as its
/// share demands and at least two; `rowsMeasured` tells.
///
/// - Complexity: O(rows² × columns), on all cores.
/// Source: Rousseeuw (1987), https://doi.org/10.1016/0377-0427(87)90125-7
public struct Silhouette: Sendable {
  /// How many rows are measured at most.
  public var maximumRows: Int
  /// Draws the sample.
  public var seed: UInt64

  /// The measure.
  public init(maximumRows: Int = 10_000, seed: UInt64 = 42) {
    (self.maximumRows, self.seed) = (maximumRows, seed)
  }

  /// What was measured.
  public struct Measurement: Sendable, Codable, Equatable {
    /// The mean over all rows.
    public var mean: Double
    /// The mean over each segment's rows.
    public var bySegment: [Double]
    /// How many rows were measured.
    public var rowsMeasured: Int
  }

  /// Measures a segmentation.
  ///
  /// - Throws: `SegmentationError` for sizes that do not agree, or fewer than two segments.
  public func measure(_ points: Matrix<Double>, _ labels: [Int]) throws -> Measurement {
    guard labels.count == points.rows else {
      throw SegmentationError.shapeMismatch(
        expected: "a segment for each of \(points.rows) rows", found: "\(labels.count)")
    }
    let count = (labels.max() ?? -1) + 1
    guard Segments.sizes(labels, count).filter({ $0 > 0 }).count > 1 else {
      throw SegmentationError.invalidParameter(name: "segments", value: "1", expected: "at least 2")
    }
    let rows = labels.count <= maximumRows ? Array(labels.indices) : sample(labels, count)
    let widths = Self.widths(points, labels, rows, count)
    var (sums, sizes) = ([Double](repeating: 0, count: count), [Int](repeating: 0, count: count))
    for (place, row) in rows.enumerated() {
      sums[labels[row]] += widths[place]
      sizes[labels[row]] += 1
    }
    // Segments weigh by their size in the whole, whatever their share of the sample.
    let all = Segments.sizes(labels, count)
    let means = (0..<count).map { sizes[$0] > 0 ? sums[$0] / Double(sizes[$0]) : 0 }
    let mean = (0..<count).reduce(0) { $0 + means[$1] * Double(all[$1]) } / Double(labels.count)
    return Measurement(mean: mean, bySegment: means, rowsMeasured: rows.count)
  }

  private func sample(_ labels: [Int], _ count: Int) -> [Int] {
    var random = RandomSource(seed: seed)
    var members = [[Int]](repeating: [], count: count)
    for (row, label) in labels.enumerated() { members[label].append(row) }
    let share = Double(maximumRows) / Double(labels.count)
    return members.flatMap { rows in
      Array(
        rows.shuffled(using: &random).prefix(
          max(min(2, rows.count), Int((Double(rows.count) * share).rounded()))))
    }.sorted()
  }

  private static func widths(_ points: Matrix<Double>, _ labels: [Int], _ rows: [Int], _ count: Int)
    -> [Double]
  {
    let columns = points.columns
    let own = rows.map { labels[$0] }
    let sizes = Segments.sizes(own, count)
    let values = rows.flatMap { points.row($0) }
    return parallelBlocks(rows.count, blockSize: 64) { block in
      block.map { first in
        var sums = [Double](repeating: 0, count: count)
        values.withUnsafeBufferPointer { x in
          sums.withUnsafeMutableBufferPointer { sums in
            for second in 0..<rows.count {
              var sum = 0.0
              for column in 0..<columns {
                let difference = x[first * columns + column] - x[second * columns + column]
                sum += difference * difference
              }
              sums[own[second]] += sum.squareRoot()
            }
          }
        }
        return width(of: own[first], sums, sizes)
      }
    }.flatMap { $0 }
  }

  private static func width(of own: Int, _ sums: [Double], _ sizes: [Int]) -> Double {
    guard sizes[own] > 1 else { return 0 }
    let inside = sums[own] / Double(sizes[own] - 1)
    let outside =
      sizes.indices.filter { $0 != own && sizes[$0] > 0 }.map { sums[$0] / Double(sizes[$0]) }.min() ?? 0
    let greater = max(inside, outside)
    return greater > 0 ? (outside - inside) / greater : 0
  }
}
