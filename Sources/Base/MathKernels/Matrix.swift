/// A dense matrix, row after row in memory.
///
/// ```swift
/// let a = Matrix<Double>(rows: 2, columns: 2, [4, 1, 1, 3])
/// let x = try a.solvingSymmetricPositiveDefinite([1, 2])   // [1/11, 7/11]
/// ```
public struct Matrix<Scalar: BLASScalar>: Sendable, Equatable {
  /// How many rows there are.
  public let rows: Int
  /// How many columns there are.
  public let columns: Int
  /// The elements, row by row.
  public var elements: [Scalar]

  /// A matrix filled with one value.
  public init(rows: Int, columns: Int, repeating value: Scalar = 0) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
    self.rows = rows
    self.columns = columns
    elements = [Scalar](repeating: value, count: rows * columns)
  }

  /// A matrix of these elements, row by row.
  public init(rows: Int, columns: Int, _ elements: [Scalar]) {
    precondition(
      elements.count == rows * columns, "a \(rows)×\(columns) matrix has \(rows * columns) elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// The unit matrix.
  public static func identity(_ order: Int) -> Matrix {
    var result = Matrix(rows: order, columns: order)
    for index in 0..<order { result[index, index] = 1 }
    return result
  }

  /// One element.
  public subscript(row: Int, column: Int) -> Scalar {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// The elements of one row.
  public func row(_ index: Int) -> ArraySlice<Scalar> { elements[index * columns..<(index + 1) * columns] }

  /// The matrix with rows and columns exchanged.
  public func transposed() -> Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for row in 0..<rows {
      for column in 0..<columns { result.elements[column * rows + row] = elements[row * columns + column] }
    }
    return result
  }

  /// The product, by BLAS.
  ///
  /// - Complexity: O(rows × columns × the other's columns).
  public func multiplied(
    by other: Matrix, transposingSelf: Bool = false, transposingOther: Bool = false
  ) -> Matrix {
    let (m, k) = transposingSelf ? (columns, rows) : (rows, columns)
    let (inner, n) = transposingOther ? (other.columns, other.rows) : (other.rows, other.columns)
    precondition(k == inner, "a product needs \(k) rows on the right, found \(inner)")
    var result = Matrix(rows: m, columns: n)
    guard m > 0, n > 0, k > 0 else { return result }
    result.elements.withUnsafeMutableBufferPointer { c in
      elements.withUnsafeBufferPointer { a in
        other.elements.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          Scalar.gemm(transposingSelf, transposingOther, m, n, k, 1, a, columns, b, other.columns, 0, c, n)
        }
      }
    }
    return result
  }

  /// `selfᵀ · self`, symmetric, by BLAS `syrk`, in blocks of rows on all cores.
  ///
  /// - Complexity: O(rows × columns²).
  public func gram() -> Matrix {
    let order = columns
    guard order > 0, rows > 0 else { return Matrix(rows: order, columns: order) }
    let parts = parallelBlocks(rows, blockSize: max(1024, rows / 16 + 1)) { block in
      var part = [Scalar](repeating: 0, count: order * order)
      part.withUnsafeMutableBufferPointer { c in
        elements.withUnsafeBufferPointer { a in
          guard let a = a.baseAddress, let c = c.baseAddress else { return }
          Scalar.syrk(true, order, block.count, 1, a + block.lowerBound * order, order, 0, c, order)
        }
      }
      return part
    }
    var result = Matrix(rows: order, columns: order)
    for part in parts {
      for row in 0..<order {
        for column in row..<order { result.elements[row * order + column] += part[row * order + column] }
      }
    }
    result.mirrorUpperTriangle()
    return result
  }

  /// Solves `self · x = b` for a symmetric positive definite matrix by Cholesky; only the upper triangle is read.
  ///
  /// - Complexity: O(n³).
  /// - Throws: `MathError.notPositiveDefinite`, or `shapeMismatch` when the sizes do not agree.
  public func solvingSymmetricPositiveDefinite(_ b: [Scalar]) throws -> [Scalar] {
    guard rows == columns, b.count == rows else {
      throw MathError.shapeMismatch(
        expected: "a square matrix and as many right-hand sides as rows",
        found: "\(rows)×\(columns) and \(b.count)")
    }
    guard rows > 0 else { return [] }
    var factor = elements
    var solution = b
    let failed = factor.withUnsafeMutableBufferPointer { a in
      solution.withUnsafeMutableBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
        let info = Scalar.potrf(rows, a, rows)
        if info == 0 { Scalar.potrs(rows, 1, a, rows, b, rows) }
        return info
      }
    }
    guard failed == 0 else { throw MathError.notPositiveDefinite(order: failed) }
    return solution
  }

  /// The inverse of a symmetric positive definite matrix, by Cholesky; only the upper triangle is read.
  ///
  /// - Complexity: O(n³).
  /// - Throws: `MathError.notPositiveDefinite`, or `shapeMismatch` when the matrix is not square.
  public func inverseOfSymmetricPositiveDefinite() throws -> Matrix {
    guard rows == columns else {
      throw MathError.shapeMismatch(expected: "a square matrix", found: "\(rows)×\(columns)")
    }
    guard rows > 0 else { return self }
    var result = self
    let failed = result.elements.withUnsafeMutableBufferPointer { a in
      guard let a = a.baseAddress else { return 0 }
      let info = Scalar.potrf(rows, a, rows)
      return info == 0 ? Scalar.potri(rows, a, rows) : info
    }
    guard failed == 0 else { throw MathError.notPositiveDefinite(order: failed) }
    result.mirrorUpperTriangle()
    return result
  }

  private mutating func mirrorUpperTriangle() {
    for row in 0..<rows {
      for column in row + 1..<max(columns, row + 1) {
        elements[column * columns + row] = elements[row * columns + column]
      }
    }
  }
}
