import Application
import ArgumentParser
import Decisions
import Foundation
import Ingestion
import Needs
import Recommendation
import Storage

/// The command line: `lode <noun> <verb>`.
@main
struct Lode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lode",
    abstract: "Mines what the customers of a shop need, and acts on it.",
    version: "0.1.0",
    subcommands: [
      DemoCommand.self, Serve.self, ShopCommand.self, Import.self, DeadLetters.self, Train.self,
      NeedsCommand.self, Recommend.self, RulesCommand.self, Keys.self, Evaluate.self, Tune.self,
    ])

  /// Runs a command; says what went wrong in a sentence, with exit code 2 for bad usage or bad input and 1 for the rest.
  static func main() async {
    restartWithPatientThreads()
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

  /// Starts the program anew with `OMP_WAIT_POLICY=passive` unless the caller has set a policy.
  ///
  /// XGBoost's threads otherwise spin while they wait, and with both cores busy that makes training several times slower.
  /// OpenMP reads the policy when its library is loaded, before any code of ours runs.
  private static func restartWithPatientThreads() {
    guard getenv("OMP_WAIT_POLICY") == nil else { return }
    setenv("OMP_WAIT_POLICY", "passive", 1)
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
    case is IngestionError, is ApplicationError, is RecommendationError, is NeedError, is RuleError: 2
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
      EvaluateClicks.self, EvaluateNeeds.self,
    ])
}
