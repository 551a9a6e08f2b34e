extension SparseMatrix {
  /// For each row the `count` most similar other rows, by shrunk cosine or by inner product.
  ///
  /// With `self` of items × users: `similarity(i, j) = ⟨i, j⟩ / (‖i‖ · ‖j‖ + shrink)`, or `⟨i, j⟩` when not normalized.
  /// Each row of the result holds its neighbours in ascending order of index; similarities of zero or less are left out.
  ///
  /// - Complexity: O(Σ over users of (items of the user)²), on all cores; the same result on any number of them.
  public func nearestRows(_ count: Int, normalized: Bool, shrink: Float = 0) -> SparseMatrix {
    let byColumn = transposed()
    let norms = normalized ? rowNorms() : []
    let blocks = parallelBlocks(rows, blockSize: 256) { block in
      neighbours(of: block, count: count, byColumn: byColumn, norms: norms, shrink: shrink)
    }
    var starts = [0]
    var columns: [Int32] = []
    var values: [Float] = []
    for block in blocks {
      for row in block {
        columns.append(contentsOf: row.map(\.index))
        values.append(contentsOf: row.map(\.score))
        starts.append(columns.count)
      }
    }
    return SparseMatrix(rows: rows, columns: rows, rowStarts: starts, columnIndices: columns, values: values)
  }

  private func neighbours(
    of block: Range<Int>, count: Int, byColumn: SparseMatrix, norms: [Float], shrink: Float
  ) -> [[TopK.Entry]] {
    var sums = [Float](repeating: 0, count: rows)
    var touched: [Int32] = []
    return block.map { row in
      accumulate(row, byColumn, &sums, &touched)
      var best = TopK(count)
      for other in touched {
        let product = sums[Int(other)]
        sums[Int(other)] = 0
        guard product > 0, Int(other) != row else { continue }
        best.offer(other, norms.isEmpty ? product : product / (norms[row] * norms[Int(other)] + shrink))
      }
      return best.sorted().sorted { $0.index < $1.index }
    }
  }

  /// Adds the inner products of a row with every row that shares a column with it to `sums`.
  private func accumulate(
    _ row: Int, _ byColumn: SparseMatrix, _ sums: inout [Float], _ touched: inout [Int32]
  ) {
    touched.removeAll(keepingCapacity: true)
    sums.withUnsafeMutableBufferPointer { sums in
      byColumn.columnIndices.withUnsafeBufferPointer { others in
        byColumn.values.withUnsafeBufferPointer { otherValues in
          for position in rowStarts[row]..<rowStarts[row + 1] {
            let column = Int(columnIndices[position])
            let value = values[position]
            for entry in byColumn.rowStarts[column]..<byColumn.rowStarts[column + 1] {
              let other = others[entry]
              // Zero marks a row not met yet; one that sums to exactly zero is listed twice and dropped both times.
              if sums[Int(other)] == 0 { touched.append(other) }
              sums[Int(other)] += value * otherValues[entry]
            }
          }
        }
      }
    }
  }
}
