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

  @Option(help: "The file of interactions.") var interactions: String
  @Option(help: "How data are held out: leave-one-out, temporal or k-fold.") var `protocol` = "leave-one-out"
  @Option(help: "The models, separated by commas, or all.") var models = "all"
  @Option(help: "Seeds models, folds and confidence intervals.") var seed: UInt64 = 42
  @Option(help: "The lengths of the lists judged, separated by commas; the first guides tuning.")
  var cutoffs = "10"
  @Option(help: "Whether items of the history may be recommended: allow, only or never.")
  var repeats = "never"
  @Option(help: "The share of the newest rows that temporal holds out.") var testShare = 0.2
  @Option(help: "How many folds k-fold has.") var folds = 5
  @Option(help: "Resamples of the confidence intervals; 0 for none.") var resamples = 1000
  @Option(help: "Fits each model so often and reports the median time.") var fitRuns = 1
  @Flag(help: "Search each model's settings on validation data first.") var tune = false
  @Option(
    name: .customLong("set"), help: "A setting, such as ImplicitALS.embeddingSize=32; may be given again.")
  var settings: [String] = []
  @Option(help: "The user's column, by name or number.") var userColumn: String?
  @Option(help: "The item's column, by name or number.") var itemColumn: String?
  @Option(help: "The time's column, by name or number; none for the order of the lines.") var timeColumn:
    String?
  @Option(help: "The column of the weight, by name or number; every row weighs 1 without it.")
  var ratingColumn: String?
  @Option(help: "The separator: a character, tab or space; told by the first line without it.")
  var separator: String?
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    do {
      let reports = try await evaluated()
      if json { try printJSON(reports) } else { printTable(reports) }
    } catch let error as RecommendationError {
      try fail(error.description)
    } catch let error as LearningError {
      try fail(error.description)
    } catch let error as ValidationError {
      try fail(error.message)
    }
  }

  /// Says what is wrong with the input and ends with code 2.
  private func fail(_ message: String) throws -> Never {
    FileHandle.standardError.write(Data("error: \(message)\n".utf8))
    throw ExitCode(2)
  }

  private func evaluated() async throws -> [RecommendationEvaluation.Report] {
    let algorithms = try chosenModels()
    let evaluation = RecommendationEvaluation(
      protocol: try chosenProtocol(), cutoffs: try chosenCutoffs(), repeatPurchases: try chosenRepeats(),
      seed: seed,
      resamples: resamples, fitRuns: fitRuns
    ) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
    let data = try InteractionFile(
      path: interactions, userColumn: userColumn, itemColumn: itemColumn, timeColumn: timeColumn,
      ratingColumn: ratingColumn, separator: try chosenSeparator()
    ).read()
    var reports: [RecommendationEvaluation.Report] = []
    for algorithm in algorithms {
      reports.append(try await evaluation.evaluate(algorithm, on: data, tune: tune))
    }
    return reports
  }

  // MARK: Options

  private func chosenModels() throws -> [RecommendationAlgorithm] {
    let names =
      models == "all" ? RecommendationAlgorithm.names : models.split(separator: ",").map(String.init)
    var algorithms = try names.map(RecommendationAlgorithm.named)
    for setting in settings {
      let sides = setting.split(separator: "=", maxSplits: 1).map(String.init)
      let path = (sides.first ?? "").split(separator: ".", maxSplits: 1).map(String.init)
      guard sides.count == 2, path.count == 2 else {
        throw ValidationError("--set takes MODEL.SETTING=VALUE, found '\(setting)'.")
      }
      let model = try RecommendationAlgorithm.named(path[0]).name
      guard let index = algorithms.firstIndex(where: { $0.name == model }) else { continue }
      let value = try? JSONDecoder().decode(JSONValue.self, from: Data(sides[1].utf8))
      try algorithms[index].set(path[1], to: value ?? .string(sides[1]))
    }
    return algorithms
  }

  private func chosenProtocol() throws -> EvaluationProtocol {
    switch `protocol` {
    case "leave-one-out": return .leaveOneOut
    case "temporal":
      guard testShare > 0, testShare < 1 else { throw ValidationError("--test-share is between 0 and 1.") }
      return .temporal(testShare: testShare)
    case "k-fold":
      guard folds >= 2 else { throw ValidationError("--folds is at least 2.") }
      return .kFold(folds: folds)
    default:
      throw ValidationError("--protocol is leave-one-out, temporal or k-fold, found '\(`protocol`)'.")
    }
  }

  private func chosenCutoffs() throws -> [Int] {
    let numbers = cutoffs.split(separator: ",").map { Int($0) ?? 0 }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("--cutoffs are positive numbers separated by commas, found '\(cutoffs)'.")
    }
    return numbers
  }

  private func chosenRepeats() throws -> RepeatPurchases {
    guard let chosen = RepeatPurchases(rawValue: repeats) else {
      throw ValidationError("--repeats is allow, only or never, found '\(repeats)'.")
    }
    return chosen
  }

  private func chosenSeparator() throws -> Character? {
    switch separator {
    case nil: return nil
    case "tab", "\\t": return "\t"
    case "space": return " "
    case .some(let text):
      guard text.count == 1 else {
        throw ValidationError("--separator is one character, tab or space, found '\(text)'.")
      }
      return text.first
    }
  }

  // MARK: Results

  private struct Output: Encodable {
    var models: [RecommendationEvaluation.Report]
    var `protocol`: String
    var interactions: String
    var seed: UInt64
  }

  private func printJSON(_ reports: [RecommendationEvaluation.Report]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    let output = Output(models: reports, protocol: `protocol`, interactions: interactions, seed: seed)
    print(String(decoding: try encoder.encode(output), as: UTF8.self))
  }

  private func printTable(_ reports: [RecommendationEvaluation.Report]) {
    let lengths = (try? chosenCutoffs()) ?? [10]
    for k in lengths {
      let names = ["hr", "ndcg", "recall", "mrr", "coverage", "novelty"]
      print(
        padded("model", 20) + names.map { padded("\($0)@\(k)", 12) }.joined() + padded("95% of ndcg", 18)
          + padded("fit s", 9) + padded("rank s", 9) + "peak MB")
      for report in reports {
        let figures = names.map { padded(rounded(report.metrics["\($0)@\(k)"]), 12) }.joined()
        let range = report.intervals["ndcg@\(k)"].map { "\(rounded($0.lower))–\(rounded($0.upper))" } ?? ""
        let peak = report.peakMemoryBytes.map { "\($0 / 1_000_000)" } ?? ""
        print(
          padded(report.name, 20) + figures + padded(range, 18) + padded(rounded(report.seconds, 2), 9)
            + padded(rounded(report.rankingSeconds, 2), 9) + peak)
      }
    }
    if let first = reports.first {
      print("\(first.cases) users, \(`protocol`), all items ranked, ties counted against")
    }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private func rounded(_ value: Double?, _ digits: Int = 4) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}
