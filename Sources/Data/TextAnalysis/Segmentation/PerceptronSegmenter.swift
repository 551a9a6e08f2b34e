import Learning

/// What a segmenter learns from.
public struct SegmentationCorpus: Sendable {
  /// Sentences that people have split.
  public var sentences: [AnnotatedSentence]
  /// Known words, a hint to the model; those of the sentences need not be in it.
  public var lexicon: Lexicon
  /// How traditional characters are read, nil to take them as they are.
  public var script: ChineseScript?

  /// A corpus.
  public init(
    sentences: [AnnotatedSentence], lexicon: Lexicon = Lexicon([:]), script: ChineseScript? = nil
  ) {
    self.sentences = sentences
    self.lexicon = lexicon
    self.script = script
  }
}

/// Learns to split Chinese text into words: an averaged structured perceptron over the places of characters in words.
///
/// ```swift
/// let corpus = SegmentationCorpus(sentences: sentences, lexicon: lexicon)
/// let model = try PerceptronSegmenter().fit(corpus, context: FitContext(seed: 42))
/// ChineseSegmenter(model).tokens(of: "我们喜欢云海手机").map(\.text)
/// ```
/// Every character gets one of four tags (it begins a word, is inside, ends it, is one alone), by the characters within two
/// places, their pairs and runs of three, their groups, repetitions, and the longest words of a lexicon that begin, end or go on
/// there. Numbers, names of models, addresses and emoji are one unit each, whatever their letters.
///
/// Source: Collins (2002), https://doi.org/10.3115/1118693.1118694; tags by Xue (2003),
/// https://aclanthology.org/O03-4002. We differ in what the lexicon may say: how far a word is trusted is counted on the parts of
/// the training text that the sentence is not in, so that the model does not learn to lean on a lexicon that was made from this
/// very text; and the right tags must win by a margin.
///
/// - Complexity: O(epochs · characters).
public struct PerceptronSegmenter: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How often all sentences are gone through.
    public var epochs: Int
    /// The share of words of the lexicon, not seen elsewhere in the text, that each sentence goes without.
    public var lexiconDropout: Double
    /// By how much the right tags must win.
    public var margin: Float
    /// How often a pair of characters must occur to be looked at.
    public var minimumPairCount: Int
    /// How often three characters in a row must occur to be looked at.
    public var minimumTripleCount: Int
    /// Pairs and runs whose weights are all smaller are left out of the model.
    public var smallestWeight: Float

    /// Settings.
    public init(
      epochs: Int = 20, lexiconDropout: Double = 0.3, margin: Float = 4, minimumPairCount: Int = 1,
      minimumTripleCount: Int = 2, smallestWeight: Float = 2.5
    ) {
      self.epochs = epochs
      self.lexiconDropout = lexiconDropout
      self.margin = margin
      self.minimumPairCount = minimumPairCount
      self.minimumTripleCount = minimumTripleCount
      self.smallestWeight = smallestWeight
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// A segmenter to be trained with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns from split sentences.
  ///
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData` without any sentence, `CancellationError`.
  public func fit(_ data: SegmentationCorpus, context: FitContext) throws -> SegmentationModel {
    try check(data)
    let vocabulary = Self.vocabulary(data)
    var learner = SegmentationLearner(data, vocabulary, configuration, seed: context.seed)
    for epoch in 1...configuration.epochs {
      let wrong = learner.epoch(epoch)
      try context.checkpoint(step: epoch, of: configuration.epochs, metrics: ["wrongTags": wrong])
    }
    return learner.model(script: data.script)
  }

  private func check(_ data: SegmentationCorpus) throws {
    func require(_ holds: Bool, _ name: String, _ value: some Any, _ expected: String) throws {
      guard holds else {
        throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    let settings = configuration
    try require((1...10_000).contains(settings.epochs), "epochs", settings.epochs, "1 to 10000")
    try require(
      (0...1).contains(settings.lexiconDropout), "lexiconDropout", settings.lexiconDropout,
      "a share from 0 to 1")
    try require(settings.margin >= 0 && settings.margin.isFinite, "margin", settings.margin, "0 or more")
    try require(settings.minimumPairCount > 0, "minimumPairCount", settings.minimumPairCount, "1 or more")
    try require(
      settings.minimumTripleCount > 0, "minimumTripleCount", settings.minimumTripleCount, "1 or more")
    try require(settings.smallestWeight >= 0, "smallestWeight", settings.smallestWeight, "0 or more")
    guard data.sentences.contains(where: { !$0.text.isEmpty }) else {
      throw TextError.notEnoughData(what: "split sentences", needed: 1, found: 0)
    }
  }

  /// All characters of the sentences and the lexicon, but those that only traditional texts have.
  private static func vocabulary(_ data: SegmentationCorpus) -> UnitVocabulary {
    var codes: Set<UInt32> = []
    for sentence in data.sentences {
      for word in sentence.words { codes.formUnion(word.unicodeScalars.lazy.map(\.value)) }
    }
    let traditional = (data.script?.traditionalCharacters ?? [:]).filter { !codes.contains($0.key) }
    for word in data.lexicon.counts.keys { codes.formUnion(word.unicodeScalars.lazy.map(\.value)) }
    let kept = codes.filter { $0 < 0x10000 && TextUnit.scanClass($0) >= 8 && traditional[$0] == nil }
    // Units are numbered with 15 bits.
    let characters = Set(kept.map { UInt16(TextUnit.normalized($0)) }).sorted().prefix(32_000)
    return UnitVocabulary(characters: Array(characters), traditional: traditional)
  }
}
