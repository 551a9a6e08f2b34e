import Application
import ArgumentParser
import Commerce
import Foundation

/// `lode launch`: new products.
struct LaunchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launch", abstract: "Plan new products, and see how those launched lately go.",
    subcommands: [Plan.self, Recent.self])

  /// `lode launch plan`
  struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "What a new product will sell, when to launch it, whom to tell, and what it will take sales from.")

    @Option(help: "The product's name.") var title: String
    @Option(help: "Its category.") var category: String
    @Option(help: "Its brand.") var brand: String?
    @Option(help: "Its price, in the shop's currency.") var price: Double?
    @Option(help: ArgumentHelp("A further attribute; may be given several times.", valueName: "name=value"))
    var attribute: [String] = []
    @Option(help: "How many weeks to foretell, 4 to 52.") var weeks = 12
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard attribute.allSatisfy({ ($0.firstIndex(of: "=") ?? $0.startIndex) > $0.startIndex }) else {
        throw ValidationError("--attribute is a name and a value, such as package_size=1L.")
      }
    }

    func run() async throws {
      var attributes: [String: JSONValue] = [:]
      for pair in attribute {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        attributes[String(parts[0])] = .string(String(parts[1]))
      }
      let request = LaunchRequest(
        title: title, category: category, brand: brand, price: price, attributes: attributes, weeks: weeks)
      try await store.withShop { shop in
        let plan = try await shop.planLaunch(request)
        if output.json { return output.write(json: plan) }
        show(plan)
      }
    }

    private func show(_ plan: JSONValue) {
      print(Words.text(plan["words"]?["en"]) + "\n")
      Console.table(
        ["week", "expected", "80% interval"],
        (plan["curve"]?.array ?? []).map { week in
          [
            Words.whole(week["week"]), Words.tenths(week["mean"]),
            "\(Words.tenths(week["lower"])) to \(Words.tenths(week["upper"]))",
          ]
        })
      print("\nMost alike:")
      Console.table(
        ["item", "title", "alike", "price", "launched", "because of"],
        (plan["analogues"]?.array ?? []).map { item in
          [
            Words.text(item["item_id"]), Words.text(item["title"]), Words.percent(item["similarity"]),
            Words.number(item["price"]), Words.text(item["first_week"]),
            (item["reasons"]?.array ?? []).map { Words.text($0["en"]) }.joined(separator: "; "),
          ]
        })
      if let band = plan["price_band"], band != .null {
        print(
          "\nAlike products cost \(Words.number(band["lower"])) to \(Words.number(band["upper"])), half of them less than "
            + "\(Words.number(band["median"])) \(Words.text(band["currency"])).")
      }
      if let bass = plan["bass"], bass != .null {
        print(
          "Alike launches spread as p \(Words.number(bass["p"])), q \(Words.number(bass["q"])) a week, to "
            + "\(Words.whole(bass["m"])) customers each.")
      }
      showActions(plan)
    }

    private func showActions(_ plan: JSONValue) {
      print("\nBest weeks to launch in:")
      Console.table(
        ["week", "category's sales", "on offer", "because"],
        (plan["windows"]?.array ?? []).map { window in
          [
            Words.text(window["week"]), Words.percent(window["index"]),
            Words.whole(window["competing_promotions"]), Words.text(window["words"]?["en"]),
          ]
        })
      print("\nTell first, of \(Words.whole(plan["audience_total"])) customers:")
      Console.table(
        ["customer", "score", "because"],
        (plan["audience"]?.array ?? []).prefix(10).map { customer in
          [
            Words.text(customer["customer_id"]), Words.number(customer["score"]),
            Words.text(customer["reason"]?["en"]),
          ]
        })
      print("\nWhat sold less when alike products came:")
      Console.table(
        ["item", "title", "units", "p", "q"],
        (plan["cannibalised"]?.array ?? []).map { item in
          [
            Words.text(item["item_id"]), Words.text(item["title"]), Words.percent(item["units_share"]),
            Words.number(item["p_value"]), Words.number(item["q_value"]),
          ]
        })
      guard let backtest = plan["backtest"], backtest != .null else { return }
      print(
        "\nOver \(Words.whole(backtest["launches"])) earlier launches the scaled error was \(Words.number(backtest["mase"])), that of "
          + "the category's average curve \(Words.number(backtest["baseline_mase"])).")
    }
  }

  /// `lode launch recent`
  struct Recent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What was launched within half a year, and whether it sells as was to be expected.")

    @Option(help: "At most so many.") var limit = 20
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try require(limit: limit) }

    func run() async throws {
      try await store.withShop { shop in
        let page = try await shop.launches(page: PageRequest(limit: limit))
        if output.json { return output.write(json: page.json) }
        Console.table(
          ["item", "title", "launched", "weeks", "units", "expected", "80% interval", "verdict"],
          page.items.map { row in
            [
              Words.text(row["item_id"]), Words.text(row["title"]), Words.text(row["first_week"]),
              Words.whole(row["weeks"]), Words.whole(row["units"]), Words.whole(row["expected"]),
              "\(Words.whole(row["range"]?["lower"])) to \(Words.whole(row["range"]?["upper"]))",
              Words.text(row["verdict"]),
            ]
          })
        Words.noteRest(of: page)
      }
    }
  }
}

extension Words {
  /// A number with one decimal.
  fileprivate static func tenths(_ value: JSONValue?) -> String {
    value?.number.map { String(format: "%.1f", $0) } ?? "–"
  }
}
