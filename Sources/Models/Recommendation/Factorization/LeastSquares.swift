import Foundation
import MathKernels

/// One half of an epoch of `ImplicitALS`: solves each row of one side while the other stays.
///
/// Row u solves `(YᵀY + λᵤI + Σ (c − 1) y yᵀ) x = Σ c y` over its entries. Rows are worked on in blocks: the products with YᵀY
/// of a whole block are one call of BLAS, what is left per row are short loops over its entries.
struct LeastSquares: Sendable {
  let configuration: ImplicitALS.Configuration
  let confidences: SparseMatrix
  let meanFrequency: Double
  private let size: Int

  init(_ configuration: ImplicitALS.Configuration, _ confidences: SparseMatrix) {
    self.configuration = configuration
    self.confidences = confidences
    size = configuration.embeddingSize
    meanFrequency =
      Double(confidences.count) / Double(max(1, confidences.rows))
      + Double(confidences.columns) / configuration.confidence
  }

  /// The regularization of a row with this many entries.
  static func regularization(
    _ configuration: ImplicitALS.Configuration, entries: Int, others: Int, meanFrequency: Double
  ) -> Float {
    guard configuration.frequencyScaling > 0 else { return Float(configuration.regularization) }
    let frequency = Double(entries) + Double(others) / configuration.confidence
    return Float(
      configuration.regularization * pow(frequency / meanFrequency, configuration.frequencyScaling))
  }

  private func regularization(_ row: Int) -> Float {
    Self.regularization(
      configuration, entries: confidences.rowStarts[row + 1] - confidences.rowStarts[row],
      others: confidences.columns, meanFrequency: meanFrequency)
  }

  func solve(_ solved: inout Matrix<Float>, given fixed: Matrix<Float>) {
    let gram = fixed.gram().elements
    let rows = solved.rows
    solved.elements.withUnsafeMutableBufferPointer { solved in
      guard let base = solved.baseAddress else { return }
      // Each block writes its own rows alone.
      nonisolated(unsafe) let target = base
      _ = parallelBlocks(rows, blockSize: 256) { block in
        fixed.elements.withUnsafeBufferPointer { fixed in
          gram.withUnsafeBufferPointer { gram in
            guard let fixed = fixed.baseAddress, let gram = gram.baseAddress else { return }
            switch configuration.solver {
            case .cholesky: solveExactly(block, target, fixed, gram)
            case .conjugateGradient(let steps): descend(block, steps: steps, target, fixed, gram)
            }
          }
        }
      }
    }
  }

  // MARK: Conjugate gradients

  private func descend(
    _ block: Range<Int>, steps: Int, _ solved: UnsafeMutablePointer<Float>, _ fixed: UnsafePointer<Float>,
    _ gram: UnsafePointer<Float>
  ) {
    let width = block.count * size
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: 3 * width + block.count)
    defer { scratch.deallocate() }
    let (residual, direction, product, squares) = (
      scratch, scratch + width, scratch + 2 * width, scratch + 3 * width
    )
    let x = solved + block.lowerBound * size
    Float.gemm(false, false, block.count, size, size, 1, x, size, gram, size, 0, product, size)
    for local in 0..<block.count {
      let start = local * size
      let row = block.lowerBound + local
      startResidual(row, x + start, product + start, residual + start, fixed)
      (direction + start).update(from: residual + start, count: size)
      squares[local] = Vectors.dot(residual + start, residual + start, size)
    }
    for _ in 0..<steps {
      Float.gemm(false, false, block.count, size, size, 1, direction, size, gram, size, 0, product, size)
      for local in 0..<block.count where squares[local] > 1e-20 {
        let start = local * size
        squares[local] = step(
          block.lowerBound + local, x + start, residual + start, direction + start, product + start,
          squares[local],
          fixed)
      }
    }
  }

  /// `residual = Σ c y − (YᵀY + λI + Σ (c − 1) y yᵀ) x`; a row without entries becomes zero at once.
  @inline(__always)
  private func startResidual(
    _ row: Int, _ x: UnsafeMutablePointer<Float>, _ product: UnsafeMutablePointer<Float>,
    _ residual: UnsafeMutablePointer<Float>, _ fixed: UnsafePointer<Float>
  ) {
    let entries = confidences.rowStarts[row]..<confidences.rowStarts[row + 1]
    guard !entries.isEmpty else {
      x.update(repeating: 0, count: size)
      residual.update(repeating: 0, count: size)
      return
    }
    let lambda = regularization(row)
    for index in 0..<size { residual[index] = -product[index] - lambda * x[index] }
    confidences.columnIndices.withUnsafeBufferPointer { columns in
      confidences.values.withUnsafeBufferPointer { values in
        for entry in entries {
          let y = fixed + Int(columns[entry]) * size
          let c = values[entry]
          Vectors.addProduct(c - (c - 1) * Vectors.dot(y, x, size), y, to: residual, size)
        }
      }
    }
  }

  /// One step of conjugate gradients; returns the new squared length of the residual.
  @inline(__always)
  private func step(
    _ row: Int, _ x: UnsafeMutablePointer<Float>, _ residual: UnsafeMutablePointer<Float>,
    _ direction: UnsafeMutablePointer<Float>, _ product: UnsafeMutablePointer<Float>, _ squares: Float,
    _ fixed: UnsafePointer<Float>
  ) -> Float {
    Vectors.addProduct(regularization(row), direction, to: product, size)
    confidences.columnIndices.withUnsafeBufferPointer { columns in
      confidences.values.withUnsafeBufferPointer { values in
        for entry in confidences.rowStarts[row]..<confidences.rowStarts[row + 1] where values[entry] != 1 {
          let y = fixed + Int(columns[entry]) * size
          Vectors.addProduct((values[entry] - 1) * Vectors.dot(y, direction, size), y, to: product, size)
        }
      }
    }
    let curvature = Vectors.dot(direction, product, size)
    guard curvature > 0 else { return 0 }
    let length = squares / curvature
    Vectors.addProduct(length, direction, to: x, size)
    Vectors.addProduct(-length, product, to: residual, size)
    let next = Vectors.dot(residual, residual, size)
    Vectors.scaleAndAdd(next / squares, direction, residual, size)
    return next
  }

  // MARK: Cholesky

  private func solveExactly(
    _ block: Range<Int>, _ solved: UnsafeMutablePointer<Float>, _ fixed: UnsafePointer<Float>,
    _ gram: UnsafePointer<Float>
  ) {
    var system = NormalEquations(size: size)
    for row in block {
      let (columns, values) = confidences.row(row)
      let x = solved + row * size
      guard !columns.isEmpty else {
        x.update(repeating: 0, count: size)
        continue
      }
      system.assemble(columns, values, regularization: regularization(row), fixed, gram)
      // A system that rounding has made indefinite leaves the row as it was.
      if system.factorize() { system.solve(into: x) }
    }
  }
}

