import Commerce
import Foundation
import GRDB
import Learning
import Storage

extension SQLiteStore: ModelStore {
  /// Saves a model as the next version of its name; it is not live until promoted.
  public func save(_ envelope: ModelEnvelope, name: String) async throws -> Int {
    let encoded = try envelope.encoded()
    let header = String(decoding: encoded.prefix { $0 != 0x0A }, as: UTF8.self)
    return try await write { db in
      // The last version removed counts too, so that a number is never given twice.
      let last = try db.number(
        """
        SELECT max(version) FROM (
          SELECT version FROM models WHERE name = ?1 UNION ALL SELECT version FROM removed_models WHERE name = ?1)
        """, .text(name))
      let version = Int(last ?? 0) + 1
      try db.run(
        "INSERT INTO models (name, version, header, envelope) VALUES (?, ?, ?, ?)", .text(name),
        .integer(version), .text(header), .blob(encoded))
      return version
    }
  }

  /// The envelope of a version, or nil.
  ///
  /// - Throws: `LearningError.corruptModel` when its bytes are damaged.
  public func model(named name: String, version: Int) async throws -> ModelEnvelope? {
    let encoded = try await read { db in
      let cursor = try db.query(
        "SELECT envelope FROM models WHERE name = ? AND version = ?", .text(name), .integer(version))
      var encoded: Data?
      while try cursor.next() { encoded = Data(cursor.bytes(0)) }
      return encoded
    }
    return try encoded.map { try ModelEnvelope(encoded: $0) }
  }

  /// What is known of all versions of all names, newest first.
  public func modelRecords() async throws -> [ModelRecord] {
    try await read { db in
      var live: [String: Int] = [:]
      var promoted: [String: Set<Int>] = [:]
      let promotions = try db.query("SELECT name, version, undone FROM promotions ORDER BY promotion_id")
      while try promotions.next() {
        let name = promotions.text(0) ?? ""
        let version = Int(promotions.integer(1))
        promoted[name, default: []].insert(version)
        if promotions.integer(2) == 0 { live[name] = version }
      }
      let decoder = JSONDecoder()
      var records: [ModelRecord] = []
      let models = try db.query("SELECT name, version, header FROM models ORDER BY rowid DESC")
      while try models.next() {
        let name = models.text(0) ?? ""
        let version = Int(models.integer(1))
        let wasLive = promoted[name]?.contains(version) ?? false
        let state: ModelRecord.State = live[name] == version ? .live : wasLive ? .retired : .staged
        do {
          let header = try decoder.decode(ModelEnvelope.Header.self, from: Data(models.bytes(2)))
          records.append(ModelRecord(name: name, version: version, state: state, header: header))
        } catch {
          // One damaged row must not hide the others.
          records.append(
            ModelRecord(
              name: name, version: version, state: state, header: Self.noHeader,
              fault: "its header cannot be read (\(error))"))
        }
      }
      return records
    }
  }

  private static let noHeader = ModelEnvelope(
    kind: "", formatVersion: 0, configuration: .null, trainedAt: Timestamp(milliseconds: 0),
    dataFingerprint: "", metrics: [:], payload: Data()
  ).header

  /// Makes a version the live one of its name.
  ///
  /// - Throws: `LearningError.unknownModel` when there is no such version.
  public func promote(name: String, version: Int) async throws {
    try await write { db in
      let found = try db.number(
        "SELECT count(*) FROM models WHERE name = ? AND version = ?", .text(name), .integer(version))
      guard found == 1 else { throw LearningError.unknownModel(name: name, version: version) }
      guard try Self.promotions(of: name, in: db).first?.version != version else { return }
      try db.run("INSERT INTO promotions (name, version) VALUES (?, ?)", .text(name), .integer(version))
    }
  }

  /// Makes the version that was live before live again, and returns its number.
  ///
  /// - Throws: `LearningError.unknownModel` when no version was live before.
  public func rollBack(name: String) async throws -> Int {
    try await write { db in
      let latest = try Self.promotions(of: name, in: db)
      guard latest.count == 2 else { throw LearningError.unknownModel(name: name, version: nil) }
      try db.run("UPDATE promotions SET undone = 1 WHERE promotion_id = ?", .integer(latest[0].id))
      return latest[1].version
    }
  }

  /// Removes the versions of a name but the newest `kept`, the live one and the one to roll back to.
  public func removeVersions(ofModel name: String, keeping kept: Int) async throws -> [Int] {
    try await write { db in
      var versions: [Int] = []
      let cursor = try db.query("SELECT version FROM models WHERE name = ? ORDER BY version", .text(name))
      while try cursor.next() { versions.append(Int(cursor.integer(0))) }
      let live = try Self.promotions(of: name, in: db).map(\.version)
      let spared = Set(versions.suffix(max(0, kept)) + live)
      let removed = versions.filter { !spared.contains($0) }
      for version in removed {
        try db.run("DELETE FROM promotions WHERE name = ? AND version = ?", .text(name), .integer(version))
        try db.run("DELETE FROM models WHERE name = ? AND version = ?", .text(name), .integer(version))
      }
      if let last = removed.last {
        try db.run(
          """
          INSERT INTO removed_models (name, version) VALUES (?, ?)
          ON CONFLICT (name) DO UPDATE SET version = max(version, excluded.version)
          """, .text(name), .integer(last))
      }
      return removed
    }
  }

