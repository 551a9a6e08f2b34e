import ArgumentParser
import Commerce
import Foundation
import Learning
import Recommendation

/// `lode evaluate graph`: measures embeddings of graphs by the facts that they complete.
struct EvaluateGraph: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Measure embeddings of a graph of facts by link prediction.",
    discussion: """
      The file holds one fact per line: head, relation, tail (CSV, TSV or separated by blanks; gzipped or not; with or \
      without a header). All facts between two entities are held out together, and no entity is left without any. For each \
      held-out fact all entities are ranked as its tail and as its head; those that make another fact of the graph are no \
      rivals, ties count against the model.
      """)

  @Option(help: "The file of facts.") var graph: String
  @Option(help: "The models, separated by commas: TransE, RotatE.") var models = "TransE,RotatE"
  @Option(help: "The share of the facts that is held out.") var share = 0.1
  @Option(help: "How many numbers describe an entity; complex ones for RotatE.") var embeddingSize: Int?
  @Option(help: "The margin of the loss.") var margin: Double?
  @Option(help: "How many corruptions a fact is compared with.") var negatives: Int?
  @Option(help: "How often all facts are gone through.") var epochs: Int?
  @Option(help: "The size of Adagrad's steps.") var learningRate: Double?
  @Flag(
    help:
      "Measure on facts held out of the training part instead of the test, as is right while settings are chosen."
  )
  var validation = false
  @Option(help: "Seeds the draw of facts, models and confidence intervals.") var seed: UInt64 = 42
  @Option(help: "Resamples of the confidence intervals; 0 for none.") var resamples = 1000
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    do {
      let rows = try await measured()
      if json { try printJSON(rows) } else { printTable(rows) }
    } catch let error as RecommendationError {
      try InteractionOptions.fail(error.description)
    } catch let error as LearningError {
      try InteractionOptions.fail(error.description)
    } catch let error as ValidationError {
      try InteractionOptions.fail(error.message)
    }
  }

  /// A model's figures under its name.
  private struct Row: Encodable {
    var name: String
    var figures: LinkPrediction.Report
    var seconds: Double

    enum CodingKeys: String, CodingKey { case name, seconds }

    func encode(to encoder: any Encoder) throws {
      try figures.encode(to: encoder)
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(name, forKey: .name)
      try values.encode(seconds, forKey: .seconds)
    }
  }

  private func measured() async throws -> [Row] {
    guard share > 0, share < 1 else { throw ValidationError("--share is between 0 and 1.") }
    let names = models.split(separator: ",").map { $0.lowercased() }
    if let wrong = names.first(where: { !["transe", "rotate"].contains($0) }) {
      throw RecommendationError.unknownModel(name: wrong, known: ["TransE", "RotatE"])
    }
    var facts = try KnowledgeGraph(path: graph)
    var split = facts.split(holdingOut: share, seed: seed)
    if validation {
      facts = facts.selecting(split.training)
      split = facts.split(holdingOut: share, seed: seed &+ 1)
    }
    guard !split.test.isEmpty else {
      throw RecommendationError.nothingToEvaluate(
        reason: "no fact of \(graph) can be held out without leaving an entity alone")
    }
    var rows: [Row] = []
    for name in names {
      let started = ContinuousClock.now
      let model = try await fit(name, facts.selecting(split.training))
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      let report = LinkPrediction(resamples: resamples, seed: seed).evaluate(
        model, on: facts, test: split.test)
      rows.append(Row(name: name == "transe" ? "TransE" : "RotatE", figures: report, seconds: seconds))
    }
    return rows
  }

  private func fit(_ name: String, _ facts: KnowledgeGraph) async throws -> GraphEmbeddingModel {
    let context = FitContext(seed: seed) { progress in
      let loss = progress.metrics["loss"].map { String(format: ", loss %.4f", $0) } ?? ""
      let total = progress.totalSteps.map { " of \($0)" } ?? ""
      FileHandle.standardError.write(Data("\(name): epoch \(progress.step)\(total)\(loss)\n".utf8))
    }
    guard name == "transe" else {
      var settings = RotatE.Configuration()
      settings.embeddingSize = embeddingSize ?? settings.embeddingSize
      settings.margin = margin ?? settings.margin
      settings.negatives = negatives ?? settings.negatives
      settings.epochs = epochs ?? settings.epochs
      settings.learningRate = learningRate ?? settings.learningRate
      return try await RotatE(settings).fit(facts, context: context)
    }
    var settings = TransE.Configuration()
    settings.embeddingSize = embeddingSize ?? settings.embeddingSize
    settings.margin = margin ?? settings.margin
    settings.negatives = negatives ?? settings.negatives
    settings.epochs = epochs ?? settings.epochs
    settings.learningRate = learningRate ?? settings.learningRate
    return try await TransE(settings).fit(facts, context: context)
  }

  // MARK: Results

  private struct Output: Encodable {
    var models: [Row]
    var graph: String
    var share: Double
    var seed: UInt64
  }

  private func printJSON(_ rows: [Row]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    print(
      String(
        decoding: try encoder.encode(Output(models: rows, graph: graph, share: share, seed: seed)),
        as: UTF8.self))
  }

  private func printTable(_ rows: [Row]) {
    let names = ["mrr", "hits@1", "hits@3", "hits@10"]
    Console.table(
      ["model"] + names + ["95% of mrr", "fit s"],
      rows.map { row in
        [row.name] + names.map { Figures.text(row.figures.metrics[$0]) }
          + [
            row.figures.intervals["mrr"].map { "\(Figures.text($0.lower))–\(Figures.text($0.upper))" } ?? "",
            Figures.text(row.seconds, 1),
          ]
      })
    if let first = rows.first {
      print(
        "\(first.figures.cases) held-out facts, both directions, all entities ranked, ties counted against")
    }
  }
}
