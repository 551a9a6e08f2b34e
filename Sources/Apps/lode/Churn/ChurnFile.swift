import ArgumentParser
import Commerce
import CustomerValue
import Foundation

/// A CSV file with a row for each customer and a column that says who left.
struct ChurnFile: ParsableArguments {
  @Option(
    help: ArgumentHelp("The file: CSV with a header, a row for each customer.", valueName: "file"))
  var customers: String
  @Option(help: ArgumentHelp("The column that says who left.", valueName: "name")) var target: String
  @Option(
    help: ArgumentHelp("The value of who left; else 1, true, yes, churned or left.", valueName: "value"))
  var positive: String?
  @Option(
    help: ArgumentHelp(
      "The column of the customer's id; else id, customer, customer_id or customerID, or the row's number.",
      valueName: "name"))
  var idColumn: String?
  @Option(help: ArgumentHelp("Columns to learn from, else all others.", valueName: "name,…"))
  var columns: String?
  @Option(help: ArgumentHelp("Columns that are passed over.", valueName: "name,…")) var without: String?

  /// The names of an option, separated by commas.
  static func names(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// Reads the customers; `notes` says which columns were passed over, `lines` where each customer stands.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  func read() throws -> (table: ChurnTable, notes: [String]) {
    let header = try PlainTable.header(customers)
    guard header.contains(target) else {
      throw ValidationError(
        "\(customers):1: there is no column '\(target)' (--target); found \(header.joined(separator: ", ")).")
    }
    let id = idColumn ?? ["id", "customer", "customer_id", "customerID"].first(where: header.contains)
    let skipped = Set(Self.names(without) + [target] + (id.map { [$0] } ?? []))
    for name in Self.names(without) + Self.names(columns) where !header.contains(name) {
      throw ValidationError(
        "\(customers):1: there is no column '\(name)'; found \(header.joined(separator: ", ")).")
    }
    let wanted = columns.map { Self.names($0) } ?? header.filter { !skipped.contains($0) && !$0.isEmpty }
    guard !wanted.isEmpty else {
      throw ValidationError("\(customers):1: there is no column to learn from beside '\(target)'.")
    }
    var (ids, answers, texts) = ([String](), [String](), [[String]](repeating: [], count: wanted.count))
    let first = id ?? target
    try PlainTable.read(customers, required: [], optional: [first, target] + wanted) { row in
      ids.append(id == nil ? "\(ids.count + 1)" : row[0])
      answers.append(row[1])
      for column in wanted.indices { texts[column].append(row[column + 2]) }
    }
    guard !ids.isEmpty else { throw ValidationError("\(customers): there are no customers in it.") }
    let (found, notes) = Self.typed(wanted, texts)
    guard !found.isEmpty else {
      throw ValidationError(
        "\(customers): no column says anything of who leaves; \(notes.joined(separator: "; ")).")
    }
    return (try ChurnTable(ids: ids, columns: found, labels: try labels(answers)), notes)
  }

  /// Columns of numbers or of categories; the rest is passed over, with a note.
  private static func typed(
    _ names: [String], _ texts: [[String]]
  ) -> (columns: [ChurnTable.Column], notes: [String]) {
    var (found, notes) = ([ChurnTable.Column](), [String]())
    for (name, values) in zip(names, texts) {
      let known = values.filter { !isGap($0) }
      let kinds = Set(known).count
      if kinds < 2 {
        notes.append("column '\(name)' is passed over: nothing varies in it")
      } else if known.allSatisfy({ number($0) != nil }) {
        found.append(.init(name: name, .numbers(values.map { number($0) ?? .nan })))
      } else if kinds <= max(20, known.count / 10) {
        found.append(.init(name: name, .categories(values.map { isGap($0) ? "" : $0 })))
      } else {
        notes.append("column '\(name)' is passed over: nearly all its values differ")
      }
    }
    return (found, notes)
  }

  private static func isGap(_ text: String) -> Bool {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    return trimmed.isEmpty || trimmed == "NA" || trimmed == "NaN"
  }

  private static func number(_ text: String) -> Double? {
    Double(text.trimmingCharacters(in: .whitespaces)).flatMap { $0.isFinite ? $0 : nil }
  }

  /// Who left; nil where the field is empty.
  private func labels(_ answers: [String]) throws -> [Bool?] {
    let kinds = Set(answers.filter { !Self.isGap($0) })
    let yes: String
    if let positive {
      guard kinds.contains(positive) else {
        throw ValidationError(
          "\(customers): the column '\(target)' has no '\(positive)' (--positive); found \(kinds.sorted().prefix(10).joined(separator: ", "))."
        )
      }
      yes = positive
    } else {
      let usual: Set<String> = ["1", "1.0", "true", "yes", "y", "churned", "churn", "left", "是", "流失"]
      guard kinds.count == 2, let found = kinds.first(where: { usual.contains($0.lowercased()) }) else {
        throw ValidationError(
          "\(customers): the column '\(target)' has \(kinds.count) values (\(kinds.sorted().prefix(10).joined(separator: ", "))); expected two, one of them such as yes or 1. --positive names the value of who left."
        )
      }
      yes = found
    }
    return answers.map { Self.isGap($0) ? nil : $0 == yes }
  }
}
