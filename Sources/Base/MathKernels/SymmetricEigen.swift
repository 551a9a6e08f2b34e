import COpenBLAS

/// The eigenvalues and eigenvectors of a symmetric matrix, by LAPACK.
///
/// ```swift
/// let parts = try SymmetricEigen(Matrix(rows: 2, columns: 2, [2, 1, 1, 2]))
/// parts.values       // [1, 3]
/// ```
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Double]
  /// The eigenvectors: row `i` belongs to `values[i]` and has length one; its sign is arbitrary.
  public let vectors: Matrix<Double>

  /// Takes a symmetric matrix apart; only its upper triangle is read.
  ///
  /// - Complexity: O(n³).
  /// - Throws: `MathError.shapeMismatch` when the matrix is not square, `invalidParameter` when LAPACK finds no answer,
  ///   as it does for entries that are not finite.
  public init(_ matrix: Matrix<Double>) throws {
    guard matrix.rows == matrix.columns else {
      throw MathError.shapeMismatch(expected: "a square matrix", found: "\(matrix.rows)×\(matrix.columns)")
    }
    guard matrix.elements.allSatisfy(\.isFinite) else {
      throw MathError.invalidParameter(name: "matrix", value: "not finite", expected: "finite entries")
    }
    let order = matrix.rows
    var elements = matrix.elements
    var values = [Double](repeating: 0, count: order)
    ThreadPools.capBLASOnce()
    // Row-major upper is column-major lower; the eigenvectors come back as columns, which are rows for us.
    let info = LAPACKE_dsyevd(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(order), &elements,
      Int32(max(1, order)), &values)
    guard info == 0 else {
      throw MathError.invalidParameter(
        name: "matrix", value: "without convergence", expected: "a symmetric matrix")
    }
    self.values = values
    vectors = Matrix(rows: order, columns: order, elements)
  }
}
