/// A table of numbers with named columns, row by row: what tree ensembles learn from and predict for.
///
/// ```swift
/// var table = FeatureMatrix(names: ["age", "visits"])
/// table.append([31, 4])
/// table.append([.nan, 2])   // NaN is a missing value
/// table.rowCount            // 2
/// ```
public struct FeatureMatrix: Sendable, Equatable {
  /// The columns' names.
  public let names: [String]
  /// The values: `columnCount` numbers a row; NaN where a value is missing.
  public private(set) var values: [Float]

  /// How many columns there are.
  public var columnCount: Int { names.count }
  /// How many rows there are.
  public var rowCount: Int { names.isEmpty ? 0 : values.count / names.count }

  /// A table of these values, row by row; there must be a whole number of rows.
  public init(names: [String], values: [Float] = []) {
    precondition(!names.isEmpty, "a feature matrix has at least one column")
    precondition(values.count % names.count == 0, "a feature matrix has a whole number of rows")
    self.names = names
    self.values = values
  }

  /// Adds rows at the end; there must be a whole number of them.
  public mutating func append(_ rows: some Collection<Float>) {
    precondition(rows.count % columnCount == 0, "a feature matrix has a whole number of rows")
    values.append(contentsOf: rows)
  }

  /// Makes room for this many rows in all.
  public mutating func reserveRows(_ count: Int) { values.reserveCapacity(count * columnCount) }

  /// The value at a row and column.
  public subscript(row: Int, column: Int) -> Float { values[row * columnCount + column] }

  /// One row.
  public func row(_ index: Int) -> ArraySlice<Float> {
    values[index * columnCount..<(index + 1) * columnCount]
  }
}
