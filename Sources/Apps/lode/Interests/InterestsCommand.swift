import Application
import ArgumentParser
import Commerce
import Features

/// `lode interests --customer ID`: what a customer is interested in.
struct InterestsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interests", abstract: "Show what a customer is interested in, against all other customers.")

  @Option(help: "The customer's id.") var customer: String
  @Option(help: "Only points of this kind: category, brand, attribute, price_band or moment.")
  var kind: InterestPoint.Kind?
  @Option(help: "At most so many of each kind and of each attribute.")
  var limit = 10
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try require(limit: limit) }

  func run() async throws {
    try await store.withShop { shop in
      let page = try await shop.interests(ofCustomer: customer, kind: kind, perDimension: limit)
      if output.json { return output.write(json: page.json) }
      let habits = try await shop.patterns(ofCustomer: customer, foundOnly: true)
      for sentence in page.extra["sentences"]?["en"]?.array ?? [] { print(sentence.string ?? "") }
      for habit in habits.items { print(Words.text(habit["words"]?["en"])) }
      print("")
      Console.table(
        ["kind", "interest", "share", "market", "lift", "interval", "stands", "events", "days", "trend"],
        page.items.map { row in
          let range = row["lift_interval"]
          return [
            Words.text(row["kind"]),
            [row["name"]?.string, row["label"]?["en"]?.string].compactMap { $0 }.joined(separator: " "),
            Words.percent(row["strength"]), Words.percent(row["market_share"]), Words.number(row["lift"]),
            "[\(Words.number(range?["lower"])), \(Words.number(range?["upper"]))]",
            Words.text(row["standing"]), Words.whole(row["events"]), Words.whole(row["days"]),
            Words.text(row["trend"]?["direction"]),
          ]
        })
    }
  }
}

extension InterestPoint.Kind: ExpressibleByArgument {}
