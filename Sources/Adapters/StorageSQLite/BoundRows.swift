import Commerce
import GRDB
import GRDBSQLite

/// A prepared statement and which of its parameters hold a value: those without need no binding to NULL again.
final class BoundStatement {
  // Held so that the pointer stays valid.
  private let statement: Statement
  let pointer: OpaquePointer
  // Memory of its own rather than an array: it is touched twenty times an event, and a class's array would be checked
  // for exclusive access each time.
  let hasValue: UnsafeMutableBufferPointer<Bool>

  init(_ statement: Statement, count: Int) {
    self.statement = statement
    pointer = statement.sqliteStatement
    hasValue = .allocate(capacity: count)
    hasValue.initialize(repeating: false)
    sqlite3_clear_bindings(pointer)
  }

  deinit { hasValue.deallocate() }

  func clear() {
    sqlite3_clear_bindings(pointer)
    hasValue.update(repeating: false)
  }
}

/// The values of some events in the order of the columns; all text lies in one buffer that is used again and again.
struct BoundRows {
  private enum Value {
    case null
    case integer(Int64)
    case real(Double)
    case text(start: Int, count: Int)
  }

  private let columns: Int
  private var values: [Value]
  private var bytes: [UInt8] = []

  init(count: Int, columns: Int) {
    self.columns = columns
    values = Array(repeating: .null, count: count * columns)
    bytes.reserveCapacity(8192)
  }

  /// Forgets the text of the rows before.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Sets the values of one row. The event is read in place: a copy would count the owners of its strings up and down.
  mutating func fill(
    _ slot: Int, _ event: UnsafePointer<Event>, customer: Int64?, item: Int64?, sequence: Int64
  ) {
    let first = slot * columns
    set(first + 0, event.pointee.eventID)
    values[first + 1] = .integer(Int64(event.pointee.kind.code))
    values[first + 2] = customer.map { .integer($0) } ?? .null
    set(first + 3, event.pointee.sessionID)
    values[first + 4] = item.map { .integer($0) } ?? .null
    set(first + 5, event.pointee.orderID)
    values[first + 6] = .integer(event.pointee.timestamp.milliseconds)
    set(first + 7, event.pointee.quantity)
    values[first + 8] = event.pointee.amount.map { .integer($0.minorUnits) } ?? .null
    set(first + 9, event.pointee.amount?.currency.code)
    let discount = event.pointee.properties["discount"]?.number
    set(first + 10, discount)
    set(first + 11, event.pointee.rating)
    set(first + 12, event.pointee.channel)
    set(first + 13, event.pointee.device)
    set(first + 14, event.pointee.decisionID)
    values[first + 15] = event.pointee.dwellMilliseconds.map { .integer($0) } ?? .null
    set(first + 16, event.pointee.query)
    set(first + 17, event.pointee.text)
    if event.pointee.properties.count == (discount == nil ? 0 : 1) {
      values[first + 18] = .null
    } else {
      let start = bytes.count
      var properties = event.pointee.properties
      if discount != nil { properties["discount"] = nil }
      JSONValue.appendJSON(object: properties, to: &bytes)
      values[first + 18] = .text(start: start, count: bytes.count - start)
    }
    values[first + 19] = .integer(sequence)
  }

  @inline(__always)
  private mutating func set(_ index: Int, _ text: String?) {
    guard let text else {
      values[index] = .null
      return
    }
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    values[index] = .text(start: start, count: bytes.count - start)
  }

  @inline(__always)
  private mutating func set(_ index: Int, _ number: Double?) {
    values[index] = number.map { .real($0) } ?? .null
  }

  /// Binds the first rows, runs the body, and leaves the text bound only while the buffer stays where it is.
  func withBound<Outcome>(
    _ rows: Int, to bound: BoundStatement, _ body: () throws -> Outcome
  ) throws -> Outcome {
    let statement = bound.pointer
    return try bytes.withUnsafeBufferPointer { buffer in
      // An empty text needs an address too: a null pointer would bind NULL.
      let base = UnsafeRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
      for index in 0..<rows * columns {
        let value = values[index]
        let place = Int32(index + 1)
        switch value {
        case .null:
          if bound.hasValue[index] { sqlite3_bind_null(statement, place) }
          bound.hasValue[index] = false
          continue
        case .integer(let number): sqlite3_bind_int64(statement, place, number)
        case .real(let number): sqlite3_bind_double(statement, place, number)
        case .text(let start, let count):
          sqlite3_bind_text(statement, place, base + start, Int32(count), nil)
        }
        bound.hasValue[index] = true
      }
      return try body()
    }
  }
}
