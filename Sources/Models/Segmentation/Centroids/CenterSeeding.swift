import Foundation
import MathKernels

/// Greedy k-means++: each new center is the best of several rows drawn by their squared distance to the nearest one.
///
/// - Complexity: O(rows × columns × centers × ln centers), on all cores.
/// Source: Arthur and Vassilvitskii (2007), k-means++, https://dl.acm.org/doi/10.5555/1283383.1283494; drawing 2 + ln k
/// candidates for each center is the greedy form of the same paper's section 7.
struct CenterSeeding {
  let points: PackedPoints
  let serially: Bool
  private var closest: [PackedPoints.Lanes]
  /// The sums of `closest` by blocks of packs.
  private var weights: [Double] = []

  init(_ points: PackedPoints, serially: Bool) {
    (self.points, self.serially) = (points, serially)
    closest = points.squares.map { _ in PackedPoints.Lanes(repeating: .infinity) }
  }

  /// The centers, one after the other, in the frame of the packed points.
  mutating func centers(_ count: Int, random: inout RandomSource) -> [Double] {
    var centers = points.row(random.index(below: points.rows))
    update(centers)
    let candidates = 2 + Int(log(Double(count)))
    for _ in 1..<max(1, count) {
      let rows = (0..<candidates).map { _ in draw(&random) }
      let chosen = rows[best(of: rows)]
      let row = points.row(chosen)
      centers += row
      update(row)
    }
    return centers
  }

  /// Which of the candidates leaves the least sum of squared distances.
  private func best(of rows: [Int]) -> Int {
    let table = CenterTable(rows.flatMap(points.row), columns: points.columns)
    let (columns, closest) = (points.columns, closest)
    let parts = blocks { [points] block, x in
      var sums = [Double](repeating: 0, count: table.halfSquares.count)
      table.elements.withUnsafeBufferPointer { centers in
        table.halfSquares.withUnsafeBufferPointer { halves in
          var first = 0
          while first < table.count {
            var totals = (
              PackedPoints.Lanes.zero, PackedPoints.Lanes.zero, PackedPoints.Lanes.zero,
              PackedPoints.Lanes.zero
            )
            for pack in block {
              let four = CenterKernel.scores(
                x + pack * columns, centers.baseAddress! + first * columns, halves.baseAddress! + first,
                columns)
              let (old, square) = (closest[pack], points.squares[pack])
              totals.0 += Self.less(square + 2 * four.0, old)
              totals.1 += Self.less(square + 2 * four.1, old)
              totals.2 += Self.less(square + 2 * four.2, old)
              totals.3 += Self.less(square + 2 * four.3, old)
            }
            sums[first] = totals.0.sum()
            sums[first + 1] = totals.1.sum()
            sums[first + 2] = totals.2.sum()
            sums[first + 3] = totals.3.sum()
            first += 4
          }
        }
      }
      return sums
    }
    let totals = rows.indices.map { index in parts.reduce(0) { $0 + $1[index] } }
    return totals.indices.min { totals[$0] < totals[$1] } ?? 0
  }

  @inline(__always)
  private static func less(_ new: PackedPoints.Lanes, _ old: PackedPoints.Lanes) -> PackedPoints.Lanes {
    let lesser = old.replacing(with: new, where: new .< old)
    return lesser.replacing(with: 0, where: lesser .< 0)
  }

  /// Takes a new center into account.
  private mutating func update(_ center: [Double]) {
    let half = center.reduce(0) { $0 + $1 * $1 } / 2
    let (columns, points, serially) = (points.columns, points, serially)
    weights = closest.withUnsafeMutableBufferPointer { closest in
      // Each block writes its own packs alone.
      nonisolated(unsafe) let closest = closest
      return parallelBlocks(points.packs, blockSize: PackedPoints.blockPacks, serially: serially) { block in
        points.values.withUnsafeBufferPointer { values in
          var total = 0.0
          for pack in block {
            var score = PackedPoints.Lanes(repeating: half)
            for column in 0..<columns {
              score = score.addingProduct(
                -values[pack * columns + column], PackedPoints.Lanes(repeating: center[column]))
            }
            closest[pack] = Self.less(points.squares[pack] + 2 * score, closest[pack])
            for lane in max(0, points.rows - pack * 8)..<max(8, points.rows - pack * 8) where lane < 8 {
              closest[pack][lane] = 0
            }
            total += closest[pack].sum()
          }
          return total
        }
      }
    }
  }

  /// A row drawn by its squared distance to the nearest center; any row when all are on a center.
  private func draw(_ random: inout RandomSource) -> Int {
    let total = weights.reduce(0, +)
    var rest = random.uniform() * total
    guard total > 0, total.isFinite else { return random.index(below: points.rows) }
    var block = 0
    while block + 1 < weights.count, rest >= weights[block] {
      rest -= weights[block]
      block += 1
    }
    let end = min(points.rows, (block + 1) * PackedPoints.blockPacks * 8)
    var last = 0
    for row in block * PackedPoints.blockPacks * 8..<end {
      let weight = closest[row / 8][row % 8]
      if weight > 0 { last = row }
      if weight > rest { return row }
      rest -= weight
    }
    // Rounding alone leads here.
    return last
  }

  private func blocks<Output: Sendable>(
    _ body: @Sendable (Range<Int>, UnsafePointer<PackedPoints.Lanes>) -> Output
  ) -> [Output] {
    parallelBlocks(points.packs, blockSize: PackedPoints.blockPacks, serially: serially) { block in
      points.values.withUnsafeBufferPointer { body(block, $0.baseAddress!) }
    }
  }
}
