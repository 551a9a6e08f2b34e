/// What is known of customers: a row for each, columns of numbers and of categories.
///
/// ```swift
/// let table = try CustomerTable(ids: ["ann", "bob"], columns: [
///   .init(name: "spend", .numbers([120, .nan])), .init(name: "city", .categories(["Xi'an", ""])),
/// ])
/// ```
public struct CustomerTable: Sendable, Equatable {
  /// The values of a column.
  public enum Values: Sendable, Equatable {
    /// Numbers; NaN where one is missing.
    case numbers([Double])
    /// Categories; empty where one is missing.
    case categories([String])

    /// How many there are.
    public var count: Int {
      switch self {
      case .numbers(let values): values.count
      case .categories(let values): values.count
      }
    }
  }

  /// One column.
  public struct Column: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its values.
    public var values: Values

    /// A column.
    public init(name: String, _ values: Values) { (self.name, self.values) = (name, values) }
  }

  /// The customers' ids.
  public let ids: [String]
  /// The columns.
  public let columns: [Column]

  /// A table.
  ///
  /// - Throws: `SegmentationError.shapeMismatch` when a column has not a value for each customer.
  public init(ids: [String], columns: [Column]) throws {
    for column in columns where column.values.count != ids.count {
      throw SegmentationError.shapeMismatch(
        expected: "\(ids.count) values in the column '\(column.name)'", found: "\(column.values.count)")
    }
    (self.ids, self.columns) = (ids, columns)
  }
}
