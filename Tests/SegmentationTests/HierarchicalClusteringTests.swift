import Foundation
import Learning
import MathKernels
import Segmentation
import Testing

struct HierarchicalClusteringTests {
  private func tree(_ linkage: HierarchicalClustering.Linkage, _ points: Matrix<Double>) throws -> MergeTree {
    try HierarchicalClustering(linkage).tree(of: points, context: FitContext())
  }

  @Test func agreesWithSciPysWardOnIris() throws {
    let tree = try tree(.ward, Iris.points)
    for (merge, height) in zip(tree.merges.suffix(3), [6.3994, 12.3004, 32.4476]) {
      #expect(abs(merge.height - height) < 5e-5)
    }
    #expect(try abs(Agreement.adjustedRand(tree.cut(into: 3), Iris.species) - 0.7312) < 5e-5)
    #expect(try Agreement.adjustedRand(tree.cut(atHeight: 12.3), tree.cut(into: 3)) == 1)
  }

  /// Joins the closest two segments again and again, all distances reckoned from the rows.
  private func bruteForce(_ linkage: HierarchicalClustering.Linkage, _ points: Matrix<Double>) -> [Double] {
    func squared(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    func mean(_ rows: [Int]) -> [Double] {
      (0..<points.columns).map { column in
        rows.reduce(0) { $0 + points[$1, column] } / Double(rows.count)
      }
    }
    func distance(_ a: [Int], _ b: [Int]) -> Double {
      let pairs = a.flatMap { x in
        b.map { squared(Array(points.row(x)), Array(points.row($0))).squareRoot() }
      }
      switch linkage {
      case .single: return pairs.min()!
      case .complete: return pairs.max()!
      case .average: return pairs.reduce(0, +) / Double(pairs.count)
      case .ward:
        let (x, y) = (Double(a.count), Double(b.count))
        return (2 * x * y / (x + y) * squared(mean(a), mean(b))).squareRoot()
      }
    }
    var segments = (0..<points.rows).map { [$0] }
    var heights: [Double] = []
    while segments.count > 1 {
      var (best, pair) = (Double.infinity, (0, 1))
      for first in segments.indices {
        for second in 0..<first {
          let found = distance(segments[first], segments[second])
          if found < best { (best, pair) = (found, (second, first)) }
        }
      }
      heights.append(best)
      segments[pair.0] += segments.remove(at: pair.1)
    }
    return heights
  }

  @Test(arguments: HierarchicalClustering.Linkage.allCases, [1, 2, 3] as [UInt64])
  func heightsAreThoseOfTheDefinition(linkage: HierarchicalClustering.Linkage, seed: UInt64) throws {
    let points = Planted(centers: 3, size: 8, columns: 2, apart: 5, seed: seed).points
    let found = try tree(linkage, points).merges
    for (merge, height) in zip(found, bruteForce(linkage, points)) {
      #expect(abs(merge.height - height) < 1e-9)
    }
    #expect(found.count == 23 && found.last?.size == 24)
  }

  @Test(arguments: HierarchicalClustering.Linkage.allCases)
  func findsPlantedClusters(linkage: HierarchicalClustering.Linkage) throws {
    let planted = Planted(centers: 4, size: 40, columns: 3, apart: 60, seed: 8)
    let labels = try HierarchicalClustering(linkage).segment(
      planted.points, into: 4, context: FitContext())
    #expect(try Agreement.adjustedRand(labels, planted.labels) == 1)
  }

  @Test func mergesAreInSciPysForm() throws {
    let tree = try tree(.single, Matrix(rows: 4, columns: 1, [0, 10, 1, 12]))
    #expect(tree.merges.map { [$0.first, $0.second, $0.size] } == [[0, 2, 2], [1, 3, 2], [4, 5, 4]])
    #expect(tree.merges.map(\.height) == [1, 2, 9])
    #expect(tree.cut(into: 2) == [0, 1, 0, 1] && tree.cut(into: 1) == [0, 0, 0, 0])
    #expect(Set(tree.cut(into: 9)).count == 4)
  }

  @Test func duplicatesJoinAtZero() throws {
    let tree = try tree(.average, Matrix(rows: 5, columns: 1, [3, 3, 8, 3, 8]))
    #expect(tree.merges.map(\.height) == [0, 0, 0, 5] && tree.cut(atHeight: 0) == [0, 0, 1, 0, 1])
  }

  @Test func tooManyRowsAreRefusedWithAWayOut() throws {
    let points = Matrix<Double>(rows: 11, columns: 1)
    do {
      _ = try HierarchicalClustering(.ward, maximumRows: 10).tree(of: points, context: FitContext())
      Issue.record("11 rows are more than 10")
    } catch let error as SegmentationError {
      #expect(error.description.contains("at most 10") && error.description.contains("KMeans"))
    }
  }

  @Test func oneRowIsATreeWithoutMerges() throws {
    let tree = try tree(.ward, Matrix(rows: 1, columns: 1, [4]))
    #expect(tree.merges.isEmpty && tree.cut(into: 1) == [0])
  }
}
