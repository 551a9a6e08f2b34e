import MathKernels
import Testing

/// Products of sparse matrices beside the plain sums of the definition.
@Suite struct SparseProductTests {
  private static func random(_ rows: Int, _ columns: Int, share: Double, seed: UInt64) -> SparseMatrix {
    var random = RandomSource(seed: seed)
    var (rowOf, columnOf): ([Int32], [Int32]) = ([], [])
    var values: [Float] = []
    for row in 0..<rows {
      for column in 0..<columns where random.uniform() < share {
        rowOf.append(Int32(row))
        columnOf.append(Int32(column))
        values.append(Float(random.index(below: 9) - 2))
      }
    }
    return SparseMatrix(
      rows: rows, columns: columns, rowIndices: rowOf, columnIndices: columnOf, values: values)
  }

  private static func dense(_ matrix: SparseMatrix) -> Matrix<Float> {
    var result = Matrix<Float>(rows: matrix.rows, columns: matrix.columns)
    for row in 0..<matrix.rows {
      for (column, value) in zip(matrix.row(row).columns, matrix.row(row).values) {
        result[row, Int(column)] = value
      }
    }
    return result
  }

  /// Sparse rows remember what they touched, full ones are passed over: both must find the same.
  @Test(arguments: [0.01, 0.05, 0.6], [UInt64(1), 2])
  func theBestColumnsAreThoseOfTheDenseProduct(share: Double, seed: UInt64) {
    let left = Self.random(300, 40, share: share, seed: seed)
    let right = Self.random(40, 300, share: share, seed: seed + 10)
    var random = RandomSource(seed: seed + 20)
    let factors = (0..<300).map { _ in Float(1 + random.index(below: 3)) }
    let product = Self.dense(left).multiplied(by: Self.dense(right))
    let found = left.nearestColumns(7, of: right, columnFactors: factors)
    for row in 0..<300 {
      let scores = (0..<300).map { $0 == row ? 0 : product[row, $0] * factors[$0] }
      // Whole numbers: equal scores are common, and the lower column wins.
      let best = scores.indices.filter { scores[$0] > 0 }.sorted {
        (-scores[$0], $0) < (-scores[$1], $1)
      }.prefix(7).sorted()
      #expect(found.row(row).columns.map(Int.init) == best)
      #expect(Array(found.row(row).values) == best.map { scores[$0] })
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func productsWithDenseMatricesAgree(seed: UInt64) {
    let left = Self.random(50, 30, share: 0.2, seed: seed)
    let right = Self.dense(Self.random(30, 11, share: 0.7, seed: seed + 1))
    #expect(left.multiplied(by: right) == Self.dense(left).multiplied(by: right))
  }

  @Test func nothingIsAskedForOrThere() {
    let empty = SparseMatrix(rows: 3, columns: 2, rowIndices: [], columnIndices: [], values: [])
    #expect(empty.nearestRows(5, normalized: true).count == 0)
    #expect(Self.random(9, 9, share: 0.9, seed: 1).nearestRows(0, normalized: false).count == 0)
  }
}
