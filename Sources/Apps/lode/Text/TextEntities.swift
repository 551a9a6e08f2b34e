import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import TextAnalysis

/// `lode text entities`: named pieces of texts.
struct TextEntities: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "entities",
    abstract: "Find named pieces: people, places and organisations, or what a model of your own has learned.",
    discussion: """
      Pieces are written as text/LABEL, separated by tabs; with --json they have their places in UTF-8 bytes. The trained model \
      knows PER, LOC and ORG of Chinese news; --model names one that 'lode text train entities' made.
      """)

  @OptionGroup var options: TextOptions
  @Option(help: ArgumentHelp("A model of your own.", valueName: "file")) var model: String?

  func run() async throws {
    let recognizer: EntityModel =
      try model.map { try TextModels.read(URL(fileURLWithPath: $0)) } ?? options.textModels().entities()
    try options.answer { text in
      .array(recognizer.entities(in: text).map(\.json))
    } text: { text in
      recognizer.entities(in: text).map { "\($0.text.onOneLine)/\($0.label)" }.joined(separator: "\t")
    }
  }
}

/// `lode text train entities`: a model of named pieces from the caller's own marked texts.
struct TextTrainEntities: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "entities",
    abstract:
      "Learn named pieces from a file of characters and labels (B-NAME, I-NAME, O), as CoNLL files have them."
  )

  @Option(help: ArgumentHelp("The marked texts.", valueName: "file")) var data: String
  @Option(help: ArgumentHelp("Where the model goes.", valueName: "file")) var out: String
  @Option(help: "Seeds the model.") var seed: UInt64 = 42

  func run() async throws {
    let sentences = try LabelledSentence.readColumns(contentsOf: URL(fileURLWithPath: data))
    let model = try PerceptronEntityTagger().fit(
      EntityCorpus(sentences: sentences, names: try names()), context: Console.learning(seed: seed))
    Console.clearProgress()
    let envelope = try ModelEnvelope(
      model, trainedAt: .now, dataFingerprint: "\(sentences.count) sentences of \(data)", metrics: [:])
    try TextModels.write(envelope, to: URL(fileURLWithPath: out))
    Console.note("\(sentences.count) sentences: \(out)")
  }
}

/// `lode evaluate text entities`.
struct EvaluateEntities: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "entities",
    abstract: "Measure named pieces: precision, recall and F1, by label and together.",
    discussion: """
      A model is learned from --train and measured on --gold, both files of characters and labels; or with --corpus learned from \
      the first nine tenths of a corpus in the form of the People's Daily and measured on the last.
      """)

  @Option(help: ArgumentHelp("Marked texts to learn from.", valueName: "file")) var train: String?
  @Option(help: ArgumentHelp("Marked texts to measure on.", valueName: "file")) var gold: String?
  @Option(help: ArgumentHelp("A corpus of split and tagged sentences.", valueName: "file")) var corpus:
    String?
  @Option(help: "Seeds the model.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (corpus != nil) != (train != nil && gold != nil) else {
      throw ValidationError("Either --corpus, or --train with --gold, is needed.")
    }
  }

  func run() async throws {
    let started = ContinuousClock.now
    let (learning, test) = try parts()
    try requireTexts(test.count)
    let model = try PerceptronEntityTagger().fit(
      EntityCorpus(sentences: learning, names: try names()), context: Console.learning(seed: seed))
    Console.clearProgress()
    var scores = EntityEvaluation()
    for sentence in test { scores.add(gold: sentence.entities, found: model.entities(in: sentence.text)) }
    let labels = scores.byLabel.sorted { $0.key < $1.key }.map { ("f1_\($0.key)", $0.value.f1) }
    output.show(
      model: "PerceptronEntityTagger",
      [("f1", scores.all.f1), ("precision", scores.all.precision), ("recall", scores.all.recall)] + labels,
      seconds: (ContinuousClock.now - started) / .seconds(1),
      protocolName: corpus == nil ? "train-and-gold" : "last-tenth")
  }

  private func parts() throws -> ([LabelledSentence], [LabelledSentence]) {
    if let train, let gold {
      return (
        try LabelledSentence.readColumns(contentsOf: URL(fileURLWithPath: train)),
        try LabelledSentence.readColumns(contentsOf: URL(fileURLWithPath: gold))
      )
    }
    let sentences = try AnnotatedSentence.read(
      contentsOf: URL(fileURLWithPath: corpus ?? ""), format: .peoplesDaily
    ).map { LabelledSentence($0) }
    let cut = sentences.count - sentences.count / 10
    return (Array(sentences[..<cut]), Array(sentences[cut...]))
  }
}

/// Names that are known beforehand, where jieba's list has been fetched.
private func names() throws -> [String: String] {
  let models = try TextModels.installed()
  guard FileManager.default.fileExists(atPath: models.data("jieba").path) else { return [:] }
  return try TextTraining(models).knownNames()
}

extension Console {
  /// A run of learning whose progress is shown.
  static func learning(seed: UInt64) -> FitContext {
    FitContext(seed: seed) { step in
      progress("learning", fraction: step.totalSteps.map { Double(step.step) / Double($0) })
    }
  }
}

extension Timestamp {
  /// The moment the caller's clock shows.
  static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
