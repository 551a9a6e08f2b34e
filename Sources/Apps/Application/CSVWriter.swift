import Commerce
import Foundation

/// Rows of JSON as lines of a CSV file (RFC 4180), one at a time: a file may be longer than memory.
public struct CSVWriter: Sendable {
  private let columns: [String]
  private let paths: [[String]]

  /// A writer of certain columns: names of members, those of nested objects joined by dots (`spend.amount`).
  ///
  /// A member that has no column is left out; an object or array that has one is written as JSON text.
  public init(columns: [String]) {
    self.columns = columns
    paths = columns.map { $0.split(separator: ".").map(String.init) }
  }

  /// The first line: the names of the columns.
  public var header: String { line(columns) }

  /// One row. A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
  public func line(_ row: JSONValue) -> String { line(paths.map { text(at: $0[...], of: row) }) }

  private func line(_ cells: [String]) -> String {
    cells.map(Self.cell).joined(separator: ",") + "\r\n"
  }

  private func text(at path: ArraySlice<String>, of value: JSONValue) -> String {
    guard let name = path.first else { return Self.text(value) }
    return value[name].map { text(at: path.dropFirst(), of: $0) } ?? ""
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text):
      // By scalar: a combining mark or a line feed makes another character of the first one.
      "=+-@\t\r".unicodeScalars.contains(text.unicodeScalars.first ?? " ") && Double(text) == nil
        ? "'" + text : text
    default: String(decoding: value.serialized, as: UTF8.self)
    }
  }

  private static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
      return text
    }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
