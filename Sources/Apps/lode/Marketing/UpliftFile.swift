import ArgumentParser
import Foundation
import Learning
import Marketing

/// A CSV file with a row for each customer: who was treated, what came of it, and what was known before.
struct UpliftFile: ParsableArguments {
  @Option(help: ArgumentHelp("The file: CSV with a header, a row for each customer.", valueName: "file"))
  var customers: String
  @Option(
    help: ArgumentHelp("The column that says who was treated: 1 or 0, true or false.", valueName: "name"))
  var treatment: String
  @Option(
    help: ArgumentHelp(
      "The column of what came of it: 1 or 0 for a purchase, or an amount.", valueName: "name"))
  var outcome: String
  @Option(
    help: ArgumentHelp(
      "The column of the same figure in the time before, which makes intervals narrower (CUPED).",
      valueName: "name"))
  var before: String?
  @Option(
    help: ArgumentHelp(
      "The column of the customer's id; else id, customer or customer_id, or the first.", valueName: "name"))
  var idColumn: String?
  @Option(
    help: ArgumentHelp(
      "The columns known before that effects may depend on, else all others.", valueName: "name,…"))
  var columns: String?

  private static let gaps: Set<String> = ["", "NA"]
  private static let mostCategories = 12

  /// What the file holds.
  struct Contents {
    var ids: [String]
    var data: UpliftDataset
    var before: [Double]?
    /// Columns that were passed over, and why.
    var notes: [String]
  }

  /// Reads customers.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  func read() throws -> Contents {
    let header = try PlainTable.header(customers)
    guard let first = header.first, !first.isEmpty else {
      throw ValidationError("\(customers):1: there is no header; expected the names of columns.")
    }
    let id = idColumn ?? ["id", "customer", "customer_id"].first(where: header.contains) ?? first
    let special = [id, treatment, outcome] + (before.map { [$0] } ?? [])
    let named = columns?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    if let wrong = named?.first(where: { [treatment, outcome].contains($0) }) {
      throw ValidationError("--columns names '\(wrong)', which is not known before the treatment.")
    }
    let wanted =
      named ?? (header.filter { !special.contains($0) && !$0.isEmpty } + (before.map { [$0] } ?? []))
    guard !wanted.isEmpty else {
      throw ValidationError("\(customers):1: there is no column of what was known before.")
    }
    var (ids, treated, outcomes, earlier) = ([String](), [Bool](), [Double](), [Double]())
    var texts = [[String]](repeating: [], count: wanted.count)
    var seen: Set<String> = []
    try PlainTable.read(customers, required: special + wanted, optional: []) { row in
      guard seen.insert(row[0]).inserted else {
        throw PlainTable.Problem(field: id, value: row[0], expected: "each customer once")
      }
      ids.append(row[0])
      treated.append(try Self.flag(row[1], treatment))
      outcomes.append(try Self.number(row[2], outcome))
      if let before { earlier.append(try Self.number(row[3], before)) }
      for place in wanted.indices { texts[place].append(row[special.count + place]) }
    }
    guard !ids.isEmpty else { throw ValidationError("\(customers): there are no customers in it.") }
    let (features, notes) = try features(wanted, texts, isChosen: named != nil)
    return Contents(
      ids: ids, data: UpliftDataset(features: features, treated: treated, outcomes: outcomes),
      before: before == nil ? nil : earlier, notes: notes)
  }

  private static func flag(_ text: String, _ field: String) throws -> Bool {
    switch text.trimmingCharacters(in: .whitespaces).lowercased() {
    case "1", "true", "yes", "1.0": return true
    case "0", "false", "no", "0.0": return false
    default: throw PlainTable.Problem(field: field, value: text, expected: "1 or 0, true or false")
    }
  }

  private static func number(_ text: String, _ field: String) throws -> Double {
    let text = text.trimmingCharacters(in: .whitespaces)
    if let value = Double(text), value.isFinite { return value }
    guard ["true", "false"].contains(text.lowercased()) else {
      throw PlainTable.Problem(field: field, value: text, expected: "a number")
    }
    return text.lowercased() == "true" ? 1 : 0
  }

  /// Numbers as they are, gaps as such; categories as columns of 0 and 1 for the commonest.
  private func features(
    _ names: [String], _ texts: [[String]], isChosen: Bool
  ) throws -> (table: FeatureMatrix, notes: [String]) {
    var (found, notes) = ([(name: String, values: [Float])](), [String]())
    for (name, column) in zip(names, texts) {
      let known = column.filter { !Self.gaps.contains($0) }
      if known.allSatisfy({ Double($0)?.isFinite == true }) {
        found.append((name, column.map { Float($0) ?? .nan }))
        continue
      }
      var counts: [String: Int] = [:]
      for text in known { counts[text, default: 0] += 1 }
      guard counts.count <= max(20, known.count / 10) else {
        guard !isChosen else {
          throw ValidationError(
            "\(customers):1: the column '\(name)' holds neither numbers nor categories that come again.")
        }
        notes.append("column '\(name)' is passed over: nearly all its values differ")
        continue
      }
      let common = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(Self.mostCategories)
      for (category, _) in common {
        found.append(("\(name)=\(category)", column.map { $0 == category ? 1 : 0 }))
      }
    }
    guard !found.isEmpty else {
      throw ValidationError("\(customers):1: no column that was known before holds numbers or categories.")
    }
    var table = FeatureMatrix(names: found.map(\.name))
    table.reserveRows(texts[0].count)
    for row in texts[0].indices { table.append(found.map { $0.values[row] }) }
    return (table, notes)
  }
}
