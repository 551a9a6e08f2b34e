import Commerce
import Foundation

/// Which part of a list to answer with.
public struct PageRequest: Sendable, Equatable {
  /// At most so many rows.
  public var limit: Int
  /// Where the page before ended, as that page said in `next_cursor`.
  public var cursor: String?

  /// A request for a page.
  public init(limit: Int = 50, cursor: String? = nil) {
    self.limit = limit
    self.cursor = cursor
  }

  /// The number of rows to skip, for lists whose cursor is a row number.
  func offset() throws -> Int {
    guard let cursor else { return 0 }
    guard let offset = Int(cursor), (0...1_000_000_000).contains(offset) else {
      throw ApplicationError.invalidParameter(
        name: "cursor", value: cursor, expected: "the next_cursor of the page before")
    }
    return offset
  }

  /// The rows of a list in memory that the page holds.
  func slice<Row>(of rows: [Row]) throws -> Range<Int> {
    let offset = min(try offset(), rows.count)
    return offset..<min(offset + limit, rows.count)
  }
}

/// One page of a list.
public struct Page: Sendable, Equatable {
  /// What the list is of; names its CSV file.
  public var name: String
  /// The rows.
  public var items: [JSONValue]
  /// Where the next page starts; nil on the last.
  public var nextCursor: String?
  /// How many rows the whole list has, when that is known.
  public var total: Int?
  /// Further members of the answer, beside the rows.
  public var extra: [String: JSONValue] = [:]

  /// A page.
  public init(
    name: String, items: [JSONValue], nextCursor: String?, total: Int?, extra: [String: JSONValue] = [:]
  ) {
    self.name = name
    self.items = items
    self.nextCursor = nextCursor
    self.total = total
    self.extra = extra
  }

  /// A page of a list that is in memory, cut by row number.
  static func slice<Row>(
    _ rows: [Row], name: String, _ request: PageRequest, _ json: (Row) -> JSONValue
  ) throws -> Page {
    let range = try request.slice(of: rows)
    return Page(
      name: name, items: rows[range].map(json),
      nextCursor: range.upperBound < rows.count ? String(range.upperBound) : nil, total: rows.count)
  }

  /// `{"items", "next_cursor", "total", …}`.
  public var json: JSONValue {
    var object = extra
    object["items"] = .array(items)
    object["next_cursor"] = JSONValue(nextCursor)
    if let total { object["total"] = JSONValue(total) }
    return .object(object)
  }
}
