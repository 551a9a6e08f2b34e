import Application
import ArgumentParser
import Campaigns
import Commerce
import Foundation

/// `lode campaigns list|preview|create|start|stop|result|customers`.
struct CampaignsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campaigns",
    abstract: "Plan campaigns with a random holdout, begin and end them, and say what they changed.",
    discussion: """
      A campaign is a JSON file: name, audience, action, holdout, budget, frequency_cap, goal, margin; docs/guides/campaigns.md has \
      the members. Contacts go out by a server's webhooks or as CSV.
      """,
    subcommands: [
      List.self, Preview.self, Create.self, Start.self, Stop.self, Result.self, Customers.self,
    ])

  /// `lode campaigns list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List campaigns, the newest first.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let page = try await shop.campaigns(page: PageRequest(limit: 1_000))
        if output.json { return output.write(json: page.json) }
        Console.table(
          ["campaign", "name", "state", "action", "held out", "started"],
          page.items.map {
            [
              Words.text($0["campaign_id"]), Words.text($0["name"]), Words.text($0["state"]),
              Words.text($0["action"]?["kind"]), Words.percent($0["holdout"]), Words.text($0["started_at"]),
            ]
          })
      }
    }
  }

  /// `lode campaigns preview FILE`
  struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say whom a campaign would reach, what it can cost, and which effect it could show.")

    @Argument(help: "The campaign, a JSON file; - is standard input.", completion: .file()) var file: String
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let body = try CampaignFile.read(file)
      try await store.withShop { shop in
        let answer = try await shop.previewCampaign(body)
        if output.json { return output.write(json: answer) }
        print(Words.text(answer["words"]?["en"]))
        print("It costs at most \(Words.number(answer["most_cost"])).")
      }
    }
  }

  /// `lode campaigns create FILE`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a draft of a JSON file.")

    @Argument(help: "The campaign, a JSON file; - is standard input.", completion: .file()) var file: String
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let body = try CampaignFile.read(file)
      try await store.withShop { shop in
        let made = try await shop.createCampaign(body)
        output.json ? output.write(json: made) : print(Words.text(made["campaign_id"]))
      }
    }
  }

  /// `lode campaigns start ID`
  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Assign the audience, hold a random part out, and hand over whom to contact.")

    @Argument(help: "The campaign's id.") var id: String
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let answer = try await shop.startCampaign(id)
        if output.json { return output.write(json: answer) }
        let counts = answer["counts"]
        print(
          "\(Words.whole(counts?["treated"])) to contact, \(Words.whole(counts?["holdout"])) held out; left out: "
            + "\(Words.whole(counts?["frequency"])) contacted lately, \(Words.whole(counts?["budget"])) beyond the budget."
        )
      }
    }
  }

  /// `lode campaigns stop ID`
  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a campaign.")

    @Argument(help: "The campaign's id.") var id: String
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let answer = try await shop.stopCampaign(id)
        output.json ? output.write(json: answer) : print("Ended \(Words.text(answer["ended_at"])).")
      }
    }
  }

  /// `lode campaigns result ID`
  struct Result: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a campaign changed: contacted customers against those held out.")

    @Argument(help: "The campaign's id.") var id: String
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let answer = try await shop.campaignResult(id)
        output.json ? output.write(json: answer) : print(Words.text(answer["words"]?["en"]))
      }
    }
  }

  /// `lode campaigns customers ID`
  struct Customers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a campaign's customers as CSV: whom to contact, who is held out, what they did since.")

    @Argument(help: "The campaign's id.") var id: String
    @OptionGroup var store: StoreOptions

    func run() async throws {
      try await store.withShop { shop in
        let page = try await shop.customers(ofCampaign: id, page: PageRequest(limit: 1_000_000))
        let writer = CSVWriter(columns: [
          "customer_id", "arm", "contacted_at", "action", "text", "coupon", "spend_before", "spend", "orders",
          "coupons_redeemed",
        ])
        print(writer.header, terminator: "")
        for row in page.items { print(writer.line(row), terminator: "") }
      }
    }
  }
}

/// A campaign in a file.
private enum CampaignFile {
  static func read(_ path: String) throws -> JSONValue {
    let data =
      path == "-"
      ? try FileHandle.standardInput.readToEnd() : FileManager.default.contents(atPath: path)
    guard let data else { throw ValidationError("\(path): cannot be read.") }
    do { return try JSONValue(json: Array(data)) } catch { throw ValidationError("\(path): \(error)") }
  }
}
