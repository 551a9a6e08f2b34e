import Application
import ArgumentParser
import Commerce
import Decisions
import Foundation

/// `lode rules show|check|try|publish|rollback`: the rules that pages of recommendations follow.
struct RulesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Check, try and publish the rules of recommendation pages.",
    discussion: "The language of rules is described in docs/guides/rules.md.",
    subcommands: [Show.self, Check.self, Try.self, Publish.self, RollBack.self])

  /// `lode rules show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the published rules.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let rules = try await shop.rules()
        if output.json { return output.write(json: rules) }
        print(rules["text"]?.string ?? "")
        Console.note("Version \(Words.whole(rules["version"])).")
      }
    }
  }

  /// `lode rules check FILE`
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what each rule of a file does, or what is wrong with it; needs no store.")

    @Argument(help: "A file of rules; - is standard input.", completion: .file()) var file: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let text = try RuleFile.text(file)
      do {
        let rules = try RuleSet(parsing: text)
        if output.json {
          return output.write(
            json: .array(
              rules.rules.map {
                [
                  "name": .string($0.name), "line": JSONValue($0.line),
                  "words": ["en": .string($0.words.english), "zh": .string($0.words.chinese)],
                ]
              }))
        }
        Console.table(
          ["line", "rule", "what it does"], rules.rules.map { [String($0.line), $0.name, $0.words.english] })
      } catch let error as RuleError {
        throw RuleFile.located(error, in: file)
      }
    }
  }

  /// `lode rules try FILE`
  struct Try: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make past pages with other rules, and say who gains and who loses; publishes nothing.")

    @Argument(help: "A file of rules; - is standard input.", completion: .file()) var file: String
    @Option(help: "The pages: home or email.") var context = PageContext.home
    @Option(help: "How many customers, 10 to 2000.") var customers = 200
    @Option(help: "How many days of purchases pages are compared with, 1 to 365.") var days = 28
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard (10...2000).contains(customers), (1...365).contains(days) else {
        throw ValidationError("--customers is a number from 10 to 2000, --days one from 1 to 365.")
      }
    }

    func run() async throws {
      let text = try RuleFile.text(file)
      try await store.withShop { shop in
        let report: JSONValue
        do {
          report = try await shop.dryRun(
            .init(text: text, context: context, customers: customers, days: days))
        } catch let error as RuleError {
          throw RuleFile.located(error, in: file)
        }
        if output.json { return output.write(json: report) }
        show(report)
      }
    }

    private func show(_ report: JSONValue) {
      let hits = report["hits"]
      print(
        "\(Words.whole(report["pages_changed"])) of \(Words.whole(report["customers"])) pages change, "
          + "\(Words.number(report["mean_items_changed"])) items of each.")
      print(
        "Items bought afterwards per page: \(Words.number(hits?["before"])) before, \(Words.number(hits?["after"])) "
          + "after; difference \(Words.number(hits?["difference"])) [\(Words.number(hits?["interval"]?["lower"])), "
          + "\(Words.number(hits?["interval"]?["upper"]))].")
      for kind in ["categories", "brands"] {
        let rows = ["gaining", "losing"].flatMap { report[kind]?[$0]?.array ?? [] }
        guard !rows.isEmpty else { continue }
        Console.table(
          [kind, "share before", "share after"],
          rows.map { [Words.text($0["name"]), Words.percent($0["before"]), Words.percent($0["after"])] })
      }
      Console.note(Words.text(report["note"]?["en"]))
    }
  }

  /// `lode rules publish FILE`
  struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Publish a file of rules as the next version.",
      discussion: "A server that is running follows the rules within seconds.")

    @Argument(help: "A file of rules; - is standard input.", completion: .file()) var file: String
    @Option(help: "The version that the file was made from; by default the present one.") var from: Int?
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let text = try RuleFile.text(file)
      try await store.withShop { shop in
        do {
          let present = try await shop.rules()["version"]?.integer ?? 0
          let published = try await shop.publish(rules: text, from: from ?? present)
          if output.json { return output.write(json: published) }
          Console.note("Published as version \(Words.whole(published["version"])).")
        } catch let error as RuleError {
          throw RuleFile.located(error, in: file)
        }
      }
    }
  }

  /// `lode rules rollback`
  struct RollBack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rollback", abstract: "Publish the version before the present one again.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let published = try await shop.rollBackRules()
        if output.json { return output.write(json: published) }
        Console.note("Published as version \(Words.whole(published["version"])).")
      }
    }
  }
}
