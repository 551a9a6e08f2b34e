import ArgumentParser
import Commerce
import Features
import Foundation

/// The files of purchases and items that needs and profiles are measured on.
struct PurchaseFiles: ParsableArguments {
  @Option(help: "The file of order lines.") var transactions: String
  @Option(help: "The file of items.") var items: String
  @Option(help: "The customer's column.") var customerColumn = "customer_id"
  @Option(help: "The item's column, in both files.") var itemColumn = "item_id"
  @Option(help: "The time's column: RFC 3339, or a date.") var timeColumn = "timestamp"
  @Option(help: "The order's column, when there is one.") var orderColumn = "order_id"
  @Option(help: "The column of units, when there is one.") var quantityColumn = "quantity"
  @Option(help: "The column of what was paid for the line, when there is one.") var amountColumn = "amount"
  @Option(help: "The column of money off the line, when there is one.") var discountColumn = "discount"
  @Option(help: "The column of the category, in the file of items.") var categoryColumn = "category"
  @Option(help: "The column of the broader category, when there is one.") var groupColumn = "department"
  @Option(help: "The column of the brand, when there is one.") var brandColumn = "brand"
  @Option(help: "The currency of all amounts.") var currency = "USD"
  @Option(help: "The shop's time zone, which decides where days begin.") var timeZone = "UTC"

  func validate() throws {
    guard Currency(currency) != nil else {
      throw ValidationError("'\(currency)' is not an ISO 4217 currency code such as USD.")
    }
  }

  /// The items with their categories and brands; `body` is given each row's id and its fields of more columns.
  func readItems(
    more columns: [String] = [], _ body: (String, [String]) throws -> Void = { _, _ in }
  ) throws -> CatalogueIndex {
    var catalogue = CatalogueIndex()
    try PlainTable.read(
      items, required: [itemColumn, categoryColumn], optional: [groupColumn, brandColumn] + columns
    ) { row in
      let category = row[1].isEmpty ? nil : row[1]
      catalogue.upsert(
        Item(
          itemID: row[0], category: category, categoryPath: [row[2], row[1]].filter { !$0.isEmpty },
          brand: row[3].isEmpty ? nil : row[3]))
      try body(row[0], [row[1]] + row[4...])
    }
    return catalogue
  }

  /// The order lines.
  func readTransactions() throws -> EventFrame {
    guard let currency = Currency(currency) else {
      throw ValidationError("'\(currency)' is not an ISO 4217 currency code such as USD.")
    }
    var frame = EventFrame(currency: currency)
    try PlainTable.read(
      transactions, required: [customerColumn, itemColumn, timeColumn],
      optional: [orderColumn, quantityColumn, amountColumn, discountColumn]
    ) { row in
      guard let time = Timestamp(rfc3339: row[2]) else {
        throw PlainTable.Problem(
          field: timeColumn, value: row[2], expected: "a time such as 2017-12-31T10:00:00Z")
      }
      func number(_ index: Int, _ field: String) throws -> Double? {
        guard !row[index].isEmpty else { return nil }
        guard let value = Double(row[index]), value.isFinite else {
          throw PlainTable.Problem(field: field, value: row[index], expected: "a number")
        }
        return value
      }
      let amount = try number(5, amountColumn).flatMap { Money($0, currency: currency) }
      frame.append(
        EventFrame.Row(
          sequence: Int64(frame.count) + 1, kind: .purchase, customerID: row[0], sessionID: nil,
          itemID: row[1],
          orderID: row[3].isEmpty ? nil : row[3], timestamp: time, quantity: try number(4, quantityColumn),
          amount: amount, discount: try number(6, discountColumn), rating: nil))
    }
    return frame
  }
}
