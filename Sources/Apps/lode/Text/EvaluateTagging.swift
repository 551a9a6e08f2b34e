import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import TextAnalysis

/// `lode evaluate text tagging`.
struct EvaluateTagging: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tagging",
    abstract:
      "Measure Chinese parts of speech: accuracy on given words, F1 of words with tags on running text.",
    discussion: """
      A model is learned from the first part of a corpus in the form of the People's Daily (word/tag) and measured on the last: \
      the share --test.
      """)

  @Option(help: ArgumentHelp("The corpus.", valueName: "file")) var corpus: String
  @Option(help: "The last share of the corpus, which is held out.") var test = 0.1
  @Option(help: "Seeds the models.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard test > 0, test < 1 else { throw ValidationError("--test is a share between 0 and 1.") }
  }

  func run() async throws {
    let started = ContinuousClock.now
    var data = try TextTraining(try TextModels.installed()).segmentationCorpus(
      URL(fileURLWithPath: corpus), format: .peoplesDaily)
    let cut = data.sentences.count - Int((Double(data.sentences.count) * test).rounded())
    let heldOut = Array(data.sentences[cut...])
    data.sentences.removeSubrange(cut...)
    try requireTexts(heldOut.count)
    let context = FitContext(seed: seed) { step in
      Console.progress("learning", fraction: step.totalSteps.map { Double(step.step) / Double($0) })
    }
    let tagger = try PerceptronTagger().fit(data.sentences, context: context)
    let segmenter = ChineseSegmenter(try PerceptronSegmenter().fit(data, context: context))
    Console.clearProgress()
    var (given, running) = (TaggingEvaluation(), TaggingEvaluation())
    for sentence in heldOut {
      given.add(gold: sentence, words: sentence.words, tags: tagger.tags(of: sentence.words))
      let words = segmenter.words(of: sentence.text)
      running.add(gold: sentence, words: words, tags: tagger.tags(of: words))
    }
    output.show(
      model: "PerceptronTagger",
      [("accuracy_on_given_words", given.f1), ("f1_of_words_with_tags", running.f1)],
      seconds: (ContinuousClock.now - started) / .seconds(1), protocolName: "last-share")
  }
}

/// `lode evaluate text sentiment`.
struct EvaluateSentiment: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sentiment",
    abstract: "Measure sentiment: accuracy, log loss, calibration.",
    discussion: """
      A model is learned from the rows of a CSV file whose number does not leave 4 when divided by 5, and measured on the others; \
      repeated texts count once. Labels are 1 and 0, or positive and negative.
      """)

  @Option(help: ArgumentHelp("Labelled texts.", valueName: "file")) var data: String
  @Option(help: "The column of labels.") var labelColumn = "label"
  @Option(help: "The column of texts.") var textColumn = "text"
  @Option(help: "The texts' language: zh or en.") var language = "zh"
  @Option(help: "Seeds the model.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard TextLanguage(rawValue: language) != nil else { throw ValidationError("--language is zh or en.") }
  }

  func run() async throws {
    let models = try TextModels.installed()
    let started = ContinuousClock.now
    var seen: Set<String> = []
    let texts = try LabelledTextFile.read(data, labelColumn: labelColumn, textColumn: textColumn)
      .filter { seen.insert($0.text).inserted }
    let test = texts.indices.filter { $0 % 5 == 4 }.map { texts[$0] }
    let learning = texts.indices.filter { $0 % 5 != 4 }.map { texts[$0] }
    try requireTexts(test.count)
    let lexicon =
      language == "zh"
      ? try SentimentLexicon.chinese(folder: models.data("chinese-lexicons").path)
      : try SentimentLexicon.english(folder: models.data("english-lexicons").path)
    let model = try await SentimentClassifier(lexicon: lexicon).fit(learning, context: FitContext(seed: seed))
    let probabilities = model.probabilities(of: test.map(\.text))
    // The learner has refused labels of any other kind.
    let truth = test.map {
      ["1", "pos", "positive"].contains($0.label.lowercased()) ? "positive" : "negative"
    }
    let answers = probabilities.map { $0 >= 0.5 ? "positive" : "negative" }
    let scores = try ClassificationEvaluation(
      truth: truth, answers: answers, probabilities: probabilities.map { max($0, 1 - $0) },
      truthProbabilities: zip(truth, probabilities).map { $0 == "positive" ? $1 : 1 - $1 })
    var metrics: [(String, Double)] = [
      ("accuracy", scores.accuracy), ("accuracy_low", scores.accuracyInterval[0]),
      ("accuracy_high", scores.accuracyInterval[1]), ("macro_f1", scores.macroF1),
    ]
    if let loss = scores.logLoss { metrics.append(("log_loss", loss)) }
    if let error = scores.calibrationError { metrics.append(("ece", error)) }
    output.show(
      model: "SentimentClassifier", metrics, seconds: (ContinuousClock.now - started) / .seconds(1),
      protocolName: "index-mod-5")
  }
}
