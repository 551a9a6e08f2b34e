import Commerce
import Foundation
import Storage

/// Takes a file's rows into a store.
///
/// ```swift
/// let mapping = try Mapping(contentsOf: "orders.yaml")
/// let report = try await Importer().run(file: "orders.csv", mapping: mapping, into: store)
/// ```
///
/// Memory is bounded whatever the file's size: a few megabytes of rows are read while the one before is stored. Rows
/// that cannot be taken in become dead letters. Events have ids that follow from the mapping or from their content, so
/// an import that was killed and is run again ends in the same state, as does one that is run twice.
public struct Importer: Sendable {
  /// The collection of the store's documents that holds the reports of imports.
  public static let reports = "imports"
  /// The collection of the store's documents that holds the mappings which dead letters refer to.
  public static let contexts = "import-contexts"

  /// The present moment: events after it are flagged.
  public var now: @Sendable () -> Timestamp

  /// An importer.
  public init(now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }) { self.now = now }

  /// Imports a file.
  ///
  /// - Parameters:
  ///   - path: the file: CSV, TSV, NDJSON, each also compressed by gzip, or Parquet.
  ///   - mapping: how its columns become fields; nil when it is NDJSON in Lode's own form.
  ///   - kind: what the rows become when there is no mapping.
  ///   - currency: the currency of amounts without one when there is no mapping.
  ///   - store: where to.
  ///   - progress: called after each batch.
  /// - Throws: `IngestionError` when the file or the mapping as a whole is at fault, `CancellationError`, or an error of
  ///   the store. What was stored until then stays; run it again to go on.
  public func run(
    file path: String, mapping: Mapping?, kind: Mapping.Kind = .events, currency: Currency? = nil,
    into store: some ShopStore, progress: @Sendable (ImportProgress) -> Void = { _ in }
  ) async throws -> ImportReport {
    let startedAt = now()
    if mapping == nil { try Self.checkNative(path) }
    let producer = try RowProducer(
      path: path, mapping: mapping, kind: kind, currency: currency, now: startedAt)
    let facts = producer.facts
    var run = ImportRun(
      file: facts.name, kind: mapping?.kind ?? kind,
      context: try await Self.saveContext(mapping, facts, into: store), now: now)
    let bulk = run.kind == .events ? store as? any BulkLoadingStore : nil
    try await bulk?.beginBulkLoad()
    do {
      try await Self.load(&run, from: producer, into: store, progress)
    } catch {
      try? await bulk?.endBulkLoad()
      throw error
    }
    try await bulk?.endBulkLoad()
    let (checks, flagged) = await producer.findings(rows: run.rows)
    let report = ImportReport(
      importID: "\(startedAt)-\(facts.name)", file: facts.name, kind: run.kind.rawValue, format: facts.format,
      encoding: await producer.encoding, rows: run.rows, stored: run.stored, duplicates: run.duplicates,
      rejected: run.rejected, flagged: flagged, startedAt: startedAt, finishedAt: now(), checks: checks)
    try await store.put(try report.document(), collection: Self.reports, key: report.importID)
    return report
  }

  private static func load(
    _ run: inout ImportRun, from producer: RowProducer, into store: some ShopStore,
    _ progress: @Sendable (ImportProgress) -> Void
  ) async throws {
    // The next batch is read and parsed while this one is stored.
    var batch = try await producer.next()
    while let current = batch {
      try Task.checkCancellation()
      async let following = producer.next()
      let stored = try await run.store(current, into: store)
      await producer.note(duplicates: stored.duplicates, conflicts: stored.conflicts)
      progress(run.progress(bytesRead: current.bytesRead, length: producer.facts.length))
      batch = try await following
    }
  }

  /// Only Lode's own JSON needs no mapping.
  private static func checkNative(_ path: String) throws {
    guard try InputFile(path: path).format == .ndjson else {
      throw IngestionError.cannotGuess(
        path: path, missing: ["only NDJSON in Lode's own form needs no mapping"])
    }
  }

  /// Keeps the mapping and header for the dead letters to come; returns the document's key.
  private static func saveContext(
    _ mapping: Mapping?, _ facts: RowProducer.Facts, into store: some ShopStore
  ) async throws -> String? {
    guard let mapping else { return nil }
    let context = DeadLetterContext(
      mapping: mapping.yaml, columns: facts.columns, isJSON: facts.format.hasPrefix("ndjson"),
      separator: facts.separator)
    let document = try context.document()
    let key = context.key
    if try await store.document(collection: contexts, key: key) != document {
      try await store.put(document, collection: contexts, key: key)
    }
    return key
  }
}

/// The tallies of a running import.
private struct ImportRun {
  let file: String
  let kind: Mapping.Kind
  let context: String?
  let now: @Sendable () -> Timestamp
  var rows = 0
  var stored = 0
  var duplicates = 0
  var rejected = 0

  init(file: String, kind: Mapping.Kind, context: String?, now: @escaping @Sendable () -> Timestamp) {
    self.file = file
    self.kind = kind
    self.context = context
    self.now = now
  }

  /// Stores the records of a batch, then its dead letters; returns the lines of duplicates and conflicts.
  mutating func store(
    _ batch: ProducedBatch, into store: some ShopStore
  ) async throws -> (duplicates: [Int], conflicts: [Int]) {
    var letters = batch.rejections.map { letter(batch, $0.row, $0.rejection) }
    var duplicateLines: [Int] = []
    var conflictLines: [Int] = []
    switch kind {
    case .events:
      let outcomes =
        if let bulk = store as? any BulkLoadingStore {
          try await bulk.appendInBulk(batch.events)
        } else {
          try await store.append(batch.events)
        }
      for (index, outcome) in outcomes.enumerated() {
        let row = Int(batch.rowOfEvent[index])
        switch outcome {
        case .stored: stored += 1
        case .duplicate: duplicateLines.append(batch.records.rows[row].line)
        case .conflict:
          conflictLines.append(batch.records.rows[row].line)
          let id = batch.events[index].eventID
          let reason = "another event with the id '\(id)' but other content is stored already"
          letters.append(
            letter(batch, row, RowRejection(stage: .conflict, field: "event_id", reason: reason)))
        }
      }
    case .items:
      try await store.upsert(items: batch.items)
      stored += batch.items.count
    case .customers:
      try await store.upsert(customers: batch.customers)
      stored += batch.customers.count
    }
    if !letters.isEmpty { try await store.add(deadLetters: letters) }
    rows += batch.records.rows.count
    duplicates += duplicateLines.count
    rejected += letters.count
    return (duplicateLines, conflictLines)
  }

  private func letter(_ batch: ProducedBatch, _ row: Int, _ rejection: RowRejection) -> DeadLetter {
    DeadLetter(
      stage: rejection.stage, source: "\(file):\(batch.records.rows[row].line)", kind: kind.rawValue,
      field: rejection.field, reason: rejection.reason, raw: batch.records.raw(row), context: context,
      receivedAt: now())
  }

  func progress(bytesRead: Int64, length: Int64) -> ImportProgress {
    ImportProgress(
      file: file, rows: rows, stored: stored, rejected: rejected,
      fraction: length > 0 ? min(1, Double(bytesRead) / Double(length)) : nil)
  }
}

extension Encodable {
  /// The value as a document for a store.
  func document() throws -> JSONValue { try JSONValue(json: try JSONEncoder().encode(self)) }
}

extension JSONValue {
  /// The value that a document holds.
  func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json.utf8))
  }
}
