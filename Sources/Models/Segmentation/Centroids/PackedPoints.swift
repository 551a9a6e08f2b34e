import MathKernels

/// Rows in packs of eight, each pack column by column, so that eight distances are reckoned at once.
///
/// The columns' means are taken off, which keeps squares small: distances come from ‖x‖² + ‖c‖² − 2x·c.
struct PackedPoints: Sendable {
  typealias Lanes = SIMD8<Double>
  /// How many packs one block of parallel work has.
  static let blockPacks = 256

  let rows: Int
  let columns: Int
  /// The columns' means.
  let means: [Double]
  /// `columns` lanes for each pack; lanes past the last row are 0.
  let values: [Lanes]
  /// ‖x‖² of each row.
  let squares: [Lanes]

  var packs: Int { squares.count }

  init(_ points: Matrix<Double>, serially: Bool) {
    let (rows, columns) = (points.rows, points.columns)
    self.init(points, means: Self.means(of: points, serially: serially), serially: serially)
    precondition(self.rows == rows && self.columns == columns)
  }

  /// Rows from which these means are taken off.
  init(_ points: Matrix<Double>, means: [Double], serially: Bool) {
    let (rows, columns) = (points.rows, points.columns)
    let packs = (rows + 7) / 8
    var values = [Lanes](repeating: .zero, count: packs * columns)
    var squares = [Lanes](repeating: .zero, count: packs)
    values.withUnsafeMutableBufferPointer { values in
      squares.withUnsafeMutableBufferPointer { squares in
        // Each block writes its own packs alone.
        nonisolated(unsafe) let (values, squares) = (values, squares)
        _ = parallelBlocks(packs, blockSize: Self.blockPacks, serially: serially) { block in
          points.elements.withUnsafeBufferPointer { elements in
            for pack in block {
              for lane in 0..<min(8, rows - pack * 8) {
                let start = (pack * 8 + lane) * columns
                for column in 0..<columns {
                  values[pack * columns + column][lane] = elements[start + column] - means[column]
                }
              }
              var sum = Lanes.zero
              for column in 0..<columns {
                let x = values[pack * columns + column]
                sum = sum.addingProduct(x, x)
              }
              squares[pack] = sum
            }
          }
        }
      }
    }
    (self.rows, self.columns, self.means) = (rows, columns, means)
    (self.values, self.squares) = (values, squares)
  }

  private static func means(of points: Matrix<Double>, serially: Bool) -> [Double] {
    let columns = points.columns
    let sums = parallelBlocks(points.rows, blockSize: blockPacks * 8, serially: serially) { block in
      var sums = [Double](repeating: 0, count: columns)
      points.elements.withUnsafeBufferPointer { elements in
        for row in block {
          for column in 0..<columns { sums[column] += elements[row * columns + column] }
        }
      }
      return sums
    }
    var means = [Double](repeating: 0, count: columns)
    for part in sums { for column in 0..<columns { means[column] += part[column] } }
    return means.map { $0 / Double(max(1, points.rows)) }
  }

  /// One value, its column's mean taken off.
  subscript(row: Int, column: Int) -> Double { values[row / 8 * columns + column][row % 8] }

  /// One row, the means taken off.
  func row(_ row: Int) -> [Double] { (0..<columns).map { self[row, $0] } }

  /// The mean of the columns' variances.
  var meanVariance: Double {
    squares.reduce(0) { $0 + $1.sum() } / Double(max(1, rows * columns))
  }
}

/// Centers in the form that distances are reckoned from: padded to a multiple of four, with half their squares.
struct CenterTable: Sendable {
  let count: Int
  let columns: Int
  /// `columns` numbers for each center, in the frame of `PackedPoints`; those past the last are 0.
  private(set) var elements: [Double]
  /// ‖c‖²/2; infinite past the last, so that it is nobody's nearest.
  private(set) var halfSquares: [Double]

  init(_ centers: [Double], columns: Int) {
    count = centers.count / columns
    self.columns = columns
    let padded = (count + 3) / 4 * 4
    elements = centers + [Double](repeating: 0, count: padded * columns - centers.count)
    halfSquares = (0..<padded).map { [elements, count] center in
      guard center < count else { return .infinity }
      return elements[center * columns..<(center + 1) * columns].reduce(0) { $0 + $1 * $1 } / 2
    }
  }

  /// The squared distance of two centers.
  func squaredDistance(_ first: Int, _ second: Int) -> Double {
    var sum = 0.0
    for column in 0..<columns {
      let difference = elements[first * columns + column] - elements[second * columns + column]
      sum += difference * difference
    }
    return sum
  }
}

/// The kernels: eight rows against four centers at a time.
enum CenterKernel {
  typealias Lanes = PackedPoints.Lanes

  /// ‖c‖²/2 − x·c for four centers, of which the first is at `center`.
  @inline(__always)
  static func scores(
    _ x: UnsafePointer<Lanes>, _ center: UnsafePointer<Double>, _ half: UnsafePointer<Double>, _ columns: Int
  ) -> (Lanes, Lanes, Lanes, Lanes) {
    var a = Lanes(repeating: half[0])
    var b = Lanes(repeating: half[1])
    var c = Lanes(repeating: half[2])
    var d = Lanes(repeating: half[3])
    for column in 0..<columns {
      let value = -x[column]
      a = a.addingProduct(value, Lanes(repeating: center[column]))
      b = b.addingProduct(value, Lanes(repeating: center[columns + column]))
      c = c.addingProduct(value, Lanes(repeating: center[2 * columns + column]))
      d = d.addingProduct(value, Lanes(repeating: center[3 * columns + column]))
    }
    return (a, b, c, d)
  }

  /// The nearest center of each of eight rows, with the least two of ‖c‖²/2 − x·c.
  @inline(__always)
  static func nearest(
    _ x: UnsafePointer<Lanes>, _ centers: UnsafePointer<Double>, _ halves: UnsafePointer<Double>, count: Int,
    _ columns: Int
  ) -> (center: SIMD8<Int64>, best: Lanes, second: Lanes) {
    var (best, second) = (Lanes(repeating: .infinity), Lanes(repeating: .infinity))
    var index = SIMD8<Int64>(repeating: 0)
    @inline(__always) func offer(_ score: Lanes, _ center: Int) {
      let closer = score .< best
      let loser = score.replacing(with: best, where: closer)
      second.replace(with: loser, where: loser .< second)
      best.replace(with: score, where: closer)
      index.replace(with: SIMD8<Int64>(repeating: Int64(center)), where: closer)
    }
    var center = 0
    while center < count {
      let (a, b, c, d) = scores(x, centers + center * columns, halves + center, columns)
      offer(a, center)
      offer(b, center + 1)
      offer(c, center + 2)
      offer(d, center + 3)
      center += 4
    }
    return (index, best, second)
  }

  /// √max(0, ‖x‖² + 2 · score).
  @inline(__always)
  static func distance(_ square: Lanes, _ score: Lanes) -> Lanes {
    let squared = square + 2 * score
    return squared.replacing(with: 0, where: squared .< 0).squareRoot()
  }
}
