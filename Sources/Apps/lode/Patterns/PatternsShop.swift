import Application
import ArgumentParser
import Commerce
import Foundation

/// Finds patterns in a shop's orders and takes them into use.
struct PatternsShop {
  var show: PatternsCommand.Show
  var filter: PatternFilter
  var limit: Int
  var margin: Double?
  var store: StoreOptions
  var json: Bool

  func run() async throws {
    try await store.withShop { shop in
      try await shop.minePatterns { Console.progress($0.stage, fraction: $0.fraction) }
      Console.clearProgress()
      let summary = try await shop.patternSummary()
      let page = try await list(shop)
      if json {
        var answer = summary
        answer["items"] = .array(page.items)
        return FileHandle.standardOutput.write(Data(answer.serialized + [0x0A]))
      }
      let writer = CSVWriter(columns: columns)
      print(writer.header, terminator: "")
      for row in page.items { print(writer.line(row), terminator: "") }
      Console.note(summary["summary"]?["en"]?.string ?? "")
    }
  }

  private func list(_ shop: Shop) async throws -> Page {
    let request = PageRequest(limit: limit)
    // What is narrowed by confidence and lift is rules alone.
    var plain = PatternFilter()
    plain.validatedOnly = filter.validatedOnly
    return switch show {
    case .relations: try await shop.patternRelations(plain, page: request)
    case .sequences: try await shop.patternSequences(plain, page: request)
    case .bundles: try await shop.bundles(plain, margin: margin, page: request)
    case .rules, .itemsets: try await shop.patternRules(filter, page: request)
    }
  }

  private var columns: [String] {
    switch show {
    case .relations:
      ["level", "kind", "things", "orders", "expected", "ratio", "similarity", "q_value", "validated"]
    case .sequences:
      [
        "first.label", "next.label", "share", "usual_share", "difference", "median_days", "orders",
        "customers",
        "q_value", "validated",
      ]
    case .bundles:
      [
        "items", "price.amount", "margin", "orders_together", "lift", "extra_units.lower",
        "extra_units.upper",
        "discount.suggested", "words.en",
      ]
    case .rules, .itemsets:
      [
        "level", "if", "then", "orders", "support", "confidence", "lift", "q_value", "later.confidence",
        "later.lift", "validated",
      ]
    }
  }
}
