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
    let blocks = parallelBlocks(rows, blockSize: 128) { block in
      products(of: block, with: byColumn, count: count) { row, other, product in
        norms.isEmpty ? product : product / (norms[row] * norms[other] + shrink)
      }
    }
    return SparseBlock.joined(blocks, columns: rows)
  }

  /// For each row of `self · other` the `count` largest entries off the diagonal, each times the factor of its column.
  ///
  /// With `self` of items × users and `other` of users × items this is a walk from item to item. Each row of the result holds
  /// its entries in ascending order of column; those of zero or less are left out.
  ///
  /// - Complexity: O(Σ over columns of (entries of self's column) · (entries of other's row)), on all cores; the same result on
  ///   any number of them.
  public func nearestColumns(
    _ count: Int, of other: SparseMatrix, columnFactors: [Float]
  ) -> SparseMatrix {
    precondition(columns == other.rows, "a product needs \(columns) rows on the right, found \(other.rows)")
    precondition(columnFactors.count == other.columns, "each column needs a factor")
    let blocks = parallelBlocks(rows, blockSize: 128) { block in
      products(of: block, with: other, count: count) { _, column, product in product * columnFactors[column] }
    }
    return SparseBlock.joined(blocks, columns: other.columns)
  }

  /// The best entries of the rows of `self · other`, the diagonal left out.
  @inline(__always)
  private func products(
    of block: Range<Int>, with other: SparseMatrix, count: Int, score: (Int, Int, Float) -> Float
  ) -> SparseBlock {
    var result = SparseBlock()
    var sums = RowSums(width: other.columns)
    defer { sums.deallocate() }
    other.columnIndices.withUnsafeBufferPointer { columns in
      other.values.withUnsafeBufferPointer { values in
        for row in block {
          if let columns = columns.baseAddress, let values = values.baseAddress {
            let entries = rowStarts[row]..<rowStarts[row + 1]
            let work = entries.reduce(0) { $0 + other.length(ofRow: Int(columnIndices[$1])) }
            let isDense = work > other.columns
            for entry in entries {
              let middle = Int(columnIndices[entry])
              let (start, length) = (other.rowStarts[middle], other.length(ofRow: middle))
              if isDense {
                sums.addDensely(self.values[entry], columns + start, values + start, length)
              } else {
                sums.add(self.values[entry], columns + start, values + start, length)
              }
            }
          }
          sums.drain(count, columns: &result.columns, values: &result.values) { column, sum in
            column == row ? 0 : score(row, column, sum)
          }
          result.ends.append(result.columns.count)
        }
      }
    }
    return result
  }

  private func length(ofRow row: Int) -> Int { rowStarts[row + 1] - rowStarts[row] }
}
