import Commerce
import ConformanceTesting
import Foundation
import GRDB
import Storage
import StorageSQLite
import Testing

@Suite struct SQLiteStoreTests {
  @Test(arguments: StorageConformance.cases)
  func conforms(_ conformance: StorageConformance) async throws {
    try await withTemporaryFolder { folder in
      let store = try SQLiteStore(dataDirectory: folder)
      try await conformance.run(store)
      try store.close()
    }
  }

  @Test func keepsEverythingAcrossReopening() async throws {
    try await withTemporaryFolder { folder in
      let events = (0..<10).map(StorageConformance.fullEvent)
      let first = try SQLiteStore(dataDirectory: folder)
      _ = try await first.append(events)
      try await first.put(.bool(true), collection: "c", key: "k")
      try first.close()
      let second = try SQLiteStore(dataDirectory: folder)
      #expect(
        try await second.append(events + [StorageConformance.event("new")]).last == .stored(sequence: 11))
      #expect(try await second.document(collection: "c", key: "k") == .bool(true))
      // Readers opened before the append see it.
      #expect(try await second.events(matching: EventQuery(limit: 100)).count == 11)
      #expect(try await second.eventCount() == 11)
    }
  }

  @Test func keepsEveryAcknowledgedEventWhenTheWriterIsKilled() async throws {
    try await withTemporaryFolder { folder in
      let store = try SQLiteStore(dataDirectory: folder, shop: "a")
      // A copy of the files as they lie after each acknowledgement is what a killed process leaves.
      for batch in 0..<5 {
        _ = try await store.append((0..<40).map { StorageConformance.fullEvent(batch * 40 + $0) })
        try copyFiles(from: "\(folder)/a", to: "\(folder)/copy\(batch)", dropping: 0)
        let copy = try SQLiteStore(dataDirectory: folder, shop: "copy\(batch)")
        #expect(try await copy.eventCount() == (batch + 1) * 40)
        #expect(try await copy.append([StorageConformance.fullEvent(0)]) == [.duplicate])
      }
    }
  }

  @Test(arguments: [1, 100, 5000, 20_000])
  func keepsTransactionsWholeWhenTheirTailNeverReachedTheDisk(lostBytes: Int) async throws {
    try await withTemporaryFolder { folder in
      let store = try SQLiteStore(dataDirectory: folder, shop: "a")
      for batch in 0..<5 {
        _ = try await store.append((0..<40).map { StorageConformance.fullEvent(batch * 40 + $0) })
      }
      try copyFiles(from: "\(folder)/a", to: "\(folder)/copy", dropping: lostBytes)
      let copy = try SQLiteStore(dataDirectory: folder, shop: "copy")
      let count = try await copy.eventCount()
      #expect(count % 40 == 0 && count < 200)
      let kept = try await copy.events(matching: EventQuery(limit: 1000)).map(\.event)
      #expect(kept == (0..<count).reversed().map(StorageConformance.fullEvent))
    }
  }

  @Test func refusesAFileOfANewerBuild() async throws {
    try await withTemporaryFolder { folder in
      try SQLiteStore(dataDirectory: folder).close()
      let queue = try DatabaseQueue(path: "\(folder)/default/lode.sqlite")
      try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999-future')") }
      try queue.close()
      #expect(throws: StorageError.newerSchema(found: "9999-future")) {
        try SQLiteStore(dataDirectory: folder)
      }
    }
  }

  /// The tables as a release wrote them before later migrations: never to be changed.
  private static let firstRelease = """
    CREATE TABLE names (name_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE events (
      sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL, kind INTEGER NOT NULL, customer INTEGER,
      session_id TEXT, item INTEGER, order_id TEXT, timestamp INTEGER NOT NULL, quantity REAL, amount INTEGER,
      currency TEXT, discount REAL, rating REAL, channel TEXT, device TEXT, decision_id TEXT, dwell_ms INTEGER,
      query TEXT, text TEXT, properties TEXT);
    CREATE UNIQUE INDEX events_by_id ON events (event_id);
    CREATE INDEX events_by_time ON events (timestamp);
    CREATE INDEX events_by_decision ON events (decision_id) WHERE decision_id IS NOT NULL;
    CREATE TABLE blocks (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, newest INTEGER NOT NULL);
    CREATE TABLE postings (
      first INTEGER NOT NULL, kind INTEGER NOT NULL, name_id INTEGER NOT NULL, places BLOB NOT NULL,
      PRIMARY KEY (first, kind, name_id)) WITHOUT ROWID;
    CREATE TABLE items (
      item_id TEXT NOT NULL PRIMARY KEY, title TEXT, category TEXT, category_path TEXT NOT NULL, brand TEXT,
      price INTEGER, currency TEXT, available_from INTEGER, attributes TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX items_by_category ON items (category) WHERE category IS NOT NULL;
    CREATE TABLE customers (
      customer_id TEXT NOT NULL PRIMARY KEY, joined_at INTEGER, attributes TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE dead_letters (
      dead_letter_id INTEGER PRIMARY KEY, stage TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL,
      field TEXT, reason TEXT NOT NULL, raw TEXT NOT NULL, context TEXT, received_at INTEGER NOT NULL,
      status TEXT NOT NULL, UNIQUE (source, stage, raw));
    CREATE INDEX dead_letters_by_status ON dead_letters (status);
    CREATE TABLE models (
      name TEXT NOT NULL, version INTEGER NOT NULL, header TEXT NOT NULL, envelope BLOB NOT NULL,
      PRIMARY KEY (name, version));
    CREATE TABLE promotions (
      promotion_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version INTEGER NOT NULL,
      undone INTEGER NOT NULL DEFAULT 0,
      FOREIGN KEY (name, version) REFERENCES models (name, version));
    CREATE TABLE decisions (decision_id TEXT NOT NULL PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE documents (
      collection TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL,
      PRIMARY KEY (collection, key)) WITHOUT ROWID;
    """

  /// Writes a file with the first five migrations behind it, and closes it.
  private func writeFirstRelease(_ folder: String, _ more: String) throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder)/default", withIntermediateDirectories: true)
    let queue = try DatabaseQueue(path: "\(folder)/default/lode.sqlite")
    try queue.write { db in
      try db.execute(sql: Self.firstRelease)
      try db.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
      for name in ["0001-events", "0002-catalogue", "0003-dead-letters", "0004-models", "0005-decisions"] {
        try db.execute(sql: "INSERT INTO grdb_migrations VALUES (?)", arguments: [name])
      }
      try db.execute(sql: more)
    }
    try queue.close()
  }

  @Test func bringsAFileOfTheFirstReleaseUpToDate() async throws {
    try await withTemporaryFolder { folder in
      try writeFirstRelease(
        folder,
        """
        INSERT INTO names VALUES (1, 'ann');
        INSERT INTO events (sequence, event_id, kind, customer, timestamp) VALUES (1, 'e1', 8, 1, 5000);
        INSERT INTO items (item_id, category_path, attributes) VALUES ('b', '[]', '{}'), ('a', '[]', '{}');
        INSERT INTO customers (customer_id, attributes) VALUES ('ann', '{}');
        INSERT INTO decisions VALUES ('d1', '{"decisionID":"d1","kind":"recommendation","model":"M@1",\
        "madeAt":"2024-05-01T10:00:00.250Z","choices":[]}');
        """)
      let store = try SQLiteStore(dataDirectory: folder)
      #expect(try await store.events(withIDs: ["e1"]).first?.event.customerID == "ann")
      let items = try await store.items(changedAfter: 0, limit: 10)
      #expect(items.rows.map(\.itemID) == ["a", "b"])
      #expect(try await store.items(changedAfter: 1, limit: 10).rows.map(\.itemID) == ["b"])
      #expect(try await store.customers(changedAfter: 0, limit: 10).rows.map(\.customerID) == ["ann"])
      try await store.upsert(items: [Item(itemID: "a", title: "A")])
      #expect(try await store.items(changedAfter: items.last, limit: 10).rows.map(\.title) == ["A"])
      #expect(try await store.decision("d1")?.model == "M@1")
      let before = Timestamp(rfc3339: "2024-05-01T10:00:00Z")!
      #expect(try await store.removeDecisions(madeBefore: before, limit: 10) == 0)
      #expect(try await store.removeDecisions(madeBefore: before.adding(days: 1), limit: 10) == 1)
      try store.close()
    }
  }

  @Test func refusesAFileWhoseTablesNoReleaseHas() async throws {
    try await withTemporaryFolder { folder in
      try writeFirstRelease(folder, "ALTER TABLE events RENAME COLUMN customer TO customer_id")
      let error = #expect(throws: StorageError.self) { try SQLiteStore(dataDirectory: folder) }
      #expect(error == .olderSchema(path: "\(folder)/default/lode.sqlite", missing: "events.customer"))
      #expect(error?.description.contains("events.customer") == true)
    }
  }

  @Test func saysWhyAPlaceCannotBeOpened() async throws {
    try await withTemporaryFolder { folder in
      try "not a database, and long enough to be looked at as one".write(
        toFile: "\(folder)/blocked", atomically: true, encoding: .utf8)
      #expect(throws: StorageError.self) { try SQLiteStore(dataDirectory: "\(folder)/blocked") }
      try FileManager.default.createDirectory(atPath: "\(folder)/bad", withIntermediateDirectories: true)
      try String(repeating: "not a database", count: 1000).write(
        toFile: "\(folder)/bad/lode.sqlite", atomically: true, encoding: .utf8)
      #expect(throws: StorageError.self) { try SQLiteStore(dataDirectory: folder, shop: "bad") }
    }
  }

  @Test(arguments: ["", "..", "a/b", "A", "商店", "a b", String(repeating: "a", count: 65)])
  func refusesAShopNameThatIsNoFolderName(_ name: String) async throws {
    try await withTemporaryFolder { folder async throws in
      #expect(throws: StorageError.self) { try SQLiteStore(dataDirectory: folder, shop: name) }
      let made = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(made.isEmpty)
    }
  }

  @Test func takesAppendsFromTwoProcessesAtOnce() async throws {
    try await withTemporaryFolder { folder in
      // Two stores on one file are to SQLite what two processes are.
      let stores = [try SQLiteStore(dataDirectory: folder), try SQLiteStore(dataDirectory: folder)]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, store) in stores.enumerated() {
          for batch in 0..<10 {
            group.addTask { () async throws in
              let events = (0..<20).map { StorageConformance.event("\(number)-\(batch)-\($0)") }
              let outcomes = try await store.append(events)
              #expect(!outcomes.contains(.duplicate) && !outcomes.contains(.conflict))
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await stores[0].eventCount() == 400)
    }
  }
}

