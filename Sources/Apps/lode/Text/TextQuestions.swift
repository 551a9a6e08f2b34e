import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import TextAnalysis

/// `lode text statements`: what texts ask for, complain of, wish, compare.
struct TextStatements: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statements",
    abstract: "Find the sentences that state a need, a pain, a wish, a comparison or a question.",
    discussion: """
      Each is written as kind: sentence, separated by tabs; a text that states nothing is answered by an empty line. With \
      --json sentences and the words that say so have their places in UTF-8 bytes.
      """)

  @OptionGroup var options: TextOptions

  func run() async throws {
    let reader = try SentimentReader(try options.textModels())
    let detector = StatementDetector { reader.polarity(of: $0) }
    try options.answer { text in
      .array(try detector.statements(in: text).map { try JSONValue(encoding: $0) })
    } text: { text in
      detector.statements(in: text).map { "\($0.kind.rawValue): \(text.piece($0.range).onOneLine)" }
        .joined(separator: "\t")
    }
  }
}

/// `lode text emotions`: joy, anger, sadness and others.
struct TextEmotions: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emotions",
    abstract: "Count the words of Chinese texts that carry emotions, negated ones left out.",
    discussion:
      "Each answer is emotion: count, the most frequent first, separated by tabs. By the DUTIR ontology.")

  @OptionGroup var options: TextOptions

  func run() async throws {
    let lexicon = try options.textModels().emotions()
    try options.answer { text in
      .object(
        Dictionary(
          uniqueKeysWithValues: lexicon.counts(in: text).map { ($0.key.rawValue, JSONValue($0.value)) }))
    } text: { text in
      lexicon.counts(in: text).sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        .map { "\($0.key.rawValue): \($0.value)" }.joined(separator: "\t")
    }
  }
}

/// `lode text aspects`: what is spoken of, and how.
struct TextAspects: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aspects",
    abstract: "Find what texts speak of and what they think of it: 质量 × 好.",
    discussion: """
      Which things are aspects and which words judge them is learned from the texts themselves (double propagation), so all of \
      them are read before the first answer. Each answer is aspect × opinion (polarity), separated by tabs. With --corpus the \
      aspects of all texts together, a line each: the aspect and how often it is described.
      """)

  @OptionGroup var options: TextOptions
  @Flag(help: "List the aspects of all texts together.") var corpus = false

  func run() async throws {
    let speech = try options.textModels().partsOfSpeech()
    let texts = try options.lines().all()
    let sentences = texts.map { text in
      SentenceSplitter().sentences(in: text).map { speech.tokens(of: text.piece($0)) }
    }
    let lexicon = try await AspectMining().fit(
      .init(sentences: sentences.flatMap { $0 }), context: FitContext())
    guard !corpus else {
      for (aspect, count) in lexicon.rankedAspects {
        print(
          options.json
            ? JSONValue.object(["aspect": .string(aspect), "count": JSONValue(count)]).json
            : "\(aspect.onOneLine)\t\(count)")
      }
      return
    }
    for parts in sentences {
      let found = parts.flatMap { lexicon.aspectOpinions(in: $0) }
      print(
        options.json
          ? JSONValue.array(try found.map { try $0.json }).json
          : found.map { "\($0.aspect) × \($0.opinion) (\(String(format: "%+.1f", $0.polarity)))" }
            .joined(separator: "\t"))
    }
  }
}

extension AspectOpinion {
  fileprivate var json: JSONValue {
    get throws {
      [
        "aspect": .string(aspect), "opinion": .string(opinion), "polarity": JSONValue(polarity),
        "negated": .bool(isNegated),
      ]
    }
  }
}

