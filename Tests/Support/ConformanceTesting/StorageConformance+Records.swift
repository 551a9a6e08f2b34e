import Commerce
import Foundation
import Learning
import Storage
import Synchronization
import Testing

extension StorageConformance {
  static let recordCases: [StorageConformance] = [
    StorageConformance("keeps items by id and replaces them whole") { store async throws in
      let items = hostileIDs.map {
        Item(
          itemID: $0, title: "Title \($0)", category: "C", categoryPath: ["A", $0], brand: nil,
          price: Money(minorUnits: 199, currency: .usd), availableFrom: Timestamp(milliseconds: 5),
          attributes: ["size": .string("12 OZ")])
      }
      try await store.upsert(items: items)
      for item in items { #expect(try await store.items(withIDs: [item.itemID]) == [item]) }
      try await store.upsert(items: [Item(itemID: "'")])
      #expect(try await store.items(withIDs: ["'", "unknown"]) == [Item(itemID: "'")])
      #expect(try await store.itemCount() == items.count)
      let scanned = Mutex<[Item]>([])
      try await store.scanItems(batchSize: 4) { batch in scanned.withLock { $0 += batch } }
      scanned.withLock { scanned in
        #expect(scanned.map { Array($0.itemID.utf8) }.isSorted)
        #expect(scanned.count == items.count)
      }
    },
    StorageConformance("finds items by text as it stands, in pages") { store async throws in
      try await store.upsert(items: [
        Item(itemID: "1", title: "Ground Coffee 100%"),
        Item(itemID: "2", title: "Tea", category: "coffee & tea"),
        Item(itemID: "3", title: "茉莉花茶", brand: "A_B"), Item(itemID: "4", title: "AxB 1000"),
      ])
      func ids(_ text: String?, category: String? = nil, after: String? = nil, limit: Int = 10) async throws
        -> [String]
      {
        try await store.items(containing: text, category: category, afterID: after, limit: limit).map(
          \.itemID)
      }
      #expect(try await ids("COFFEE") == ["1", "2"])
      #expect(try await ids("100%") == ["1"])
      #expect(try await ids("A_B") == ["3"])
      #expect(try await ids("花") == ["3"])
      #expect(try await ids("nothing") == [])
      #expect(try await ids(nil, category: "coffee & tea") == ["2"])
      #expect(try await ids(nil, after: "2", limit: 1) == ["3"])
      #expect(try await ids(nil, limit: 0) == [])
    },
    StorageConformance("keeps customers by id and replaces them whole") { store async throws in
      let customers = hostileIDs.map {
        Customer(
          customerID: $0, joinedAt: Timestamp(milliseconds: 7), attributes: ["age": .number(3), $0: .null])
      }
      try await store.upsert(customers: customers)
      for customer in customers {
        #expect(try await store.customers(withIDs: [customer.customerID]) == [customer])
      }
      try await store.upsert(customers: [Customer(customerID: "%")])
      #expect(try await store.customers(withIDs: ["%"]) == [Customer(customerID: "%")])
      #expect(try await store.customerCount() == customers.count)
      let scanned = Mutex(0)
      try await store.scanCustomers(batchSize: 5) { batch in scanned.withLock { $0 += batch.count } }
      #expect(scanned.withLock { $0 } == customers.count)
    },
    StorageConformance("tells which items and customers have changed, each at its last place") {
      store async throws in
      try await store.upsert(items: ["a", "b", "c", "caf\u{E9}", "cafe\u{301}"].map { Item(itemID: $0) })
      try await store.upsert(customers: ["x", "y"].map { Customer(customerID: $0) })
      let all = try await store.items(changedAfter: 0, limit: 10)
      #expect(all.rows.map(\.itemID).prefix(3) == ["a", "b", "c"])
      #expect(all.rows.count == 5)
      let none = try await store.items(changedAfter: all.last, limit: 10)
      #expect(none.rows.isEmpty && none.last == all.last)
      try await store.upsert(items: [Item(itemID: "b", title: "B"), Item(itemID: "d")])
      try await store.upsert(items: [Item(itemID: "b", title: "BB")])
      let first = try await store.items(changedAfter: all.last, limit: 1)
      #expect(first.rows == [Item(itemID: "d")])
      let second = try await store.items(changedAfter: first.last, limit: 1)
      #expect(second.rows == [Item(itemID: "b", title: "BB")])
      #expect(try await store.items(changedAfter: second.last, limit: 1).rows.isEmpty)
      #expect(try await store.items(changedAfter: 0, limit: 10).rows.count == 6)
      let people = try await store.customers(changedAfter: 0, limit: 10)
      #expect(people.rows.map(\.customerID) == ["x", "y"])
      try await store.upsert(customers: [Customer(customerID: "x", attributes: ["age": 3])])
      #expect(
        try await store.customers(changedAfter: people.last, limit: 10).rows
          == [Customer(customerID: "x", attributes: ["age": 3])])
    },
    StorageConformance("keeps a dead letter once and follows what is done about it") { store async throws in
      func letter(_ raw: String, _ stage: DeadLetter.Stage = .validate) -> DeadLetter {
        DeadLetter(
          stage: stage, source: "orders.csv:2", kind: "events", field: "timestamp", reason: "no time",
          raw: raw,
          context: "m", receivedAt: Timestamp(milliseconds: 1))
      }
      try await store.add(deadLetters: [
        letter("a"), letter("b"), letter("a"), letter("a", .parse), letter("b\u{0}c"),
      ])
      try await store.add(deadLetters: [letter("b")])
      let all = try await store.deadLetters(status: nil, stage: nil, after: 0, limit: 10)
      #expect(all.map(\.raw) == ["a", "b", "a", "b\u{0}c"])
      let first = try #require(all.first)
      #expect(try await store.deadLetter(first.deadLetterID) == first)
      #expect(try await store.deadLetter(999) == nil)
      try await store.setStatus(.replayed, ofDeadLetter: first.deadLetterID)
      try await store.add(deadLetters: [letter("a")])
      #expect(try await store.deadLetterCounts() == [.open: 3, .replayed: 1])
      #expect(
        try await store.deadLetters(status: .replayed, stage: nil, after: 0, limit: 10).map(\.raw) == ["a"])
      #expect(try await store.deadLetters(status: nil, stage: .parse, after: 0, limit: 10).count == 1)
      let next = try await store.deadLetters(status: .open, stage: nil, after: first.deadLetterID, limit: 1)
      #expect(next.map(\.raw) == ["b"])
      await #expect(throws: StorageError.notFound(what: "dead letter", id: "999")) {
        try await store.setStatus(.discarded, ofDeadLetter: 999)
      }
    },
    StorageConformance("opens a dead letter again with its new reason") { store async throws in
      func letter(_ stage: DeadLetter.Stage) -> DeadLetter {
        DeadLetter(
          stage: stage, source: "orders.csv:2", kind: "events", field: "timestamp", reason: "no time",
          raw: "a", receivedAt: Timestamp(milliseconds: 1))
      }
      try await store.add(deadLetters: [letter(.validate), letter(.parse)])
      let ids = try await store.deadLetters(status: nil, stage: nil, after: 0, limit: 10).map(\.deadLetterID)
      try await store.setStatus(.discarded, ofDeadLetter: ids[0])
      try await store.reopen(deadLetter: ids[0], stage: .conflict, field: "event_id", reason: "taken")
      var expected = letter(.conflict)
      (expected.deadLetterID, expected.field, expected.reason) = (ids[0], "event_id", "taken")
      #expect(try await store.deadLetter(ids[0]) == expected)
      // A letter of the same row at the other stage is there already.
      try await store.reopen(deadLetter: ids[0], stage: .parse, field: nil, reason: "no row")
      let last = try #require(try await store.deadLetter(ids[0]))
      #expect(last.reason == "no row" && last.field == nil && last.status == .open)
      #expect(last.stage == .conflict)
      await #expect(throws: StorageError.notFound(what: "dead letter", id: "999")) {
        try await store.reopen(deadLetter: 999, stage: .parse, field: nil, reason: "")
      }
    },
    StorageConformance("keeps a decision as it was first recorded") { store async throws in
      func decision(_ id: String, score: Double) -> DecisionRecord {
        DecisionRecord(
          decisionID: id, kind: "recommendation", customerID: "c", madeAt: Timestamp(milliseconds: 1000),
          model: "ItemKNN@1",
          choices: [DecisionRecord.Choice(itemID: "i", score: score, propensity: 1, position: 1)])
      }
      try await store.record(decisions: hostileIDs.map { decision($0, score: 0.5) })
      try await store.record(decisions: [decision("'", score: 0.7)])
      for id in hostileIDs { #expect(try await store.decision(id) == decision(id, score: 0.5)) }
      #expect(try await store.decision("unknown") == nil)
    },
    StorageConformance("streams decisions from a moment on, with how they came about") { store async throws in
      func decision(_ number: Int) -> DecisionRecord {
        DecisionRecord(
          decisionID: "d\(number)", kind: "recommendation", customerID: nil,
          madeAt: Timestamp(milliseconds: Int64(number / 2) * 1500), model: "ItemKNN@1",
          choices: [
            .init(itemID: "i", score: 1, propensity: 0.9, position: 1, source: "explored", rules: ["新品"])
          ], trace: "{\"a\":\"é\\n\"}")
      }
      try await store.record(decisions: [7, 3, 4, 5, 1, 9].map(decision))
      let seen = Mutex<[[DecisionRecord]]>([])
      try await store.scanDecisions(madeSince: Timestamp(milliseconds: 3000), batchSize: 2) { batch in
        seen.withLock { $0.append(batch) }
      }
      #expect(seen.withLock { $0.joined().map(\.decisionID) } == ["d4", "d5", "d7", "d9"])
      #expect(seen.withLock { $0.allSatisfy { $0.count <= 2 } })
      #expect(seen.withLock { $0.joined().first } == decision(4))
    },
    StorageConformance("forgets the oldest decisions, a few at a time") { store async throws in
      func decision(_ number: Int) -> DecisionRecord {
        DecisionRecord(
          decisionID: "d\(number)", kind: "recommendation", customerID: nil,
          madeAt: Timestamp(milliseconds: Int64(number) * 1500), model: "ItemKNN@1", choices: [])
      }
      try await store.record(decisions: [7, 3, 5, 1, 9].map(decision))
      let moment = Timestamp(milliseconds: 7 * 1500)
      #expect(try await store.removeDecisions(madeBefore: moment, limit: 0) == 0)
      #expect(try await store.removeDecisions(madeBefore: moment, limit: 2) == 2)
      #expect(try await store.decision("d1") == nil)
      #expect(try await store.decision("d3") == nil)
      #expect(try await store.decision("d5") == decision(5))
      #expect(try await store.removeDecisions(madeBefore: moment, limit: 2) == 1)
      #expect(try await store.removeDecisions(madeBefore: moment, limit: 2) == 0)
      #expect(try await store.decision("d7") == decision(7))
      #expect(try await store.decision("d9") == decision(9))
    },
    StorageConformance("keeps documents by collection and key") { store async throws in
      for (index, id) in hostileIDs.enumerated() {
        try await store.put(.number(Double(index)), collection: "c", key: id)
      }
      try await store.put(.object(["a": .array([.string("é\u{0}\n")])]), collection: "d", key: "x")
      try await store.put(.bool(true), collection: "c", key: "'")
      #expect(try await store.document(collection: "c", key: "'") == .bool(true))
      #expect(
        try await store.document(collection: "d", key: "x") == .object(["a": .array([.string("é\u{0}\n")])]))
      #expect(try await store.document(collection: "d", key: "'") == nil)
      let keys = try await store.documents(collection: "c").map { Array($0.key.utf8) }
      #expect(keys.count == hostileIDs.count)
      #expect(keys.isSorted)
      try await store.remove(collection: "c", key: "'")
      try await store.remove(collection: "c", key: "'")
      #expect(try await store.document(collection: "c", key: "'") == nil)
      #expect(try await store.documents(collection: "none").isEmpty)
    },
  ]

  static let modelCases: [StorageConformance] = [
    StorageConformance("numbers the versions of a model and gives them back") { store async throws in
      #expect(try await store.save(envelope(1), name: "needs") == 1)
      #expect(try await store.save(envelope(2), name: "needs") == 2)
      #expect(try await store.save(envelope(3), name: "other") == 1)
      #expect(try await store.model(named: "needs", version: 2) == envelope(2))
      #expect(try await store.model(named: "needs", version: 3) == nil)
      #expect(
        try await store.modelRecords().map { "\($0.name)@\($0.version)" } == [
          "other@1", "needs@2", "needs@1",
        ])
      #expect(try await store.modelRecords().allSatisfy { $0.state == .staged })
      #expect(try await store.modelRecords().first?.header == envelope(3).header)
    },
    StorageConformance("promotes a version and rolls back to the one before") { store async throws in
      for number in 1...3 { _ = try await store.save(envelope(UInt8(number)), name: "needs") }
      _ = try await store.save(envelope(9), name: "other")
      func states() async throws -> [ModelRecord.State] {
        try await store.modelRecords().filter { $0.name == "needs" }.sorted { $0.version < $1.version }.map(
          \.state)
      }
      try await store.promote(name: "needs", version: 1)
      try await store.promote(name: "other", version: 1)
      try await store.promote(name: "needs", version: 3)
      try await store.promote(name: "needs", version: 3)
      #expect(try await states() == [.retired, .staged, .live])
      #expect(try await store.rollBack(name: "needs") == 1)
      #expect(try await states() == [.live, .staged, .retired])
      await #expect(throws: LearningError.unknownModel(name: "needs", version: nil)) {
        _ = try await store.rollBack(name: "needs")
      }
      await #expect(throws: LearningError.unknownModel(name: "needs", version: 4)) {
        try await store.promote(name: "needs", version: 4)
      }
      #expect(try await states() == [.live, .staged, .retired])
    },
    StorageConformance("removes old versions but the live one and the one to roll back to") {
      store async throws in
      func versions() async throws -> [Int] {
        try await store.modelRecords().filter { $0.name == "needs" }.map(\.version).sorted()
      }
      for number in 1...9 { _ = try await store.save(envelope(UInt8(number)), name: "needs") }
      _ = try await store.save(envelope(1), name: "other")
      for version in [2, 4, 3] { try await store.promote(name: "needs", version: version) }
      #expect(try await store.removeVersions(ofModel: "needs", keeping: 2) == [1, 2, 5, 6, 7])
      #expect(try await versions() == [3, 4, 8, 9])
      #expect(try await store.removeVersions(ofModel: "needs", keeping: 2) == [])
      #expect(try await store.modelRecords().contains { $0.name == "other" })
      #expect(try await store.rollBack(name: "needs") == 4)
      await #expect(throws: LearningError.unknownModel(name: "needs", version: nil)) {
        _ = try await store.rollBack(name: "needs")
      }
      #expect(try await store.removeVersions(ofModel: "needs", keeping: 0) == [3, 8, 9])
      #expect(try await store.save(envelope(10), name: "needs") == 10)
      #expect(try await store.model(named: "needs", version: 9) == nil)
    },
  ]

  private static func envelope(_ number: UInt8) -> ModelEnvelope {
    ModelEnvelope(
      kind: "TestModel", formatVersion: 1, configuration: .object(["k": .number(Double(number))]),
      trainedAt: Timestamp(milliseconds: 1000), dataFingerprint: "f", metrics: ["ndcg@10": 0.5],
      payload: Data([0, 10, number]))
  }
}

extension [[UInt8]] {
  fileprivate var isSorted: Bool { zip(self, dropFirst()).allSatisfy { !$1.lexicographicallyPrecedes($0) } }
}
