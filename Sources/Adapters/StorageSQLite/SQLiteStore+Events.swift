import Commerce
import Foundation
import GRDB
import Storage

extension SQLiteStore: EventStore {
  /// Stores events in one transaction; see `EventStore`.
  ///
  /// - Throws: `StorageError.writeFailed`, and nothing of the events was kept.
  public func append(_ events: [Event]) async throws -> [AppendOutcome] { try await appends.append(events) }

  /// The events with these ids; unknown ids are left out.
  public func events(withIDs ids: [String]) async throws -> [StoredEvent] {
    try await read { db in
      try ids.flatMap { id in
        try EventReader.events(
          db.query("SELECT \(EventReader.columns) FROM events WHERE event_id = ?1", .text(id)))
      }
    }
  }

  /// The events at these places; unknown places are left out.
  public func events(atSequences sequences: [Int64]) async throws -> [StoredEvent] {
    try await read { db in
      try sequences.flatMap { sequence in
        try EventReader.events(
          db.query("SELECT \(EventReader.columns) FROM events WHERE sequence = ?1", .integer(sequence)))
      }
    }
  }

  /// One page of the events that match, newest first.
  public func events(matching query: EventQuery) async throws -> [StoredEvent] {
    guard query.limit > 0 else { return [] }
    return try await read { db in
      if var search = try EventSearch(query, db) {
        return try search.run().flatMap { sequence in
          try EventReader.events(
            db.query("SELECT \(EventReader.columns) FROM events WHERE sequence = ?1", .integer(sequence)))
        }
      }
      let (sql, values) = Self.select(query)
      return try EventReader.events(db.query(sql, values))
    }
  }

  /// Streams all events after a place in order of arrival.
  public func scan(
    after sequence: Int64, batchSize: Int, _ body: @Sendable ([EventFrame.Row]) throws -> Void
  ) async throws {
    precondition(batchSize > 0, "a batch holds at least one event")
    var last = sequence
    while true {
      try Task.checkCancellation()
      let after = last
      let rows = try await read { db in
        let names = try self.names(in: db)
        let cursor = try db.query(
          "SELECT \(EventReader.rowColumns) FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
          .integer(after), .integer(batchSize))
        return try EventReader.rows(cursor, names: names, capacity: batchSize)
      }
      guard let final = rows.last else { return }
      try body(rows)
      last = final.sequence
      if rows.count < batchSize { return }
    }
  }

  /// All names in order of their codes; only those that came since the last scan are read.
  private func names(in db: Database) throws -> [String] {
    let known = names.withLock { $0 }
    let cursor = try db.query(
      "SELECT name FROM names WHERE name_id > ?1 ORDER BY name_id", .integer(known.count))
    var all = known
    while try cursor.next() { all.append(cursor.text(0) ?? "") }
    if all.count > known.count {
      names.withLock { names in if names.count < all.count { names = all } }
    }
    return all
  }

  /// How many events there are. Events are numbered without gaps and never removed, so the last number is the count.
  public func eventCount() async throws -> Int {
    try await read { Int(try $0.number("SELECT max(sequence) FROM events") ?? 0) }
  }

  /// The statement of a query that names neither customer nor item nor category: the names of columns are this function's own, every value is a parameter.
  private static func select(_ query: EventQuery) -> (sql: String, values: [SQLValue]) {
    var conditions: [String] = []
    var values: [SQLValue] = []
    func require(_ condition: String, _ parameters: SQLValue...) {
      conditions.append(condition)
      values += parameters
    }
    if let kind = query.kind { require("kind = ?", .integer(Int64(kind.code))) }
    if let from = query.from { require("timestamp >= ?", .integer(from.milliseconds)) }
    if let to = query.to { require("timestamp < ?", .integer(to.milliseconds)) }
    if let after = query.after {
      require(
        "(timestamp, sequence) < (?, ?)", .integer(after.timestamp.milliseconds), .integer(after.sequence))
    }
    values.append(.integer(query.limit))
    let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
    return (
      """
      SELECT \(EventReader.columns) FROM events \(filter)
      ORDER BY timestamp DESC, sequence DESC LIMIT ?
      """, values
    )
  }
}

extension SQLiteStore: BulkLoadingStore {
  /// Readies the store for many appends: events are put into blocks by the million.
  public func beginBulkLoad() async throws { appends.beginBulk() }

  /// Stores events; a power cut before `endBulkLoad` has returned may lose them.
  public func appendInBulk(_ events: [Event]) async throws -> [AppendOutcome] {
    try await appends.append(events, flushed: false)
  }

  /// Puts what the load left over into blocks, and everything on disk.
  public func endBulkLoad() async throws {
    appends.endBulk()
    try await write { try Postings.settle($0, isBulk: false, isIdle: true) }
    try flushLog()
  }

  /// Flushes the write-ahead log: every commit is in there or, by a checkpoint that flushes itself, in the file.
  private func flushLog() throws {
    let log = open("\(directory)/lode.sqlite-wal", O_RDONLY)
    guard log >= 0 else {
      if errno == ENOENT { return }
      throw StorageError.writeFailed(reason: String(cString: strerror(errno)))
    }
    defer { Glibc.close(log) }
    if fsync(log) != 0 { throw StorageError.writeFailed(reason: String(cString: strerror(errno))) }
  }
}
