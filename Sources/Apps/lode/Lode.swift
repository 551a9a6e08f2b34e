import Analytics
import Application
import ArgumentParser
import Campaigns
import Customers
import Decisions
import Demand
import Foundation
import Ingestion
import Needs
import Patterns
import Recommendation
import Segmentation
import Storage
import TextAnalysis

/// The command line: `lode <noun> <verb>`.
@main
struct Lode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lode",
    abstract: "Mines what the customers of a shop need, and acts on it.",
    version: "0.1.0",
    subcommands: [
      DemoCommand.self, Serve.self, ShopCommand.self, Import.self, DeadLetters.self, Train.self,
      NeedsCommand.self, InterestsCommand.self, Recommend.self, RulesCommand.self, ForecastCommand.self,
      DemandCommand.self,
      RestockCommand.self, LaunchCommand.self, TrendsCommand.self, PatternsCommand.self,
      LifetimeValueCommand.self, ChurnCommand.self, SegmentsCommand.self, UpliftCommand.self,
      AnalyticsCommand.self, CampaignsCommand.self,
      Keys.self, TextCommand.self,
      Evaluate.self,
      Tune.self,
    ])

  /// Runs a command; says what went wrong in a sentence, with exit code 2 for bad usage or bad input and 1 for the rest.
  static func main() async {
    restartWithPatientThreadsAndFewHeaps()
    // Whatever the working directory, the reader of Parquet files is looked for where `scripts/setup` puts it.
    if let cache = Installation.cache { setenv("LODE_CACHE", cache.path, 0) }
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let code as ExitCode {
      Foundation.exit(code.rawValue)
    } catch {
      guard let code = code(of: error) else { return endAsParserWould(error) }
      Console.note("lode: \(error)")
      Foundation.exit(code)
    }
  }

  /// Starts the program anew with `OMP_WAIT_POLICY=passive` and `MALLOC_ARENA_MAX` of two for each core, as far as the caller has
  /// not set them.
  ///
  /// XGBoost's threads otherwise spin while they wait, and with both cores busy that makes training several times slower.
  /// The C library otherwise gives threads eight heaps for each core: what is freed in one is of no use to the others, and a
  /// server that answers on many threads seems to grow for hours. Both are read before any code of ours runs.
  private static func restartWithPatientThreadsAndFewHeaps() {
    let wanted = [
      "OMP_WAIT_POLICY": "passive", "MALLOC_ARENA_MAX": "\(2 * ProcessInfo.processInfo.activeProcessorCount)",
    ].filter { getenv($0.key) == nil }
    if wanted.isEmpty { return }
    for (name, value) in wanted { setenv(name, value, 1) }
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    // Where the system does not allow it the program goes on as it is, only slower.
    execv("/proc/self/exe", &arguments)
  }

  private static func endAsParserWould(_ error: any Error) {
    let isUsage = exitCode(for: error) == .validationFailure
    guard isUsage else { exit(withError: error) }
    Console.note(fullMessage(for: error))
    Foundation.exit(2)
  }

  /// 2 when the caller can mend it, 1 when not; nil for errors of the argument parser.
  private static func code(of error: any Error) -> Int32? {
    switch error {
    case is IngestionError, is ApplicationError, is RecommendationError, is NeedError, is RuleError,
      is TextError, is DemandError, is PatternError, is SegmentationError, is SegmentsError,
      is AnalyticsError, is CampaignError:
      2
    case let error as StorageError: if case .notFound = error { 2 } else { 1 }
    case is CancellationError: 1
    default: nil
    }
  }
}

/// Commands that measure models on plain files.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure models on held-out data.",
    subcommands: [
      EvaluateRecommendation.self, EvaluateColdStart.self, EvaluateGraph.self, EvaluateImages.self,
      EvaluateClicks.self, EvaluateNeeds.self, EvaluateProfiles.self, EvaluateText.self,
      EvaluateForecast.self, EvaluateHierarchy.self, EvaluateRestock.self, EvaluateLaunches.self,
      EvaluateLifetimeValue.self, EvaluateChurn.self, EvaluateCampaigns.self, EvaluateHabits.self,
      EvaluateAnalytics.self,
    ])
}
