import CZlib
import Foundation

/// A text with the name of the class it belongs to.
public struct LabelledText: Sendable, Codable, Equatable {
  /// The class.
  public var label: String
  /// The text.
  public var text: String

  /// A text of a class.
  public init(label: String, text: String) {
    self.label = label
    self.text = text
  }
}

/// Reads texts with labels from CSV, gzipped or not.
public enum LabelledTextFile {
  /// The rows of a file with a header that names the columns.
  ///
  /// ```swift
  /// let reviews = try LabelledTextFile.read("reviews.csv.gz", textColumn: "review")
  /// ```
  /// Fields may be quoted, with doubled quotes and line breaks inside. Broken UTF-8 is replaced.
  /// - Throws: `TextError.missingFile`, `TextError.damagedFile`, and `TextError.malformedLine` naming file and line.
  public static func read(
    _ path: String, labelColumn: String = "label", textColumn: String = "text"
  ) throws -> [LabelledText] {
    try parse(String(decoding: bytes(path), as: UTF8.self), path, labelColumn, textColumn)
  }

  /// The texts of CSV; `name` is what errors call it.
  public static func parse(
    _ csv: String, _ name: String, _ labelColumn: String = "label", _ textColumn: String = "text"
  ) throws -> [LabelledText] {
    var reader = CSVReader(Array(csv.utf8), name: name)
    guard let header = try reader.next() else {
      throw TextError.malformedLine(
        file: name, line: 1, expected: "a header with the columns \(labelColumn) and \(textColumn)",
        found: "nothing")
    }
    guard let label = header.fields.firstIndex(of: labelColumn),
      let text = header.fields.firstIndex(of: textColumn)
    else {
      throw TextError.malformedLine(
        file: name, line: 1, expected: "a header with the columns \(labelColumn) and \(textColumn)",
        found: header.fields.joined(separator: ","))
    }
    var texts: [LabelledText] = []
    while let row = try reader.next() {
      if row.fields == [""] { continue }
      guard row.fields.count == header.fields.count else {
        throw TextError.malformedLine(
          file: name, line: row.line, expected: "\(header.fields.count) fields as in the header",
          found: "\(row.fields.count)")
      }
      guard !row.fields[label].isEmpty else {
        throw TextError.malformedLine(
          file: name, line: row.line, expected: "a \(labelColumn)", found: "an empty field")
      }
      texts.append(LabelledText(label: row.fields[label], text: row.fields[text]))
    }
    return texts
  }

  /// The file's bytes; zlib hands through what is not gzipped.
  static func bytes(_ path: String) throws -> [UInt8] {
    guard FileManager.default.isReadableFile(atPath: path), let file = gzopen(path, "rb") else {
      throw TextError.missingFile(path: path, hint: "expected a CSV file with a header, gzipped or not")
    }
    defer { gzclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = gzread(file, &chunk, UInt32(chunk.count))
      guard count >= 0 else {
        throw TextError.damagedFile(path: path, reason: "its compressed bytes cannot be read")
      }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[0..<Int(count)])
    }
    var code: Int32 = 0
    _ = gzerror(file, &code)
    guard code == Z_OK || code == Z_STREAM_END else {
      throw TextError.damagedFile(path: path, reason: "its compressed bytes end too early")
    }
    return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
  }
}

/// Reads named columns of CSV whose fields may hold line breaks, gzipped or not.
public enum TextTable {
  /// Calls `body` with the wanted fields of each row and its line; a column that is optional and not there is nil.
  ///
  /// - Throws: `TextError.missingFile`, `TextError.damagedFile`, `TextError.malformedLine`, and what `body` throws.
  public static func read(
    _ path: String, required: [String], optional: [String] = [],
    _ body: (_ fields: [String: String], _ line: Int) throws -> Void
  ) throws {
    var reader = CSVReader(try LabelledTextFile.bytes(path), name: path)
    let header = try reader.next()?.fields ?? []
    guard required.allSatisfy(header.contains) else {
      throw TextError.malformedLine(
        file: path, line: 1, expected: "a header with the columns \(required.joined(separator: ", "))",
        found: header.isEmpty ? "nothing" : header.joined(separator: ","))
    }
    let columns = (required + optional).compactMap { name in header.firstIndex(of: name).map { (name, $0) } }
    while let row = try reader.next() {
      if row.fields == [""] { continue }
      guard row.fields.count == header.count else {
        throw TextError.malformedLine(
          file: path, line: row.line, expected: "\(header.count) fields as in the header",
          found: "\(row.fields.count)")
      }
      let fields = columns.map { ($0.0, row.fields[$0.1]) }
      try body(Dictionary(fields, uniquingKeysWith: { first, _ in first }), row.line)
    }
  }
}

/// The records of CSV (RFC 4180), one after the other.
private struct CSVReader {
  private let bytes: [UInt8]
  private let name: String
  private var position = 0
  private var line = 1

  init(_ bytes: [UInt8], name: String) { (self.bytes, self.name) = (bytes, name) }

  /// The next record and the line it starts on.
  mutating func next() throws -> (fields: [String], line: Int)? {
    guard position < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      let (field, isLast) = try field(recordLine: start)
      fields.append(field)
      if isLast { return (fields, start) }
    }
  }

  private mutating func field(recordLine: Int) throws -> (String, isLast: Bool) {
    var field: [UInt8] = []
    var isQuoted = false
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      isQuoted = true
      position += 1
    }
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == 0x0A { line += 1 }
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          field.append(byte)
        } else if position < bytes.count, bytes[position] == byte {
          field.append(byte)
          position += 1
        } else {
          isQuoted = false
        }
      } else if byte == UInt8(ascii: ",") {
        return (String(decoding: field, as: UTF8.self), false)
      } else if byte == 0x0A {
        if field.last == 0x0D { field.removeLast() }
        return (String(decoding: field, as: UTF8.self), true)
      } else {
        field.append(byte)
      }
    }
    guard !isQuoted else {
      throw TextError.malformedLine(
        file: name, line: recordLine, expected: "a closing quote", found: "the end of the file")
    }
    return (String(decoding: field, as: UTF8.self), true)
  }
}