/// The normal equations of one row, in memory that is used again for the next.
struct NormalEquations {
  private let size: Int
  private var matrix: [Float]
  private var right: [Float]
  private var scaled: [Float] = []

  init(size: Int) {
    self.size = size
    matrix = [Float](repeating: 0, count: size * size)
    right = [Float](repeating: 0, count: size)
  }

  /// `YᵀY + λI + Σ (c − 1) y yᵀ` and `Σ c y`.
  mutating func assemble(
    _ columns: some Collection<Int32>, _ confidences: some Collection<Float>, regularization: Float,
    _ fixed: UnsafePointer<Float>, _ gram: UnsafePointer<Float>
  ) {
    let size = size
    // Confidences below 1 take weight away; they are kept apart because syrk knows one sign at a time.
    let more = addRows(columns, confidences, fixed) { $0 - 1 }
    let less = addRows(columns, confidences, fixed, after: more) { 1 - $0 }
    matrix.withUnsafeMutableBufferPointer { matrix in
      scaled.withUnsafeBufferPointer { scaled in
        guard let matrix = matrix.baseAddress, let scaled = scaled.baseAddress else { return }
        matrix.update(from: gram, count: size * size)
        for index in 0..<size { matrix[index * size + index] += regularization }
        if more > 0 { Float.syrk(true, size, more, 1, scaled, size, 1, matrix, size) }
        if less > 0 { Float.syrk(true, size, less, -1, scaled + more * size, size, 1, matrix, size) }
      }
    }
    right.withUnsafeMutableBufferPointer { right in
      guard let right = right.baseAddress else { return }
      right.update(repeating: 0, count: size)
      for (column, confidence) in zip(columns, confidences) {
        Vectors.addProduct(confidence, fixed + Int(column) * size, to: right, size)
      }
    }
  }

  /// Puts √weight · y for every positive weight into `scaled`; returns how many.
  private mutating func addRows(
    _ columns: some Collection<Int32>, _ confidences: some Collection<Float>, _ fixed: UnsafePointer<Float>,
    after start: Int = 0, _ weight: (Float) -> Float
  ) -> Int {
    let needed = (start + columns.count) * size
    if scaled.count < max(needed, size) {
      scaled.append(contentsOf: repeatElement(0, count: max(needed, size) - scaled.count))
    }
    var count = 0
    for (column, confidence) in zip(columns, confidences) where weight(confidence) > 0 {
      let root = weight(confidence).squareRoot()
      let y = fixed + Int(column) * size
      for index in 0..<size { scaled[(start + count) * size + index] = root * y[index] }
      count += 1
    }
    return count
  }

  /// Turns the matrix into its Cholesky factor; false when it is not positive definite.
  mutating func factorize() -> Bool {
    matrix.withUnsafeMutableBufferPointer { matrix in
      matrix.baseAddress.map { Float.potrf(size, $0, size) == 0 } ?? true
    }
  }

  /// Writes the solution for the right-hand side.
  func solve(into x: UnsafeMutablePointer<Float>) {
    for index in 0..<size { x[index] = right[index] }
    solveInPlace(x, count: 1)
  }

  /// Solves for right-hand sides stored one after the other, in place.
  func solveInPlace(_ x: UnsafeMutablePointer<Float>, count: Int) {
    matrix.withUnsafeBufferPointer { matrix in
      guard let matrix = matrix.baseAddress else { return }
      Float.potrs(size, count, matrix, size, x, size)
    }
  }
}
