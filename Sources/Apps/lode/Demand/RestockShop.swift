import Application
import ArgumentParser
import Commerce
import Demand
import Foundation

/// Plans a shop's orders from its forecasts.
struct RestockShop {
  var settings: RestockAdvice.Settings
  var category: String?
  var limit: Int
  var store: StoreOptions
  var json: Bool

  func run() async throws {
    let (workspace, shop) = try await store.loadShop()
    let page = try await shop.restock(
      settings, filter: RestockFilter(category: category), page: PageRequest(limit: limit))
    await workspace.close()
    if json {
      return FileHandle.standardOutput.write(Data(page.json.serialized + [0x0A]))
    }
    let writer = CSVWriter(columns: [
      "item_id", "title", "class", "order", "order_by", "stock", "on_order", "order_up_to", "expected_demand",
      "range.lower", "range.upper", "cost", "stockout_risk", "stockout_risk_after", "why.en",
    ])
    print(writer.header, terminator: "")
    for line in page.items { print(writer.line(line), terminator: "") }
    Console.note(page.extra["summary"]?["words"]?["en"]?.string ?? "")
  }
}
