import ArgumentParser

/// The command line: `lode <noun> <verb>`.
@main
struct Lode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lode",
    abstract: "Mines what the customers of a shop need, and acts on it.",
    version: "0.1.0",
    subcommands: [Import.self, DeadLetters.self, Serve.self, Keys.self, Evaluate.self])
}

/// Commands that measure models on plain files.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure models on held-out data.",
    subcommands: [EvaluateRecommendation.self, EvaluateNeeds.self])
}
