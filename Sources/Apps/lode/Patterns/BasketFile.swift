import ArgumentParser
import Commerce
import Foundation
import Patterns

/// A file of baskets: a line for each basket, or a CSV file with a row for each item of each basket.
struct BasketFile: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file: one line a basket, its items separated by commas, tabs, semicolons or blanks; or CSV with a header.",
      valueName: "file"))
  var baskets: String?
  @Option(help: ArgumentHelp("The column of the basket's id.", valueName: "name")) var basketColumn = "basket"
  @Option(help: ArgumentHelp("The column of the item.", valueName: "name")) var itemColumn = "item"
  @Option(help: ArgumentHelp("The column of the time.", valueName: "name")) var timeColumn = "time"
  @Option(help: ArgumentHelp("The column of the customer.", valueName: "name")) var customerColumn =
    "customer"

  /// Where the baskets are.
  var path: String { baskets ?? "" }

  /// One basket.
  struct Basket {
    var items: [Int32] = []
    var time: Timestamp?
    var customer: String?
  }

  /// What the file holds.
  struct Content {
    var items = Vocabulary()
    /// In the order of the file.
    var baskets: [Basket] = []
    /// Whether the file has columns.
    var isTable = false
  }

  /// Reads the file.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  func read() throws -> Content {
    let header = try PlainTable.header(path)
    let content =
      header.contains(basketColumn) && header.contains(itemColumn) ? try table() : try lines()
    guard !content.baskets.isEmpty else { throw ValidationError("\(path): there are no baskets in it.") }
    return content
  }

  private func table() throws -> Content {
    var content = Content(isTable: true)
    var places: [String: Int] = [:]
    try PlainTable.read(
      path, required: [basketColumn, itemColumn], optional: [timeColumn, customerColumn]
    ) { row in
      guard !row[1].isEmpty else {
        throw PlainTable.Problem(field: itemColumn, value: "", expected: "an item")
      }
      let place = places[row[0]] ?? content.baskets.count
      if place == content.baskets.count {
        places[row[0]] = place
        content.baskets.append(
          Basket(time: try Self.time(row[2], timeColumn), customer: row[3].isEmpty ? nil : row[3]))
      }
      content.baskets[place].items.append(content.items.insert(row[1]))
    }
    return content
  }

  private static func time(_ text: String, _ column: String) throws -> Timestamp? {
    guard !text.isEmpty else { return nil }
    guard let time = Timestamp(rfc3339: text) else {
      throw PlainTable.Problem(
        field: column, value: text, expected: "a date or a time such as 2017-12-31T10:00:00Z")
    }
    return time
  }

  private func lines() throws -> Content {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("\(path): cannot be read.")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ValidationError("\(path): is not UTF-8 text.")
    }
    var content = Content()
    var separator: Character?
    for line in text.split(whereSeparator: \.isNewline) {
      if separator == nil { separator = ["\t", ",", ";"].first { line.contains($0) } ?? " " }
      let items = line.split(separator: separator ?? " ").map { $0.trimmingCharacters(in: .whitespaces) }
      let codes = items.filter { !$0.isEmpty }.map { content.items.insert($0) }
      if !codes.isEmpty { content.baskets.append(Basket(items: codes)) }
    }
    return content
  }
}
