/// Reads delimited text as in RFC 4180: values may be quoted and then hold separators, line ends and doubled quotes;
/// lines end in LF or CRLF, also mixed; blank lines are skipped.
///
/// A row that cannot be read is given with its fault, and reading goes on with the next line; a quote that is not
/// closed within `longestRow` bytes spoils its own line only. Memory is bounded by `chunk` and `longestRow`.
final class DelimitedReader: RecordReader {
  static let chunk = 2 << 20
  static let longestRow = 1 << 20

  private(set) var columns: [String] = []
  private let file: InputFile
  /// What stands between values.
  let separator: UInt8
  private var pending: [UInt8] = []
  private var line = 1
  private var isAtEnd = false

  /// Reads the header. Without a separator the one that occurs most in the header is taken.
  init(_ file: InputFile, separator given: UInt8?) throws {
    self.file = file
    separator = try given ?? Self.separator(of: file.sample(), format: file.format)
    while columns.isEmpty {
      guard let header = try nextBatch(limit: 1) else {
        throw IngestionError.malformedFile(
          path: file.path, line: nil, reason: "the file is empty; expected a header")
      }
      guard let row = header.rows.first else { continue }
      if let fault = row.fault {
        throw IngestionError.malformedFile(path: file.path, line: row.line, reason: fault)
      }
      columns = header.texts(0).map { $0.trimmed }
    }
    if let repeated = Dictionary(grouping: columns, by: { $0 }).filter({ $1.count > 1 && !$0.isEmpty }).keys
      .min()
    {
      throw IngestionError.malformedFile(
        path: file.path, line: 1, reason: "the header names '\(repeated)' twice")
    }
  }

  func next() throws -> RecordBatch? {
    guard var batch = try nextBatch(limit: .max) else { return nil }
    for index in batch.rows.indices where batch.rows[index].fault == nil {
      batch.rows[index].fault = fault(ofWidth: batch.rows[index].values, in: batch)
    }
    return batch
  }

  /// Why a row does not fit the header; values beyond it are fine when they are empty.
  private func fault(ofWidth values: Range<Int32>, in batch: RecordBatch) -> String? {
    let count = values.count
    if count == columns.count { return nil }
    if count > columns.count,
      batch.values[Int(values.lowerBound) + columns.count..<Int(values.upperBound)].allSatisfy(\.isEmpty)
    {
      return nil
    }
    return "the row has \(count) values; the header has \(columns.count)"
  }

  /// The next whole rows within the next chunk, at most `limit`; nil at the end of the file.
  private func nextBatch(limit: Int) throws -> RecordBatch? {
    while true {
      if pending.isEmpty && isAtEnd { return nil }
      if !isAtEnd, limit == .max || pending.isEmpty { try refill() }
      var parser = RowParser(separator: separator, line: line, isFinal: isAtEnd)
      let consumed = pending.withUnsafeBufferPointer { parser.parse($0, limit: limit) }
      line = parser.line
      if consumed == 0, !isAtEnd {
        try refill()
        continue
      }
      var batch = parser.batch
      batch.bytes = Array(pending[..<consumed])
      parser.placeUnescaped(in: &batch)
      pending.removeFirst(consumed)
      if batch.rows.isEmpty, !(pending.isEmpty && isAtEnd) { continue }
      return batch.rows.isEmpty ? nil : batch
    }
  }

  private func refill() throws {
    let start = pending.count
    pending.append(contentsOf: repeatElement(0, count: Self.chunk))
    var count = start
    while count < pending.count {
      let more = try pending.withUnsafeMutableBytes {
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
      }
      if more == 0 {
        isAtEnd = true
        break
      }
      count += more
    }
    pending.removeLast(pending.count - count)
  }

  private static func separator(of sample: [UInt8], format: FileFormat) -> UInt8 {
    if format == .tsv { return 0x09 }
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in sample {
      if byte == 0x22 { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == 0x0A || byte == 0x0D { break }
      if byte == 0x2C || byte == 0x09 || byte == 0x3B || byte == 0x7C { counts[byte, default: 0] += 1 }
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0x2C
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
