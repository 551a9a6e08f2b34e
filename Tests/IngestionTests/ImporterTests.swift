import Commerce
import Foundation
import Ingestion
import Storage
import StorageSQLite
import Synchronization
import Testing

@Suite struct ImporterTests {
  private func rows(_ range: Range<Int>) -> String {
    range.map { "\($0),c\($0 % 7),i\($0 % 11),\(1_714_557_600 + $0),\($0 % 3 + 1),\($0).25\n" }.joined()
  }

  private let header = "id,who,what,when,count,paid\n"

  @Test func changesNothingWhenRunAgain() async throws {
    try await withFolder { folder in
      let bad = "bad,c,i,never,1,1\n"
      let path = try write((header + rows(0..<50) + bad).utf8, "orders.csv", folder)
      let mapping = try Mapping(yaml: orderMapping)
      let store = InMemoryStore()
      let first = try await importer.run(file: path, mapping: mapping, into: store)
      let events = try await allEvents(store)
      let letters = try await openLetters(store)
      let second = try await importer.run(file: path, mapping: mapping, into: store)
      #expect(first.stored == 50 && first.duplicates == 0 && first.rejected == 1)
      #expect(second.stored == 0 && second.duplicates == 50 && second.rejected == 1)
      #expect(try await allEvents(store) == events)
      #expect(try await openLetters(store) == letters)
    }
  }

