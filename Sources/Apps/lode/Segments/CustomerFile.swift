import ArgumentParser
import Commerce
import Foundation
import Segmentation

/// A CSV file with a row for each customer, or, for RFM, for each purchase.
struct CustomerFile: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file: CSV with a header, a row for each customer; for RFM also a row for each purchase.",
      valueName: "file"))
  var customers: String
  @Option(
    help: ArgumentHelp(
      "The column of the customer's id; else id, customer or customer_id, or the first.", valueName: "name"))
  var idColumn: String?
  @Option(
    help: ArgumentHelp("The columns that segments are made of, else all others.", valueName: "name,…"))
  var columns: String?
  @Option(help: ArgumentHelp("RFM: the column of a purchase's time.", valueName: "name")) var timeColumn =
    "time"
  @Option(help: ArgumentHelp("RFM: the column of a purchase's amount.", valueName: "name")) var amountColumn =
    "amount"

  @Option(help: ArgumentHelp("LDA: the column of what was bought.", valueName: "name")) var itemColumn =
    "item"

  private static let gaps: Set<String> = ["", "NA"]

  private func idColumn(of header: [String]) throws -> String {
    if let idColumn { return idColumn }
    guard let first = header.first, !first.isEmpty else {
      throw ValidationError("\(customers):1: there is no header; expected the names of columns.")
    }
    return ["id", "customer", "customer_id"].first(where: header.contains) ?? first
  }

  /// Reads customers; `notes` says which columns were passed over.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  func read() throws -> (table: CustomerTable, notes: [String]) {
    let header = try PlainTable.header(customers)
    let id = try idColumn(of: header)
    let named = columns?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let wanted = named ?? header.filter { $0 != id && !$0.isEmpty }
    guard !wanted.isEmpty else {
      throw ValidationError(
        "\(customers):1: there is no column beside '\(id)'; expected numbers or categories.")
    }
    var (ids, texts) = ([String](), [[String]](repeating: [], count: wanted.count))
    var seen: Set<String> = []
    try PlainTable.read(customers, required: [id] + wanted, optional: []) { row in
      guard seen.insert(row[0]).inserted else {
        throw PlainTable.Problem(field: id, value: row[0], expected: "each customer once")
      }
      ids.append(row[0])
      for column in wanted.indices { texts[column].append(row[column + 1]) }
    }
    guard !ids.isEmpty else { throw ValidationError("\(customers): there are no customers in it.") }
    var (found, notes) = ([CustomerTable.Column](), [String]())
    for (place, name) in wanted.enumerated() {
      if let values = Self.values(of: texts[place]) {
        found.append(.init(name: name, values))
      } else if named == nil, !Self.isNumeric(texts[place]) {
        notes.append("column '\(name)' is passed over: nearly all its values differ")
      } else {
        throw firstProblem(id, name)
      }
    }
    return (try CustomerTable(ids: ids, columns: found), notes)
  }

  /// Numbers when all are, categories when they come again; nil for neither.
  private static func values(of texts: [String]) -> CustomerTable.Values? {
    let known = texts.filter { !gaps.contains($0) }
    if known.allSatisfy({ number($0) != nil }) { return .numbers(texts.map { number($0) ?? .nan }) }
    guard !isNumeric(texts), Set(known).count <= max(20, known.count / 10) else { return nil }
    return .categories(texts.map { gaps.contains($0) ? "" : $0 })
  }

  /// Whether four of five values are numbers: then the others are slips, not categories.
  private static func isNumeric(_ texts: [String]) -> Bool {
    let known = texts.filter { !gaps.contains($0) }
    return known.count { number($0) != nil } * 5 > known.count * 4
  }

  private static func number(_ text: String) -> Double? {
    Double(text.trimmingCharacters(in: .whitespaces)).flatMap { $0.isFinite ? $0 : nil }
  }

  /// The error of the first value that is no number.
  private func firstProblem(_ id: String, _ name: String) -> any Error {
    do {
      try PlainTable.read(customers, required: [id, name], optional: []) { row in
        guard Self.gaps.contains(row[1]) || Self.number(row[1]) != nil else {
          throw PlainTable.Problem(
            field: name, value: row[1], expected: "a number, or a category that comes again")
        }
      }
    } catch { return error }
    return ValidationError("\(customers): the column '\(name)' holds neither numbers nor categories.")
  }

  /// Reads what LDA needs: a row for each customer and item bought.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  func readBaskets() throws -> [BasketTopics.Basket] {
    let id = try idColumn(of: try PlainTable.header(customers))
    var (places, baskets) = ([String: Int](), [BasketTopics.Basket]())
    try PlainTable.read(customers, required: [id, itemColumn], optional: []) { row in
      guard !row[1].isEmpty else {
        throw PlainTable.Problem(field: itemColumn, value: "", expected: "the name of an item or category")
      }
      if let place = places[row[0]] {
        baskets[place].items.append(row[1])
      } else {
        places[row[0]] = baskets.count
        baskets.append(.init(customer: row[0], items: [row[1]]))
      }
    }
    guard !baskets.isEmpty else { throw ValidationError("\(customers): there are no purchases in it.") }
    return baskets
  }

  /// Reads what RFM needs: purchases, or customers' recency, frequency and monetary.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  func readRFM() throws -> [RecencyFrequencyMonetary.Customer] {
    let header = try PlainTable.header(customers)
    let id = try idColumn(of: header)
    let found =
      try header.contains(timeColumn) && header.contains(amountColumn)
      ? scoredPurchases(id) : scoredCustomers(id, header)
    guard !found.isEmpty else { throw ValidationError("\(customers): there are no customers in it.") }
    return found
  }

  private func scoredPurchases(_ id: String) throws -> [RecencyFrequencyMonetary.Customer] {
    var purchases: [RecencyFrequencyMonetary.Purchase] = []
    try PlainTable.read(customers, required: [id, timeColumn, amountColumn], optional: []) { row in
      guard let time = Timestamp(rfc3339: row[1]) else {
        throw PlainTable.Problem(
          field: timeColumn, value: row[1], expected: "a date or a time such as 2017-12-31T10:00:00Z")
      }
      purchases.append(
        .init(
          customer: row[0], day: Double(time.milliseconds) / 86_400_000,
          amount: try number(row[2], amountColumn)))
    }
    return try RecencyFrequencyMonetary().score(purchases, asOf: purchases.map(\.day).max() ?? 0)
  }

  private func scoredCustomers(_ id: String, _ header: [String]) throws -> [RecencyFrequencyMonetary.Customer]
  {
    let names = ["recency", "frequency", "monetary"]
    guard names.allSatisfy(header.contains) else {
      throw ValidationError(
        "\(customers):1: RFM needs the columns '\(timeColumn)' and '\(amountColumn)' of purchases, or \(names.joined(separator: ", ")); found \(header.joined(separator: ", "))."
      )
    }
    var found: [RecencyFrequencyMonetary.Customer] = []
    var seen: Set<String> = []
    try PlainTable.read(customers, required: [id] + names, optional: []) { row in
      guard seen.insert(row[0]).inserted else {
        throw PlainTable.Problem(field: id, value: row[0], expected: "each customer once")
      }
      let values = try zip(row.dropFirst(), names).map { try number($0, $1) }
      found.append(.init(id: row[0], recencyDays: values[0], frequency: values[1], monetary: values[2]))
    }
    return try RecencyFrequencyMonetary().score(found)
  }

  private func number(_ text: String, _ field: String) throws -> Double {
    guard let value = Self.number(text) else {
      throw PlainTable.Problem(field: field, value: text, expected: "a number")
    }
    return value
  }
}
