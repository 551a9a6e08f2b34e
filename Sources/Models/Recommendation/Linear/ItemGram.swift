import MathKernels

/// The inner products of items: dense for all of them, or for a few at a time.
enum ItemGram {
  /// `XᵀX` as a dense matrix, both triangles, for users × items; rows are made on all cores.
  ///
  /// - Complexity: O(Σ over users of (items of the user)²) and items² memory.
  static func dense(_ matrix: SparseMatrix) -> Matrix<Float> {
    let byItem = matrix.transposed()
    let order = matrix.columns
    var gram = Matrix<Float>(rows: order, columns: order)
    gram.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      // Each block writes its own rows alone.
      nonisolated(unsafe) let target = base
      _ = parallelBlocks(order, blockSize: 64) { block in
        for item in block { addRow(item, byItem, matrix, to: target + item * order) }
      }
    }
    return gram
  }

  @inline(__always)
  private static func addRow(
    _ item: Int, _ byItem: SparseMatrix, _ byUser: SparseMatrix, to row: UnsafeMutablePointer<Float>
  ) {
    byUser.columnIndices.withUnsafeBufferPointer { columns in
      byUser.values.withUnsafeBufferPointer { values in
        for entry in byItem.rowStarts[item]..<byItem.rowStarts[item + 1] {
          let user = Int(byItem.columnIndices[entry])
          let value = byItem.values[entry]
          for place in byUser.rowStarts[user]..<byUser.rowStarts[user + 1] {
            row[Int(columns[place])] += value * values[place]
          }
        }
      }
    }
  }

  /// The inner products of a few items with each other, written to `result`, by their users' other items.
  ///
  /// `place` maps every item to −1 and is left so.
  static func local(
    _ chosen: [Int32], _ byItem: SparseMatrix, _ byUser: SparseMatrix, _ place: inout [Int32],
    into result: inout [Float]
  ) {
    let count = chosen.count
    for index in 0..<count * count { result[index] = 0 }
    for (index, item) in chosen.enumerated() { place[Int(item)] = Int32(index) }
    for (index, item) in chosen.enumerated() {
      for entry in byItem.rowStarts[Int(item)]..<byItem.rowStarts[Int(item) + 1] {
        let user = Int(byItem.columnIndices[entry])
        let value = byItem.values[entry]
        for other in byUser.rowStarts[user]..<byUser.rowStarts[user + 1] {
          let column = place[Int(byUser.columnIndices[other])]
          if column >= 0 { result[index * count + Int(column)] += value * byUser.values[other] }
        }
      }
    }
    for item in chosen { place[Int(item)] = -1 }
  }
}