  @Test func reachesTheSameStateAfterBeingBrokenOff() async throws {
    try await withFolder { folder in
      // Several batches of a megabyte.
      let bad = "bad,c,i,never,1,1\n"
      let text = header + rows(0..<80_000) + bad + rows(80_000..<160_000)
      let path = try write(text.utf8, "orders.csv", folder)
      let mapping = try Mapping(yaml: orderMapping)
      let whole = try SQLiteStore(dataDirectory: folder.path, shop: "whole")
      _ = try await importer.run(file: path, mapping: mapping, into: whole)
      let broken = try SQLiteStore(dataDirectory: folder.path, shop: "broken")
      await #expect(throws: CancellationError.self) {
        try await Task {
          _ = try await importer.run(file: path, mapping: mapping, into: broken) { _ in
            withUnsafeCurrentTask { $0?.cancel() }
          }
        }.value
      }
      let part = try await broken.eventCount()
      #expect(part > 0 && part < 160_000)
      _ = try await importer.run(file: path, mapping: mapping, into: broken)
      #expect(try await allEvents(broken) == allEvents(whole))
      #expect(try await openLetters(broken).map(\.raw) == openLetters(whole).map(\.raw))
    }
  }

  @Test func makesIDsOfContentThatDoNotDependOnTheFile() async throws {
    try await withFolder { folder in
      let mapping = try Mapping(yaml: orderMapping.replacingOccurrences(of: "  event_id: id\n", with: ""))
      let header = "who,what,when,count,paid\n"
      let line = "c,i,1714557600,1,2\n"
      let store = InMemoryStore()
      let first = try write((header + line + line + "d,i,1714557600,1,2\n").utf8, "a.csv", folder)
      #expect(try await importer.run(file: first, mapping: mapping, into: store).stored == 3)
      // The same rows, quoted, in another order and under another name, and one more.
      let second = try write(
        (header + "\"d\",i,1714557600,1,2\r\n" + line + line + line).utf8, "b.csv", folder)
      let report = try await importer.run(file: second, mapping: mapping, into: store)
      #expect(report.duplicates == 3 && report.stored == 1)
      #expect(Set(try await allEvents(store).map(\.eventID)).count == 4)
    }
  }

  @Test func setsAsideAnIDThatHasAnotherContent() async throws {
    let text = header + "1,c,i,1714557600,1,2\n1,c,i,1714557600,1,2\n1,c,i,1714557600,1,3\n"
    let (store, report) = try await imported(text.utf8, mapping: orderMapping)
    #expect(report.stored == 1 && report.duplicates == 1 && report.rejected == 1)
    let letter = try #require(try await openLetters(store).first)
    #expect(
      letter.stage == .conflict && letter.source == "orders.csv:4" && letter.raw == "1,c,i,1714557600,1,3")
  }

  @Test func flagsWhatIsOddAndStoresIt() async throws {
    let usual = (0..<20).map { "u\($0),c,i,1714557600,1,2\n" }.joined()
    let text =
      header + usual
      + "a,c,i,1714557600,1,500\nb,c,i,1714557600,-1,2\nc,c,i,1714557600,0,0\nd,c,i,1914557600,1,2\n"
      + "e,c,i,1000,1,2\nf,c,,1714557600,1,2\ng,c,i,1714557600,900,1800\n"
    let (store, report) = try await imported(text.utf8, mapping: orderMapping)
    #expect(try await store.eventCount() == 27)
    #expect(report.flagged == 7 && report.rejected == 0)
    let counts = Dictionary(uniqueKeysWithValues: report.checks.map { ($0.id, $0.count) })
    #expect(
      counts == [
        "price_outlier": 1, "negative_quantity": 1, "zero_quantity": 1, "future_time": 1, "ancient_time": 1,
        "missing_item": 1, "quantity_outlier": 1,
      ])
    let outlier = try #require(report.checks.first { $0.id == "price_outlier" })
    #expect(outlier.examples == ["orders.csv:22"] && outlier.severity == .warning)
    #expect(outlier.text.en.hasPrefix("1 ") && outlier.text.zh.contains("100"))
  }

  @Test func dropsTheSignOfRefunds() async throws {
    let mapping = orderMapping.replacingOccurrences(of: "purchase", with: "refund")
    let (store, report) = try await imported((header + "1,c,i,1714557600,-2,-3.5\n").utf8, mapping: mapping)
    let event = try #require(try await allEvents(store).first)
    #expect(event.quantity == 2 && event.amount?.minorUnits == 350)
    #expect(report.checks.map(\.id) == ["refund_sign"])
  }

  @Test func keepsItsReportInTheStore() async throws {
    let (store, report) = try await imported((header + rows(0..<3)).utf8, mapping: orderMapping)
    let documents = try await store.documents(collection: Importer.reports)
    #expect(documents.map(\.key) == [report.importID])
    let quality = try await DataQuality.report(of: store, now: report.finishedAt)
    #expect(quality.totals.events == 3 && quality.sources == [report] && quality.checks == report.checks)
    #expect(quality.freshness.lastEventAt == Timestamp(milliseconds: 1_714_557_602_000))
  }

  @Test func readsBoundedBatchesOfAFileOfAnySize() async throws {
    try await withFolder { folder in
      let path = try write((header + rows(0..<300_000)).utf8, "big.csv", folder)
      let largest = Mutex((previous: 0, batch: 0))
      let store = InMemoryStore()
      _ = try await importer.run(file: path, mapping: try Mapping(yaml: orderMapping), into: store) {
        progress in
        largest.withLock {
          $0.batch = max($0.batch, progress.rows - $0.previous)
          $0.previous = progress.rows
        }
      }
      // Rows of some 30 bytes: four megabytes hold fewer than 150,000.
      #expect(largest.withLock { $0.batch } < 150_000)
      #expect(try await store.eventCount() == 300_000)
    }
  }

  @Test func replaysADeadLetterPutRight() async throws {
    let text = "id;who;what;when;count;paid\n1;c;i;never;1;2\n2;c;i;never;1;2\n3;c;i;1714557600;1;x\n"
    let (store, _) = try await imported(text.utf8, mapping: orderMapping)
    let letters = try await openLetters(store)
    let replay = DeadLetterReplay()
    let again = try await replay.run(letters[0].deadLetterID, in: store)
    guard case .rejected(let reason) = again else {
      Issue.record("a row with a fault was taken in")
      return
    }
    #expect(reason.contains("timestamp"))
    let fixed = try await replay.run(letters[0].deadLetterID, raw: "1;c;i;1714557600;1;2", in: store)
    #expect(fixed == .replayed)
    #expect(try await allEvents(store).map(\.eventID) == ["1"])
    #expect(try await store.deadLetter(letters[0].deadLetterID)?.status == .replayed)
    let two = try await replay.run(
      letters[1].deadLetterID, raw: "2;c;i;1714557600;1;2\n9;c;i;1714557600;1;2", in: store)
    #expect(two != .replayed)
    // A mapping that reads the amounts of no row takes in the last one as it is.
    let other = try Mapping(yaml: orderMapping.replacingOccurrences(of: "\n  amount: paid", with: ""))
    let counts = try await replay.runAll(mapping: other, in: store)
    #expect(counts == DeadLetterReplay.Counts(replayed: 1, rejected: 1))
    await #expect(throws: StorageError.self) { try await replay.run(999, in: store) }
  }

  @Test func aDeadLetterThatFailsAgainIsOpenAgainWithTheNewReason() async throws {
    let text = "id;who;what;when;count;paid\n1;c;i;never;1;2\n1;c;i;1714557600;1;2\n"
    let (store, _) = try await imported(text.utf8, mapping: orderMapping)
    let letter = try #require(try await openLetters(store).first)
    #expect(letter.field == "timestamp")
    try await store.setStatus(.discarded, ofDeadLetter: letter.deadLetterID)
    // The time is read from another column now, and then the id is found to be taken.
    let other = try Mapping(
      yaml: orderMapping.replacingOccurrences(
        of: "timestamp: when", with: "timestamp: {constant: \"2024-01-01\"}"))
    let outcome = try await DeadLetterReplay().run(letter.deadLetterID, mapping: other, in: store)
    guard case .rejected(let reason) = outcome else {
      Issue.record("an event with a taken id was stored")
      return
    }
    #expect(reason.contains("event_id"))
    let again = try #require(try await store.deadLetter(letter.deadLetterID))
    #expect(again.status == .open && again.stage == .conflict && again.field == "event_id")
    #expect(again.reason.contains("another event"))
    // A row put right that fails says so, and leaves the letter as it was.
    let put = try await DeadLetterReplay().run(letter.deadLetterID, raw: "1;c;i;soon;1;2", in: store)
    #expect(put != .replayed)
    #expect(try await store.deadLetter(letter.deadLetterID) == again)
  }

  @Test func idsThatLookAlikeAreOneAndTheirRowsFlagged() async throws {
    let apart = "cafe\u{301}"
    let text = header + "1,\(apart),\(apart),1714557600,1,1\n2,caf\u{E9},i,1714557600,1,1\n"
    let (store, report) = try await imported(text.utf8, mapping: orderMapping)
    let events = try await allEvents(store)
    #expect(events.compactMap(\.customerID).allSatisfy { Array($0.utf8) == Array("caf\u{E9}".utf8) })
    #expect(events.first?.itemID.map { Array($0.utf8) } == Array("caf\u{E9}".utf8))
    #expect(report.checks.map(\.id) == ["composed_id"])
    #expect(report.checks.first?.count == 1)
    #expect(report.checks.first?.examples == ["orders.csv:2"])
    #expect(report.flagged == 1)
  }
}
