import ArgumentParser
import Commerce
import Foundation
import Learning
import Recommendation

/// `lode evaluate cold-start`: measures how items are ranked that nobody has dealt with.
struct EvaluateColdStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cold-start",
    abstract: "Measure how well items without interactions are ranked, by what is known of them.",
    discussion: """
      A share of the items, drawn at random, loses all its interactions. Each user who had any of them is then shown the \
      cold items in order of score. The items' file has a header: an id, a title, and attributes. The graph holds facts \
      (head, relation, tail), the links say which entity an item is. Without a graph the attributes are the facts.
      """)

  @Option(help: "The file of interactions.") var interactions: String
  @Option(help: "The column of the weight or rating; every row weighs 1 without it.") var ratingColumn:
    String?
  @Option(help: "The file of items.") var items: String?
  @Option(help: "The item's column in the file of items.") var itemColumn: String?
  @Option(help: "The title's column in the file of items.") var titleColumn: String?
  @Option(help: "The columns with several values, separated by blanks or bars, of the file of items.")
  var listColumns = ""
  @Option(help: "The file of facts.") var graph: String?
  @Option(help: "The file that says which entity an item is; the one of its own id without it.") var links:
    String?
  @Option(help: "A file of vectors: an item and its numbers a line, such as of its picture.") var vectors:
    String?
  @Option(help: "The models, separated by commas, or all that have what they need.") var models = "all"
  @Option(help: "The share of the items that loses its interactions.") var share = 0.1
  @Option(help: "The lengths of the lists judged, separated by commas; the first guides tuning.")
  var cutoffs = "10"
  @Option(help: "Seeds the draw of items, models and confidence intervals.") var seed: UInt64 = 42
  @Option(help: "Resamples of the confidence intervals; 0 for none.") var resamples = 1000
  @Flag(help: "Search each model's settings on other cold items first.") var tune = false
  @Option(
    name: .customLong("set"), help: "A setting, such as GraphEmbedding.epochs=20; may be given again.")
  var settings: [String] = []
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    do {
      let reports = try await evaluated()
      if json { try printJSON(reports) } else { printTable(reports) }
    } catch let error as RecommendationError {
      try InteractionOptions.fail(error.description)
    } catch let error as LearningError {
      try InteractionOptions.fail(error.description)
    } catch let error as ValidationError {
      try InteractionOptions.fail(error.message)
    }
  }

  private func evaluated() async throws -> [ColdStartEvaluation.Report] {
    guard share > 0, share <= 0.9 else { throw ValidationError("--share is above 0 and at most 0.9.") }
    if links != nil, graph == nil { throw ValidationError("--links needs --graph.") }
    var algorithms = try chosen().map(ColdStartAlgorithm.named)
    try ModelSettings.apply(
      settings, to: &algorithms, name: \.name, known: { try ColdStartAlgorithm.named($0).name }
    ) { try $0.set($1, to: $2) }
    let data = try read()
    let evaluation = ColdStartEvaluation(
      share: share, cutoffs: try ModelSettings.cutoffs(cutoffs), seed: seed, resamples: resamples
    ) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
    var reports: [ColdStartEvaluation.Report] = []
    for algorithm in algorithms {
      reports.append(try await evaluation.evaluate(algorithm, on: data, tune: tune))
    }
    return reports
  }

  private func chosen() -> [String] {
    guard models == "all" else { return models.split(separator: ",").map(String.init) }
    let isThere = [
      "ContentSimilarity": items != nil, "GraphEmbedding": items != nil || graph != nil,
      "VectorSimilarity": vectors != nil,
    ]
    return ColdStartAlgorithm.names.filter { isThere[$0] ?? true }
  }

  private func read() throws -> ItemKnowledge {
    var data = ItemKnowledge(
      try InteractionFile(path: interactions, ratingColumn: ratingColumn).read())
    if let items {
      data.descriptions = try ItemFile(
        path: items, itemColumn: itemColumn, titleColumn: titleColumn,
        listColumns: listColumns.split(separator: ",").map(String.init)
      ).read()
    }
    data.graph = try graph.map { try KnowledgeGraph(path: $0) }
    data.links = try links.map { try ItemLink.read(path: $0) } ?? []
    data.vectors = try vectors.map { try ItemVectorFile(path: $0).read() } ?? [:]
    return data
  }

  // MARK: Results

  private struct Output: Encodable {
    var models: [ColdStartEvaluation.Report]
    var interactions: String
    var share: Double
    var seed: UInt64
  }

  private func printJSON(_ reports: [ColdStartEvaluation.Report]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    let output = Output(models: reports, interactions: interactions, share: share, seed: seed)
    print(String(decoding: try encoder.encode(output), as: UTF8.self))
  }

  private func printTable(_ reports: [ColdStartEvaluation.Report]) {
    for k in (try? ModelSettings.cutoffs(cutoffs)) ?? [10] {
      let names = ["ndcg", "hr", "recall"].map { "\($0)@\(k)" }
      let rows = reports.map { report in
        [report.name]
          + names.flatMap { name in
            [
              Figures.text(report.metrics[name]),
              report.intervals[name].map { "\(Figures.text($0.lower))–\(Figures.text($0.upper))" } ?? "",
            ]
          } + [Figures.text(report.seconds, 2)]
      }
      Console.table(["model"] + names.flatMap { [$0, "95%"] } + ["fit s"], rows)
    }
    if let first = reports.first {
      print(
        "\(first.cases) users, \(first.coldItems) items without interactions ranked for each, ties counted against"
      )
    }
  }
}
