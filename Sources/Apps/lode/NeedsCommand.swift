import Application
import ArgumentParser
import Commerce
import Foundation
import Needs

/// `lode needs market|customer|customers|export`: what customers need next, from a shop's store.
struct NeedsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "needs", abstract: "Show what customers need next, with the evidence.",
    subcommands: [
      Market.self, OfCustomer.self, Customers.self, Export.self, NeedsVoice.self, NeedsDecide.self,
    ], defaultSubcommand: Market.self)

  /// `lode needs market`
  struct Market: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The market board: each need with its customers, the money at stake and its trend.")

    @Option(help: "Only needs that go this way: rising, steady or falling.")
    var trend: NeedTrend.Direction?
    @Option(help: "Only needs whose name contains this.")
    var containing: String?
    @Option(help: "The order: at_stake, customers, change or strength.")
    var sort = BoardOrder.atStake
    @Option(help: "At most so many.")
    var limit = 20
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try require(limit: limit) }

    func run() async throws {
      try await store.withShop { shop in
        let page = try await shop.marketNeeds(
          trend: trend, containing: containing, by: sort, page: PageRequest(limit: limit))
        if output.json { return output.write(json: page.json) }
        if let words = page.extra["findings"]?["en"]?.string { print(words + "\n") }
        Console.table(
          ["need", "customers", "at stake", "due in 7 days", "trend", "last 28 days", "28 before", "id"],
          page.items.map { row in
            [
              Words.text(row["subject"]?["label"]), Words.whole(row["expected_customers"]),
              Words.money(row["at_stake"]), Words.whole(row["due_within_7_days"]),
              Words.text(row["trend"]?["direction"]), Words.percent(row["trend"]?["recent_share"]),
              Words.percent(row["trend"]?["previous_share"]), Words.text(row["subject"]?["id"]),
            ]
          })
        Words.noteRest(of: page)
      }
    }
  }

  /// `lode needs customer ID`
  struct OfCustomer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "customer", abstract: "The needs of one customer, strongest first, with the evidence.")

    @Argument(help: "The customer's id.") var customer: String
    @Option(help: "Only needs of this kind: replenish, explore or seasonal.")
    var kind: Need.Kind?
    @Option(help: "Only needs with at least this chance, 0 to 1.")
    var minStrength = 0.0
    @Option(help: "At most so many.")
    var limit = 10
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      try require(limit: limit)
      try require(strength: minStrength)
    }

    func run() async throws {
      try await store.withShop { shop in
        let page = try await shop.needs(
          ofCustomer: customer, filter: NeedFilter(kind: kind, minStrength: minStrength), limit: limit)
        if output.json { return output.write(json: page.json) }
        Console.table(
          ["need", "kind", "chance", "in days", "at stake", "trend", "mostly because", "evidence"],
          page.items.map { need in
            [
              Words.text(need["subject"]?["label"]), Words.text(need["kind"]),
              Words.percent(need["strength"]), Words.whole(need["expected_in_days"]),
              Words.money(need["value"]), Words.text(need["trend"]?["direction"]),
              Words.mainReason(need["explanation"]), "\(Words.whole(need["evidence_count"])) events",
            ]
          })
      }
    }
  }

  /// `lode needs customers SUBJECT`
  struct Customers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The customers who have a need, those most likely to buy first.")

    @Argument(help: "The need's id, as the market board lists it.") var subject: String
    @Option(help: "Only needs of this kind: replenish, explore or seasonal.")
    var kind: Need.Kind?
    @Option(help: "Only customers with at least this chance, 0 to 1.")
    var minStrength = 0.0
    @Option(help: "The chance to buy within so many days, 1 to 28.")
    var days = NeedMining.horizonDays
    @Flag(help: "Only customers whose pause is longer than usual.")
    var overdue = false
    @Option(help: "At most so many.")
    var limit = 20
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      try require(limit: limit)
      try require(strength: minStrength)
      guard (1...NeedMining.horizonDays).contains(days) else {
        throw ValidationError("--days is a number from 1 to \(NeedMining.horizonDays).")
      }
    }

    func run() async throws {
      try await store.withShop { shop in
        let filter = NeedCustomerFilter(
          kind: kind, minStrength: minStrength, isOverdue: overdue, days: days)
        let page = try await shop.customers(needing: subject, filter: filter, page: PageRequest(limit: limit))
        if output.json { return output.write(json: page.json) }
        Console.table(
          ["customer", "kind", "chance", "in days", "at stake"],
          page.items.map { row in
            [
              Words.text(row["customer_id"]), Words.text(row["kind"]), Words.percent(row["strength"]),
              Words.whole(row["expected_in_days"]), Words.money(row["value"]),
            ]
          })
        Words.noteRest(of: page)
      }
    }
  }

  /// `lode needs export`
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the needs of all customers to standard output as NDJSON, a need per line.")

    @Option(help: "Only needs of this kind: replenish, explore or seasonal.")
    var kind: Need.Kind?
    @Option(help: "Only needs with at least this chance, 0 to 1.")
    var minStrength = 0.0
    @Option(help: "At most so many per customer.")
    var limit = 10
    @OptionGroup var store: StoreOptions

    func validate() throws {
      try require(limit: limit)
      try require(strength: minStrength)
    }

    func run() async throws {
      try await store.withShop { shop in
        let filter = NeedFilter(kind: kind, minStrength: minStrength)
        try await shop.forEachCustomer { customer in
          let page = try await shop.needs(ofCustomer: customer, filter: filter, limit: limit)
          Lines.write(page.items)
        }
      }
    }
  }
}

extension Need.Kind: ExpressibleByArgument {}
extension NeedTrend.Direction: ExpressibleByArgument {}
extension BoardOrder: ExpressibleByArgument {}

/// Refuses a limit that no answer has.
func require(limit: Int) throws {
  guard (1...100_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100000.") }
}

private func require(strength: Double) throws {
  guard (0...1).contains(strength) else { throw ValidationError("--min-strength is a number from 0 to 1.") }
}
