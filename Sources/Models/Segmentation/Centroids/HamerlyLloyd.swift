import Foundation
import MathKernels

/// Lloyd's iteration with Hamerly's bounds: a row is looked at again only when it may have come closer to another center.
///
/// Sums change by the rows that move, block by block in their order, so that any number of cores gives the same answer.
/// Source: Hamerly (2010), Making k-means even faster, https://doi.org/10.1137/1.9781611972801.12
final class HamerlyLloyd {
  let points: PackedPoints
  let count: Int
  let serially: Bool
  private(set) var centers: [Double]
  private(set) var labels: [Int32]
  /// How many iterations were made.
  private(set) var iterations = 0
  private var sums: [Double]
  private var sizes: [Int]
  /// At least the distance to the own center.
  private var upper: [PackedPoints.Lanes]
  /// At most the distance to any other.
  private var lower: [PackedPoints.Lanes]
  private var shifts: [Double]

  init(_ points: PackedPoints, centers: [Double], serially: Bool) {
    (self.points, self.centers, self.serially) = (points, centers, serially)
    count = centers.count / points.columns
    labels = [Int32](repeating: -1, count: points.packs * 8)
    (sums, sizes) = ([Double](repeating: 0, count: centers.count), [Int](repeating: 0, count: count))
    upper = [PackedPoints.Lanes](repeating: PackedPoints.Lanes(repeating: .infinity), count: points.packs)
    lower = [PackedPoints.Lanes](repeating: .zero, count: points.packs)
    shifts = [Double](repeating: 0, count: count)
  }

  /// What one block of rows changes.
  fileprivate struct Change: Sendable {
    var sums: [Double]
    var sizes: [Int]
    var moved = 0
  }

  /// One iteration; true when no row moved or the centers moved by no more than the tolerance.
  func iterate(tolerance: Double) -> Bool {
    iterations += 1
    let moved = assign() + fillEmptyCenters()
    let squaredShift = moveCenters()
    return moved == 0 || squaredShift <= tolerance
  }

  private func assign() -> Int {
    let table = CenterTable(centers, columns: points.columns)
    let (halves, others) = (halfDistances(table), greatestShifts())
    let (points, shifts, count, serially) = (points, shifts, count, serially)
    let changes = labels.withUnsafeMutableBufferPointer { labels in
      upper.withUnsafeMutableBufferPointer { upper in
        lower.withUnsafeMutableBufferPointer { lower in
          // Each block writes its own packs alone.
          nonisolated(unsafe) let state = State(
            labels: labels.baseAddress!, upper: upper.baseAddress!, lower: lower.baseAddress!)
          return parallelBlocks(points.packs, blockSize: PackedPoints.blockPacks, serially: serially) {
            block in
            Self.assign(block, points, table, state, shifts, others, halves, count)
          }
        }
      }
    }
    var moved = 0
    for change in changes where change.moved > 0 {
      moved += change.moved
      for index in sums.indices { sums[index] += change.sums[index] }
      for center in sizes.indices { sizes[center] += change.sizes[center] }
    }
    return moved
  }

  private struct State {
    let labels: UnsafeMutablePointer<Int32>
    let upper: UnsafeMutablePointer<PackedPoints.Lanes>
    let lower: UnsafeMutablePointer<PackedPoints.Lanes>
  }

  private static func assign(
    _ block: Range<Int>, _ points: PackedPoints, _ table: CenterTable, _ state: State, _ shifts: [Double],
    _ others: [Double], _ halves: [Double], _ count: Int
  ) -> Change {
    let columns = points.columns
    var change = Change(
      sums: [Double](repeating: 0, count: count * columns), sizes: [Int](repeating: 0, count: count))
    points.values.withUnsafeBufferPointer { values in
      table.elements.withUnsafeBufferPointer { centers in
        table.halfSquares.withUnsafeBufferPointer { halfSquares in
          for pack in block {
            let x = values.baseAddress! + pack * columns
            let lanes = min(8, points.rows - pack * 8)
            let labels = state.labels + pack * 8
            guard
              mayMove(
                x, lanes, labels, &state.upper[pack], &state.lower[pack], centers.baseAddress!, shifts,
                others,
                halves, columns)
            else { continue }
            let nearest = CenterKernel.nearest(
              x, centers.baseAddress!, halfSquares.baseAddress!, count: count, columns)
            state.upper[pack] = CenterKernel.distance(points.squares[pack], nearest.best)
            state.lower[pack] = CenterKernel.distance(points.squares[pack], nearest.second)
            for lane in 0..<lanes {
              let (old, new) = (Int(labels[lane]), Int(nearest.center[lane]))
              if old == new { continue }
              labels[lane] = Int32(new)
              change.move(x, lane, from: old, to: new, columns)
            }
          }
        }
      }
    }
    return change
  }