/// `lode text intents`: what somebody wants.
struct TextIntents: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "intents",
    abstract:
      "Say what each question wants, by a model that 'lode text train intents' made, or that it is none of these.",
    discussion: "Each answer is the intent, or out-of-scope, and how sure the model is, separated by a tab.")

  @OptionGroup var options: TextOptions
  @Option(help: ArgumentHelp("The model.", valueName: "file")) var model: String

  func run() async throws {
    var model: IntentModel = try TextModels.read(URL(fileURLWithPath: model))
    if model.linear.needsEmbedder { model.embedder = try options.textModels().embedder() }
    let (classifier, json) = (model, options.json)
    try options.lines().answer { lines in
      try classifier.intents(of: lines).map { found in
        guard json else {
          return "\((found.label ?? "out-of-scope").onOneLine)\t\(String(format: "%.4f", found.certainty))"
        }
        return JSONValue.object([
          "intent": JSONValue(found.label), "nearest": .string(found.nearest),
          "probability": JSONValue(found.probability), "certainty": JSONValue(found.certainty),
        ]).json
      }
    }
  }
}

/// How intents are learned.
struct IntentOptions: ParsableArguments {
  @Option(help: "The column of intents.") var labelColumn = "label"
  @Option(help: "The column of questions.") var textColumn = "text"
  @Flag(help: "Leave sentence vectors out: faster, less exact.") var withoutEmbeddings = false
  @Option(
    help: ArgumentHelp(
      "Examples that choose the threshold; by held-out folds unless given.", valueName: "file"))
  var validation: String?
  @Option(help: "Seeds the model.") var seed: UInt64 = 42

  func read(_ file: String) throws -> [LabelledText] {
    try LabelledTextFile.read(file, labelColumn: labelColumn, textColumn: textColumn)
  }

  func fit(_ texts: [LabelledText], leavingOut label: String? = nil) async throws -> IntentModel {
    let classifier = IntentClassifier(
      embedder: withoutEmbeddings ? nil : try TextModels.installed().embedder())
    let held = try validation.map { try read($0).filter { $0.label != label } } ?? []
    defer { Console.clearProgress() }
    return try await classifier.fit(
      texts.filter { $0.label != label }, validation: held, context: Console.learning(seed: seed))
  }
}

/// `lode text train intents`: a model of intents from the caller's own questions.
struct TextTrainIntents: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "intents",
    abstract:
      "Learn what questions want from a CSV file of intents and questions, and when a question is none of these."
  )

  @Option(help: ArgumentHelp("The questions: CSV with a header, gzipped or not.", valueName: "file"))
  var data: String
  @Option(help: ArgumentHelp("Where the model goes.", valueName: "file")) var out: String
  @OptionGroup var intents: IntentOptions

  func run() async throws {
    let texts = try intents.read(data)
    let model = try await intents.fit(texts)
    let envelope = try ModelEnvelope(
      model, trainedAt: .now, dataFingerprint: "\(texts.count) questions of \(data)", metrics: [:])
    try TextModels.write(envelope, to: URL(fileURLWithPath: out))
    Console.note("\(texts.count) questions of \(model.labels.count) intents: \(out)")
  }
}

/// `lode evaluate text intents`.
struct EvaluateIntents: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "intents",
    abstract:
      "Measure intents: accuracy on known ones, and how many questions out of scope are told as such.",
    discussion:
      "Out of scope are the questions of the test whose label is --out-of-scope; they are not learned from.")

  @Option(help: ArgumentHelp("Questions to learn from.", valueName: "file")) var train: String
  @Option(help: ArgumentHelp("Questions to measure on.", valueName: "file")) var test: String
  @Option(help: "The label of questions out of scope.") var outOfScope = "oos"
  @OptionGroup var intents: IntentOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let started = ContinuousClock.now
    let (learning, all) = (try intents.read(train), try intents.read(test))
    let model = try await intents.fit(learning, leavingOut: outOfScope)
    let found = try model.evaluation(
      known: all.filter { $0.label != outOfScope },
      outOfScope: all.filter { $0.label == outOfScope }.map(\.text))
    output.show(
      model: "IntentClassifier",
      [
        ("accuracy", found.answers.accuracy), ("accuracy_without_rejection", found.accuracyWithoutRejection),
        ("out_of_scope_recall", found.outOfScopeRecall), ("out_of_scope_auc", found.outOfScopeArea),
      ],
      seconds: (ContinuousClock.now - started) / .seconds(1),
      protocolName: "train-and-test")
  }
}
