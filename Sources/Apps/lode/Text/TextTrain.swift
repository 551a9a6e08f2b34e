import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import TextAnalysis

/// `lode text train`: models of texts.
struct TextTrain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Make the models that texts are read with.",
    subcommands: [
      TextTrainBuiltIn.self, TextTrainClassifier.self, TextTrainEntities.self, TextTrainIntents.self,
    ],
    defaultSubcommand: TextTrainBuiltIn.self)
}

/// Makes the models that Lode comes with the means for.
struct TextTrainBuiltIn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "built-in",
    abstract: "Learn words, parts of speech and the like from fetched corpora.",
    discussion:
      "What is there already is left alone unless --force is given. The corpora come by scripts/fetch-data.")

  @Argument(help: "Which of them; all unless given: \(Self.names).") var parts: [String] = []
  @Option(help: ArgumentHelp("The folder of trained models.", valueName: "folder")) var models: String?
  @Flag(help: "Learn again what is there.") var force = false
  @Option(help: "Seeds the models.") var seed: UInt64 = 42

  private static let names = TextTraining.Part.allCases.map(\.rawValue).joined(separator: ", ")

  func run() async throws {
    let wanted = try parts.map { name in
      guard let part = TextTraining.Part(rawValue: name) else {
        throw ValidationError("There is no model '\(name)'; there are \(Self.names).")
      }
      return part
    }
    let textModels = try TextModels.installed(models)
    for part in wanted.isEmpty ? TextTraining.Part.allCases : wanted {
      guard force || !textModels.isTrained(part.rawValue) else { continue }
      let context = FitContext(seed: seed) { step in
        Console.progress(
          "learning \(part.rawValue)", fraction: step.totalSteps.map { Double(step.step) / Double($0) })
      }
      try await TextTraining(textModels).train(part, context: context)
      Console.note("\(part.rawValue): \(textModels.path(of: part.rawValue).path)")
    }
  }
}

/// Makes a classifier from the caller's own texts.
struct TextTrainClassifier: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Learn classes of texts from a CSV file of labels and texts.",
    discussion: """
      A linear model over n-grams of words and characters, and with --embeddings over sentence vectors too; its \
      probabilities are calibrated on held-out folds.
      """)

  @Option(help: ArgumentHelp("The texts: CSV with a header, gzipped or not.", valueName: "file")) var data:
    String
  @Option(help: ArgumentHelp("Where the model goes.", valueName: "file")) var out: String
  @OptionGroup var classifier: ClassifierOptions

  func run() async throws {
    let texts = try classifier.read(data)
    let algorithm = try classifier.algorithm()
    let model = try await algorithm.fit(
      texts,
      context: FitContext(seed: classifier.seed) { step in
        Console.progress("learning", fraction: step.totalSteps.map { Double(step.step) / Double($0) })
      })
    Console.clearProgress()
    let envelope = try ModelEnvelope(
      model, configuration: try JSONValue(encoding: algorithm.configuration),
      trainedAt: .now,
      dataFingerprint: "\(texts.count) texts of \(data)", metrics: [:])
    try TextModels.write(envelope, to: URL(fileURLWithPath: out))
    Console.note("\(texts.count) texts of \(model.labels.count) classes: \(out)")
  }
}

/// How a classifier is learned.
struct ClassifierOptions: ParsableArguments {
  @Option(help: "The column of labels.") var labelColumn = "label"
  @Option(help: "The column of texts.") var textColumn = "text"
  @Flag(help: "Look at sentence vectors beside n-grams.") var embeddings = false
  @Option(help: "The price of losses against the penalty on weights.") var cost = 0.5
  @Option(help: "Seeds the model.") var seed: UInt64 = 42

  func read(_ file: String) throws -> [LabelledText] {
    try LabelledTextFile.read(file, labelColumn: labelColumn, textColumn: textColumn)
  }

  func algorithm() throws -> LinearTextClassifier {
    var configuration = LinearTextClassifier.Configuration(cost: cost)
    guard embeddings else { return LinearTextClassifier(configuration: configuration) }
    configuration.embeddingWeight = 1
    return LinearTextClassifier(
      configuration: configuration, embedder: try TextModels.installed().embedder())
  }
}
