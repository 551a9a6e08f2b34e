import Application
import ArgumentParser
import Commerce
import Features

/// `lode evaluate habits`: how many of the habits and interests that are claimed are chance.
struct EvaluateHabits: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "habits",
    abstract:
      "Count the habits and interests found in a shop, and in the same shop with all habits taken out.",
    discussion: """
      In the shuffled shop days of shopping are dealt anew among all customers, and within each category items, discounts \
      and quantities among all order lines: whatever is found there is found by chance.
      """)

  @Option(help: "Seeds the shuffling.") var seed: UInt64 = 42
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await store.withShop { shop in
      let report = try await shop.habitsReport(seed: seed)
      if output.json { return output.write(json: report) }
      Console.table(
        ["what", "tested", "found", "found by chance", "of customers", "by chance"],
        (report["rows"]?.array ?? []).map { row in
          [
            Words.text(row["what"]), Words.whole(row["tested"]), Words.whole(row["found"]),
            Words.whole(row["found_by_chance"]), Words.whole(row["customers"]),
            Words.whole(row["customers_by_chance"]),
          ]
        })
      Console.note(
        "\(Words.whole(report["customers"])) customers; a customer's answer takes "
          + "\(Words.number(report["milliseconds"]?["interests"])) ms for interests and "
          + "\(Words.number(report["milliseconds"]?["habits"])) ms for habits.")
    }
  }
}
