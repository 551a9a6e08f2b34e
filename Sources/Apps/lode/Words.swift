import Application
import Commerce
import Foundation

/// Cells of tables from the members of answers.
enum Words {
  /// A text; a dash when it is absent.
  static func text(_ value: JSONValue?) -> String { value?.string ?? "–" }

  /// A number without decimals.
  static func whole(_ value: JSONValue?) -> String {
    value?.number.map { String(format: "%.0f", $0) } ?? "–"
  }

  /// A number with three decimals.
  static func number(_ value: JSONValue?) -> String {
    value?.number.map { String(format: "%.3f", $0) } ?? "–"
  }

  /// A share as a percentage.
  static func percent(_ value: JSONValue?) -> String {
    value?.number.map { String(format: "%.1f%%", $0 * 100) } ?? "–"
  }

  /// An amount with its currency.
  static func money(_ value: JSONValue?) -> String {
    guard let amount = value?["amount"]?.number, let currency = value?["currency"]?.string else { return "–" }
    return String(format: "%.2f %@", amount, currency)
  }

  /// The contribution that raises a need most.
  static func mainReason(_ explanation: JSONValue?) -> String {
    let contributions = explanation?["contributions"]?.array ?? []
    let main = contributions.max { ($0["contribution"]?.number ?? 0) < ($1["contribution"]?.number ?? 0) }
    return text(main?["label"]?["en"])
  }

  /// Says how many rows a table leaves out.
  static func noteRest(of page: Page) {
    guard let total = page.total, total > page.items.count else { return }
    Console.note("\(page.items.count) of \(total); --limit shows more.")
  }
}

/// NDJSON on standard output.
enum Lines {
  /// Writes a line per value.
  static func write(_ values: [JSONValue]) {
    var bytes: [UInt8] = []
    for value in values {
      bytes += value.serialized
      bytes.append(0x0A)
    }
    FileHandle.standardOutput.write(Data(bytes))
  }
}

extension StoreOptions {
  /// Does something with the shop, read into memory, and closes it.
  func withShop(_ body: (Shop) async throws -> Void) async throws {
    let (workspace, shop) = try await loadShop()
    do {
      try await body(shop)
    } catch {
      await workspace.close()
      throw error
    }
    await workspace.close()
  }
}

extension Shop {
  /// Does something with each customer in turn, showing how far it has come.
  nonisolated func forEachCustomer(_ body: (String) async throws -> Void) async throws {
    var page = PageRequest(limit: 500)
    var done = 0
    while true {
      let found = try await customers(by: .spend, page: page)
      for customer in found.items {
        try Task.checkCancellation()
        guard let id = customer["customer_id"]?.string else { continue }
        try await body(id)
        done += 1
        if done % 50 == 0 {
          Console.progress("Customers", fraction: found.total.map { Double(done) / Double(max($0, 1)) })
        }
      }
      guard let next = found.nextCursor else { break }
      page.cursor = next
    }
    Console.clearProgress()
  }
}
