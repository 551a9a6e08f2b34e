import Learning
import MathKernels

/// Parts of speech for English by an averaged perceptron, one word after the other.
///
/// ```swift
/// let model = try await EnglishTagger().fit(corpus, context: FitContext())
/// model.tags(of: ["The", "battery", "dies", "fast", "."])   // DT NN VBZ RB .
/// ```
/// Each word is told by its letters, its neighbours and the two tags before it; words that have nearly always one tag are given
/// it at once. Weights are averaged over all steps. Training passes over the sentences in a new order each time.
/// - Complexity: O(words × features) for each epoch.
/// - Throws: `TextError.notEnoughData`, `TextError.invalidParameter`, `CancellationError`.
///
/// Source: Collins (2002), https://doi.org/10.3115/1118693.1118694. We decode greedily instead of by Viterbi, and learn from
/// our own earlier guesses as decoding will meet them.
public struct EnglishTagger: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// Passes over the sentences.
    public var epochs: Int
    /// A feature seen less often is left out.
    public var leastCount: Int
    /// A word seen so often and nearly always with one tag needs no decision; 0 turns this off.
    public var certainAfter: Int

    /// Settings.
    public init(epochs: Int = 6, leastCount: Int = 2, certainAfter: Int = 20) {
      (self.epochs, self.leastCount, self.certainAfter) = (epochs, leastCount, certainAfter)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// A tagger with these settings.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns from tagged sentences.
  public func fit(_ data: TaggedCorpus, context: FitContext) async throws -> EnglishTaggerModel {
    guard configuration.epochs > 0 else {
      throw TextError.invalidParameter(
        name: "epochs", value: "\(configuration.epochs)", expected: "at least 1")
    }
    guard !data.sentences.isEmpty else {
      throw TextError.notEnoughData(what: "tagged sentences", needed: 1, found: 0)
    }
    var training = EnglishTaggerTraining(data, configuration)
    var random = RandomSource(seed: context.seed)
    var order = Array(data.sentences.indices)
    for epoch in 1...configuration.epochs {
      order.shuffle(using: &random)
      var mistakes = 0
      for sentence in order { mistakes += training.learn(sentence) }
      try context.checkpoint(
        step: epoch, of: configuration.epochs,
        metrics: ["training_accuracy": 1 - Double(mistakes) / Double(max(1, training.wordCount))])
    }
    return training.model(baseForms: Self.baseForms(data))
  }

  /// Words seen twice or more as base forms, for a lemmatizer.
  private static func baseForms(_ data: TaggedCorpus) -> [String] {
    let bases: Set<String> = ["VB", "VBP", "NN", "JJ", "RB", "IN"]
    var counts: [String: Int] = [:]
    for word in data.sentences.joined() where bases.contains(word.tag) {
      counts[word.text.lowercased(), default: 0] += 1
    }
    return counts.filter { $0.value >= 2 && $0.key.utf8.allSatisfy { (0x61...0x7A).contains($0) } }.keys
      .sorted()
  }
}

/// A trained tagger for English.
public struct EnglishTaggerModel: FittedModel {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// The tags it gives.
  public let tags: [String]
  /// Base forms it has met, for `EnglishLemmatizer`.
  public let baseForms: [String]
  private let certain: [String: Int32]
  private let weights: SparseTagWeights

  /// Loads a model; one whose parts do not fit together is refused.
  ///
  /// - Throws: `LearningError.corruptModel`, `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tags = try container.decode([String].self, forKey: .tags)
    baseForms = try container.decode([String].self, forKey: .baseForms)
    certain = try container.decode([String: Int32].self, forKey: .certain)
    weights = try container.decode(SparseTagWeights.self, forKey: .weights)
    let (count, known) = (tags.count, certain)
    guard count > 0, weights.fits(tagCount: count), known.values.allSatisfy({ 0 <= $0 && Int($0) < count })
    else {
      throw LearningError.corruptModel(reason: "the tagger's weights name tags that it does not have")
    }
  }

  private enum CodingKeys: String, CodingKey { case tags, baseForms, certain, weights }

  init(tags: [String], baseForms: [String], certain: [String: Int32], weights: SparseTagWeights) {
    (self.tags, self.baseForms, self.certain, self.weights) = (tags, baseForms, certain, weights)
  }

  /// One tag for each word of a sentence.
  ///
  /// - Complexity: O(words).
  public func tags(of words: [String]) -> [String] {
    let features = EnglishTaggerFeatures(words)
    var scores = [Float](repeating: 0, count: tags.count)
    var result: [Int32] = []
    result.reserveCapacity(words.count)
    for position in words.indices {
      if let known = certain[words[position]] {
        result.append(known)
        continue
      }
      for tag in scores.indices { scores[tag] = 0 }
      features.visit(position, result) { weights.add($0, to: &scores) }
      result.append(Int32(argmax(scores)))
    }
    return result.map { tags[Int($0)] }
  }

  /// The words of one sentence with their tags.
  public func tagged(_ tokens: [Token]) -> [Token] {
    zip(tokens, tags(of: tokens.map(\.text))).map { token, tag in
      var token = token
      token.tag = tag
      return token
    }
  }

  /// A lemmatizer that knows the base forms of the training text.
  public var lemmatizer: EnglishLemmatizer { EnglishLemmatizer(vocabulary: baseForms) }

  /// The share of words that are given the right tag.
  public func accuracy(on corpus: TaggedCorpus) -> Double {
    let results = parallelBlocks(corpus.sentences.count, blockSize: 64) { block in
      block.reduce(into: (right: 0, all: 0)) { sum, index in
        let sentence = corpus.sentences[index]
        sum.all += sentence.count
        sum.right += zip(sentence, tags(of: sentence.map(\.text))).count { $0.tag == $1 }
      }
    }
    let all = results.reduce(0) { $0 + $1.all }
    return all == 0 ? .nan : Double(results.reduce(0) { $0 + $1.right }) / Double(all)
  }
}

