import Foundation
import Learning
import MathKernels

/// The right singular vectors of the largest singular values of a sparse matrix, by randomized subspace iteration.
struct SingularVectors {
  struct Result {
    /// Columns × count; the sign of each vector makes its largest entry positive.
    var vectors: Matrix<Float>
    /// Descending.
    var values: [Double]
  }

  private let matrix: SparseMatrix
  private let transposed: SparseMatrix
  private let count: Int
  private let width: Int
  private let seed: UInt64

  /// Ten more vectors than wanted are iterated, so that the last ones wanted converge too.
  init(_ matrix: SparseMatrix, count: Int, seed: UInt64) {
    self.matrix = matrix
    transposed = matrix.transposed()
    let most = min(matrix.rows, matrix.columns)
    self.count = min(count, most)
    width = min(count + 10, most)
    self.seed = seed
  }

  func run(iterations: Int, checkpoint: (Int) throws -> Void) throws -> Result {
    var random = RandomSource(seed: seed)
    var basis = Matrix<Float>(
      rows: matrix.columns, columns: width,
      (0..<matrix.columns * width).map { _ in Float(random.normal()) })
    basis = try orthonormal(basis)
    for iteration in 1...iterations {
      basis = try orthonormal(transposed.multiplied(by: matrix.multiplied(by: basis)))
      try checkpoint(iteration)
    }
    return try rotated(basis)
  }

  /// An orthonormal basis of what the columns span, by the eigenvectors of their products; taken twice, since once leaves
  /// rounding of the size of the condition number squared.
  private func orthonormal(_ columns: Matrix<Float>) throws -> Matrix<Float> {
    var result = columns
    for _ in 0..<2 {
      let parts = try SymmetricEigen(Self.gram(result))
      let largest = parts.values.last ?? 0
      var rotation = Matrix<Float>(rows: width, columns: width)
      for (index, value) in parts.values.enumerated() where value > largest * 1e-12 {
        for row in 0..<width { rotation[row, index] = Float(parts.vectors[index, row] / value.squareRoot()) }
      }
      result = result.multiplied(by: rotation)
    }
    return result
  }

  /// The basis turned so that each vector is a singular one.
  private func rotated(_ basis: Matrix<Float>) throws -> Result {
    let parts = try SymmetricEigen(Self.gram(matrix.multiplied(by: basis)))
    var rotation = Matrix<Float>(rows: width, columns: count)
    for index in 0..<count {
      for row in 0..<width { rotation[row, index] = Float(parts.vectors[width - 1 - index, row]) }
    }
    var vectors = basis.multiplied(by: rotation)
    for column in 0..<count {
      let rows = 0..<vectors.rows
      let largest = rows.max { abs(vectors[$0, column]) < abs(vectors[$1, column]) }
      if let largest, vectors[largest, column] < 0 {
        for row in rows { vectors[row, column] = -vectors[row, column] }
      }
    }
    let values = (0..<count).map { max(0, parts.values[width - 1 - $0]).squareRoot() }
    return Result(vectors: vectors, values: values)
  }

  private static func gram(_ columns: Matrix<Float>) -> Matrix<Double> {
    let products = columns.gram()
    return Matrix(rows: products.rows, columns: products.columns, products.elements.map(Double.init))
  }
}
