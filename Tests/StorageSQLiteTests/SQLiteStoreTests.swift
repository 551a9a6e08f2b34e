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
