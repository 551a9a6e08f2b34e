import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import TextAnalysis

/// Commands that measure readers of texts on plain files.
struct EvaluateText: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Measure readers of texts against files that people have annotated.",
    subcommands: [
      EvaluateSegmentation.self, EvaluateTagging.self, EvaluateEntities.self, EvaluateClassification.self,
      EvaluateSentiment.self, EvaluateIntents.self,
    ])
}

/// `lode evaluate text segmentation`.
struct EvaluateSegmentation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segmentation",
    abstract: "Measure word segmentation: precision, recall, F1, recall of unknown words.",
    discussion: """
      With --gold the trained model is measured on a file of split sentences. With --corpus a model is learned from the first \
      part of a corpus and measured on the last: the share --test.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case sighan
    case peoplesDaily = "peoples-daily"

    var format: AnnotatedSentence.Format { self == .sighan ? .sighan : .peoplesDaily }
  }

  @Option(help: ArgumentHelp("Split sentences to measure the trained model on.", valueName: "file")) var gold:
    String?
  @Option(help: ArgumentHelp("A corpus to learn from and to measure on.", valueName: "file")) var corpus:
    String?
  @Option(help: "The form of the file.") var format = Format.sighan
  @Option(help: "The last share of the corpus, which is held out.") var test = 0.1
  @Option(help: ArgumentHelp("The folder of trained models.", valueName: "folder")) var models: String?
  @Option(help: "Seeds the model.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (gold == nil) != (corpus == nil) else {
      throw ValidationError("Either --gold or --corpus is needed.")
    }
    guard test > 0, test < 1 else { throw ValidationError("--test is a share between 0 and 1.") }
  }

  func run() async throws {
    let textModels = try TextModels.installed(models)
    let started = ContinuousClock.now
    let (segmenter, sentences, vocabulary) = try measured(textModels)
    try requireTexts(sentences.count)
    var scores = SegmentationEvaluation(vocabulary: vocabulary)
    let began = ContinuousClock.now
    let found = sentences.map { segmenter.words(of: $0.text) }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    for (line, sentence) in sentences.enumerated() {
      try scores.add(gold: sentence.words, found: found[line], file: gold ?? corpus ?? "", line: line + 1)
    }
    let bytes = sentences.reduce(0) { $0 + $1.text.utf8.count }
    show(
      scores, hasVocabulary: !vocabulary.isEmpty, speed: Double(bytes) / seconds / 1e6,
      training: (began - started) / .seconds(1))
  }

  private func measured(
    _ models: TextModels
  ) throws -> (ChineseSegmenter, [AnnotatedSentence], Set<String>) {
    if let gold {
      let sentences = try AnnotatedSentence.read(
        contentsOf: URL(fileURLWithPath: gold), format: format.format)
      return (try models.segmenter(), sentences, [])
    }
    var data = try TextTraining(models).segmentationCorpus(
      URL(fileURLWithPath: corpus ?? ""), format: format.format)
    let cut = data.sentences.count - Int((Double(data.sentences.count) * test).rounded())
    let heldOut = Array(data.sentences[cut...])
    data.sentences.removeSubrange(cut...)
    let context = FitContext(seed: seed) { step in
      Console.progress("learning", fraction: step.totalSteps.map { Double(step.step) / Double($0) })
    }
    let model = try PerceptronSegmenter().fit(data, context: context)
    Console.clearProgress()
    return (ChineseSegmenter(model), heldOut, Set(data.sentences.flatMap(\.words)))
  }

  private func show(
    _ scores: SegmentationEvaluation, hasVocabulary: Bool, speed: Double, training: Double
  ) {
    var metrics: [(String, Double)] = [
      ("f1", scores.f1), ("precision", scores.precision), ("recall", scores.recall),
    ]
    if hasVocabulary {
      metrics += [
        ("oov_recall", scores.unknownRecall), ("iv_recall", scores.knownRecall),
        ("oov_share", scores.unknownShare),
      ]
    }
    metrics += [("megabytes_per_second", speed)]
    output.show(
      model: "PerceptronSegmenter", metrics, seconds: training,
      protocolName: gold == nil ? "last-share" : "gold-file")
  }
}

/// Refuses to measure on nothing.
func requireTexts(_ count: Int) throws {
  guard count > 0 else { throw TextError.notEnoughData(what: "texts to measure on", needed: 1, found: 0) }
}

extension OutputOptions {
  /// Shows the figures of one model.
  func show(model: String, _ metrics: [(String, Double)], seconds: Double, protocolName: String) {
    guard json else {
      return Console.table(["metric", "value"], metrics.map { [$0.0, String(format: "%.4f", $0.1)] })
    }
    write(json: [
      "models": [
        [
          "name": .string(model),
          "metrics": .object(Dictionary(uniqueKeysWithValues: metrics.map { ($0.0, JSONValue($0.1)) })),
          "seconds": JSONValue(seconds),
        ]
      ], "protocol": .string(protocolName),
    ])
  }
}

/// `lode evaluate text classification`.
struct EvaluateClassification: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classification",
    abstract: "Measure classes of texts: accuracy, macro F1, log loss, calibration.",
    discussion: """
      With --model a trained one is measured on --gold. With --data a model is learned from four fifths of the rows and \
      measured on those whose number leaves 4 when divided by 5; texts that stand in both parts are left out of the learning.
      """)

  @Option(help: ArgumentHelp("A trained model.", valueName: "file")) var model: String?
  @Option(help: ArgumentHelp("Labelled texts to measure the model on.", valueName: "file")) var gold: String?
  @Option(help: ArgumentHelp("Labelled texts to learn from and to measure on.", valueName: "file")) var data:
    String?
  @OptionGroup var classifier: ClassifierOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (data != nil) != (model != nil && gold != nil) else {
      throw ValidationError("Either --data, or --model with --gold, is needed.")
    }
  }

  func run() async throws {
    let started = ContinuousClock.now
    let (fitted, test) = try await measured()
    try requireTexts(test.count)
    let scores = try ClassificationEvaluation(of: fitted, on: test)
    var metrics: [(String, Double)] = [
      ("accuracy", scores.accuracy), ("accuracy_low", scores.accuracyInterval[0]),
      ("accuracy_high", scores.accuracyInterval[1]), ("macro_f1", scores.macroF1),
    ]
    if let loss = scores.logLoss { metrics.append(("log_loss", loss)) }
    if let error = scores.calibrationError { metrics.append(("ece", error)) }
    output.show(
      model: "LinearTextClassifier", metrics, seconds: (ContinuousClock.now - started) / .seconds(1),
      protocolName: data == nil ? "gold-file" : "index-mod-5")
  }

  private func measured() async throws -> (LinearTextModel, [LabelledText]) {
    if let model, let gold {
      var fitted: LinearTextModel = try TextModels.read(URL(fileURLWithPath: model))
      if fitted.needsEmbedder { fitted.embedder = try TextModels.installed().embedder() }
      return (fitted, try classifier.read(gold))
    }
    let texts = try classifier.read(data ?? "")
    let test = texts.indices.filter { $0 % 5 == 4 }.map { texts[$0] }
    let known = Set(test.map(\.text))
    let learning = texts.indices.filter { $0 % 5 != 4 && !known.contains(texts[$0].text) }.map { texts[$0] }
    let context = FitContext(seed: classifier.seed) { step in
      Console.progress("learning", fraction: step.totalSteps.map { Double(step.step) / Double($0) })
    }
    let fitted = try await classifier.algorithm().fit(learning, context: context)
    Console.clearProgress()
    return (fitted, test)
  }
}
