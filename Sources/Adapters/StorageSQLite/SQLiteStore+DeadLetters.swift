import Commerce
import GRDB
import Storage

extension SQLiteStore: DeadLetterStore {
  private static let deadLetterColumns =
    "dead_letter_id, stage, source, kind, field, reason, raw, context, received_at, status"

  /// Keeps rows; the same row from the same source and stage is kept once.
  public func add(deadLetters: [DeadLetter]) async throws {
    if deadLetters.isEmpty { return }
    try await write { db in
      let sql = """
        INSERT INTO dead_letters (stage, source, kind, field, reason, raw, context, received_at, status)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
      for row in deadLetters {
        try db.run(
          sql, .text(row.stage.rawValue), .text(row.source), .text(row.kind), .text(row.field),
          .text(row.reason),
          .text(row.raw), .text(row.context), .integer(row.receivedAt.milliseconds),
          .text(row.status.rawValue))
      }
    }
  }

  /// One page, oldest first, after a number.
  public func deadLetters(
    status: DeadLetter.Status?, stage: DeadLetter.Stage?, after deadLetterID: Int64, limit: Int
  ) async throws -> [DeadLetter] {
    guard limit > 0 else { return [] }
    return try await read { db in
      try Self.deadLetters(
        db.query(
          """
          SELECT \(Self.deadLetterColumns) FROM dead_letters
          WHERE dead_letter_id > ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR stage = ?3)
          ORDER BY dead_letter_id LIMIT ?4
          """, .integer(deadLetterID), .text(status?.rawValue), .text(stage?.rawValue), .integer(limit)))
    }
  }

  /// The row with this number.
  public func deadLetter(_ deadLetterID: Int64) async throws -> DeadLetter? {
    try await read { db in
      try Self.deadLetters(
        db.query(
          "SELECT \(Self.deadLetterColumns) FROM dead_letters WHERE dead_letter_id = ?",
          .integer(deadLetterID))
      ).first
    }
  }

  /// Records what has been done about a row.
  ///
  /// - Throws: `StorageError.notFound` when there is no such row.
  public func setStatus(_ status: DeadLetter.Status, ofDeadLetter deadLetterID: Int64) async throws {
    try await write { db in
      try db.run(
        "UPDATE dead_letters SET status = ? WHERE dead_letter_id = ?", .text(status.rawValue),
        .integer(deadLetterID))
      guard db.changesCount > 0 else {
        throw StorageError.notFound(what: "dead letter", id: String(deadLetterID))
      }
    }
  }

  /// Opens a row again that has failed once more.
  ///
  /// - Throws: `StorageError.notFound` when there is no such row.
  public func reopen(
    deadLetter deadLetterID: Int64, stage: DeadLetter.Stage, field: String?, reason: String
  ) async throws {
    try await write { db in
      try db.run(
        "UPDATE dead_letters SET field = ?, reason = ?, status = ? WHERE dead_letter_id = ?", .text(field),
        .text(reason), .text(DeadLetter.Status.open.rawValue), .integer(deadLetterID))
      guard db.changesCount > 0 else {
        throw StorageError.notFound(what: "dead letter", id: String(deadLetterID))
      }
      // The same row may have failed at that stage before: there is one letter of a row and stage.
      try db.run(
        "UPDATE OR IGNORE dead_letters SET stage = ? WHERE dead_letter_id = ?", .text(stage.rawValue),
        .integer(deadLetterID))
    }
  }

  /// How many rows there are of each status.
  public func deadLetterCounts() async throws -> [DeadLetter.Status: Int] {
    try await read { db in
      var counts: [DeadLetter.Status: Int] = [:]
      let cursor = try db.query("SELECT status, count(*) FROM dead_letters GROUP BY status")
      while try cursor.next() {
        if let status = cursor.text(0).flatMap(DeadLetter.Status.init(rawValue:)) {
          counts[status] = Int(cursor.integer(1))
        }
      }
      return counts
    }
  }

  private static func deadLetters(_ cursor: StatementCursor) throws -> [DeadLetter] {
    var rows: [DeadLetter] = []
    while try cursor.next() {
      guard let stage = cursor.text(1).flatMap(DeadLetter.Stage.init(rawValue:)),
        let status = cursor.text(9).flatMap(DeadLetter.Status.init(rawValue:))
      else { throw StorageError.newerSchema(found: "dead letter \(cursor.integer(0))") }
      rows.append(
        DeadLetter(
          deadLetterID: cursor.integer(0), stage: stage, source: cursor.text(2) ?? "",
          kind: cursor.text(3) ?? "",
          field: cursor.text(4), reason: cursor.text(5) ?? "", raw: cursor.text(6) ?? "",
          context: cursor.text(7),
          receivedAt: Timestamp(milliseconds: cursor.integer(8)), status: status))
    }
    return rows
  }
}
