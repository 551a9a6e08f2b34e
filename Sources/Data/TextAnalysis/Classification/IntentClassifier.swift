import Foundation
import Learning
import MathKernels

/// Says what somebody wants from a short question, or that it is none of the known things.
///
/// ```swift
/// let encoder = try UniversalSentenceEncoder(folder: ".cache/data/use-multilingual")
/// let classifier = IntentClassifier(embedder: encoder)
/// let model = try await classifier.fit(examples, validation: held, context: FitContext())
/// let answer = try model.intent(of: "where is my parcel")
/// answer.label ?? "none of the known intents"
/// ```
/// A linear model on n-grams and sentence vectors together. Its margins' greatest share in a softmax says how sure it is:
/// below a threshold the question is out of scope. The threshold is the highest one that keeps `keptAccuracy` of the
/// accuracy on questions that were not learned from: the validation part, or the held-out folds of the training part.
///
/// Source: Hendrycks and Gimpel (2017), https://arxiv.org/abs/1610.02136, for the score; Larson et al. (2019),
/// https://doi.org/10.18653/v1/D19-1131, for the task and how it is evaluated.
public struct IntentClassifier: Sendable {
  /// The settings of an intent classifier.
  public struct Configuration: Codable, Equatable, Sendable {
    /// The linear model.
    public var linear: LinearTextClassifier.Configuration
    /// The share of the accuracy on known intents that may not be lost to the answer "out of scope".
    public var keptAccuracy: Double

    /// Settings.
    public init(linear: LinearTextClassifier.Configuration? = nil, keptAccuracy: Double = 0.9875) {
      let kinds = [NGrams(.words, 1...2), NGrams(.charactersWithinWords, 2...5)]
      self.linear = linear ?? .init(features: .init(kinds: kinds), cost: 0.5, embeddingWeight: 1.5)
      self.keptAccuracy = keptAccuracy
    }
  }

  /// The settings.
  public var configuration: Configuration
  /// What makes sentence vectors.
  public var embedder: (any SentenceEmbedder)?

  /// A classifier; without an embedder n-grams alone decide.
  public init(configuration: Configuration = .init(), embedder: (any SentenceEmbedder)?) {
    self.configuration = configuration
    self.embedder = embedder
    if embedder == nil { self.configuration.linear.embeddingWeight = 0 }
  }

