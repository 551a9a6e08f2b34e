import Application
import ArgumentParser
import Commerce
import Customers
import Foundation

/// Values a shop's customers and takes that into use.
struct LifetimeValueShop {
  var terms: ValueTerms
  var store: StoreOptions
  var json: Bool

  private static let columns = [
    "customer_id", "purchase_days", "days_since_last", "p_alive", "expected_purchases",
    "expected_spend.amount",
    "value.amount", "value_range.lower.amount", "value_range.upper.amount", "at_risk.amount", "decile",
    "quadrant",
  ]

  func run() async throws {
    try terms.validate()
    try await store.withShop { shop in
      let valuation = try await shop.valueCustomers(terms) {
        Console.progress($0.stage, fraction: $0.fraction)
      }
      Console.clearProgress()
      let summary = try await shop.value()
      guard valuation.isSufficient else {
        throw ValidationError(
          (summary["summary"]?["en"]?.string ?? "") + " --anyway goes on all the same.")
      }
      let rows = try await shop.values(ValueFilter(), page: PageRequest(limit: .max)).items
      if json {
        var answer = summary
        answer["items"] = .array(rows)
        return FileHandle.standardOutput.write(Data(answer.serialized + [0x0A]))
      }
      let writer = CSVWriter(columns: Self.columns)
      print(writer.header, terminator: "")
      for row in rows { print(writer.line(row), terminator: "") }
      note(valuation, summary)
    }
  }

  private func note(_ valuation: CustomerValuation, _ summary: JSONValue) {
    Console.note(summary["summary"]?["en"]?.string ?? "")
    guard let check = valuation.check, let chosen = check.chosen else {
      return Console.note("The history is too short to look back on forecasts.")
    }
    Console.note(
      String(
        format:
          "%@, checked on the last %d days: mean error %.4f, root mean square %.4f, sum of all %+.1f %%.",
        chosen.name, Int(check.end - check.learnedUntil), chosen.meanAbsoluteError.value ?? .nan,
        chosen.rootMeanSquareError.value ?? .nan, 100 * (chosen.totalBias.value ?? .nan)))
  }
}
