import Commerce
import Storage
import Synchronization
import Testing

extension StorageConformance {
  static let eventCases: [StorageConformance] = [
    StorageConformance("stores events and gives every field back") { store async throws in
      let events = (0..<20).map(fullEvent)
      let outcomes = try await store.append(events)
      #expect(outcomes == (1...20).map { .stored(sequence: $0) })
      let found = try await store.events(withIDs: events.map(\.eventID) + ["unknown"])
      #expect(found.sorted { $0.sequence < $1.sequence }.map(\.event) == events)
      #expect(try await store.events(atSequences: [3, 99, -1]).map(\.event) == [events[2]])
      #expect(try await store.eventCount() == 20)
      #expect(try await store.append([]).isEmpty)
    },
    StorageConformance("tells a repeated event from another event under the same id") { store async throws in
      var other = fullEvent(1)
      other.properties["discount"] = .number(0.2)
      #expect(
        try await store.append([fullEvent(1), fullEvent(1), other]) == [
          .stored(sequence: 1), .duplicate, .conflict,
        ])
      #expect(try await store.append([fullEvent(1)]) == [.duplicate])
      #expect(try await store.append([other, fullEvent(2)]) == [.conflict, .stored(sequence: 2)])
      #expect(try await store.events(withIDs: ["full-1"]).map(\.event) == [fullEvent(1)])
    },
    StorageConformance("calls a change of any field another event", anyChangeConflicts),
    StorageConformance("keeps ids apart by their bytes") { store async throws in
      let events = hostileIDs.enumerated().map { index, id in
        event(id, customer: id, item: id, second: Int64(index))
      }
      #expect(try await store.append(events) == events.indices.map { .stored(sequence: Int64($0 + 1)) })
      for event in events {
        #expect(try await store.events(withIDs: [event.eventID]).map(\.event) == [event])
        let ofCustomer = try await store.events(matching: EventQuery(customerID: event.customerID))
        #expect(ofCustomer.map(\.event.eventID.utf8.count) == [event.eventID.utf8.count])
        #expect(try await store.events(matching: EventQuery(itemID: event.itemID)).count == 1)
      }
      #expect(try await store.append(events) == events.map { _ in .duplicate })
    },
    StorageConformance("pages through events newest first without gap or repeat") { store async throws in
      // Three events a second, so that pages break inside a second.
      let events = (0..<50).map { event("e\($0)", customer: "c\($0 % 2)", second: Int64($0 / 3)) }
      _ = try await store.append(events.shuffledByStride(7))
      for customer in [nil, "c1"] {
        var seen: [StoredEvent] = []
        var query = EventQuery(customerID: customer, limit: 7)
        while true {
          let page = try await store.events(matching: query)
          guard let last = page.last else { break }
          seen += page
          query.after = EventQuery.Position(timestamp: last.event.timestamp, sequence: last.sequence)
        }
        let expected = customer == nil ? 50 : 25
        #expect(seen.count == expected)
        #expect(Set(seen.map(\.sequence)).count == expected)
        #expect(
          seen == seen.sorted { ($0.event.timestamp, $0.sequence) > ($1.event.timestamp, $1.sequence) })
      }
      #expect(try await store.events(matching: EventQuery(limit: 0)).isEmpty)
    },
    StorageConformance("filters events by each field") { store async throws in
      try await store.upsert(items: [
        Item(itemID: "i1", category: "COFFEE"), Item(itemID: "i2", category: "TEA"),
      ])
      var search = event("q", customer: "c1", second: 30)
      search.kind = .search
      _ = try await store.append([
        event("a", customer: "c1", item: "i1", second: 10),
        event("b", customer: "c2", item: "i2", second: 20), search,
      ])
      func ids(_ query: EventQuery) async throws -> [String] {
        try await store.events(matching: query).map(\.event.eventID)
      }
      #expect(try await ids(EventQuery()) == ["q", "b", "a"])
      #expect(try await ids(EventQuery(customerID: "c1")) == ["q", "a"])
      #expect(try await ids(EventQuery(itemID: "i2")) == ["b"])
      #expect(try await ids(EventQuery(category: "COFFEE")) == ["a"])
      #expect(try await ids(EventQuery(customerID: "c2", category: "COFFEE")) == [])
      #expect(try await ids(EventQuery(kind: .search)) == ["q"])
      let from = Timestamp(milliseconds: 10_000)
      let to = Timestamp(milliseconds: 30_000)
      #expect(try await ids(EventQuery(from: from, to: to)) == ["b", "a"])
    },
    StorageConformance("scans in order of arrival and resumes after any place") { store async throws in
      let events = (0..<25).map(fullEvent)
      _ = try await store.append(events)
      for start in [0, 1, 10, 24, 25, 1000] as [Int64] {
        let rows = Mutex<[EventFrame.Row]>([])
        try await store.scan(after: start, batchSize: 10) { batch in
          #expect(!batch.isEmpty && batch.count <= 10)
          rows.withLock { $0 += batch }
        }
        let expected = events.dropFirst(Int(start))
        rows.withLock { rows in
          #expect(rows.map(\.sequence) == expected.indices.map { Int64($0 + 1) })
          #expect(rows.map(\.customerID) == expected.map(\.customerID))
          #expect(rows.map(\.amount) == expected.map(\.amount))
          #expect(rows.map(\.discount) == expected.map(\.discount))
          #expect(rows.map(\.orderID) == expected.map(\.orderID))
        }
      }
    },
    StorageConformance("stops a scan with the error of its body") { store async throws in
      _ = try await store.append((0..<5).map(fullEvent))
      await #expect(throws: StorageError.self) {
        try await store.scan(after: 0, batchSize: 2) { _ in throw StorageError.notFound(what: "test", id: "")
        }
      }
    },
    StorageConformance("numbers concurrent appends without gap or repeat") { store async throws in
      let outcomes = try await withThrowingTaskGroup(of: [AppendOutcome].self) { group in
        for writer in 0..<20 {
          group.addTask {
            // Every writer also repeats the first writer's events.
            try await store.append((0..<25).flatMap { [event("w\(writer)-\($0)"), event("w0-\($0)")] })
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      let sequences = outcomes.compactMap { if case .stored(let sequence) = $0 { sequence } else { nil } }
      #expect(sequences.sorted() == Array(1...500))
      #expect(!outcomes.contains(.conflict))
      #expect(try await store.eventCount() == 500)
    },
    StorageConformance("finds the events that answer a decision") { store async throws in
      _ = try await store.append((0..<6).map(fullEvent))
      #expect(try await store.feedback(onDecision: "d1").map(\.sequence) == [2, 4, 6])
      #expect(try await store.feedback(onDecision: "none").isEmpty)
    },
  ]

  private static func anyChangeConflicts(_ store: any ShopStore) async throws {
    _ = try await store.append([fullEvent(1)])
    for change in changes {
      var changed = fullEvent(1)
      change(&changed)
      let outcomes = try await store.append([changed])
      #expect(outcomes == [.conflict], "\(changed)")
    }
  }

  /// One change to each field of an event.
  private static let changes: [@Sendable (inout Event) -> Void] = [
    { $0.kind = .refund }, { $0.customerID = nil }, { $0.sessionID = "" }, { $0.itemID = "other" },
    { $0.timestamp.milliseconds += 1 }, { $0.quantity = 2 }, { $0.amount = nil },
    { $0.amount?.currency = .usd },
    { $0.rating = nil }, { $0.text = "" }, { $0.query = nil }, { $0.dwellMilliseconds = 1 },
    { $0.orderID = "x" },
    { $0.decisionID = nil }, { $0.channel = "web" }, { $0.device = nil }, { $0.properties = [:] },
  ]
}

extension Array {
  /// The elements in another order, the same each time; `stride` has no factor in common with their number.
  fileprivate func shuffledByStride(_ stride: Int) -> [Element] { indices.map { self[$0 * stride % count] } }
}
