import Foundation
import Learning
import MathKernels

/// Hierarchical clustering: rows join into ever larger segments, the two closest first.
///
/// ```swift
/// let tree = try HierarchicalClustering(.ward).tree(of: points, context: FitContext())
/// let labels = tree.cut(into: 4)
/// ```
/// Ward joins what raises the squared distances to the means least; average, complete and single take the mean, the greatest
/// and the least distance of two segments. Distances are Euclidean; heights are those of SciPy's `linkage`.
///
/// - Complexity: O(rows²) time and memory, 8 bytes for each two rows, and twice that for a moment: 1.6 GB for 20,000 rows.
/// Source: Müllner (2011), Modern hierarchical, agglomerative clustering algorithms, https://arxiv.org/abs/1109.2378: chains of
/// nearest neighbours. Ward's: Ward (1963), https://doi.org/10.1080/01621459.1963.10500845.
public struct HierarchicalClustering: Segmenter {
  /// How far apart two segments are.
  public enum Linkage: String, Sendable, Codable, CaseIterable {
    /// By how much joining them raises the sum of squares.
    case ward
    /// The mean distance of their rows.
    case average
    /// The greatest distance of their rows.
    case complete
    /// The least distance of their rows.
    case single
  }

  /// How far apart two segments are.
  public var linkage: Linkage
  /// How many rows there may be.
  public var maximumRows: Int

  /// The algorithm.
  public init(_ linkage: Linkage = .ward, maximumRows: Int = 20_000) {
    (self.linkage, self.maximumRows) = (linkage, maximumRows)
  }

  /// `Ward`, `Average`, `Complete` or `Single`.
  public var name: String { linkage.rawValue.prefix(1).uppercased() + linkage.rawValue.dropFirst() }

  /// The segment of each row, the largest first.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func segment(_ points: Matrix<Double>, into count: Int, context: FitContext) throws -> [Int] {
    try Segments.check(points, segments: count)
    return try tree(of: points, context: context).cut(into: count)
  }

  /// The order in which the rows join.
  ///
  /// - Throws: `SegmentationError` for rows that are too many or not finite; `CancellationError`.
  public func tree(of points: Matrix<Double>, context: FitContext) throws -> MergeTree {
    try Segments.check(points, segments: 1)
    guard points.rows <= maximumRows else {
      throw SegmentationError.tooManyRows(
        limit: maximumRows, found: points.rows, instead: "Take KMeans, or a sample of the rows.")
    }
    var distances = PairDistances(points, squared: linkage == .ward)
    var merges = try NearestNeighborChain(linkage).merges(&distances, context: context)
    if linkage == .ward { for index in merges.indices { merges[index].height.formSquareRoot() } }
    return MergeTree(rows: points.rows, chainMerges: merges)
  }
}

/// The distance of each two rows, the upper triangle row after row.
struct PairDistances {
  let count: Int
  private(set) var values: [Double]

  init(_ points: Matrix<Double>, squared: Bool) {
    let (count, columns) = (points.rows, points.columns)
    let parts = parallelBlocks(count, blockSize: 128) { block in
      var part: [Double] = []
      points.elements.withUnsafeBufferPointer { x in
        for first in block {
          for second in first + 1..<max(first + 1, count) {
            var sum = 0.0
            for column in 0..<columns {
              let difference = x[first * columns + column] - x[second * columns + column]
              sum += difference * difference
            }
            part.append(squared ? sum : sum.squareRoot())
          }
        }
      }
      return part
    }
    self.count = count
    values = []
    values.reserveCapacity(count * (count - 1) / 2)
    for part in parts { values += part }
  }

  /// Where the distance of two rows is.
  @inline(__always)
  func place(_ first: Int, _ second: Int) -> Int {
    let (low, high) = first < second ? (first, second) : (second, first)
    return low * (2 * count - low - 1) / 2 + high - low - 1
  }

  subscript(first: Int, second: Int) -> Double {
    @inline(__always) get { values[place(first, second)] }
    @inline(__always) set { values[place(first, second)] = newValue }
  }
}

/// Two segments, each named by one of its rows, that join at a height.
struct ChainMerge {
  var first: Int
  var second: Int
  var height: Double
}

/// Joins segments that are each other's nearest, found by walking from neighbour to nearer neighbour.
struct NearestNeighborChain {
  let linkage: HierarchicalClustering.Linkage

  init(_ linkage: HierarchicalClustering.Linkage) { self.linkage = linkage }

  /// All merges, not yet in the order of their heights.
  func merges(_ distances: inout PairDistances, context: FitContext) throws -> [ChainMerge] {
    let count = distances.count
    var sizes = [Int](repeating: 1, count: count)
    var active = Array(0..<count)
    var chain: [Int] = []
    var merges: [ChainMerge] = []
    merges.reserveCapacity(max(0, count - 1))
    while active.count > 1 {
      if chain.isEmpty { chain.append(active[0]) }
      let (nearest, height) = Self.nearest(of: chain, active, distances)
      guard chain.count > 1, nearest == chain[chain.count - 2] else {
        chain.append(nearest)
        continue
      }
      let (a, b) = (chain[chain.count - 2], chain[chain.count - 1])
      chain.removeLast(2)
      merges.append(ChainMerge(first: a, second: b, height: height))
      // The merged segment goes by the name of the second one.
      active.remove(at: Self.place(of: a, in: active))
      for other in active where other != b {
        distances[other, b] = joined(
          distances[other, a], distances[other, b], height, sizes[a], sizes[b], sizes[other])
      }
      (sizes[b], sizes[a]) = (sizes[a] + sizes[b], 0)
      if merges.count % 256 == 0 { try context.checkpoint(step: merges.count, of: count - 1) }
    }
    return merges
  }

  /// The nearest segment to the chain's last; among equals the one before it in the chain, so that the walk ends.
  private static func nearest(of chain: [Int], _ active: [Int], _ distances: PairDistances) -> (Int, Double) {
    let last = chain[chain.count - 1]
    var (nearest, least) = (-1, Double.infinity)
    if chain.count > 1 {
      nearest = chain[chain.count - 2]
      least = distances[last, nearest]
    }
    for other in active where other != last {
      let distance = distances[last, other]
      if distance < least || nearest < 0 { (nearest, least) = (other, distance) }
    }
    return (nearest, least)
  }

  /// Where a row is in an ascending list.
  private static func place(of row: Int, in active: [Int]) -> Int {
    var (low, high) = (0, active.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if active[middle] < row { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The distance to a merged segment, from those to its parts: the formula of Lance and Williams.
  @inline(__always)
  private func joined(_ a: Double, _ b: Double, _ between: Double, _ sizeA: Int, _ sizeB: Int, _ size: Int)
    -> Double
  {
    switch linkage {
    case .single: return min(a, b)
    case .complete: return max(a, b)
    case .average:
      let (x, y) = (Double(sizeA), Double(sizeB))
      return (x * a + y * b) / (x + y)
    case .ward:
      let (x, y, z) = (Double(sizeA), Double(sizeB), Double(size))
      return ((x + z) * a + (y + z) * b - z * between) / (x + y + z)
    }
  }
}
