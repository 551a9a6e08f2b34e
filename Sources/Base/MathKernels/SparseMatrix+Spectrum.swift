/// The leading part of the spectrum of a symmetric sparse matrix, as coordinates of its rows.
extension SparseMatrix {
  /// Coordinates whose inner products come as close as possible to the entries of this symmetric matrix: its leading
  /// eigenvectors, each times the square root of its eigenvalue; those of negative eigenvalues are zero.
  ///
  /// Subspace iteration from a random start, with some more directions than asked for. The same seed gives the same
  /// coordinates on any number of cores.
  /// Source: Halko, Martinsson and Tropp (2011), https://doi.org/10.1137/090771806
  /// - Parameters:
  ///   - size: how many coordinates each row gets.
  ///   - iterations: how often the subspace is multiplied with the matrix.
  /// - Returns: rows × size.
  /// - Complexity: O(iterations · size · (entries + rows · size)).
  /// - Throws: `MathError.shapeMismatch` when the matrix is not square, `invalidParameter` for entries that are not finite.
  public func spectralCoordinates(_ size: Int, iterations: Int = 6, seed: UInt64) throws -> Matrix<Float> {
    guard rows == columns else {
      throw MathError.shapeMismatch(expected: "a square matrix", found: "\(rows)×\(columns)")
    }
    let width = min(rows, size + 16)
    var random = RandomSource(seed: seed)
    var basis = Matrix<Float>(
      rows: rows, columns: width, (0..<rows * width).map { _ in Float(random.normal()) })
    for _ in 0..<max(1, iterations) { basis = try multiplied(by: basis).orthonormalizedColumns() }
    let small = basis.multiplied(by: multiplied(by: basis), transposingSelf: true)
    let parts = try SymmetricEigen(
      Matrix<Double>(rows: width, columns: width, small.elements.map(Double.init)))
    var turn = Matrix<Float>(rows: width, columns: size)
    for column in 0..<min(size, width) {
      // Ascending: the largest eigenvalues come last.
      let place = width - 1 - column
      let scale = max(0, parts.values[place]).squareRoot()
      for row in 0..<width { turn[row, column] = Float(parts.vectors[place, row] * scale) }
    }
    return basis.multiplied(by: turn)
  }
}

extension Matrix where Scalar == Float {
  /// Columns of length one at right angles that span the same space; directions that are hardly there become zero.
  func orthonormalizedColumns() throws -> Matrix<Float> {
    let overlaps = gram()
    let parts = try SymmetricEigen(
      Matrix<Double>(rows: columns, columns: columns, overlaps.elements.map(Double.init)))
    let largest = parts.values.last ?? 0
    var turn = Matrix<Float>(rows: columns, columns: columns)
    for column in 0..<columns where parts.values[column] > largest * 1e-10 {
      let scale = 1 / parts.values[column].squareRoot()
      for row in 0..<columns { turn[row, column] = Float(parts.vectors[column, row] * scale) }
    }
    return multiplied(by: turn)
  }
}
