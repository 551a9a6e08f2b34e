import CZlib
import Foundation

/// The lines and fields of a plain file: separated by commas, tabs, semicolons or blanks, gzipped or not.
struct PlainFile {
  let path: String

  /// Calls `body` with each line that is not empty, counted from 1.
  func forEachLine(_ body: (Int, UnsafeBufferPointer<UInt8>) throws -> Void) throws {
    try inflated().withUnsafeBufferPointer { bytes in
      var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var line = 0
      while start < bytes.count {
        line += 1
        let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        let text = end > start && bytes[end - 1] == 0x0D ? start..<end - 1 : start..<end
        if !text.isEmpty { try body(line, UnsafeBufferPointer(rebasing: bytes[text])) }
        start = end + 1
      }
    }
  }

  /// The separator that a first line shows.
  static func guessedSeparator(_ line: UnsafeBufferPointer<UInt8>) -> UInt8 {
    [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";")].first { line.contains($0) }
      ?? UInt8(ascii: " ")
  }

  /// The names of a header in lower case, without the type after a colon, as in `user_id:token`.
  static func names(_ header: [String]) -> [String] {
    header.map { $0.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)[0].lowercased() }
  }

  /// The fields of a line; a blank stands for any run of blanks and tabs.
  static func fields(_ line: UnsafeBufferPointer<UInt8>, _ separator: UInt8) -> [String] {
    if separator == UInt8(ascii: " ") {
      return line.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
    }
    guard line.contains(UInt8(ascii: "\"")) else {
      return line.split(separator: separator, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var index = 0
    while index < line.count {
      let byte = line[index]
      if byte == UInt8(ascii: "\"") {
        if isQuoted, index + 1 < line.count, line[index + 1] == byte {
          field.append(byte)
          index += 1
        } else {
          isQuoted.toggle()
        }
      } else if byte == separator, !isQuoted {
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll()
      } else {
        field.append(byte)
      }
      index += 1
    }
    return fields + [String(decoding: field, as: UTF8.self)]
  }

  /// The file's bytes; zlib hands through what is not gzipped.
  func inflated() throws -> [UInt8] {
    guard FileManager.default.isReadableFile(atPath: path), let file = gzopen(path, "rb") else {
      throw RecommendationError.unreadableFile(
        path: path, reason: "there is no such file, or it may not be read")
    }
    defer { gzclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = gzread(file, &chunk, UInt32(chunk.count))
      guard count >= 0 else {
        throw RecommendationError.unreadableFile(path: path, reason: "its compressed bytes are damaged")
      }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[0..<Int(count)])
    }
    // A stream that ends too early reads as a short one; closing tells.
    var code: Int32 = 0
    _ = gzerror(file, &code)
    guard code == Z_OK || code == Z_STREAM_END else {
      throw RecommendationError.unreadableFile(path: path, reason: "its compressed bytes end too early")
    }
    return bytes
  }
}

/// Rows of named columns of a plain file: a header names them, or without one they come in a fixed order.
struct ColumnFile {
  /// A column to be read.
  struct Column {
    /// What it is called in errors, and the name that an error misses.
    let name: String
    /// The names it may have in the header, in lower case.
    let names: [String]
    /// Whether a file may lack it.
    var isOptional = false
  }

  let path: String
  let columns: [Column]

  /// Calls `body` with the line's number and the fields of the columns, nil where the file lacks the column.
  ///
  /// A first line that holds the name of any of the columns is a header. Without one the columns are the first ones,
  /// in the order given, unless `needsHeader` says that there must be one.
  /// - Throws: `RecommendationError` naming file, line, field and what was expected.
  func forEachRow(needsHeader: Bool = false, _ body: (Int, [String?]) throws -> Void) throws {
    var separator: UInt8 = 0
    var places: [Int?]?
    var rows = 0
    try PlainFile(path: path).forEachLine { line, text in
      if places == nil {
        separator = PlainFile.guessedSeparator(text)
        let header = PlainFile.names(PlainFile.fields(text, separator))
        let found = columns.map { column in column.names.lazy.compactMap(header.firstIndex(of:)).first }
        let isHeader = needsHeader || found.contains { $0 != nil }
        places = isHeader ? found : try unnamed(header.count, line)
        for (column, place) in zip(columns, places ?? []) where place == nil && !column.isOptional {
          throw RecommendationError.missingColumn(path: path, column: column.names[0], found: header)
        }
        if isHeader { return }
      }
      let fields = PlainFile.fields(text, separator)
      rows += 1
      try body(line, (places ?? []).map { $0.flatMap { $0 < fields.count ? fields[$0] : nil } })
    }
    guard rows > 0 else { throw RecommendationError.unreadableFile(path: path, reason: "it holds no rows") }
  }

  private func unnamed(_ count: Int, _ line: Int) throws -> [Int?] {
    guard count >= columns.count else {
      throw RecommendationError.malformedRow(
        path: path, line: line, field: columns[count].name, expected: "\(columns.count) columns",
        found: "end of line")
    }
    return columns.indices.map { $0 }
  }

  /// A field that must not be empty.
  func text(_ fields: [String?], _ index: Int, line: Int) throws -> String {
    guard let text = fields[index], !text.isEmpty else {
      throw RecommendationError.malformedRow(
        path: path, line: line, field: columns[index].name, expected: "an id",
        found: fields[index] ?? "end of line")
    }
    return text
  }
}