  /// Learns intents from examples.
  ///
  /// - Parameters:
  ///   - texts: examples of each intent.
  ///   - validation: other examples, which choose the threshold and the confidence; without them three folds of the
  ///     training part do, which takes three times as long.
  /// - Complexity: O(intents × passes × (n-grams + length of a sentence vector × texts)).
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData`.
  public func fit(
    _ texts: [LabelledText], validation: [LabelledText] = [], context: FitContext
  ) async throws -> IntentModel {
    guard (0...1).contains(configuration.keptAccuracy) else {
      throw TextError.invalidParameter(
        name: "keptAccuracy", value: "\(configuration.keptAccuracy)", expected: "between 0 and 1")
    }
    var settings = configuration.linear
    settings.calibrationFolds = validation.isEmpty ? max(2, settings.calibrationFolds) : 0
    let classifier = LinearTextClassifier(configuration: settings, embedder: embedder)
    var (model, heldOut) = try classifier.learned(from: texts, context: context)
    let held = validation.isEmpty ? texts : validation
    let margins = try heldOut ?? model.margins(of: held.map(\.text))
    let index = Dictionary(uniqueKeysWithValues: model.labels.enumerated().map { ($1, $0) })
    let known = held.indices.filter { index[held[$0].label] != nil }
    guard known.count >= 10 else {
      throw TextError.notEnoughData(what: "examples to choose the threshold by", needed: 10, found: known.count)
    }
    let classes = known.map { index[held[$0].label] ?? 0 }
    if !validation.isEmpty {
      let rows = known.flatMap { Array(margins.row($0)) }
      try model.calibrate(Matrix(rows: known.count, columns: margins.columns, rows), classes)
    }
    let scores = known.map { model.certainty(margins.row($0)) }
    let right = zip(known, classes).map { model.best(margins.row($0)) == $1 }
    return IntentModel(linear: model, threshold: threshold(scores, right))
  }

  /// The highest threshold at which enough of the right answers are at least that sure.
  private func threshold(_ scores: [Double], _ right: [Bool]) -> Double {
    let sure = zip(scores, right).filter(\.1).map(\.0).sorted()
    guard !sure.isEmpty else { return 0 }
    let lost = Int((Double(sure.count) * (1 - configuration.keptAccuracy)).rounded(.down))
    return sure[min(lost, sure.count - 1)]
  }
}

/// What somebody wants, or nothing that is known.
public struct Intent: Sendable, Codable, Equatable {
  /// The intent; nil when the question is out of scope.
  public var label: String?
  /// The likeliest known intent, also when the question is out of scope.
  public var nearest: String
  /// The calibrated probability of `nearest`, given that the question is one of the known intents.
  public var probability: Double
  /// How sure the model is that it is a known intent; below the model's threshold the question is out of scope.
  public var certainty: Double

  /// Whether it is none of the known intents.
  public var isOutOfScope: Bool { label == nil }
}

/// Says what somebody wants. It is a value and may be used from any thread.
public struct IntentModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The linear model; set its `embedder` after loading when it needs one.
  public var linear: LinearTextModel
  /// The certainty below which a question is out of scope.
  public var threshold: Double

  /// The intents, in alphabetic order.
  public var labels: [String] { linear.labels }

  /// What makes sentence vectors; it is not saved.
  public var embedder: (any SentenceEmbedder)? {
    get { linear.embedder }
    set { linear.embedder = newValue }
  }

  /// The intent of a question.
  public func intent(of text: String) throws -> Intent { try intents(of: [text])[0] }

  /// The intents of questions, on all cores.
  public func intents(of texts: [String]) throws -> [Intent] {
    let margins = try linear.margins(of: texts)
    return (0..<texts.count).map { row in
      let answer = linear.classification(margins.row(row))
      let certainty = linear.certainty(margins.row(row))
      return Intent(
        label: certainty < threshold ? nil : answer.label, nearest: answer.label,
        probability: answer.probability, certainty: certainty)
    }
  }

  /// How good its answers are: on known intents, a rejected question counting as an error, and on questions out of scope.
  ///
  /// - Parameters:
  ///   - known: questions with their intents.
  ///   - outOfScope: questions that are none of the known intents.
  public func evaluation(known: [LabelledText], outOfScope: [String]) throws -> IntentEvaluation {
    let (inside, outside) = (try intents(of: known.map(\.text)), try intents(of: outOfScope))
    let scores = inside.map(\.certainty) + outside.map(\.certainty)
    return IntentEvaluation(
      answers: ClassificationEvaluation(
        truth: known.map(\.label), answers: inside.map { $0.label ?? IntentEvaluation.outOfScope },
        probabilities: inside.map(\.probability)),
      accuracyWithoutRejection: Double(zip(known, inside).count { $0.label == $1.nearest })
        / Double(max(known.count, 1)),
      outOfScopeRecall: Double(outside.count(where: \.isOutOfScope)) / Double(max(outside.count, 1)),
      outOfScopeArea: ClassificationMetrics.areaUnderROC(
        scores: scores, labels: scores.indices.map { $0 < inside.count }))
  }
}

/// How good a model of intents is.
public struct IntentEvaluation: Sendable, Codable, Equatable {
  /// The name of the answer "out of scope" in tables.
  public static let outOfScope = "out of scope"

  /// The answers to known intents; "out of scope" is a wrong one.
  public var answers: ClassificationEvaluation
  /// The accuracy on known intents if nothing were rejected.
  public var accuracyWithoutRejection: Double
  /// The share of questions out of scope that are rejected.
  public var outOfScopeRecall: Double
  /// The probability that a known intent looks surer than a question out of scope; NaN without either.
  public var outOfScopeArea: Double
}

extension LinearTextModel {
  /// The class of the greatest margin.
  func best(_ margins: ArraySlice<Float>) -> Int {
    if outputs == 1 { return margins[margins.startIndex] >= 0 ? 1 : 0 }
    return (margins.indices.max { margins[$0] < margins[$1] } ?? margins.startIndex) - margins.startIndex
  }

  /// The greatest share of a margin in the softmax of all, as they are.
  func certainty(_ margins: ArraySlice<Float>) -> Double {
    if outputs == 1 { return 1 / (1 + exp(-Double(abs(margins[margins.startIndex])))) }
    return Self.softmax(margins.map(Double.init), 1).max() ?? 0
  }
}
