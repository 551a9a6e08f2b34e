import Application
import ArgumentParser
import Commerce
import Features
import Foundation
import Learning
import Needs
import TextAnalysis

/// `lode evaluate profiles`: compares ways to fuse what is known of customers on plain files.
struct EvaluateProfiles: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profiles",
    abstract: "Compare ways to fuse all that is known of customers, by what their profiles alone foretell.",
    discussion: """
      Files and windows are those of lode evaluate needs. Behaviour and the attributes of bought items come from them; \
      --customers adds what the shop knows of its customers, --text-columns the meaning of what they bought (it needs \
      scripts/fetch-data use-multilingual). Purchases of the last 28 days are foretold from each profile by one and the same head. \
      The learned fusion needs libtorch.
      """)

  /// The ways to fuse.
  enum Fusion: String, CaseIterable, ExpressibleByArgument {
    case concatenation, clusters, learned
  }

  @OptionGroup var files: PurchaseFiles
  @Option(
    help: "A CSV file of customers with a header: the customer's column, and attributes in all others.")
  var customers: String?
  @Option(
    help: ArgumentHelp(
      "Columns of the items' file that say what an item is, separated by commas; the category is read in any case.",
      valueName: "names"))
  var textColumns: String?
  @Option(help: "The ways to fuse, separated by commas: concatenation, clusters, learned.")
  var models = "concatenation,clusters,learned"
  @Option(help: "How many numbers a profile has.") var width = 128
  @Flag(help: "Also measure each mode alone, and each left out, by the first of the models.")
  var ablation = false
  @Flag(help: "Also train the boosting of needs, with and without the scores of the profiles.")
  var boosting = false
  @Option(help: "Days between training windows; a divisor of 28.") var stepDays = 28
  @Option(help: "Seeds networks, groups, samples and confidence intervals.") var seed: UInt64 = 42
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard (1...2048).contains(width) else {
      throw ValidationError("--width is \(width); expected 1 to 2048.")
    }
    guard stepDays > 0, 28 % stepDays == 0 else {
      throw ValidationError("--step-days is \(stepDays); expected a divisor of 28.")
    }
    _ = try fusions()
  }

  func run() async throws {
    let needsText = textColumns != nil
    let columns = (textColumns ?? "").split(separator: ",").map(String.init)
    let header = try PlainTable.header(files.items)
    for column in columns where !header.contains(column) {
      throw ValidationError(
        "\(files.items):1: there is no column '\(column)'; found \(header.joined(separator: ", ")).")
    }
    var texts: [String: String] = [:]
    let catalogue = try files.readItems(more: columns) { id, fields in
      if needsText { texts[id] = fields.filter { !$0.isEmpty }.joined(separator: " ").lowercased() }
    }
    let people = try customers.map(readCustomers) ?? []
    let data = NeedDataset(frame: try files.readTransactions(), catalogue: catalogue)
    let settings = FeatureSettings(calendar: try ShopCalendar(timeZone: files.timeZone))
    Console.note("\(data.frame.count) order lines, \(data.frame.customers.count) customers")
    let itemTexts =
      needsText
      ? try ItemVectors(texts: texts, embedder: TextModels.installed(nil).embedder()) : nil
    let windows = try ProfileWindows(
      data, customers: people, itemTexts: itemTexts, settings: settings, windows: 12 * 14 / stepDays + 1,
      stepDays: stepDays)
    var evaluation = ProfileEvaluation(windows, seed: seed)
    try evaluation.addBaselines()
    try await measure(&evaluation)
    let study = boosting ? try await boost(data, windows, settings) : nil
    try json ? printJSON(evaluation, study) : printTable(evaluation, study)
  }

  private func fusions() throws -> [any ProfileFusion] {
    try models.split(separator: ",").map { name -> any ProfileFusion in
      switch Fusion(rawValue: String(name)) {
      case .concatenation: ProfileConcatenation(.init(width: width))
      case .clusters: ProfileClusters(.init(clusters: width, concatenation: .init(width: width)))
      case .learned: LearnedFusion(.init(width: width))
      case nil:
        throw ValidationError(
          "'\(name)' is no fusion; expected \(Fusion.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
    }
  }

  private func measure(_ evaluation: inout ProfileEvaluation) async throws {
    let context = FitContext(seed: seed)
    let all = Set(evaluation.windows.test.modes.modes)
    for (place, fusion) in try fusions().enumerated() {
      Console.note(fusion.name)
      try await evaluation.add(fusion, context: context)
      guard ablation, place == 0 else { continue }
      for mode in all.sorted() {
        Console.note("\(fusion.name), \(mode.rawValue) alone and left out")
        try await evaluation.add(
          fusion, name: "\(fusion.name), \(mode.rawValue) alone", modes: [mode], context: context)
        guard all.count > 1 else { continue }
        try await evaluation.add(
          fusion, name: "\(fusion.name), without \(mode.rawValue)", modes: all.subtracting([mode]),
          context: context)
      }
    }
  }

  private func boost(
    _ data: NeedDataset, _ windows: ProfileWindows, _ settings: FeatureSettings
  ) async throws -> ProfileStudy.Report {
    Console.note("gradient boosting with and without the profiles' scores")
    let mining = NeedMining(.init(windows: 12 * 14 / stepDays + 1, stepDays: stepDays, features: settings))
    return try await ProfileStudy(mining).run(
      data, windows: windows, fusions: try fusions(), context: FitContext(seed: seed))
  }

  private func readCustomers(_ path: String) throws -> [Customer] {
    let header = try PlainTable.header(path)
    let attributes = header.filter { $0 != files.customerColumn }
    var found: [Customer] = []
    try PlainTable.read(path, required: [files.customerColumn], optional: attributes) { row in
      let known = zip(attributes, row.dropFirst()).filter { !$1.isEmpty }
      found.append(
        Customer(
          customerID: row[0],
          attributes: Dictionary(known.map { ($0, .string($1)) }, uniquingKeysWith: { first, _ in first })))
    }
    return found
  }

  private func printTable(_ evaluation: ProfileEvaluation, _ study: ProfileStudy.Report?) {
    func figure(_ row: ProfileEvaluation.Row, _ name: String, _ digits: Int) -> String {
      let value = String(format: "%.\(digits)f", row.metrics[name] ?? .nan)
      guard let interval = row.intervals[name] else { return value }
      return value + String(format: " [%.\(digits)f, %.\(digits)f]", interval.lower, interval.upper)
    }
    print(evaluation.protocolDescription)
    Console.table(
      ["profile", "width", "NDCG@10", "AUC", "Brier", "ECE"],
      evaluation.table.map { row in
        [row.name, row.width.map(String.init) ?? ""]
          + [("ndcg@10", 4), ("auc", 4), ("brier", 5), ("ece", 4)].map { figure(row, $0.0, $0.1) }
      })
    guard let study else { return }
    for (name, metrics) in study.metrics.sorted(by: { $0.key < $1.key }) {
      let figures = CustomerFigureNames.all.map { String(format: "%@ %.5f", $0, metrics[$0] ?? .nan) }
      print("boosting \(name) profiles: \(figures.joined(separator: ", "))")
    }
    for (window, differences) in study.differences.sorted(by: { $0.key < $1.key }) {
      let parts = differences.sorted { $0.key < $1.key }.map {
        String(format: "%@ [%+.5f, %+.5f]", $0.key, $0.value.lower, $0.value.upper)
      }
      print("with less without, \(window): \(parts.joined(separator: ", "))")
    }
  }

  private enum CustomerFigureNames { static let all = ["ndcg@10", "auc", "brier", "ece"] }

  private func printJSON(_ evaluation: ProfileEvaluation, _ study: ProfileStudy.Report?) throws {
    struct Output: Encodable {
      struct Model: Encodable {
        var name: String
        var modes: [String]
        var width: Int?
        var metrics: [String: Double]
        var intervals: [String: [Double]]
        var validation: [String: Double]
        var seconds: Double
      }
      var models: [Model]
      var `protocol`: String
      var boosting: ProfileStudy.Report?
    }
    let output = Output(
      models: evaluation.table.map { row in
        Output.Model(
          name: row.name, modes: row.modes, width: row.width, metrics: row.metrics,
          intervals: row.intervals.mapValues { [$0.lower, $0.upper] }, validation: row.validation,
          seconds: row.seconds)
      }, protocol: evaluation.protocolDescription, boosting: study)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(output), as: UTF8.self))
  }
}
