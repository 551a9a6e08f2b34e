import ArgumentParser
import Commerce
import Foundation
import Learning
import Recommendation

/// `lode evaluate recommendation`: measures recommenders on a plain file of interactions.
struct EvaluateRecommendation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommendation",
    abstract: "Measure recommenders on a file of interactions, ranking all items.",
    discussion: """
      The file holds one interaction per line (CSV, TSV or separated by blanks; gzipped or not). Without a header its \
      columns are user, item and time, or user, item, rating and time. Without times the order of the lines counts.
      """)

  @OptionGroup var options: InteractionOptions
  @Option(help: "The models, separated by commas, or all.") var models = "all"
  @Option(help: "The lengths of the lists judged, separated by commas; the first guides tuning.")
  var cutoffs = "10"
  @Option(help: "Fits each model so often and reports the median time.") var fitRuns = 1
  @Option(
    help: "Ranks held-out items among so many drawn at random instead of all; figures then say so.")
  var sampledNegatives: Int?
  @Option(help: "A file of who trusts whom, for TrustSVD under k-fold-ratings.") var trust: String?
  @Flag(help: "Search each model's settings on validation data first.") var tune = false
  @Option(
    name: .customLong("set"), help: "A setting, such as ImplicitALS.embeddingSize=32; may be given again.")
  var settings: [String] = []
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    do {
      if options.isAboutRatings {
        let reports = try await ratingReports()
        if json { try printJSON(reports) } else { printTable(reports) }
      } else {
        let reports = try await evaluated()
        if json { try printJSON(reports) } else { printTable(reports) }
      }
    } catch let error as RecommendationError {
      try InteractionOptions.fail(error.description)
    } catch let error as LearningError {
      try InteractionOptions.fail(error.description)
    } catch let error as ValidationError {
      try InteractionOptions.fail(error.message)
    }
  }

  private func evaluated() async throws -> [RecommendationEvaluation.Report] {
    var algorithms = try chosenModels(RecommendationAlgorithm.names).map(RecommendationAlgorithm.named)
    try ModelSettings.apply(
      settings, to: &algorithms, name: \.name, known: { try RecommendationAlgorithm.named($0).name }
    ) { try $0.set($1, to: $2) }
    if let sampledNegatives, sampledNegatives < 1 {
      throw ValidationError("--sampled-negatives is a positive number.")
    }
    let evaluation = RecommendationEvaluation(
      protocol: try options.chosenProtocol(), cutoffs: try ModelSettings.cutoffs(cutoffs),
      repeatPurchases: try options.chosenRepeats(), seed: options.seed, resamples: options.resamples,
      fitRuns: fitRuns, sampledNegatives: sampledNegatives
    ) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
    let data = try options.read()
    var reports: [RecommendationEvaluation.Report] = []
    for algorithm in algorithms {
      reports.append(try await evaluation.evaluate(algorithm, on: data, tune: tune))
    }
    return reports
  }

  private func ratingReports() async throws -> [RatingEvaluation.Report] {
    let trusting = try trust.map { RatingAlgorithm.trustSVD(try TrustNetwork(path: $0)) }
    func named(_ name: String) throws -> RatingAlgorithm {
      guard name.lowercased() == "trustsvd" else { return try RatingAlgorithm.named(name) }
      guard let trusting else { throw ValidationError("TrustSVD needs --trust, a file of who trusts whom.") }
      return trusting
    }
    let names = RatingAlgorithm.names + (trusting.map { [$0.name] } ?? [])
    var algorithms = try chosenModels(names).map(named)
    try ModelSettings.apply(settings, to: &algorithms, name: \.name, known: { try named($0).name }) {
      try $0.set($1, to: $2)
    }
    _ = try options.chosenProtocol()
    let evaluation = RatingEvaluation(folds: options.folds, seed: options.seed, resamples: options.resamples)
    {
      FileHandle.standardError.write(Data("\($0)\n".utf8))
    }
    let data = try options.read()
    var reports: [RatingEvaluation.Report] = []
    for algorithm in algorithms {
      reports.append(try await evaluation.evaluate(algorithm, on: data, tune: tune))
    }
    return reports
  }

  // MARK: Options

  private func chosenModels(_ all: [String]) -> [String] {
    models == "all" ? all : models.split(separator: ",").map(String.init)
  }

  // MARK: Results

  private struct Output<Report: Encodable>: Encodable {
    var models: [Report]
    var `protocol`: String
    var interactions: String
    var seed: UInt64
  }

  private func printJSON(_ reports: [some Encodable]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    let output = Output(
      models: reports, protocol: options.protocol, interactions: options.interactions, seed: options.seed)
    print(String(decoding: try encoder.encode(output), as: UTF8.self))
  }

  private func printTable(_ reports: [RatingEvaluation.Report]) {
    let rows = reports.map { report in
      [
        report.name, Figures.text(report.metrics["rmse"]), Figures.text(report.metrics["mae"]),
        report.intervals["rmse"].map { "\(Figures.text($0.lower))–\(Figures.text($0.upper))" } ?? "",
        Figures.text(report.seconds, 2),
      ]
    }
    Console.table(["model", "rmse", "mae", "95% of rmse", "fit s"], rows)
    print("\(reports.first?.cases ?? 0) ratings, each held out once in \(options.folds) folds")
  }

  private func printTable(_ reports: [RecommendationEvaluation.Report]) {
    let suffix = sampledNegatives.map { "_sampled\($0)" } ?? ""
    for k in (try? ModelSettings.cutoffs(cutoffs)) ?? [10] {
      let names = ["hr", "ndcg", "recall", "mrr", "coverage", "novelty"].map { "\($0)@\(k)\(suffix)" }
      let rows = reports.map { report in
        [report.name] + names.map { Figures.text(report.metrics[$0]) }
          + [
            report.intervals[names[1]].map { "\(Figures.text($0.lower))–\(Figures.text($0.upper))" } ?? "",
            Figures.text(report.seconds, 2), Figures.text(report.rankingSeconds, 2),
            report.peakMemoryBytes.map { "\($0 / 1_000_000)" } ?? "",
          ]
      }
      Console.table(["model"] + names + ["95% of ndcg", "fit s", "rank s", "peak MB"], rows)
    }
    if let first = reports.first {
      let ranked = sampledNegatives.map { "\($0) items drawn at random ranked" } ?? "all items ranked"
      print("\(first.cases) users, \(options.protocol), \(ranked), ties counted against")
    }
  }
}
