import Commerce
import Dispatch
import Storage

/// The records made of some rows, with what became of those that make none.
struct ProducedBatch: Sendable {
  var records: RecordBatch
  var events: [Event] = []
  var items: [Item] = []
  var customers: [Customer] = []
  /// The row of each event, as events can be refused by the store and rows can make several.
  var rowOfEvent: [Int32] = []
  var rejections: [(row: Int, rejection: RowRejection)] = []
  var bytesRead: Int64 = 0
}

/// A thread of its own for reading and parsing, which would otherwise hold up the threads that answer requests.
final class SerialQueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "lode.ingestion.read", qos: .utility)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}

/// Reads a file and makes records of its rows, a batch at a time.
actor RowProducer {
  private let executor = SerialQueueExecutor()
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let file: InputFile
  private let reader: any RecordReader
  private var maker: RecordMaker
  private var monitor: QualityMonitor

  nonisolated let facts: Facts

  /// What is known of the file once it is open.
  struct Facts: Sendable {
    var name: String
    var format: String
    var encoding: String
    var length: Int64
    var columns: [String]
    var separator: String?
  }

  init(path: String, mapping: Mapping?, kind: Mapping.Kind, currency: Currency?, now: Timestamp) throws {
    file = try InputFile(path: path, format: mapping?.format, encoding: mapping?.encoding)
    if let mapping {
      reader =
        file.format == .ndjson
        ? NDJSONReader(file, columns: mapping.columnsRead.map(\.column))
        : try DelimitedReader(file, separator: mapping.separator?.utf8.first)
      maker = .mapped(try MappedMaker(mapping, columns: reader.columns, path: path))
    } else {
      reader = NDJSONReader(file, columns: [])
      maker = .native(NativeMaker(kind: kind, currency: currency))
    }
    monitor = QualityMonitor(file: file.name, now: now)
    facts = Facts(
      name: file.name, format: file.format.rawValue + (file.isCompressed ? ", gzip" : ""),
      encoding: file.encoding.rawValue, length: file.format == .parquet ? 0 : file.length,
      columns: reader.columns,
      separator: (reader as? DelimitedReader).map { String(UnicodeScalar($0.separator)) })
  }

  /// The next batch; nil at the end.
  func next() throws -> ProducedBatch? {
    guard var records = try reader.next() else { return nil }
    maker.prepare(&records)
    var batch = ProducedBatch(records: records)
    batch.bytesRead = file.bytesRead
    maker.make(&batch, &monitor)
    for (row, rejection) in batch.rejections {
      monitor.noteRejection(field: rejection.field, records.rows[row].line)
    }
    return batch
  }

  /// The encoding of the file, as far as is known; see `InputFile.encoding`.
  var encoding: String { file.encoding.rawValue }

  /// The findings on the whole file, and how many rows were flagged.
  func findings(rows: Int) -> (checks: [QualityCheck], flagged: Int) {
    (monitor.checks(rows: rows), monitor.flaggedRows)
  }

  /// Tallies what the store said about a batch.
  func note(duplicates: [Int], conflicts: [Int]) {
    for line in duplicates { monitor.note(.duplicate, line) }
    for line in conflicts { monitor.note(.conflict, line) }
  }
}

/// Makes records of rows, by a mapping or of Lode's own JSON.
enum RecordMaker {
  case mapped(MappedMaker)
  case native(NativeMaker)

  /// Readies rows for `make`.
  mutating func prepare(_ records: inout RecordBatch) {
    guard case .mapped(var maker) = self else { return }
    maker.prepare(&records)
    self = .mapped(maker)
  }

  /// Makes the records of a batch's rows.
  func make(_ batch: inout ProducedBatch, _ monitor: inout QualityMonitor) {
    switch self {
    case .native(let maker): maker.make(&batch, &monitor)
    case .mapped(let maker): maker.make(&batch, &monitor)
    }
  }
}
