import Commerce
import GRDB
import GRDBSQLite
import Storage

/// Inserts events within a transaction, binding straight to SQLite's statements: GRDB's own arguments box every value
/// and cost several times the insert.
struct EventWriter {
  private static let columns = [
    "event_id", "kind", "customer", "session_id", "item", "order_id", "timestamp", "quantity", "amount",
    "currency", "discount", "rating", "channel", "device", "decision_id", "dwell_ms", "query", "text",
    "properties",
  ]

  private static let insertSQL = """
    INSERT INTO events (sequence, \(columns.joined(separator: ", ")))
    VALUES (?\(columns.count + 1), \((1...columns.count).map { "?\($0)" }.joined(separator: ", ")))
    ON CONFLICT (event_id) DO NOTHING
    """

  // The same parameters at the same places: whether the event stored under the id is the same in every column.
  private static let sameSQL = """
    SELECT 1 FROM events WHERE event_id = ?1
    AND \(columns.enumerated().dropFirst().map { "\($1) IS ?\($0 + 1)" }.joined(separator: " AND "))
    """

  private let database: OpaquePointer
  private let insert: BoundStatement
  private let same: BoundStatement
  private var nextSequence: Int64
  private var scratch = BoundRow(count: columns.count)
  private let db: Database

  /// A writer for the transaction that the connection is in.
  init(_ db: Database) throws {
    self.db = db
    database = db.sqliteConnection!
    insert = BoundStatement(try db.cachedStatement(sql: Self.insertSQL), count: Self.columns.count)
    same = BoundStatement(try db.cachedStatement(sql: Self.sameSQL), count: Self.columns.count)
    nextSequence = (try db.number("SELECT max(sequence) FROM events") ?? 0) + 1
  }

  /// Inserts events and says what became of each.
  mutating func append(_ events: [Event], _ names: inout NameCodes) throws -> [AppendOutcome] {
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(events.count)
    defer {
      insert.clear()
      same.clear()
    }
    // By index: a loop over the elements would copy each, and with it count its strings' owners up and down.
    try events.withUnsafeBufferPointer { events in
      for index in events.indices {
        var customer: Int64?
        if let id = events[index].customerID { customer = try names.customerCode(of: id, db) }
        var item: Int64?
        if let id = events[index].itemID { item = try names.code(of: id, db) }
        scratch.fill(events[index], customer: customer, item: item)
        outcomes.append(try insertRow())
      }
    }
    return outcomes
  }

  private mutating func insertRow() throws -> AppendOutcome {
    let sequence = nextSequence
    let (insert, same) = (self.insert, self.same)
    let isNew = try scratch.withBound(to: insert) { () throws -> Bool in
      sqlite3_bind_int64(insert.pointer, Int32(Self.columns.count + 1), sequence)
      try finish(sqlite3_step(insert.pointer), of: insert.pointer)
      return sqlite3_changes(database) > 0
    }
    if isNew {
      nextSequence += 1
      return .stored(sequence: sequence)
    }
    return try scratch.withBound(to: same) { () throws -> AppendOutcome in
      let code = sqlite3_step(same.pointer)
      try finish(code == SQLITE_ROW ? SQLITE_DONE : code, of: same.pointer)
      return code == SQLITE_ROW ? .duplicate : .conflict
    }
  }

  private func finish(_ code: Int32, of statement: OpaquePointer) throws {
    let message = code == SQLITE_DONE ? nil : String(cString: sqlite3_errmsg(database))
    sqlite3_reset(statement)
    if let message { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message) }
  }
}

/// A prepared statement and which of its parameters hold a value: those without need no binding to NULL again.
private final class BoundStatement {
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

/// The values of one event in the order of the columns; all text lies in one buffer that is reused from row to row.
private struct BoundRow {
  private enum Value {
    case null
    case integer(Int64)
    case real(Double)
    case text(start: Int, count: Int)
  }

  private var values: [Value]
  private var bytes: [UInt8] = []

  init(count: Int) {
    values = Array(repeating: .null, count: count)
    bytes.reserveCapacity(1024)
  }

  mutating func fill(_ event: Event, customer: Int64?, item: Int64?) {
    bytes.removeAll(keepingCapacity: true)
    set(0, event.eventID)
    values[1] = .integer(Int64(event.kind.code))
    values[2] = customer.map { .integer($0) } ?? .null
    set(3, event.sessionID)
    values[4] = item.map { .integer($0) } ?? .null
    set(5, event.orderID)
    values[6] = .integer(event.timestamp.milliseconds)
    set(7, event.quantity)
    values[8] = event.amount.map { .integer($0.minorUnits) } ?? .null
    set(9, event.amount?.currency.code)
    let discount = event.properties.isEmpty ? nil : event.discount
    set(10, discount)
    set(11, event.rating)
    set(12, event.channel)
    set(13, event.device)
    set(14, event.decisionID)
    values[15] = event.dwellMilliseconds.map { .integer($0) } ?? .null
    set(16, event.query)
    set(17, event.text)
    if event.properties.count == (discount == nil ? 0 : 1) {
      values[18] = .null
    } else {
      let start = bytes.count
      var properties = event.properties
      if discount != nil { properties["discount"] = nil }
      JSONValue.appendJSON(object: properties, to: &bytes)
      values[18] = .text(start: start, count: bytes.count - start)
    }
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

  /// Binds the values, runs the body, and leaves the text bound only while the buffer stays where it is.
  func withBound<Outcome>(to bound: BoundStatement, _ body: () throws -> Outcome) throws -> Outcome {
    let statement = bound.pointer
    return try bytes.withUnsafeBufferPointer { buffer in
      // An empty text needs an address too: a null pointer would bind NULL.
      let base = UnsafeRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
      for (index, value) in values.enumerated() {
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
