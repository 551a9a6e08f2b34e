import Commerce
import Foundation

/// A table of an answer: named columns, and for each row the point that leads to the customers behind it.
public struct AnalysisTable: Sendable, Equatable {
  /// What the table is called.
  public let name: String
  /// The names of the columns, in order.
  public let columns: [String]
  /// The cells of each row, in the order of the columns.
  public private(set) var rows: [[JSONValue]] = []
  /// The point of each row, to be handed back for the customers behind it.
  public private(set) var points: [JSONValue] = []

  init(_ name: String, _ columns: [String]) {
    self.name = name
    self.columns = columns
  }

  /// Adds a row; the point is the table's name with these members.
  mutating func append(_ cells: [JSONValue], point: [String: JSONValue]) {
    precondition(cells.count == columns.count, "a cell for each column of \(name)")
    rows.append(cells)
    points.append(.object(point.merging(["table": .string(name)]) { $1 }))
  }

  /// A cell by its column's name.
  public func value(_ row: Int, _ column: String) -> JSONValue? {
    columns.firstIndex(of: column).map { rows[row][$0] }
  }

  /// The table as `{"name", "columns", "rows": [{column: cell, …, "point"}]}`.
  public var jsonValue: JSONValue {
    let objects = zip(rows, points).map { row, point in
      var object = Dictionary(zip(columns, row), uniquingKeysWith: { $1 })
      object["point"] = point
      return JSONValue.object(object)
    }
    return ["name": .string(name), "columns": JSONValue(columns), "rows": JSONValue(objects)]
  }

  /// The table as lines of comma-separated values (RFC 4180) with a header.
  ///
  /// A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
  public var csv: String {
    let lines = [columns.map { Self.cell(.string($0)) }] + rows.map { $0.map(Self.cell) }
    return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func cell(_ value: JSONValue) -> String {
    guard case .string(var text) = value else { return value == .null ? "" : value.json }
    if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(text) == nil {
      text = "'" + text
    }
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

/// An answer: tables, what they were made from, and what was left out.
public struct AnalysisResult: Sendable, Equatable {
  /// The question.
  public let definition: AnalysisDefinition
  /// The tables.
  public internal(set) var tables: [AnalysisTable] = []
  /// How many events, customers and so on were looked at.
  public internal(set) var sample: [String: JSONValue] = [:]
  /// What was not looked at, and why.
  public internal(set) var leftOut: [(reason: String, what: String, count: Int)] = []
  private let span: JSONValue
  private let asOf: Timestamp

  init(_ definition: AnalysisDefinition, _ range: Range<Int64>, _ data: AnalyticsData) {
    self.definition = definition
    asOf = data.asOf
    let (first, last) = (
      data.calendar.day(ofMilliseconds: range.lowerBound),
      data.calendar.day(ofMilliseconds: range.upperBound - 1)
    )
    span = [
      "from": JSONValue(Timestamp(milliseconds: range.lowerBound)),
      "to": JSONValue(Timestamp(milliseconds: range.upperBound)), "from_day": .string(dayText(first)),
      "to_day": .string(dayText(last)), "days": JSONValue(Int(last - first) + 1),
      "time_zone": .string(data.calendar.timeZone),
    ]
  }

  /// A table by its name; the first without one.
  public func table(_ name: String? = nil) -> AnalysisTable? {
    guard let name else { return tables.first }
    return tables.first { $0.name == name }
  }

  /// A table as comma-separated values; nil when there is none of the name.
  public func csv(table name: String? = nil) -> String? { table(name)?.csv }

  /// Notes events or others that were not looked at; nothing when there are none.
  mutating func leave(out count: Int, _ reason: String, _ what: String = "events") {
    if count > 0 { leftOut.append((reason, what, count)) }
  }

  /// The answer as JSON.
  public var jsonValue: JSONValue {
    [
      "analysis": .string(definition.kind.rawValue), "definition": definition.jsonValue, "span": span,
      "interval": .string(definition.interval.rawValue), "as_of": JSONValue(asOf), "sample": .object(sample),
      "left_out": JSONValue(leftOut.map { ["reason": .string($0.reason), $0.what: JSONValue($0.count)] }),
      "tables": JSONValue(tables.map(\.jsonValue)),
    ]
  }

  /// Whether two answers are the same.
  public static func == (a: AnalysisResult, b: AnalysisResult) -> Bool { a.jsonValue == b.jsonValue }
}
