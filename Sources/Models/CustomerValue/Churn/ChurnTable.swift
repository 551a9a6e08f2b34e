/// What is known of customers, and who of them left: a row for each, columns of numbers and of categories.
///
/// ```swift
/// let table = try ChurnTable(
///   ids: ["ann", "bob"],
///   columns: [.init(name: "tenure", .numbers([3, .nan])), .init(name: "contract", .categories(["monthly", ""]))],
///   labels: [true, nil])
/// ```
public struct ChurnTable: Sendable, Equatable {
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

  /// One value.
  public enum Value: Sendable, Hashable, Codable {
    /// A number; NaN where it is missing.
    case number(Double)
    /// A category; empty where it is missing.
    case category(String)

    /// The value as people write it; nil where it is missing.
    public var text: String? {
      switch self {
      case .number(let value):
        value.isNaN ? nil : Int64(exactly: value).map { "\($0)" } ?? "\(value)"
      case .category(let value): value.isEmpty ? nil : value
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

    /// The value in a row.
    public subscript(row: Int) -> Value {
      switch values {
      case .numbers(let values): .number(values[row])
      case .categories(let values): .category(values[row])
      }
    }
  }

  /// The customers' ids.
  public let ids: [String]
  /// The columns.
  public let columns: [Column]
  /// Whether each left; nil where that is not known.
  public let labels: [Bool?]

  /// How many customers there are.
  public var count: Int { ids.count }

  /// A table.
  ///
  /// - Throws: `CustomerValueError.table` when a column has not a value for each customer, a name comes twice, or a number is infinite.
  public init(ids: [String], columns: [Column], labels: [Bool?]) throws {
    guard labels.count == ids.count else {
      throw CustomerValueError.table(
        column: "labels", found: "\(labels.count) values", expected: "\(ids.count)")
    }
    var seen: Set<String> = []
    for column in columns {
      guard column.values.count == ids.count else {
        throw CustomerValueError.table(
          column: column.name, found: "\(column.values.count) values", expected: "\(ids.count)")
      }
      guard seen.insert(column.name).inserted else {
        throw CustomerValueError.table(column: column.name, found: "it twice", expected: "each name once")
      }
      if case .numbers(let values) = column.values, values.contains(where: \.isInfinite) {
        throw CustomerValueError.table(column: column.name, found: "infinity", expected: "finite numbers")
      }
    }
    (self.ids, self.columns, self.labels) = (ids, columns, labels)
  }

  /// Some rows, in the given order.
  public func selecting(_ rows: [Int]) -> ChurnTable {
    ChurnTable(
      checkedIDs: rows.map { ids[$0] },
      columns: columns.map { column in
        switch column.values {
        case .numbers(let values): Column(name: column.name, .numbers(rows.map { values[$0] }))
        case .categories(let values): Column(name: column.name, .categories(rows.map { values[$0] }))
        }
      }, labels: rows.map { labels[$0] })
  }

  /// The values of one row.
  public func row(_ index: Int) -> [Value] { columns.map { $0[index] } }

  /// A table of the same columns with these rows, whose labels are not known.
  ///
  /// Each row has a value of the right kind for each column.
  public func replacingRows(_ rows: [[Value]]) -> ChurnTable {
    let columns = self.columns.indices.map { place -> Column in
      let name = self.columns[place].name
      if case .numbers = self.columns[place].values {
        return Column(
          name: name, .numbers(rows.map { if case .number(let value) = $0[place] { value } else { .nan } }))
      }
      return Column(
        name: name, .categories(rows.map { if case .category(let value) = $0[place] { value } else { "" } }))
    }
    return ChurnTable(
      checkedIDs: rows.indices.map { "\($0)" }, columns: columns, labels: rows.map { _ in nil })
  }

  private init(checkedIDs: [String], columns: [Column], labels: [Bool?]) {
    (ids, self.columns, self.labels) = (checkedIDs, columns, labels)
  }
}