  /// Whether some row of a pack may have another nearest center; moves its bounds by what the centers moved.
  @inline(__always)
  private static func mayMove(
    _ x: UnsafePointer<PackedPoints.Lanes>, _ lanes: Int, _ labels: UnsafeMutablePointer<Int32>,
    _ upper: inout PackedPoints.Lanes, _ lower: inout PackedPoints.Lanes, _ centers: UnsafePointer<Double>,
    _ shifts: [Double], _ others: [Double], _ halves: [Double], _ columns: Int
  ) -> Bool {
    if labels[0] < 0 { return true }
    var may = false
    for lane in 0..<lanes {
      let own = Int(labels[lane])
      upper[lane] += shifts[own]
      lower[lane] -= others[own]
      let bound = max(halves[own], lower[lane])
      if upper[lane] <= bound { continue }
      // The distance itself, in place of its bound.
      var sum = 0.0
      for column in 0..<columns {
        let difference = x[column][lane] - centers[own * columns + column]
        sum += difference * difference
      }
      upper[lane] = sum.squareRoot()
      if upper[lane] > bound { may = true }
    }
    return may
  }

  /// For each center half the distance to the nearest other one.
  private func halfDistances(_ table: CenterTable) -> [Double] {
    var nearest = [Double](repeating: .infinity, count: count)
    for first in 0..<count {
      for second in 0..<first {
        let squared = table.squaredDistance(first, second)
        nearest[first] = min(nearest[first], squared)
        nearest[second] = min(nearest[second], squared)
      }
    }
    return nearest.map { $0.squareRoot() / 2 }
  }

  /// For each center the greatest shift of the others.
  private func greatestShifts() -> [Double] {
    var (greatest, second, place) = (0.0, 0.0, -1)
    for (center, shift) in shifts.enumerated() {
      if shift > greatest {
        (second, greatest, place) = (greatest, shift, center)
      } else {
        second = max(second, shift)
      }
    }
    return shifts.indices.map { $0 == place ? second : greatest }
  }

  /// A center without rows takes the row that is farthest from its own; returns how many did.
  private func fillEmptyCenters() -> Int {
    let empty = sizes.indices.filter { sizes[$0] == 0 }
    guard !empty.isEmpty else { return 0 }
    var filled = 0
    let columns = points.columns
    var distances = (0..<points.rows).map { row in
      let own = Int(labels[row])
      return (0..<columns).reduce(0.0) { sum, column in
        let difference = points[row, column] - sums[own * columns + column] / Double(sizes[own])
        return sum + difference * difference
      }
    }
    for center in empty {
      guard let row = distances.indices.max(by: { distances[$0] < distances[$1] }),
        sizes[Int(labels[row])] > 1, distances[row] > 0
      else { continue }
      distances[row] = -1
      filled += 1
      let old = Int(labels[row])
      labels[row] = Int32(center)
      (sizes[old], sizes[center]) = (sizes[old] - 1, 1)
      for column in 0..<columns {
        sums[old * columns + column] -= points[row, column]
        sums[center * columns + column] = points[row, column]
      }
    }
    // The bounds know nothing of this.
    for pack in upper.indices {
      upper[pack] = PackedPoints.Lanes(repeating: .infinity)
      lower[pack] = .zero
    }
    return filled
  }

  /// The centers become the means of their rows; returns the sum of their squared shifts.
  private func moveCenters() -> Double {
    var total = 0.0
    for center in 0..<count where sizes[center] > 0 {
      var squared = 0.0
      for column in 0..<points.columns {
        let place = center * points.columns + column
        let mean = sums[place] / Double(sizes[center])
        squared += (mean - centers[place]) * (mean - centers[place])
        centers[place] = mean
      }
      shifts[center] = squared.squareRoot()
      total += squared
    }
    return total
  }
}

extension HamerlyLloyd.Change {
  @inline(__always)
  fileprivate mutating func move(
    _ x: UnsafePointer<PackedPoints.Lanes>, _ lane: Int, from old: Int, to new: Int, _ columns: Int
  ) {
    moved += 1
    if old >= 0 {
      sizes[old] -= 1
      for column in 0..<columns { sums[old * columns + column] -= x[column][lane] }
    }
    sizes[new] += 1
    for column in 0..<columns { sums[new * columns + column] += x[column][lane] }
  }
}
