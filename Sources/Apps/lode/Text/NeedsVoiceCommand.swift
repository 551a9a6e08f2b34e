import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import Needs
import TextAnalysis

/// `lode needs voice`: needs that customers put in words.
struct NeedsVoice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "voice",
    abstract: "Mine needs from what customers wrote: pains, wishes, questions, with their quotes.",
    discussion: """
      From a shop's reviews and messages, or with --reviews from a CSV file. Reviews of a shop are mined after what people \
      decided by 'lode needs decide', and needs keep their ids from run to run. Needs trained models: lode text train.
      """)

  @Option(help: ArgumentHelp("A CSV file of texts instead of a shop.", valueName: "file")) var reviews:
    String?
  @Option(help: "The column of texts.") var textColumn = "text"
  @Option(help: "The column of customers, when there is one.") var customerColumn = "customer_id"
  @Option(help: "The column of items, when there is one.") var itemColumn = "item_id"
  @Option(help: "The column of times (RFC 3339), when there is one.") var timeColumn = "timestamp"
  @Option(help: "The column of stars from 1 to 5, when there is one.") var ratingColumn = "rating"
  @Option(help: "How many groups the statements are put into; by their number unless given.") var groups: Int?
  @Option(help: "At most so many needs.") var limit = 20
  @Option(help: ArgumentHelp("The folder of trained models.", valueName: "folder")) var models: String?
  @Option(help: "Seeds the grouping.") var seed: UInt64 = 42
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is at least 1.") }
    if let groups, groups < 1 { throw ValidationError("--groups is at least 1.") }
  }

  func run() async throws {
    let textModels = try TextModels.installed(models)
    let context = FitContext(seed: seed) { step in
      Console.progress("reading what customers wrote", fraction: Double(step.step) / 5)
    }
    var settings = VoiceOfCustomer.Configuration()
    settings.groups = groups
    guard let reviews else {
      let configuration = settings
      return try await store.withShop { shop in
        show(try await shop.mineVoice(textModels, configuration: configuration, context: context))
      }
    }
    let texts = try read(reviews)
    let tools = try textModels.voiceTools()
    show(
      try await VoiceOfCustomer(configuration: settings, tools: tools).mine(texts, context: context)
        .board(tools))
  }

  private func read(_ file: String) throws -> [VoiceText] {
    var texts: [VoiceText] = []
    let optional = [customerColumn, itemColumn, timeColumn, ratingColumn]
    try TextTable.read(file, required: [textColumn], optional: optional) { fields, line in
      func malformed(_ column: String, _ expected: String) -> TextError {
        .malformedLine(
          file: file, line: line, expected: "\(expected) in \(column)", found: "'\(fields[column] ?? "")'")
      }
      var moment = Timestamp(milliseconds: 0)
      if let text = fields[timeColumn], !text.isEmpty {
        guard let parsed = Timestamp(rfc3339: text) else {
          throw malformed(timeColumn, "a time such as 2025-11-02")
        }
        moment = parsed
      }
      var rating: Double?
      if let text = fields[ratingColumn], !text.isEmpty {
        guard let stars = Double(text), (1...5).contains(stars) else {
          throw malformed(ratingColumn, "1 to 5 stars")
        }
        rating = stars
      }
      texts.append(
        VoiceText(
          eventID: "line-\(line)", text: fields[textColumn] ?? "", customerID: fields[customerColumn]?.orNil,
          itemID: fields[itemColumn]?.orNil, timestamp: moment, rating: rating))
    }
    return texts
  }

  private func show(_ board: VoiceBoard) { Self.show(board, limit: limit, output) }

  /// Prints a board for people, or as JSON.
  static func show(_ board: VoiceBoard, limit: Int, _ output: OutputOptions) {
    Console.clearProgress()
    if output.json {
      return output.write(json: (try? JSONValue(encoding: board)) ?? .null)
    }
    print(
      "\(board.texts) texts of \(board.customers) customers, \(board.statements) statements, compared by "
        + "\(board.comparedBy.rawValue).\n")
    for need in board.needs.prefix(limit) {
      let share = String(
        format: "%.1f %% [%.1f, %.1f]", 100 * need.shareOfCustomers, 100 * need.shareInterval.lower,
        100 * need.shareInterval.upper)
      var facts = [
        "\(need.customers) customers, \(share)", String(format: "sentiment %+.2f", need.sentiment),
      ]
      if let trend = need.trend { facts.append(trend.direction.rawValue) }
      if let kano = need.kano { facts.append(kano.kanoClass.rawValue) }
      facts.append(need.position.rawValue)
      if let money = need.atStake { facts.append("at stake \(money.amount) \(money.currency.code)") }
      print(
        "\(need.label.onOneLine)  [\(need.kind.rawValue)]  \(need.needID)\(need.status.map { "  \($0.rawValue)" } ?? "")"
      )
      print("  \(facts.joined(separator: " · "))")
      for quote in need.quotes.prefix(3) {
        print("  “\(String(quote.text.onOneLine.prefix(110)))”  \(quote.key.eventID)")
      }
      print("")
    }
  }
}

/// `lode needs decide`: what a person thinks of a need that was found in texts.
struct NeedsDecide: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide",
    abstract: "Confirm, reject, rename, merge or reopen a need that was found in what customers wrote.",
    discussion: "Later runs of 'lode needs voice' follow it: nothing that was decided is lost.")

  enum Action: String, ExpressibleByArgument, CaseIterable { case confirm, reject, rename, merge, reopen }

  @Argument(help: "The need's id.") var need: String
  @Argument(help: "What to do.") var action: Action
  @Option(help: "Its new name, to rename.") var label: String?
  @Option(name: .customLong("with"), help: "The need that is the same, to merge; may be repeated.")
  var others: [String] = []
  @Option(help: "Who decided.") var by: String?
  @OptionGroup var store: StoreOptions

  func validate() throws {
    if action == .rename, label?.orNil == nil { throw ValidationError("To rename, --label is needed.") }
    if others.contains(need) { throw ValidationError("A need cannot be merged with itself.") }
    if action == .merge, others.isEmpty { throw ValidationError("To merge, --with is needed.") }
  }

  func run() async throws {
    try await store.withShop { shop in
      let verdict: Shop.VoiceVerdict =
        switch action {
        case .confirm: .confirm
        case .reject: .reject
        case .reopen: .reopen
        case .rename: .rename(label ?? "")
        case .merge: .merge(others)
        }
      try await shop.decide(onVoiceNeed: need, verdict, by: by)
    }
  }
}

extension String {
  /// The text without blanks around it; nil when nothing is left.
  fileprivate var orNil: String? {
    let text = trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }
}
