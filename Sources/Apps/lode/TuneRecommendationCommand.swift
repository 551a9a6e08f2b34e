import ArgumentParser
import Commerce
import Foundation
import Learning
import Recommendation

/// Commands that search settings on plain files.
struct Tune: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Search settings on validation data, and choose a model.",
    subcommands: [TuneRecommendation.self])
}

/// `lode tune recommendation`: searches the settings of recommenders and chooses the simplest that nothing beats.
struct TuneRecommendation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommendation",
    abstract: "Search the settings of recommenders on validation data, and choose one.",
    discussion: """
      Successive halving: all settings on a ninth of the users, the better third on a third, the better third of these on \
      all. The simplest model that no other beats significantly on validation is chosen; the test is measured for it alone.
      """)

  @OptionGroup var options: InteractionOptions
  @Option(help: "The models, the simplest first, separated by commas.")
  var models =
    "Popularity,ItemKNN,DecayedTransitions,UserKNN,RP3Beta,EASE,SLIM,PureSVD,SessionKNN,ImplicitALS"
  @Option(help: "How many settings are tried at first, over all models.") var trials = 60
  @Option(help: "After how many seconds no new trial starts.") var budgetSeconds: Double?
  @Option(help: "The length of the lists judged.") var cutoff = 10
  @Option(help: "The confidence at which one model beats another.") var level = 0.95
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    do {
      let report = try await searched()
      if json { try printJSON(report) } else { printTable(report) }
    } catch let error as RecommendationError {
      try InteractionOptions.fail(error.description)
    } catch let error as LearningError {
      try InteractionOptions.fail(error.description)
    } catch let error as ValidationError {
      try InteractionOptions.fail(error.message)
    }
  }

  private func searched() async throws -> RecommendationTuning.Report {
    guard !options.isAboutRatings else {
      throw ValidationError(
        "Ratings are tuned by 'lode evaluate recommendation --protocol k-fold-ratings --tune'.")
    }
    guard trials > 0, cutoff > 0, level > 0, level < 1, budgetSeconds.map({ $0 > 0 }) ?? true else {
      throw ValidationError(
        "--trials, --cutoff and --budget-seconds are positive, --level is between 0 and 1.")
    }
    let algorithms = try models.split(separator: ",").map { try RecommendationAlgorithm.named(String($0)) }
    let tuning = RecommendationTuning(
      protocol: try options.chosenProtocol(), cutoff: cutoff, repeatPurchases: try options.chosenRepeats(),
      trials: trials, budgetSeconds: budgetSeconds, level: level, seed: options.seed,
      resamples: max(1, options.resamples)
    ) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
    return try await tuning.run(algorithms, on: try options.read())
  }

  private func printJSON(_ report: RecommendationTuning.Report) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }

  private func printTable(_ report: RecommendationTuning.Report) {
    Console.table(
      ["model", "validation ndcg@\(cutoff)", "better by", "interval of it", "settings"],
      report.finalists.map { finalist in
        [
          finalist.name, Figures.text(finalist.ndcg), Figures.text(finalist.advantage),
          "\(Figures.text(finalist.interval.lower))–\(Figures.text(finalist.interval.upper))",
          Self.text(finalist.configuration),
        ]
      })
    let ndcg = report.test.metrics["ndcg@\(cutoff)"]
    let interval = report.test.intervals["ndcg@\(cutoff)"].map {
      " (\(Figures.text($0.lower))–\(Figures.text($0.upper)))"
    }
    print(
      "chosen: \(report.chosen.name), test ndcg@\(cutoff) \(Figures.text(ndcg))\(interval ?? ""), "
        + "\(report.trials.count) trials in \(Figures.text(report.seconds, 1)) s"
        + (report.endedByBudget ? ", ended by the budget" : ""))
  }

  private static func text(_ value: JSONValue) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