@inline(__always)
func argmax(_ scores: [Float]) -> Int {
  var best = 0
  for index in scores.indices where scores[index] > scores[best] { best = index }
  return best
}

/// The features of the words of one sentence as hashes of 64 bits.
struct EnglishTaggerFeatures {
  private struct Word {
    var hash: UInt64
    var parts: [UInt64]
    var ending: UInt64
  }

  private var words: [Word] = []

  init(_ texts: [String]) {
    words.reserveCapacity(texts.count)
    for text in texts { words.append(Self.word(text)) }
  }

  /// Calls `body` with each feature of the word at a position, given the tags before it.
  @inline(__always)
  func visit(_ position: Int, _ tags: [Int32], _ body: (UInt64) -> Void) {
    let word = words[position]
    let first = UInt64(position > 0 ? tags[position - 1] + 1 : 0)
    let second = UInt64(position > 1 ? tags[position - 2] + 1 : 0)
    let before = position > 0 ? words[position - 1] : nil
    let after = position + 1 < words.count ? words[position + 1] : nil
    body(1)
    for part in word.parts { body(part) }
    body(Self.mix(2, first))
    body(Self.mix(3, first << 8 | second))
    body(Self.mix(4, first) ^ word.hash)
    body(Self.mix(5, before?.hash ?? 0))
    body(Self.mix(6, before?.ending ?? 0))
    body(Self.mix(7, position > 1 ? words[position - 2].hash : 0))
    body(Self.mix(8, after?.hash ?? 0))
    body(Self.mix(9, after?.ending ?? 0))
    body(Self.mix(10, position + 2 < words.count ? words[position + 2].hash : 0))
    body(Self.mix(11, first) ^ word.ending)
    body(Self.mix(12, (before?.hash ?? 0) &* 3 ^ (after?.hash ?? 0)))
    body(Self.mix(13, first) ^ (after?.ending ?? 0))
  }

  private static func word(_ text: String) -> Word {
    let bytes = Array(text.utf8)
    let lowered = bytes.map {
      (0x41...0x5A).contains($0) ? $0 | 0x20 : (0x30...0x39).contains($0) ? 0x30 : $0
    }
    let hash = Self.hash(lowered[...])
    var parts = [mix(20, hash), mix(21, Self.shape(bytes))]
    for length in 1...5 where lowered.count > length {
      parts.append(mix(21 + UInt64(length), Self.hash(lowered.suffix(length))))
    }
    for length in 1...3 where lowered.count > length {
      parts.append(mix(30 + UInt64(length), Self.hash(lowered.prefix(length))))
    }
    let isName = bytes.first.map { (0x41...0x5A).contains($0) } ?? false
    parts.append(mix(isName ? 40 : 41, Self.hash(lowered.suffix(2))))
    return Word(hash: hash, parts: parts, ending: Self.hash(lowered.suffix(3)))
  }

  /// Capitals, small letters, digits and marks in their order, repetitions left out.
  private static func shape(_ bytes: [UInt8]) -> UInt64 {
    var (result, last): (UInt64, UInt64) = (7, 0)
    for byte in bytes.prefix(32) {
      let kind: UInt64 =
        switch byte {
        case 0x41...0x5A: 1
        case 0x61...0x7A: 2
        case 0x30...0x39: 3
        case 0x80...: 4
        case 0x2D: 5
        case 0x2E: 6
        default: 7
        }
      if kind != last { result = result &* 31 &+ kind }
      last = kind
    }
    return result
  }

  private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var result: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { result = (result ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return result ^ (result >> 29)
  }

  @inline(__always)
  private static func mix(_ kind: UInt64, _ value: UInt64) -> UInt64 {
    var z = value &+ kind &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    return z ^ (z >> 27)
  }
}
