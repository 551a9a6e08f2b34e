import Application
import ArgumentParser
import Commerce
import Foundation
import Recommendation

/// `lode recommend customer|similar|export`: items for customers, from a shop's store.
///
/// What it shows is logged as a decision like any other, so that the feedback of a mailing can name it.
struct Recommend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recommend items, with the reasons.",
    subcommands: [ToCustomer.self, Similar.self, Export.self])

  /// `lode recommend customer ID`
  struct ToCustomer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "customer", abstract: "Items for one customer, best first, each with its reasons.")

    @Argument(help: "The customer's id; an unknown one gets what is popular.") var customer: String
    @OptionGroup var request: RequestOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let answer = try JSONValue(json: try await shop.recommend(request.request(for: customer)))
        if output.json { return output.write(json: answer) }
        if let reason = answer["fallback_reason"]?.string {
          Console.note("The live model cannot be read (\(reason)); something simpler answers.")
        } else if answer["fallback"]?.string != nil {
          Console.note("Nothing is known of '\(customer)': these items are popular in the shop.")
        }
        Console.table(
          ["item", "title", "category", "score", "reason"],
          (answer["items"]?.array ?? []).map { item in
            [
              Words.text(item["item_id"]), Words.text(item["title"]), Words.text(item["category"]),
              Words.number(item["score"]), Words.text(item["reasons"]?.array?.first?["text"]?["en"]),
            ]
          })
        Console.note(
          "Decision \(Words.text(answer["decision_id"])) by \(Words.text(answer["model"]?["kind"])).")
      }
    }
  }

  /// `lode recommend similar ITEM`
  struct Similar: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The items most like another.")

    @Argument(help: "The item's id.") var item: String
    @Option(help: "At most so many.") var limit = 10
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try require(limit: limit) }

    func run() async throws {
      try await store.withShop { shop in
        let answer = try await shop.similarItems(to: item, count: limit)
        if output.json { return output.write(json: answer) }
        Console.table(
          ["item", "title", "category", "score"],
          (answer["items"]?.array ?? []).map { item in
            [
              Words.text(item["item_id"]), Words.text(item["title"]), Words.text(item["category"]),
              Words.number(item["score"]),
            ]
          })
      }
    }
  }

  /// `lode recommend export`
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write items for all customers to standard output as NDJSON, a customer per line.")

    @OptionGroup var request: RequestOptions
    @OptionGroup var store: StoreOptions

    func run() async throws {
      try await store.withShop { shop in
        try await shop.forEachCustomer { customer in
          let answer = try await shop.recommend(request.request(for: customer))
          FileHandle.standardOutput.write(Data(answer + [0x0A]))
        }
      }
    }
  }
}

/// What is asked of the recommender.
struct RequestOptions: ParsableArguments {
  @Option(help: "At most so many items, 1 to 100.")
  var limit = 10
  @Option(name: .customLong("repeat"), help: "Items bought before: never, allow or only.")
  var repeatPurchases = RepeatPurchases.never

  func validate() throws {
    guard (1...100).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100.") }
  }

  func request(for customer: String) -> RecommendationRequest {
    RecommendationRequest(customerID: customer, count: limit, repeatPurchases: repeatPurchases)
  }
}

extension RepeatPurchases: ExpressibleByArgument {}
