import Learning
import MathKernels

/// What a tagger of entities learns from.
public struct EntityCorpus: Sendable {
  /// Sentences with marked pieces.
  public var sentences: [LabelledSentence]
  /// Names that are known beforehand, and what they are; a hint that need not hold, and whose labels may be others.
  public var names: [String: String]

  /// A corpus.
  public init(sentences: [LabelledSentence], names: [String: String] = [:]) {
    self.sentences = sentences
    self.names = names
  }
}

/// Learns to find named pieces in texts: an averaged structured perceptron over the characters' labels.
///
/// ```swift
/// let model = try PerceptronEntityTagger().fit(EntityCorpus(sentences: sentences), context: FitContext(seed: 42))
/// try model.entities(in: "小米14手机壳")
/// ```
/// Each character is seen with the two before and after it, their pairs and runs of three, their kinds, and the longest known
/// name over it. Names are those of the training text and of a list, each trusted as far as the parts of the text
/// that a sentence is not in say so: names of its own part are as new to it as those of another text will be.
///
/// Source: Collins (2002), https://doi.org/10.3115/1118693.1118694; with a margin that the right labels must win by.
///
/// - Complexity: O(epochs · characters · (features + labels)) · labels.
public struct PerceptronEntityTagger: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How often all sentences are gone through.
    public var epochs: Int
    /// By how much the right labels must win.
    public var margin: Float
    /// How often a feature must occur to be looked at.
    public var minimumCount: Int
    /// Weights that are smaller are left out of the model.
    public var smallestWeight: Float

    /// Settings.
    public init(
      epochs: Int = 20, margin: Float = 15, minimumCount: Int = 1, smallestWeight: Float = 0.1
    ) {
      self.epochs = epochs
      self.margin = margin
      self.minimumCount = minimumCount
      self.smallestWeight = smallestWeight
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// A tagger to be trained with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns from marked sentences.
  ///
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData`, `CancellationError`.
  public func fit(_ data: EntityCorpus, context: FitContext) throws -> EntityModel {
    func require(_ holds: Bool, _ name: String, _ value: some Any, _ expected: String) throws {
      guard holds else {
        throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    let settings = configuration
    try require((1...10_000).contains(settings.epochs), "epochs", settings.epochs, "1 to 10000")
    try require(settings.margin >= 0 && settings.margin.isFinite, "margin", settings.margin, "0 or more")
    try require(settings.minimumCount > 0, "minimumCount", settings.minimumCount, "1 or more")
    try require(settings.smallestWeight >= 0, "smallestWeight", settings.smallestWeight, "0 or more")
    let names = Set(
      data.sentences.flatMap { $0.labels.map { String($0.dropFirst(2)) } }.filter { !$0.isEmpty })
    guard !names.isEmpty else {
      throw TextError.notEnoughData(what: "sentences with marked pieces", needed: 1, found: 0)
    }
    try require(names.count <= 100, "labels", names.count, "at most 100 different ones")
    var learner = EntityLearner(data, names.sorted(), settings, seed: context.seed)
    for epoch in 1...settings.epochs {
      let wrong = learner.epoch()
      try context.checkpoint(step: epoch, of: settings.epochs, metrics: ["wrongLabels": wrong])
    }
    return learner.model()
  }
}
