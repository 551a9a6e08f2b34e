import Analytics
import ArgumentParser
import Commerce
import Foundation

/// What all analyses take: the shop, the span, filters, and how the answer is written.
struct AnalyticsOptions: ParsableArguments {
  @OptionGroup var store: StoreOptions
  @Option(help: "A JSON file with the whole definition; other options but the output's are not taken then.")
  var definition: String?
  @Option(help: "The last so many days.") var lastDays: Int?
  @Option(help: "From this local day, such as 2017-01-31, or RFC 3339 moment.") var from: String?
  @Option(help: "To the end of this local day, or to just before a moment.") var to: String?
  @Option(help: "How time is cut: hour, day, week or month.") var interval: String?
  @Option(help: "What counts as one event: order (lines of one order are one) or event.") var unit: String?
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only events with this, such as 'event.channel is web' or 'event.amount at_least 10'; may be given again.",
      valueName: "property op value"))
  var conditions: [String] = []
  @Option(help: "A property that splits the answer, such as event.channel or customer.attribute.age.")
  var breakdown: String?
  @Option(help: "So many groups are told apart.") var top: Int?
  @Option(help: "The table to show; by default all of them, with --csv the first.") var table: String?
  @Option(help: "At most so many rows of each table.") var limit = 40
  @Option(
    help: "Instead of the answer, the customers behind this point: the JSON that a row has as its point.")
  var customers: String?
  @Flag(help: "Write JSON for machines instead of tables for people.") var json = false
  @Flag(help: "Write a table as comma-separated values.") var csv = false

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is \(limit); expected at least 1.") }
    if json, csv { throw ValidationError("Either --json or --csv.") }
  }

  /// The definition: a file's, or one made of the options and the analysis' own part.
  func chosen(_ kind: AnalysisDefinition.Kind, _ question: [String: JSONValue]) throws -> AnalysisDefinition {
    if let definition {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: definition))
      let json: JSONValue
      do { json = try JSONValue(json: bytes) } catch { throw ValidationError("\(definition): \(error)") }
      let found = try AnalysisDefinition(json: json)
      guard found.kind == kind else {
        throw ValidationError("\(definition) asks for \(found.kind.rawValue), not for \(kind.rawValue).")
      }
      return found
    }
    var json: [String: JSONValue] = ["analysis": .string(kind.rawValue), kind.rawValue: .object(question)]
    json["span"] = span
    json["interval"] = interval.map { .string($0) }
    json["unit"] = unit.map { .string($0) }
    let filters = try conditions.map(Self.condition)
    if !filters.isEmpty { json["filter"] = ["all": JSONValue(filters)] }
    if let breakdown {
      json["breakdown"] = ["property": .string(breakdown), "top": top.map { JSONValue($0) } ?? .null]
    }
    return try AnalysisDefinition(json: .object(json))
  }

  private var span: JSONValue? {
    if let lastDays { return ["last_days": JSONValue(lastDays)] }
    guard from != nil || to != nil else { return nil }
    return ["from": JSONValue(from), "to": JSONValue(to)]
  }

  /// A filter from its words: the property, the operator, and the rest as the value; lists are separated by commas.
  static func condition(_ text: String) throws -> JSONValue {
    let words = text.split(separator: " ", maxSplits: 2).map(String.init)
    guard words.count >= 2 else {
      throw ValidationError("'\(text)' is no condition; expected a property, an operator and a value.")
    }
    var condition: JSONValue = ["property": .string(words[0]), "op": .string(words[1])]
    guard words.count == 3 else { return condition }
    switch words[1] {
    case "in", "not_in":
      condition["value"] = JSONValue(words[2].split(separator: ",").map { value(String($0)) })
    case "between":
      condition["value"] = JSONValue(words[2].split(separator: ",").map { .number(Double($0) ?? .nan) })
    case "at_least", "at_most", "above", "below": condition["value"] = value(words[2])
    default: condition["value"] = .string(words[2])
    }
    return condition
  }

  private static func value(_ text: String) -> JSONValue { Double(text).map { .number($0) } ?? .string(text) }

  /// Answers, and writes the answer.
  func answer(_ definition: AnalysisDefinition) async throws {
    let data = try await AnalyticsShop.load(store)
    if let customers { return try list(customers, definition, data) }
    let result = try definition.run(on: data)
    if json { return Console.write(result.jsonValue) }
    let names = result.tables.map(\.name)
    if let table, !names.contains(table) {
      throw ValidationError("--table is '\(table)'; expected one of \(names.joined(separator: ", ")).")
    }
    if csv { return print(result.csv(table: table) ?? "", terminator: "") }
    AnalyticsTables.show(result, table: table, limit: limit)
  }

  private func list(_ point: String, _ definition: AnalysisDefinition, _ data: AnalyticsData) throws {
    let json: JSONValue
    do { json = try JSONValue(json: Array(point.utf8)) } catch {
      throw ValidationError("--customers: \(error)")
    }
    let found = try definition.customers(at: json, on: data)
    let ids = found.prefix(self.json || csv ? found.count : limit).map { data.frame.customers[$0] }
    if self.json { return Console.write(["customers": JSONValue(ids), "total": JSONValue(found.count)]) }
    if csv { print("customer_id") }
    for id in ids { print(id) }
    if ids.count < found.count { Console.note("\(ids.count) of \(found.count); --limit shows more.") }
  }
}

/// Tables for people.
enum AnalyticsTables {
  static func show(_ result: AnalysisResult, table: String?, limit: Int) {
    let json = result.jsonValue
    let (span, sample) = (json["span"], json["sample"]?.object ?? [:])
    print(
      "\(Words.text(span?["from_day"])) to \(Words.text(span?["to_day"])) (\(Words.text(span?["time_zone"]))), "
        + sample.sorted { $0.key < $1.key }.map { "\(cell($0.value)) \($0.key.replacing("_", with: " "))" }
        .joined(separator: ", "))
    for part in json["left_out"]?.array ?? [] {
      let counts = (part.object ?? [:]).filter { $0.key != "reason" }
      for (what, count) in counts { print("left out: \(cell(count)) \(what), \(Words.text(part["reason"]))") }
    }
    for shown in result.tables where table.map({ $0 == shown.name }) ?? true { show(shown, limit) }
  }

  private static func show(_ table: AnalysisTable, _ limit: Int) {
    // Columns that say nothing here: the only group, and places that only points need.
    let isSplit = table.rows.contains { $0.first != "(all)" }
    let hidden: Set<String> = isSplit ? ["group_kind", "start"] : ["group", "group_kind", "start"]
    let shown = table.columns.indices.filter { !hidden.contains(table.columns[$0]) }
    print("\n\(table.name)")
    Console.table(
      shown.map { table.columns[$0].replacing("_", with: " ") },
      table.rows.prefix(limit).map { row in shown.map { cell(row[$0]) } })
    if table.rows.count > limit { Console.note("\(limit) of \(table.rows.count) rows; --limit shows more.") }
  }

  static func cell(_ value: JSONValue) -> String {
    switch value {
    case .null: return "–"
    case .string(let text): return text
    case .number(let number):
      return number == number.rounded() && abs(number) < 1e15
        ? String(format: "%.0f", number) : String(format: abs(number) < 10 ? "%.4f" : "%.2f", number)
    default: return value.json
    }
  }
}
