import Application
import ArgumentParser
import Commerce
import Decisions
import Foundation
import Recommendation

/// `lode recommend customer|page|similar|audience|why-not|export`: items for customers, from a shop's store.
///
/// What `customer` and `export` show is logged as a decision like any other, so that the feedback of a mailing can name it.
struct Recommend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recommend items, with the reasons.",
    subcommands: [
      ToCustomer.self, MakePage.self, Similar.self, Audience.self, WhyNot.self, Export.self,
    ])

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
        Words.table(ofPage: answer)
        Console.note(
          "Decision \(Words.text(answer["decision_id"])) by \(Words.text(answer["model"]?["kind"])).")
      }
    }
  }

  /// `lode recommend page`
  struct MakePage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "page", abstract: "The page of one place, with rules and how it came about; logs nothing.")

    @Flag(help: "Tell in full how the page came about (with --json).") var trace = false
    @OptionGroup var page: PageOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let request = try page.request(isTraced: trace)
        let answer = try JSONValue(json: try await located { try await shop.recommend(request) })
        if output.json { return output.write(json: answer) }
        Words.table(ofPage: answer)
        if let fallback = answer["fallback"]?.string { Console.note("Filled up from: \(fallback).") }
      }
    }

    private func located<Result>(_ body: () async throws -> Result) async throws -> Result {
      do { return try await body() } catch let error as RuleError {
        throw RuleFile.located(error, in: page.rules ?? "rules")
      }
    }
  }

  /// `lode recommend why-not ITEM`
  struct WhyNot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "why-not",
      abstract: "Why an item is not on a page, and the smallest changes that would bring it there.")

    @Argument(help: "The item's id.") var wanted: String
    @OptionGroup var page: PageOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let answer = try await shop.whyNot(wanted, on: try page.request())
        if output.json { return output.write(json: answer) }
        let place = answer["rank"]?.integer.map { ", at place \($0)" } ?? ""
        print(
          "\(Words.text(answer["title"])): \(Words.text(answer["because"]).replacing("_", with: " "))\(place)."
        )
        Console.table(
          ["change", "place after it"],
          (answer["changes"]?.array ?? []).map {
            [Words.text($0["text"]?["en"]), Words.whole($0["rank_after"])]
          })
        Console.note(Words.text(answer["searched"]?["en"]))
      }
    }
  }

  /// `lode recommend audience ITEM`
  struct Audience: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The customers whom to tell about an item, without those who have had it.")

    @Argument(help: "The item's id.") var item: String
    @Option(help: "At most so many.") var limit = 20
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try require(limit: limit) }

    func run() async throws {
      try await store.withShop { shop in
        let found = try await shop.audience(ofItem: item, count: limit)
        if output.json { return output.write(json: found.json) }
        Console.table(
          ["customer", "score", "reason"],
          found.items.map {
            [
              Words.text($0["customer_id"]), Words.number($0["score"]),
              Words.text($0["reasons"]?.array?.first?["text"]?["en"]),
            ]
          })
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

extension Words {
  /// The items of a page.
  static func table(ofPage answer: JSONValue) {
    Console.table(
      ["item", "title", "category", "score", "source", "rules", "reason"],
      (answer["items"]?.array ?? []).map { item in
        [
          text(item["item_id"]), text(item["title"]), text(item["category"]), number(item["score"]),
          text(item["source"]), (item["rules"]?.array ?? []).compactMap(\.string).joined(separator: ", "),
          text(item["reasons"]?.array?.first?["text"]?["en"]),
        ]
      })
  }
}
