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
    let offset = min(try request.offset(), rows.count)
    let end = min(offset + request.limit, rows.count)
    return Page(
      name: name, items: rows[offset..<end].map(json), nextCursor: end < rows.count ? String(end) : nil,
      total: rows.count)
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

/// Rows of JSON as a CSV table (RFC 4180).
public enum CSVWriter {
  /// A table whose columns are the members of all rows in order of name; nested members are joined by dots
  /// (`value.amount`), arrays are JSON text.
  ///
  /// A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
  public static func table(_ rows: [JSONValue]) -> String {
    let flat = rows.map { flatten($0) }
    let columns = Set(flat.flatMap(\.keys)).sorted()
    var text = columns.map(cell).joined(separator: ",") + "\r\n"
    for row in flat {
      text += columns.map { cell(row[$0] ?? "") }.joined(separator: ",") + "\r\n"
    }
    return text
  }

  private static func flatten(_ value: JSONValue, prefix: String = "") -> [String: String] {
    guard case .object(let members) = value else {
      return [prefix: text(value)]
    }
    var result: [String: String] = [:]
    for (key, member) in members {
      result.merge(flatten(member, prefix: prefix.isEmpty ? key : "\(prefix).\(key)")) { first, _ in first }
    }
    return result
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text):
      // By scalar: a combining mark or a line feed makes another character of the first one.
      "=+-@\t\r".unicodeScalars.contains(text.unicodeScalars.first ?? " ") && Double(text) == nil
        ? "'" + text : text
    default: String(decoding: value.serialized, as: UTF8.self)
    }
  }

  private static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
      return text
    }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
