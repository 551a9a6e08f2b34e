/// A sparse matrix of Floats in compressed rows (CSR): per row the columns in ascending order, each once.
///
/// ```swift
/// let matrix = SparseMatrix(rows: 2, columns: 3, rowIndices: [0, 1, 0], columnIndices: [2, 1, 2], values: [1, 5, 3])
/// Array(matrix.row(0).values)   // [4]: entries of one cell are added up
/// ```
public struct SparseMatrix: Sendable, Equatable {
  /// How many rows there are.
  public let rows: Int
  /// How many columns there are.
  public let columns: Int
  /// Where each row starts in `columnIndices` and `values`; one more entry than rows.
  public let rowStarts: [Int]
  /// The column of each entry.
  public let columnIndices: [Int32]
  /// The value of each entry.
  public var values: [Float]

  /// How many entries are stored.
  public var count: Int { columnIndices.count }

  /// A matrix from its compressed form, taken as it is.
  public init(rows: Int, columns: Int, rowStarts: [Int], columnIndices: [Int32], values: [Float]) {
    precondition(
      rowStarts.count == rows + 1 && rowStarts.last == columnIndices.count, "the row starts do not fit")
    precondition(columnIndices.count == values.count, "each entry needs a column and a value")
    self.rows = rows
    self.columns = columns
    self.rowStarts = rowStarts
    self.columnIndices = columnIndices
    self.values = values
  }

  /// A matrix from single entries in any order; those of one cell are added up in the order given.
  ///
  /// Every index must be inside the shape.
  /// - Complexity: O(entries + rows + columns), by two passes of counting sort.
  public init(rows: Int, columns: Int, rowIndices: [Int32], columnIndices: [Int32], values: [Float]) {
    precondition(
      rowIndices.count == columnIndices.count && values.count == rowIndices.count, "ragged entries")
    // Sorting by column first and by row second leaves each row's columns in ascending order.
    let byColumn = Self.bucketed(count: columns, keys: columnIndices, others: rowIndices, values: values)
    let rowOf = byColumn.others
    let columnOf = byColumn.keys
    let sorted = Self.bucketed(count: rows, keys: rowOf, others: columnOf, values: byColumn.values)
    var starts = [0]
    starts.reserveCapacity(rows + 1)
    var mergedColumns: [Int32] = []
    var mergedValues: [Float] = []
    mergedColumns.reserveCapacity(values.count)
    mergedValues.reserveCapacity(values.count)
    for row in 0..<rows {
      for position in sorted.starts[row]..<sorted.starts[row + 1] {
        if mergedColumns.count > starts[row],
          mergedColumns[mergedColumns.count - 1] == sorted.others[position]
        {
          mergedValues[mergedValues.count - 1] += sorted.values[position]
        } else {
          mergedColumns.append(sorted.others[position])
          mergedValues.append(sorted.values[position])
        }
      }
      starts.append(mergedColumns.count)
    }
    self.init(
      rows: rows, columns: columns, rowStarts: starts, columnIndices: mergedColumns, values: mergedValues)
  }

  /// The entries of one row.
  public func row(_ index: Int) -> (columns: ArraySlice<Int32>, values: ArraySlice<Float>) {
    let range = rowStarts[index]..<rowStarts[index + 1]
    return (columnIndices[range], values[range])
  }

  /// The matrix with rows and columns exchanged.
  ///
  /// - Complexity: O(entries + rows + columns).
  public func transposed() -> SparseMatrix {
    var rowOf = [Int32](repeating: 0, count: count)
    for row in 0..<rows {
      for position in rowStarts[row]..<rowStarts[row + 1] { rowOf[position] = Int32(row) }
    }
    let turned = Self.bucketed(count: columns, keys: columnIndices, others: rowOf, values: values)
    return SparseMatrix(
      rows: columns, columns: rows, rowStarts: turned.starts, columnIndices: turned.others,
      values: turned.values)
  }

  /// The Euclidean length of each row.
  public func rowNorms() -> [Float] {
    (0..<rows).map { row in
      values[rowStarts[row]..<rowStarts[row + 1]].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// A stable counting sort of entries by key.
  private static func bucketed(
    count: Int, keys: [Int32], others: [Int32], values: [Float]
  ) -> (starts: [Int], keys: [Int32], others: [Int32], values: [Float]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for key in keys { starts[Int(key) + 1] += 1 }
    for index in 0..<count { starts[index + 1] += starts[index] }
    var next = starts
    var sortedKeys = [Int32](repeating: 0, count: keys.count)
    var sortedOthers = sortedKeys
    var sortedValues = [Float](repeating: 0, count: keys.count)
    for position in keys.indices {
      let target = next[Int(keys[position])]
      next[Int(keys[position])] += 1
      sortedKeys[target] = keys[position]
      sortedOthers[target] = others[position]
      sortedValues[target] = values[position]
    }
    return (starts, sortedKeys, sortedOthers, sortedValues)
  }
}
