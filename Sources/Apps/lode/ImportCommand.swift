import Application
import ArgumentParser
import Commerce
import Foundation
import Ingestion
import Storage

/// `lode import FILE…`
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take files of events, items or customers into a shop's store.",
    discussion: """
      Reads CSV, TSV and NDJSON, also compressed by gzip, and Parquet. A mapping says which column is which field;
      --guess proposes one and shows the first rows without storing anything. An import that is broken off can be run
      again: it goes on where it was and stores nothing twice.
      """)

  @Argument(help: ArgumentHelp("The files.", valueName: "file"))
  var files: [String]

  @Option(help: ArgumentHelp("The mapping, a YAML file.", valueName: "map.yaml"))
  var mapping: String?

  @Flag(help: "Propose a mapping and show the first parsed rows; store nothing.")
  var guess = false

  @Option(
    help: "What the rows are: events, items or customers. For --guess, and for NDJSON in Lode's own form.")
  var kind: Mapping.Kind?

  @Option(help: ArgumentHelp("The currency of amounts that name none, such as USD.", valueName: "code"))
  var currency: String?

  @Flag(help: "Write the result as JSON.")
  var json = false

  @OptionGroup var place: StoreOptions

  func validate() throws {
    if files.isEmpty { throw ValidationError("Name at least one file.") }
    if guess, mapping != nil { throw ValidationError("Give --guess or --mapping, not both.") }
    if let currency, Currency(currency) == nil {
      throw ValidationError("'\(currency)' is not an ISO 4217 currency code such as USD.")
    }
  }

  func run() async throws {
    let currencyOfAmounts = try await currencyOfAmounts()
    if guess {
      for file in files { try showGuess(file, currencyOfAmounts) }
    } else {
      try await importFiles(currencyOfAmounts)
    }
  }

  /// The currency of amounts that name none: as asked for, else the shop's own when it has been set.
  private func currencyOfAmounts() async throws -> Currency? {
    if let currency { return Currency(currency) }
    guard let store = try await place.workspace().store(ofShop: place.shop) else { return nil }
    return try await ShopSettings.load(from: store)?.currency
  }

  private func importFiles(_ currencyOfAmounts: Currency?) async throws {
    // The files and the mapping are looked at before anything is stored.
    let plans = try files.map { ($0, try plan(for: $0, currencyOfAmounts)) }
    let store = try await place.openStore(create: true)
    var reports: [ImportReport] = []
    for (file, plan) in plans {
      let line = ProgressLine()
      let report = try await Importer().run(
        file: file, mapping: plan, kind: kind ?? .events, currency: currencyOfAmounts,
        into: store
      ) { line.show($0) }
      line.clear()
      reports.append(report)
      if !json { print(report.summary) }
    }
    if json { try printJSON(["imports": reports]) }
  }

  /// The mapping of a file: the one given, none for Lode's own NDJSON, else a guess that is sure of itself.
  private func plan(for file: String, _ currencyOfAmounts: Currency?) throws -> Mapping? {
    if let mapping {
      var plan = try Mapping(contentsOf: mapping)
      if let kind, kind != plan.kind {
        throw IngestionError.invalidMapping(
          source: mapping, line: 1, column: 1,
          reason: "the mapping is for \(plan.kind.rawValue), --kind says \(kind.rawValue)")
      }
      plan.currency = plan.currency ?? currencyOfAmounts
      return plan
    }
    let guess = try MappingGuess(file: file, kind: kind, currency: currencyOfAmounts)
    if guess.isNative { return nil }
    return try guess.requireMapping()
  }

  private func showGuess(_ file: String, _ currencyOfAmounts: Currency?) throws {
    let guess = try MappingGuess(file: file, kind: kind, currency: currencyOfAmounts)
    if json {
      try printJSON(guess.preview)
    } else {
      print(guess.description)
    }
    if guess.mapping == nil, !guess.isNative { throw ExitCode(2) }
  }
}

extension Mapping.Kind: ExpressibleByArgument {}

/// Writes a value to standard output as JSON with its keys in order.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// One line on standard error that tells how far an import has come; nothing when that is no terminal.
struct ProgressLine: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1

  func show(_ progress: ImportProgress) {
    guard isTerminal else { return }
    let share = progress.fraction.map { " \(Int($0 * 100)) %" } ?? ""
    let rejected = progress.rejected > 0 ? ", \(progress.rejected) set aside" : ""
    write("\r\u{1B}[K\(progress.file):\(share) \(progress.rows) rows, \(progress.stored) stored\(rejected)")
  }

  func clear() {
    if isTerminal { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

extension ImportReport {
  /// The report for people.
  var summary: String {
    var lines = [
      "\(file): \(rows) rows of \(format), \(encoding)",
      "  stored \(stored) \(kind), duplicates \(duplicates), set aside \(rejected), flagged \(flagged)",
    ]
    for check in checks {
      let places = check.examples.prefix(3).joined(separator: ", ")
      lines.append("  \(check.text.en)\(places.isEmpty ? "" : " (\(places))")")
    }
    if rejected > 0 { lines.append("  See what was set aside: lode dead-letters list") }
    return lines.joined(separator: "\n")
  }
}
