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

  /// More ASCII than a file's first look takes in, then a row in Chinese.
  private func lateChinese(_ rows: Int) -> String {
    var text = "id,who,what,when,count,paid\n"
    for row in 0..<rows { text += "\(row),customer-\(row),item,1714557600,1,1\n" }
    return text + "last,张三,咖啡,1714557600,1,1\n"
  }

  @Test(arguments: ["UTF-8", "GB18030"])
  func tellsTheEncodingByTheFirstCharacterBeyondASCIIHoweverLateItComes(encoding: String) async throws {
    let bytes = try converted(lateChinese(12_000), to: encoding)
    #expect(bytes.count > 1 << 18)
    for name in ["orders.csv", "orders.csv.gz"] {
      let file = name.hasSuffix(".gz") ? try run("gzip", ["-c"], input: bytes) : bytes
      let (store, report) = try await imported(file, name, mapping: orderMapping)
      #expect(report.rows == 12_001 && report.rejected == 0)
      #expect(report.encoding == encoding)
      #expect(try await store.events(withIDs: ["last"]).first?.event.customerID == "张三")
      #expect(try await store.events(withIDs: ["last"]).first?.event.itemID == "咖啡")
    }
  }

  @Test func namesTheByteThatIsInNoEncodingHoweverLateItComes() async throws {
    var bytes = Array(lateChinese(12_000).utf8.prefix { $0 < 0x80 })
    let place = bytes.count
    bytes += [0xFF, 0xFF] + Array(",item,1714557600,1,1\n".utf8)
    let error = await #expect(throws: IngestionError.self) {
      _ = try await imported(bytes, mapping: orderMapping)
    }
    #expect(error?.description.contains("byte \(place) ") == true)
    #expect(error?.description.contains("encoding: GB18030") == true)
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
    // From a file: a pipe holds little, and the program would wait for its output to be read meanwhile.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lode-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    process.standardInput = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: try write(input, "input", folder)))
    let stdout = Pipe()
    process.standardOutput = stdout
    try process.run()
    let data = try stdout.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(data)
  }
}

extension FileFormatTests {
  /// Whether the DuckDB program is where the importer looks for it.
  private static let hasDuckDB = duckDB != nil

  private static let duckDB: String? = {
    let environment = ProcessInfo.processInfo.environment
    let folders =
      ["\(environment["LODE_CACHE"] ?? ".cache")/bin"]
      + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.map { "\($0)/duckdb" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  @Test(.enabled(if: hasDuckDB, "needs the DuckDB program that scripts/setup fetches"))
  func refusesAParquetFileThatIsDamaged() async throws {
    let error = await #expect(throws: IngestionError.self) {
      _ = try await imported("PAR1 and then nothing of the kind".utf8, "o.parquet", mapping: orderMapping)
    }
    #expect(error?.description.contains("o.parquet") == true)
  }

  @Test(
    .enabled(if: hasDuckDB, "needs the DuckDB program that scripts/setup fetches"),
    arguments: ["o[1].parquet", "o*.parquet", "o?.parquet", "o[[]1].parquet", "it's.parquet"])
  func readsAParquetFileWhoseNameIsAPattern(name: String) async throws {
    try await withFolder { folder in
      // The file itself, and others that its name would match as a pattern.
      for (index, file) in [name, "o1.parquet", "ox.parquet", "o[1].parquet", "its.parquet"].enumerated()
      where index == 0 || file != name {
        let csv = "id,who,what,when,count,paid\n\(file),c,i,1714557600,1,1\n"
        let source = try write(csv.utf8, "\(index).csv", folder)
        let target = folder.appendingPathComponent(file).path.replacingOccurrences(of: "'", with: "''")
        _ = try run(
          Self.duckDB ?? "duckdb",
          ["-c", "COPY (SELECT * FROM read_csv('\(source)')) TO '\(target)' (FORMAT parquet)"])
      }
      let store = InMemoryStore()
      _ = try await importer.run(
        file: folder.appendingPathComponent(name).path, mapping: try Mapping(yaml: orderMapping), into: store)
      #expect(try await allEvents(store).map(\.eventID) == [name])
    }
  }
}