  /// The live version and the one before it.
  private static func promotions(of name: String, in db: Database) throws -> [(id: Int64, version: Int)] {
    let cursor = try db.query(
      """
      SELECT promotion_id, version FROM promotions WHERE name = ? AND undone = 0
      ORDER BY promotion_id DESC LIMIT 2
      """, .text(name))
    var promotions: [(id: Int64, version: Int)] = []
    while try cursor.next() { promotions.append((cursor.integer(0), Int(cursor.integer(1)))) }
    return promotions
  }
}

extension SQLiteStore: DecisionStore {
  /// Records decisions; one that is there already stays as it is.
  public func record(decisions: [DecisionRecord]) async throws {
    if decisions.isEmpty { return }
    let rows = try decisions.map { ($0.decisionID, try $0.text(), $0.madeAt.milliseconds) }
    try await write { db in
      for (id, record, madeAt) in rows {
        try db.run(
          "INSERT INTO decisions (decision_id, record, made_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          .text(id), .text(record), .integer(madeAt))
      }
    }
  }

  /// Streams the decisions made at a moment or after it, the oldest first.
  public func scanDecisions(
    madeSince moment: Timestamp, batchSize: Int, _ body: @Sendable ([DecisionRecord]) throws -> Void
  ) async throws {
    precondition(batchSize > 0, "a batch holds at least one decision")
    var (time, id) = (moment.milliseconds, "")
    while true {
      try Task.checkCancellation()
      let (after, lastID) = (time, id)
      let rows = try await read { db in
        let cursor = try db.query(
          """
          SELECT record FROM decisions WHERE (made_at, decision_id) > (?, ?) ORDER BY made_at, decision_id LIMIT ?
          """, .integer(after), .text(lastID), .integer(batchSize))
        var rows: [[UInt8]] = []
        while try cursor.next() { rows.append(Array(cursor.bytes(0))) }
        return rows
      }
      let batch = try rows.map { try $0.withUnsafeBufferPointer { try DecisionRecord(text: $0) } }
      guard let last = batch.last else { return }
      try body(batch)
      (time, id) = (last.madeAt.milliseconds, last.decisionID)
    }
  }

  /// Removes decisions made before a moment, the oldest first, at most so many.
  public func removeDecisions(madeBefore moment: Timestamp, limit: Int) async throws -> Int {
    guard limit > 0 else { return 0 }
    return try await write { db in
      try db.run(
        """
        DELETE FROM decisions WHERE decision_id IN (
          SELECT decision_id FROM decisions WHERE made_at < ? ORDER BY made_at, decision_id LIMIT ?)
        """, .integer(moment.milliseconds), .integer(limit))
      return db.changesCount
    }
  }

  /// The decision with this id.
  public func decision(_ decisionID: String) async throws -> DecisionRecord? {
    let record = try await read { db in
      let cursor = try db.query("SELECT record FROM decisions WHERE decision_id = ?", .text(decisionID))
      var record: [UInt8]?
      while try cursor.next() { record = Array(cursor.bytes(0)) }
      return record
    }
    return try record.map { try $0.withUnsafeBufferPointer { try DecisionRecord(text: $0) } }
  }

  /// The events that carry this decision's id, in order of arrival.
  public func feedback(onDecision decisionID: String) async throws -> [StoredEvent] {
    try await read { db in
      try EventReader.events(
        db.query(
          "SELECT \(EventReader.columns) FROM events WHERE decision_id = ? ORDER BY sequence",
          .text(decisionID)))
    }
  }
}

extension SQLiteStore: DocumentStore {
  /// Saves a document, replacing one with the same key.
  public func put(_ document: JSONValue, collection: String, key: String) async throws {
    try await write { db in
      try db.run(
        "INSERT OR REPLACE INTO documents (collection, key, document) VALUES (?, ?, ?)", .text(collection),
        .text(key), .text(document.json))
    }
  }

  /// The document with this key.
  public func document(collection: String, key: String) async throws -> JSONValue? {
    try await read { db in
      let cursor = try db.query(
        "SELECT document FROM documents WHERE collection = ? AND key = ?", .text(collection), .text(key))
      var document: JSONValue?
      while try cursor.next() { document = try cursor.json(0) }
      return document
    }
  }

  /// All documents of a collection in order of key.
  public func documents(collection: String) async throws -> [(key: String, document: JSONValue)] {
    try await read { db in
      let cursor = try db.query(
        "SELECT key, document FROM documents WHERE collection = ? ORDER BY key", .text(collection))
      var documents: [(key: String, document: JSONValue)] = []
      while try cursor.next() { documents.append((cursor.text(0) ?? "", try cursor.json(1))) }
      return documents
    }
  }

  /// Removes a document; removing what is not there is fine.
  public func remove(collection: String, key: String) async throws {
    try await write { db in
      try db.run("DELETE FROM documents WHERE collection = ? AND key = ?", .text(collection), .text(key))
    }
  }
}
