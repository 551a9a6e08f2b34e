import Commerce
import Foundation
import Storage

/// Tries rows again that could not be taken in, as they are or put right.
public struct DeadLetterReplay: Sendable {
  /// What came of a row.
  public enum Outcome: Sendable, Equatable {
    /// It is stored now, or had been.
    case replayed
    /// It failed again, for this reason.
    case rejected(reason: String)
  }

  /// How many rows went which way.
  public struct Counts: Sendable, Equatable {
    /// Rows that are stored now.
    public var replayed = 0
    /// Rows that failed again.
    public var rejected = 0

    /// Counts; none by default.
    public init(replayed: Int = 0, rejected: Int = 0) {
      self.replayed = replayed
      self.rejected = rejected
    }
  }

  /// A replay.
  public init() {}

  /// Tries one row again. One that fails as it came is open again, with the reason of this time; of one that was put
  /// right and failed, row and reason stay as they were.
  ///
  /// - Parameters:
  ///   - raw: the row put right; nil for the row as it came.
  ///   - mapping: a mapping other than that of the import, which must be for the same columns.
  /// - Throws: `StorageError.notFound` when there is no such row.
  public func run(
    _ deadLetterID: Int64, raw: String? = nil, mapping: Mapping? = nil, currency: Currency? = nil,
    in store: any ShopStore
  ) async throws -> Outcome {
    guard let letter = try await store.deadLetter(deadLetterID) else {
      throw StorageError.notFound(what: "dead letter", id: String(deadLetterID))
    }
    do {
      try await replay(letter, raw ?? letter.raw, mapping, currency, store)
      try await store.setStatus(.replayed, ofDeadLetter: deadLetterID)
      return .replayed
    } catch let rejection as RowRejection {
      if raw == nil {
        try await store.reopen(
          deadLetter: deadLetterID, stage: rejection.stage, field: rejection.field, reason: rejection.reason)
      }
      return .rejected(reason: rejection.description)
    }
  }

  /// Tries all open rows again.
  public func runAll(
    mapping: Mapping? = nil, currency: Currency? = nil, in store: any ShopStore
  ) async throws -> Counts {
    var counts = Counts()
    var last: Int64 = 0
    while true {
      try Task.checkCancellation()
      let page = try await store.deadLetters(status: .open, stage: nil, after: last, limit: 500)
      guard let final = page.last else { return counts }
      for letter in page {
        let outcome = try await run(letter.deadLetterID, mapping: mapping, currency: currency, in: store)
        if outcome == .replayed { counts.replayed += 1 } else { counts.rejected += 1 }
      }
      last = final.deadLetterID
    }
  }

  private func replay(
    _ letter: DeadLetter, _ raw: String, _ mapping: Mapping?, _ currency: Currency?, _ store: any ShopStore
  ) async throws {
    func fail(_ reason: String, _ field: String? = nil, _ stage: DeadLetter.Stage = .parse) -> RowRejection {
      RowRejection(stage: stage, field: field, reason: reason)
    }
    guard let kind = Mapping.Kind(rawValue: letter.kind) else { throw fail("'\(letter.kind)' is unknown") }
    let batch: ProducedBatch
    do {
      batch = try await records(letter, raw, kind, mapping, currency, store)
    } catch let error as IngestionError {
      throw fail(error.description)
    }
    if let rejection = batch.rejections.first?.rejection { throw rejection }
    switch kind {
    case .events:
      if batch.events.isEmpty { throw fail("the row holds no event") }
      if try await store.append(batch.events).contains(.conflict) {
        throw fail("another event with this id but other content is stored already", "event_id", .conflict)
      }
    case .items:
      if batch.items.isEmpty { throw fail("the row holds no item") }
      try await store.upsert(items: batch.items)
    case .customers:
      if batch.customers.isEmpty { throw fail("the row holds no customer") }
      try await store.upsert(customers: batch.customers)
    }
  }

  /// The records of a row, read as its file was.
  private func records(
    _ letter: DeadLetter, _ raw: String, _ kind: Mapping.Kind, _ other: Mapping?, _ currency: Currency?,
    _ store: any ShopStore
  ) async throws -> ProducedBatch {
    var context: DeadLetterContext?
    if let key = letter.context {
      context = try await store.document(collection: Importer.contexts, key: key)?
        .decoded(as: DeadLetterContext.self)
      guard context != nil else {
        throw IngestionError.malformedFile(
          path: letter.source, line: nil, reason: "its import's mapping is not there")
      }
    }
    return try RowReplayer.records(
      of: raw, source: letter.source, kind: kind, context: context, mapping: other, currency: currency)
  }
}

/// Reads one row outside its file.
enum RowReplayer {
  static func records(
    of raw: String, source: String, kind: Mapping.Kind, context: DeadLetterContext?, mapping other: Mapping?,
    currency: Currency?
  ) throws -> ProducedBatch {
    let maker: RecordMaker
    let reader: any RecordReader
    if let context {
      let mapping = try other ?? Mapping(yaml: context.mapping, source: "the mapping of \(source)")
      let text = context.isJSON ? raw : header(context) + raw
      let file = InputFile(text: text, name: source, format: context.isJSON ? .ndjson : .csv)
      reader =
        context.isJSON
        ? NDJSONReader(file, columns: mapping.columnsRead.map(\.column))
        : try DelimitedReader(file, separator: separator(context))
      maker = .mapped(try MappedMaker(mapping, columns: reader.columns, path: source))
    } else {
      reader = NDJSONReader(InputFile(text: raw, name: source, format: .ndjson), columns: [])
      maker = .native(NativeMaker(kind: kind, currency: currency))
    }
    guard let records = try reader.next() else {
      throw IngestionError.malformedFile(path: source, line: nil, reason: "the row is empty")
    }
    guard records.rows.count == 1 else {
      throw IngestionError.malformedFile(path: source, line: nil, reason: "there is more than one row")
    }
    var batch = ProducedBatch(records: records)
    var monitor = QualityMonitor(file: source, now: Timestamp(milliseconds: .max))
    maker.make(&batch, &monitor)
    return batch
  }

  /// The file's header as the text before a row.
  private static func header(_ context: DeadLetterContext) -> String {
    let separator = String(UnicodeScalar(separator(context)))
    let names = context.columns.map { "\"\($0.replacingOccurrences(of: "\"", with: "\"\""))\"" }
    return names.joined(separator: separator) + "\n"
  }

  private static func separator(_ context: DeadLetterContext) -> UInt8 {
    context.separator?.utf8.first ?? 0x2C
  }
}
