import Commerce
import GRDB
import GRDBSQLite
import Storage

/// Inserts events within a transaction, binding straight to SQLite's statements: GRDB's own arguments box every value
/// and cost several times the insert.
///
/// Rows go in groups, as starting and ending a statement takes a third of the time of inserting one row. A group that
/// holds an id which is taken is undone by SQLite as a whole and inserted row by row.
struct EventWriter {
  private static let columns = [
    "event_id", "kind", "customer", "session_id", "item", "order_id", "timestamp", "quantity", "amount",
    "currency", "discount", "rating", "channel", "device", "decision_id", "dwell_ms", "query", "text",
    "properties", "sequence",
  ]
  private static let groupRows = 16
  /// After a group has failed so many rows go one by one: repeated ids seldom come alone.
  private static let singleRows = 512

  private static func insertSQL(rows: Int) -> String {
    let row = "(\(columns.map { _ in "?" }.joined(separator: ", ")))"
    return """
      INSERT INTO events (\(columns.joined(separator: ", ")))
      VALUES \(Array(repeating: row, count: rows).joined(separator: ", "))
      """
  }

  private static let groupSQL = insertSQL(rows: groupRows)
  private static let rowSQL = insertSQL(rows: 1) + " ON CONFLICT (event_id) DO NOTHING"

  // The same parameters at the same places: whether the event stored under the id is the same in every column. The last
  // column is the place in order of arrival, which it has not.
  private static let sameSQL = """
    SELECT ?\(columns.count) FROM events WHERE event_id = ?1
    AND \(columns.enumerated().dropFirst().dropLast().map { "\($1) IS ?\($0 + 1)" }.joined(separator: " AND "))
    """

  private let db: Database
  private let database: OpaquePointer
  private let group: BoundStatement
  private let row: BoundStatement
  private let same: BoundStatement
  private var nextSequence: Int64
  private var rows = BoundRows(count: groupRows, columns: columns.count)

  /// A writer for the transaction that the connection is in.
  init(_ db: Database) throws {
    self.db = db
    database = db.sqliteConnection!
    let count = Self.columns.count
    group = BoundStatement(try db.cachedStatement(sql: Self.groupSQL), count: count * Self.groupRows)
    row = BoundStatement(try db.cachedStatement(sql: Self.rowSQL), count: count)
    same = BoundStatement(try db.cachedStatement(sql: Self.sameSQL), count: count)
    nextSequence = (try db.number("SELECT max(sequence) FROM events") ?? 0) + 1
  }

  /// Inserts events and says what became of each.
  mutating func append(_ events: [Event], _ names: inout NameCodes) throws -> [AppendOutcome] {
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(events.count)
    defer {
      for statement in [group, row, same] { statement.clear() }
    }
    // By index: a loop over the elements would copy each, and with it count its strings' owners up and down.
    try events.withUnsafeBufferPointer { events in
      var index = 0
      var singles = 0
      while index < events.count {
        if singles == 0, events.count - index >= Self.groupRows {
          if try insertGroup(UnsafeBufferPointer(rebasing: events[index..<index + Self.groupRows]), &names) {
            for offset in 0..<Self.groupRows {
              outcomes.append(.stored(sequence: nextSequence + Int64(offset)))
            }
            nextSequence += Int64(Self.groupRows)
            index += Self.groupRows
            continue
          }
          singles = Self.singleRows
        }
        rows.removeAll()
        try fill(events, index, slot: 0, &names)
        outcomes.append(try insertRow())
        index += 1
        singles = max(0, singles - 1)
      }
    }
    return outcomes
  }

  @inline(__always)
  private mutating func fill(
    _ events: UnsafeBufferPointer<Event>, _ index: Int, slot: Int, _ names: inout NameCodes
  ) throws {
    let event = events.baseAddress! + index
    let customer = try event.pointee.customerID.map { try names.customerCode(of: $0, db) }
    let item = try event.pointee.itemID.map { try names.code(of: $0, db) }
    rows.fill(slot, event, customer: customer, item: item, sequence: nextSequence + Int64(slot))
  }

  /// Inserts a group; false, and nothing is inserted, when one of its ids is taken.
  private mutating func insertGroup(
    _ events: UnsafeBufferPointer<Event>, _ names: inout NameCodes
  ) throws -> Bool {
    rows.removeAll()
    for slot in events.indices { try fill(events, slot, slot: slot, &names) }
    return try rows.withBound(events.count, to: group) {
      let code = sqlite3_step(group.pointer)
      if code & 0xFF == SQLITE_CONSTRAINT {
        sqlite3_reset(group.pointer)
        return false
      }
      try finish(code, of: group.pointer)
      return true
    }
  }

  private mutating func insertRow() throws -> AppendOutcome {
    let isNew = try rows.withBound(1, to: row) {
      try finish(sqlite3_step(row.pointer), of: row.pointer)
      return sqlite3_changes(database) > 0
    }
    if isNew {
      nextSequence += 1
      return .stored(sequence: nextSequence - 1)
    }
    return try rows.withBound(1, to: same) {
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
