import Commerce
import Foundation
import Ingestion
import Storage
import Testing

@Suite struct FileFormatTests {
  private let rows = """
    id,who,what,when,count,paid
    1,甲,苹果,2024-05-01 10:00:00,2,"1,234.50"
    2,乙,"a ""b"", c
    d",2024-05-01T10:00:00+08:00,1,¥3

    3,丙,x,1714557600,,
    """

  private func check(_ store: InMemoryStore, _ report: ImportReport) async throws {
    let events = try await allEvents(store)
    #expect(try await openLetters(store).map(\.reason) == [])
    #expect(events.map(\.eventID) == ["1", "2", "3"])
    #expect(events.map(\.customerID) == ["甲", "乙", "丙"])
    #expect(events.map { $0.itemID?.contains("b\", c") ?? false } == [false, true, false])
    #expect(events.map { $0.amount?.minorUnits } == [123_450, 300, nil])
    #expect(events.map(\.quantity) == [2, 1, nil])
    #expect(
      events.map(\.timestamp.milliseconds) == [1_714_557_600_000, 1_714_528_800_000, 1_714_557_600_000])
    #expect(report.rows == 3 && report.stored == 3 && report.rejected == 0)
  }

  /// The item of the second row spans lines, which an id must not; a space stands in for it here.
  private var oneLineRows: String { rows.replacingOccurrences(of: "c\nd", with: "c d") }

  @Test(arguments: [",", "\t", ";", "|"], ["\n", "\r\n"])
  func readsEverySeparatorAndLineEnd(_ separator: String, _ lineEnd: String) async throws {
    let quoted = oneLineRows.replacingOccurrences(of: "\"1,234.50\"", with: "\"1@234.50\"")
      .replacingOccurrences(of: "\"\"b\"\", c", with: "\"\"b\"\"@ c")
    let text = quoted.replacingOccurrences(of: ",", with: separator).replacingOccurrences(of: "@", with: ",")
      .replacingOccurrences(of: "\n", with: lineEnd)
    let (store, report) = try await imported(text.utf8, mapping: orderMapping)
    try await check(store, report)
  }

  @Test func readsAByteOrderMark() async throws {
    let (store, report) = try await imported(
      [0xEF, 0xBB, 0xBF] + Array(oneLineRows.utf8), mapping: orderMapping)
    try await check(store, report)
  }

  @Test(arguments: ["GB18030", "UTF-16LE", "UTF-16BE"])
  func readsOtherEncodings(_ encoding: String) async throws {
    let bytes = try converted(oneLineRows, to: encoding)
    let (store, report) = try await imported(bytes, mapping: orderMapping)
    try await check(store, report)
    #expect(report.encoding == encoding)
  }

  @Test func readsGzipOfSeveralMembers() async throws {
    try await withFolder { folder in
      let half = oneLineRows.utf8.count / 2
      let parts = [Array(oneLineRows.utf8.prefix(half)), Array(oneLineRows.utf8.dropFirst(half))]
      var bytes: [UInt8] = []
      for (index, part) in parts.enumerated() {
        let path = try write(part, "part\(index)", folder)
        bytes += try run("gzip", ["-c", path])
      }
      let (store, report) = try await imported(bytes, "orders.csv.gz", mapping: orderMapping)
      try await check(store, report)
      await #expect(throws: IngestionError.self) {
        _ = try await imported(bytes.dropLast(9), "orders.csv.gz", mapping: orderMapping)
      }
    }
  }

  @Test func readsMappedNDJSONWithNestedNames() async throws {
    let text = """
      {"id":1,"user":{"name":"甲"},"what":"苹果","when":1714557600,"count":2,"paid":1234.5}
      {"id":"2","user":{"name":"乙"},"what":"x","when":"2024-05-01T10:00:00Z"}
      {"id":3,
      [1]
      """
    let mapping = orderMapping.replacingOccurrences(of: "who", with: "user.name")
    let (store, report) = try await imported(text.utf8, "o.ndjson", mapping: mapping)
    let events = try await allEvents(store)
    #expect(events.map(\.customerID) == ["甲", "乙"])
    #expect(events.map(\.amount?.minorUnits) == [123_450, nil])
    #expect(try await openLetters(store).map(\.source) == ["o.ndjson:3", "o.ndjson:4"])
    #expect(report.rows == 4 && report.rejected == 2)
  }

  @Test func readsLodesOwnNDJSONWithoutAMapping() async throws {
    try await withFolder { folder in
      let lines = """
        {"event_id":"1","kind":"view","customer_id":"c","item_id":"i","timestamp":1714557600}
        {"event_id":"2","kind":"view","customer_id":"c","item_id":"i"}
        """
      let store = InMemoryStore()
      let report = try await importer.run(
        file: try write(lines.utf8, "e.ndjson", folder), mapping: nil, into: store)
      #expect(report.stored == 1 && report.rejected == 1)
      #expect(try await openLetters(store).map(\.field) == ["timestamp"])
      let items = try write(#"{"item_id":"i","title":"T"}"#.utf8, "i.ndjson", folder)
      let itemReport = try await importer.run(file: items, mapping: nil, kind: .items, into: store)
      #expect(itemReport.stored == 1)
      #expect(try await store.items(withIDs: ["i"]) == [Item(itemID: "i", title: "T")])
    }
  }

  /// Writing values with random quoting and reading them back gives the values.
  @Test(arguments: 0..<30 as Range<UInt64>)
  func givesBackQuotedValues(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let pieces = ["a", "\"", ",", "\n", "\r\n", "商", " x ", "", "\"\"", ";", "0"]
    var expected: [String] = []
    var text = "id,note,who,when\r\n"
    for row in 0..<200 {
      // Blanks at the ends are not kept, so the value has a mark on either side.
      let value =
        "<"
        + (0..<Int.random(in: 0..<8, using: &generator)).map { _ in
          pieces.randomElement(using: &generator)!
        }.joined() + ">"
      expected.append(value)
      let mustQuote = value.contains { $0 == "\"" || $0 == "," || $0.isNewline }
      let quoted = "\"\(value.replacingOccurrences(of: "\"", with: "\"\""))\""
      text += "\(row),\(mustQuote || Bool.random(using: &generator) ? quoted : value),\"c\",1714557600"
      text += Bool.random(using: &generator) ? "\n" : "\r\n"
    }
    let mapping = """
      kind: events
      fields: {event_id: id, kind: {constant: review}, customer_id: who, timestamp: when, text: note}
      """
    let (store, _) = try await imported(text.utf8, mapping: mapping)
    #expect(try await openLetters(store).map(\.reason) == [])
    #expect(
      try await allEvents(store).map { Array($0.text?.utf8 ?? "".utf8) } == expected.map { Array($0.utf8) })
  }

  @Test func namesTheLineOfARowAfterQuotedLineEnds() async throws {
    let text = "id,who,what,when,count,paid\n1,c,\"x\ny\",1714557600,1,1\n2,c,i,never,1,1\n"
    let (store, _) = try await imported(text.utf8, mapping: orderMapping)
    #expect(try await openLetters(store).map(\.source) == ["orders.csv:2", "orders.csv:4"])
  }

  @Test func losesOneLineToAQuoteThatIsNotClosed() async throws {
    let text = "id,who,what,when,count,paid\n1,c,\"i,1714557600,1,1\n2,c,i,1714557600,1,1\n"
    let (store, _) = try await imported(text.utf8, mapping: orderMapping)
    #expect(try await allEvents(store).map(\.eventID) == ["2"])
    let letter = try #require(try await openLetters(store).first)
    #expect(
      letter.stage == .parse && letter.source == "orders.csv:2" && letter.raw == "1,c,\"i,1714557600,1,1")
  }

  @Test func setsAsideRowsOfAnotherWidthAndTextInNoEncoding() async throws {
    let text = "id,who,what,when,count,paid\n1,c\n2,c,i,1714557600,1,1,,\n3,c,i,1714557600,1,1,x\n4,c,i"
    var bytes = Array(text.utf8)
    bytes += [0xFF] + Array(",1714557600,1,1".utf8)
    let mapping = "encoding: UTF-8\n" + orderMapping
    let (store, _) = try await imported(bytes, mapping: mapping)
    #expect(try await allEvents(store).map(\.eventID) == ["2"])
    let letters = try await openLetters(store)
    #expect(letters.map(\.source) == ["orders.csv:2", "orders.csv:4", "orders.csv:5"])
    #expect(letters.map(\.field) == [nil, nil, "item_id"])
    #expect(letters.allSatisfy { $0.stage == .parse })
  }

  @Test(arguments: ["", "\n\n", "a,a\n1,2\n"])
  func refusesAFileWithoutAUsableHeader(_ text: String) async throws {
    await #expect(throws: IngestionError.self) { _ = try await imported(text.utf8, mapping: orderMapping) }
  }

  @Test func saysThatAFileIsNotThere() async throws {
    await #expect(throws: IngestionError.self) {
      _ = try await importer.run(
        file: "/nonexistent/x.csv", mapping: try Mapping(yaml: orderMapping), into: InMemoryStore())
    }
  }

  private func converted(_ text: String, to encoding: String) throws -> [UInt8] {
    let bytes = try run("iconv", ["-f", "UTF-8", "-t", encoding], input: Array(text.utf8))
    let marks: [String: [UInt8]] = ["UTF-16LE": [0xFF, 0xFE], "UTF-16BE": [0xFE, 0xFF]]
    return (marks[encoding] ?? []) + bytes
  }

  private func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input))
    try stdin.fileHandleForWriting.close()
    let data = try stdout.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(data)
  }
}

extension FileFormatTests {
  /// Whether the DuckDB program is where the importer looks for it.
  private static let hasDuckDB: Bool = {
    let environment = ProcessInfo.processInfo.environment
    let folders =
      ["\(environment["LODE_CACHE"] ?? ".cache")/bin"]
      + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/duckdb") }
  }()

  @Test(.enabled(if: hasDuckDB, "needs the DuckDB program that scripts/setup fetches"))
  func refusesAParquetFileThatIsDamaged() async throws {
    let error = await #expect(throws: IngestionError.self) {
      _ = try await imported("PAR1 and then nothing of the kind".utf8, "o.parquet", mapping: orderMapping)
    }
    #expect(error?.description.contains("o.parquet") == true)
  }
}
