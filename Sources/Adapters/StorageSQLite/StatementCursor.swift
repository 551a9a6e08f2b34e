import Commerce
import Foundation
import GRDB
import GRDBSQLite
import Storage

/// A parameter of a statement. GRDB's own text parameters end at the first NUL character, so that two ids which
/// differ after one would be the same row.
enum SQLValue {
  case null
  case integer(Int64)
  case text(String)
  case blob(Data)
  case bytes([UInt8])

  static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
  static func integer(_ value: Int64?) -> SQLValue { value.map { .integer($0) } ?? .null }
  static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }
}

/// Tells SQLite to copy a bound value; C's macro for it is not imported.
private let SQLITE_COPY = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Database {
  /// A cursor over what a statement gives; its values are those of `?1`, `?2` … in turn.
  func query(_ sql: String, _ values: SQLValue...) throws -> StatementCursor {
    try query(sql, values)
  }

  /// A cursor over what a statement gives; its values are those of `?1`, `?2` … in turn.
  func query(_ sql: String, _ values: [SQLValue]) throws -> StatementCursor {
    try StatementCursor(try cachedStatement(sql: sql), values)
  }

  /// Runs a statement that gives no rows.
  func run(_ sql: String, _ values: SQLValue...) throws {
    let cursor = try query(sql, values)
    while try cursor.next() {}
  }

  /// The whole number that a statement gives in its first row; nil when it gives none or NULL.
  func number(_ sql: String, _ values: SQLValue...) throws -> Int64? {
    let cursor = try query(sql, values)
    var number: Int64?
    while try cursor.next() { number = cursor.optionalInteger(0) }
    return number
  }
}

/// Steps through a prepared statement and gives the columns of its current row.
struct StatementCursor {
  // Held so that the pointer stays valid.
  private let statement: Statement
  private let pointer: OpaquePointer

  fileprivate init(_ statement: Statement, _ values: [SQLValue]) throws {
    self.statement = statement
    pointer = statement.sqliteStatement
    sqlite3_reset(pointer)
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
  }

  private func bind(_ value: SQLValue, at place: Int32) throws {
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(pointer, place)
    case .integer(let number): code = sqlite3_bind_int64(pointer, place, number)
    case .text(var text):
      code = text.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) {
          // An empty text needs an address too: a null pointer would bind NULL.
          $0.isEmpty
            ? sqlite3_bind_text(pointer, place, "", 0, SQLITE_COPY)
            : sqlite3_bind_text(pointer, place, $0.baseAddress, Int32($0.count), SQLITE_COPY)
        }
      }
    case .blob(let data):
      code = data.withUnsafeBytes {
        sqlite3_bind_blob(pointer, place, $0.baseAddress, Int32($0.count), SQLITE_COPY)
      }
    case .bytes(let bytes): code = sqlite3_bind_blob(pointer, place, bytes, Int32(bytes.count), SQLITE_COPY)
    }
    guard code == SQLITE_OK else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "a value cannot be bound")
    }
  }

  /// Moves on to the next row; false, and the statement is reset, after the last.
  func next() throws -> Bool {
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(pointer)
      return false
    case let code:
      let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(pointer)))
      sqlite3_reset(pointer)
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
  }

  /// Ends the statement before its last row: an open one would hold on to its view of the file.
  func finish() { sqlite3_reset(pointer) }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  func optionalReal(_ column: Int32) -> Double? {
    isNull(column) ? nil : sqlite3_column_double(pointer, column)
  }

  func text(_ column: Int32) -> String? {
    guard let bytes = sqlite3_column_text(pointer, column) else { return nil }
    let count = Int(sqlite3_column_bytes(pointer, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
  }

  func timestamp(_ column: Int32) -> Timestamp? { optionalInteger(column).map(Timestamp.init(milliseconds:)) }

  func kind(_ column: Int32) throws -> EventKind {
    guard let code = UInt8(exactly: integer(column)), let kind = EventKind(code: code) else {
      throw StorageError.newerSchema(found: "event kind \(integer(column))")
    }
    return kind
  }

  func money(_ column: Int32, currency currencyColumn: Int32) -> Money? {
    guard let minorUnits = optionalInteger(column), let code = sqlite3_column_text(pointer, currencyColumn)
    else {
      return nil
    }
    return Currency.cached(code, count: Int(sqlite3_column_bytes(pointer, currencyColumn)))
      .map { Money(minorUnits: minorUnits, currency: $0) }
  }

  func object(_ column: Int32) throws -> [String: JSONValue] {
    guard !isNull(column), case .object(let members) = try json(column) else { return [:] }
    return members
  }

  func json(_ column: Int32) throws -> JSONValue {
    guard let start = sqlite3_column_text(pointer, column) else { return .null }
    let count = Int(sqlite3_column_bytes(pointer, column))
    do {
      return try JSONValue(json: UnsafeBufferPointer(start: start, count: count))
    } catch {
      throw StorageError.unavailable(path: "column \(column)", reason: "its JSON is damaged (\(error))")
    }
  }
}

extension Currency {
  /// A currency from stored bytes; the two most frequent without building a string.
  fileprivate static func cached(_ code: UnsafePointer<UInt8>, count: Int) -> Currency? {
    if count == 3 {
      if code[0] == 85, code[1] == 83, code[2] == 68 { return .usd }
      if code[0] == 67, code[1] == 78, code[2] == 89 { return .cny }
    }
    return Currency(String(decoding: UnsafeBufferPointer(start: code, count: count), as: UTF8.self))
  }
}
