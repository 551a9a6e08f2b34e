import Foundation
import Learning
import MathKernels

/// Learns from reviews whether a text is positive: a linear model of its n-grams, what comes after a contrast, and words
/// with a known polarity, weighed against each other on held-out folds.
///
/// ```swift
/// let lexicon = try SentimentLexicon.chinese(folder: ".cache/data/chinese-lexicons")
/// let classifier = SentimentClassifier(lexicon: lexicon)
/// let model = try await classifier.fit(reviews, context: FitContext())   // labels "positive" and "negative"
/// model.sentiment(of: "外观不错，但是用了两天就坏了").probability   // well below one half
/// ```
/// Four figures of a text go into a logistic regression: the margin of the whole; how much more positive it is after a word
/// such as 但是 or "but" than before it; what opinion words add to the margin although a negation turns them round; and
/// the lexicon's score. The weights come from folds that the linear model had not seen, so that the probability is
/// calibrated and what a contrast or a negation weighs is measured, not assumed.
///
/// Source of the stacking: Wolpert (1992), https://doi.org/10.1016/S0893-6080(05)80023-1
public struct SentimentClassifier: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// The linear model of the n-grams.
    public var linear: LinearTextClassifier.Configuration
    /// How many folds weigh the parts against each other.
    public var folds: Int

    /// Settings; by default those that did best on held-out reviews of the language.
    public init(language: TextLanguage = .chinese, linear: LinearTextClassifier.Configuration? = nil, folds: Int = 4) {
      let kinds =
        language == .chinese
        ? [NGrams(.characters, 1...5)] : [NGrams(.words, 1...2), NGrams(.charactersWithinWords, 3...5)]
      self.linear =
        linear ?? .init(features: .init(kinds: kinds), cost: 1.5, calibrationFolds: 0, ratioWeight: 0.5)
      self.folds = folds
    }
  }

  /// The settings.
  public var configuration: Configuration
  /// The words with a known polarity; its language is the model's.
  public var lexicon: SentimentLexicon

  /// A classifier for the lexicon's language.
  public init(configuration: Configuration? = nil, lexicon: SentimentLexicon) {
    self.configuration = configuration ?? Configuration(language: lexicon.language)
    self.lexicon = lexicon
  }

  /// Learns from texts labelled `positive` or `negative`; `pos`, `neg`, `1`, `0` and `-1` are understood too.
  ///
  /// - Complexity: O(folds × passes × n-grams).
  /// - Throws: `TextError.invalidParameter` for another label, `TextError.notEnoughData` below 20 texts of either kind.
  public func fit(_ texts: [LabelledText], context: FitContext) async throws -> SentimentModel {
    guard configuration.folds >= 2 else {
      throw TextError.invalidParameter(name: "folds", value: "\(configuration.folds)", expected: "at least 2")
    }
    let texts = try texts.map { LabelledText(label: try Self.label($0.label), text: $0.text) }
    let positives = texts.lazy.filter { $0.label == Self.positive }.count
    let fewest = min(positives, texts.count - positives)
    guard fewest >= 20 else {
      throw TextError.notEnoughData(what: "texts of either polarity", needed: 20, found: fewest)
    }
    var linear = LinearTextClassifier(configuration: configuration.linear)
    linear.configuration.calibrationFolds = 0
    var parts = [SentimentParts](repeating: .init(), count: texts.count)
    let splits = Splits.kFold(count: texts.count, folds: configuration.folds, seed: context.seed)
    for (step, split) in splits.enumerated() {
      let training = split.training.map { texts[$0] }
      let model = try linear.learned(from: training, context: FitContext(seed: context.seed)).model
      let reader = SentimentReader(linear: model, lexicon: lexicon)
      let found = parallelBlocks(split.test.count, blockSize: 64) { block in
        block.map { reader.parts(of: texts[split.test[$0]].text) }
      }
      for (row, part) in zip(split.test, found.joined()) { parts[row] = part }
      try context.checkpoint(step: step + 1, of: splits.count + 1)
    }
    let stack = SentimentStack(parts, texts.map { $0.label == Self.positive })
    let model = try linear.learned(from: texts, context: FitContext(seed: context.seed)).model
    try context.checkpoint(step: splits.count + 1, of: splits.count + 1)
    return SentimentModel(linear: model, lexicon: lexicon, stack: stack)
  }

  static let positive = "positive"

  private static func label(_ label: String) throws -> String {
    switch label.lowercased() {
    case "positive", "pos", "1", "+1": return positive
    case "negative", "neg", "0", "-1": return "negative"
    default:
      throw TextError.invalidParameter(name: "label", value: label, expected: "positive or negative")
    }
  }
}
