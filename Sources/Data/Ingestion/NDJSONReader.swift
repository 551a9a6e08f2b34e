import Commerce

/// Reads one JSON object a line. With columns, the scalars of each object become values by their names, those of
/// nested objects by dotted paths (`user.id`), arrays as their JSON; without, rows carry their text alone.
final class NDJSONReader: RecordReader {
  static let longestRow = 4 << 20

  let columns: [String]
  private let indexes: [String: Int]
  private let file: InputFile
  private var pending: [UInt8] = []
  private var line = 1
  private var isAtEnd = false

  init(_ file: InputFile, columns: [String]) {
    self.file = file
    self.columns = columns
    indexes = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func next() throws -> RecordBatch? {
    while true {
      if pending.isEmpty && isAtEnd { return nil }
      if !isAtEnd { try refill() }
      let end = isAtEnd ? pending.count : pending.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      if end == 0 {
        guard pending.count > Self.longestRow else { continue }
        throw IngestionError.malformedFile(
          path: file.path, line: line, reason: "the line is longer than \(Self.longestRow) bytes")
      }
      let batch = parse(Array(pending[..<end]))
      pending.removeFirst(end)
      if !batch.rows.isEmpty { return batch }
    }
  }

  private func refill() throws {
    let start = pending.count
    pending.append(contentsOf: repeatElement(0, count: DelimitedReader.chunk))
    let count = try pending.withUnsafeMutableBytes {
      try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
    }
    isAtEnd = count == 0
    pending.removeLast(DelimitedReader.chunk - count)
  }

  private func parse(_ text: [UInt8]) -> RecordBatch {
    var batch = RecordBatch()
    batch.bytes = text
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0A) ?? text.count
      let first = batch.values.count
      if text[start..<end].contains(where: { $0 > 0x20 }) {
        let fault = columns.isEmpty ? nil : appendValues(text[start..<end], to: &batch)
        batch.rows.append(
          RecordBatch.Row(
            line: line, raw: Int32(start)..<Int32(end), values: Int32(first)..<Int32(batch.values.count),
            fault: fault))
      }
      line += 1
      start = end + 1
    }
    return batch
  }

  /// Adds the values of one object; returns why it cannot be read.
  private func appendValues(_ text: ArraySlice<UInt8>, to batch: inout RecordBatch) -> String? {
    do throws(JSONSyntaxError) {
      let value = try JSONValue(json: text)
      guard case .object(let members) = value else { return "expected a JSON object" }
      var values = [Range<Int32>](repeating: RecordBatch.absent, count: columns.count)
      flatten(members, "", 0, &values, &batch)
      batch.values += values
      return nil
    } catch {
      return error.description
    }
  }

  private func flatten(
    _ members: [String: JSONValue], _ prefix: String, _ depth: Int, _ values: inout [Range<Int32>],
    _ batch: inout RecordBatch
  ) {
    for (key, value) in members {
      let name = prefix + key
      if case .object(let inner) = value, depth < 8 { flatten(inner, name + ".", depth + 1, &values, &batch) }
      guard let index = indexes[name], value != .null else { continue }
      let start = Int32(batch.bytes.count)
      if case .string(let text) = value {
        batch.bytes += text.utf8
      } else {
        value.appendJSON(to: &batch.bytes)
      }
      values[index] = start..<Int32(batch.bytes.count)
    }
  }
}
