extension SparseMatrix {
  /// The product with a dense matrix, rows of it made on all cores.
  ///
  /// - Complexity: O(entries × the other's columns).
  public func multiplied(by other: Matrix<Float>) -> Matrix<Float> {
    precondition(columns == other.rows, "a product needs \(columns) rows on the right, found \(other.rows)")
    let width = other.columns
    var result = Matrix<Float>(rows: rows, columns: width)
    result.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      // Each block writes its own rows alone.
      nonisolated(unsafe) let target = base
      _ = parallelBlocks(rows, blockSize: 256) { block in
        other.elements.withUnsafeBufferPointer { other in
          guard let other = other.baseAddress else { return }
          for row in block {
            for entry in rowStarts[row]..<rowStarts[row + 1] {
              Vectors.addProduct(
                values[entry], other + Int(columnIndices[entry]) * width, to: target + row * width, width)
            }
          }
        }
      }
    }
    return result
  }
}