/// Runs a body with a fresh folder that is removed afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lode-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try await body(folder)
}

/// Copies a store's files but its shared memory, leaving off the last bytes of its log.
private func copyFiles(from: String, to: String, dropping lostBytes: Int) throws {
  try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
  for name in ["lode.sqlite", "lode.sqlite-wal"] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(from)/\(name)"))
    let lost = name.hasSuffix("-wal") ? lostBytes : 0
    try data.dropLast(lost).write(to: URL(fileURLWithPath: "\(to)/\(name)"))
  }
}

extension SQLiteStoreTests {
  /// Enough events that they are in blocks large and small, and some in none.
  @Test(arguments: [false, true])
  func findsEventsInAndOutsideBlocks(isBulkLoad: Bool) async throws {
    try await withTemporaryFolder { folder in
      let store = try SQLiteStore(dataDirectory: folder)
      let reference = InMemoryStore()
      let items = (0..<50).map { Item(itemID: "i\($0)", category: "k\($0 % 5)") }
      try await store.upsert(items: items)
      await reference.upsert(items: items)
      // Times that go up and down, so that the newest are not the last to arrive.
      let events = (0..<45_000).map { number in
        var event = StorageConformance.event(
          "e\(number)", customer: number % 97 == 0 ? nil : "c\(number % 89)", item: "i\(number * 7 % 61)",
          second: Int64(number * 7919 % 30_011))
        event.kind = number % 3 == 0 ? .view : .purchase
        return event
      }
      if isBulkLoad { try await store.beginBulkLoad() }
      for start in stride(from: 0, to: events.count, by: 5000) {
        let batch = Array(events[start..<start + 5000])
        _ = try await store.append(batch)
        _ = await reference.append(batch)
      }
      if isBulkLoad { try await store.endBulkLoad() }
      let queries = [
        EventQuery(customerID: "c7", limit: 1000), EventQuery(itemID: "i3", limit: 20),
        EventQuery(customerID: "c7", itemID: "i3"), EventQuery(category: "k2", limit: 30),
        EventQuery(customerID: "c8", category: "k2"), EventQuery(itemID: "i2", category: "k3"),
        EventQuery(itemID: "i60", kind: .view, from: Timestamp(milliseconds: 5_000_000)),
        EventQuery(category: "k1", kind: .view, from: Timestamp(milliseconds: 5_000_000), limit: 25),
        EventQuery(
          category: "k4", from: Timestamp(milliseconds: 2_000_000), to: Timestamp(milliseconds: 2_500_000)),
        EventQuery(category: "k0", kind: .refund), EventQuery(category: "k3", limit: 7),
        EventQuery(customerID: "nobody"), EventQuery(category: "nothing"),
      ]
      for query in queries {
        var query = query
        for _ in 0..<3 {
          let expected = await reference.events(matching: query)
          let page = try await store.events(matching: query)
          #expect(page == expected, "\(query)")
          guard let last = expected.last else { break }
          query.after = EventQuery.Position(timestamp: last.event.timestamp, sequence: last.sequence)
        }
      }
      try store.close()
      let again = try SQLiteStore(dataDirectory: folder)
      let page = try await again.events(matching: queries[0])
      let expected = await reference.events(matching: queries[0])
      #expect(page == expected)
    }
  }
}
