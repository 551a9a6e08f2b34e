import Commerce
import Foundation
import Ingestion
import Learning
import Storage

/// A file to be imported, as a job remembers it.
struct ImportInput: Sendable, Codable {
  /// Where the file lies.
  let path: String
  /// The name under which people know it.
  let filename: String
  /// What its rows become.
  let kind: Mapping.Kind
  /// The mapping as YAML; nil to guess.
  let mapping: String?
}

extension ImportInput {
  /// What a job is to import.
  init(_ job: Job) throws { self = try JSONDecoder().decode(Self.self, from: Data(job.input.serialized)) }
}

extension Shop {
  /// Where uploaded files lie until they are imported.
  nonisolated var uploads: URL { directory.appendingPathComponent("uploads", isDirectory: true) }

  /// A place for a file that is about to be uploaded. Its name keeps the ending, by which formats are told apart.
  public nonisolated func newUpload(named filename: String) throws -> URL {
    let name = UUID().uuidString
    let folder = uploads.appendingPathComponent(name, isDirectory: true)
    uploadsUnderWay.begin(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.appendingPathComponent(Self.safeName(filename))
  }

  private static func safeName(_ name: String) -> String {
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    let safe = last.unicodeScalars.filter { $0.properties.generalCategory != .control }
    // A file's name holds 255 bytes at most, and a character of Chinese takes three.
    var text = String(String.UnicodeScalarView(safe.suffix(200)))
    while text.utf8.count > 200 { text.unicodeScalars.removeFirst() }
    return text.isEmpty || text.allSatisfy({ $0 == "." }) ? "upload.csv" : text
  }

  /// Queues the import of an uploaded file.
  ///
  /// - Throws: `IngestionError` when the mapping is at fault; the file is removed then.
  public nonisolated func submitImport(of file: URL, kind: Mapping.Kind, mapping: String?) async throws -> Job
  {
    defer { uploadsUnderWay.end(file.deletingLastPathComponent().lastPathComponent) }
    do {
      if let mapping { _ = try Mapping(yaml: mapping, source: "mapping") }
      let input = ImportInput(path: file.path, filename: file.lastPathComponent, kind: kind, mapping: mapping)
      return try await jobs.submit(.import, input: try JSONValue(encoding: input))
    } catch {
      Self.removeUpload(file)
      throw error
    }
  }

  /// Does the work of an import job.
  nonisolated func runImport(_ job: Job, progress: @escaping @Sendable (JobProgress) -> Void) async throws
    -> JSONValue
  {
    let input = try ImportInput(job)
    let report: ImportReport
    do {
      report = try await importFile(
        input.path, kind: input.kind, mapping: input.mapping.map { try Mapping(yaml: $0, source: "mapping") }
      ) { imported in
        progress(
          JobProgress(
            stage: "Importing \(input.filename)", step: 1, totalSteps: 1, fraction: imported.fraction,
            metrics: ["rows": Double(imported.rows), "rejected": Double(imported.rejected)]))
      }
    } catch let error as IngestionError {
      throw error.calling(input.path, by: input.filename)
    }
    return try JSONValue(encoding: report)
  }

  private static func removeUpload(_ file: URL) {
    try? FileManager.default.removeItem(at: file.deletingLastPathComponent())
  }

  /// Takes a file in and brings memory up to date.
  public nonisolated func importFile(
    _ path: String, kind: Mapping.Kind, mapping: Mapping?,
    progress: @Sendable (ImportProgress) -> Void = { _ in }
  ) async throws -> ImportReport {
    var plan = mapping
    if plan == nil {
      let guess = try MappingGuess(file: path, kind: kind, currency: await currency)
      if !guess.isNative { plan = try guess.requireMapping() }
    }
    let report = try await Importer(now: clock).run(
      file: path, mapping: plan, kind: kind, currency: await currency, into: store, progress: progress)
    try await refresh(after: plan?.kind ?? kind)
    return report
  }

  private func refresh(after kind: Mapping.Kind) async throws {
    lastIngestedAt = clock()
    guard phase == .ready else { return }
    switch kind {
    case .events: try await catchUp()
    case .items, .customers: try await takeUpRecords()
    }
  }

  /// What a file's first bytes say: its format, a proposed mapping and the first rows as they would be read.
  ///
  /// - Parameter fields: the columns of fields that need no guess; nil for a field without one.
  public nonisolated func preview(
    _ file: URL, kind: Mapping.Kind?, fields: [String: String?] = [:]
  ) async throws -> JSONValue {
    let guess: MappingGuess
    do {
      guess = try MappingGuess(
        file: file.path, kind: kind, currency: await currency, timeZone: await timeZone, fields: fields)
    } catch let error as IngestionError {
      throw error.calling(file.path, by: file.lastPathComponent)
    }
    var preview = try JSONValue(encoding: guess.preview)
    // What there is none of is null rather than absent, as everywhere in the API.
    if preview["mapping"] == nil { preview["mapping"] = .null }
    preview["columns"] = .array(
      (preview["columns"]?.array ?? []).map { column in
        var column = column
        if column["field"] == nil { column["field"] = .null }
        return column
      })
    return preview
  }

  /// Tries a dead letter again, as it is or put right.
  public func replayDeadLetter(_ id: Int64, raw: String?) async throws -> JSONValue {
    let outcome = try await DeadLetterReplay().run(id, raw: raw, currency: currency, in: store)
    switch outcome {
    case .replayed:
      if let letter = try await store.deadLetter(id), let kind = Mapping.Kind(rawValue: letter.kind) {
        try await refresh(after: kind)
      }
      return ["status": "replayed"]
    case .rejected(let reason): return ["status": "rejected", "reason": .string(reason)]
    }
  }

  /// The reports of all imports, newest first.
  nonisolated func importReports() async throws -> [JSONValue] {
    try await store.documents(collection: Importer.reports).map(\.document)
      .sorted { ($0["started_at"]?.string ?? "") > ($1["started_at"]?.string ?? "") }
  }

  /// One page of the reports of imports, newest first.
  public nonisolated func imports(page: PageRequest) async throws -> Page {
    try Page.slice(try await importReports(), name: "imports", page) { $0 }
  }

  /// How good the shop's data are: by import and in all.
  public func dataQuality() async throws -> JSONValue {
    try requireReady()
    let reports = try await importReports()
    let letters = try await store.deadLetterCounts()
    return [
      "generated_at": JSONValue(clock()), "sources": .array(reports), "checks": .array(checks()),
      "freshness": [
        "last_event_at": JSONValue(frame.lastTimestamp),
        "last_ingested_at": JSONValue(lastIngestedAt)
          .orElse(reports.first?["finished_at"] ?? nil),
      ],
      "totals": [
        "events": JSONValue(frame.count), "items": JSONValue(catalogue.items.count),
        "customers": JSONValue(frame.customers.count), "dead_letters": JSONValue(letters[.open] ?? 0),
      ],
    ]
  }

  /// What only all data together show.
  private func checks() -> [JSONValue] {
    func check(_ id: String, _ rows: Int, _ text: Wording) -> JSONValue {
      [
        "id": .string(id), "severity": rows > 0 ? "warning" : "info", "count": JSONValue(rows),
        "share": JSONValue(lines.purchases == 0 ? 0 : Double(rows) / Double(lines.purchases)),
        "text": ["en": JSONValue(text.en.first), "zh": JSONValue(text.zh.first)],
      ]
    }
    return [
      check(
        "unknown_item", lines.ofUnknownItems,
        Wording(
          en: "\(lines.ofUnknownItems.grouped) order lines name an item that the catalogue does not hold.",
          zh: "\(lines.ofUnknownItems.grouped) 条订单明细的商品不在商品目录中。")),
      check(
        "no_category", lines.withoutCategory,
        Wording(
          en:
            "\(lines.withoutCategory.grouped) order lines are of items without a category: no need can be mined from them.",
          zh: "\(lines.withoutCategory.grouped) 条订单明细的商品没有品类，无法用于挖掘需求。")),
      check(
        "foreign_currency", frame.foreignAmounts,
        Wording(
          en:
            "\(frame.foreignAmounts.grouped) amounts are in a currency other than the shop's and left out of sums.",
          zh: "\(frame.foreignAmounts.grouped) 笔金额不是店铺币种，未计入合计。")),
    ]
  }
}

extension JSONValue {
  fileprivate func orElse(_ other: JSONValue) -> JSONValue { self == .null ? other : self }
}
