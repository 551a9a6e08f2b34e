import Learning
import MathKernels

/// Learns the parts of speech of words: an averaged perceptron that goes from left to right.
///
/// ```swift
/// let model = try PerceptronTagger().fit(sentences, context: FitContext(seed: 42))
/// model.tags(of: ["我们", "喜欢", "手机"])  // ["r", "v", "n"]
/// ```
/// Each word is seen with the two before and after it, its first and last characters, what it is made of, and the two tags that
/// were chosen before it. Any set of tags of up to 254 will do, of any language whose words are given.
///
/// Source: Collins (2002), https://doi.org/10.3115/1118693.1118694. We differ in choosing tags one after the other, having
/// learned from such choices, rather than by Viterbi, for speed.
///
/// - Complexity: O(epochs · words · features).
public struct PerceptronTagger: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How often all sentences are gone through.
    public var epochs: Int
    /// How often a feature must occur to be looked at.
    public var minimumCount: Int
    /// Weights that are smaller are left out of the model.
    public var smallestWeight: Float

    /// Settings.
    public init(epochs: Int = 8, minimumCount: Int = 2, smallestWeight: Float = 0.05) {
      self.epochs = epochs
      self.minimumCount = minimumCount
      self.smallestWeight = smallestWeight
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// A tagger to be trained with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns from sentences with tags; those without are passed over.
  ///
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData`, `CancellationError`.
  public func fit(_ data: [AnnotatedSentence], context: FitContext) throws -> TaggingModel {
    func require(_ holds: Bool, _ name: String, _ value: some Any, _ expected: String) throws {
      guard holds else {
        throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    let settings = configuration
    try require((1...10_000).contains(settings.epochs), "epochs", settings.epochs, "1 to 10000")
    try require(settings.minimumCount > 0, "minimumCount", settings.minimumCount, "1 or more")
    try require(settings.smallestWeight >= 0, "smallestWeight", settings.smallestWeight, "0 or more")
    let tagged = data.filter { !$0.words.isEmpty && $0.tags?.count == $0.words.count }
    let tags = Set(tagged.flatMap { $0.tags ?? [] }).sorted()
    guard !tags.isEmpty else {
      throw TextError.notEnoughData(what: "sentences with tags", needed: 1, found: 0)
    }
    try require(tags.count <= 254, "tags", tags.count, "at most 254 different ones")
    var learner = TaggerLearner(tagged, tags, configuration, seed: context.seed)
    for epoch in 1...settings.epochs {
      let wrong = learner.epoch()
      try context.checkpoint(step: epoch, of: settings.epochs, metrics: ["wrongTags": wrong])
    }
    return learner.model()
  }
}

/// Learns a tagger's weights.
private struct TaggerLearner {
  private let tags: [String]
  private let configuration: PerceptronTagger.Configuration
  /// The words of all sentences, two outside ones before and after each.
  private let words: [WordShape]
  private let gold: [UInt8]
  private let sentences: [Range<Int>]
  private let index: UnitIndex
  /// For each word the numbers of the features that words alone decide.
  private let fixed: [Int32]
  private let values: UnsafeMutableArray
  private let weighted: UnsafeMutableArray
  private var step: Float = 1
  private var random: RandomSource
  private let width: Int

  init(
    _ data: [AnnotatedSentence], _ tags: [String], _ configuration: PerceptronTagger.Configuration,
    seed: UInt64
  ) {
    (self.tags, self.configuration, random) = (tags, configuration, RandomSource(seed: seed))
    let numbers = Dictionary(uniqueKeysWithValues: tags.enumerated().map { ($1, UInt8($0)) })
    let pad = [WordShape.outside, .outside]
    var (words, gold, sentences) = (pad, [UInt8(255), 255], [Range<Int>]())
    for sentence in data {
      sentences.append(words.count..<words.count + sentence.words.count)
      words += sentence.words.map(TaggingModel.shape) + pad
      gold += (sentence.tags ?? []).map { numbers[$0] ?? 255 } + [255, 255]
    }
    let index = UnitIndex(Self.frequentKeys(words, gold, sentences, atLeast: configuration.minimumCount))
    var fixed = [Int32](repeating: -1, count: words.count * TaggerFeatures.fixed)
    Self.forEachPlace(words, sentences) { place, word in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: TaggerFeatures.fixed) { keys in
        guard let first = keys.baseAddress else { return }
        TaggerFeatures.fixed(word, into: first)
        for feature in 0..<TaggerFeatures.fixed {
          fixed[place * TaggerFeatures.fixed + feature] = Int32(index.number(first[feature]))
        }
      }
    }
    (self.words, self.gold, self.sentences, self.fixed, self.index) = (words, gold, sentences, fixed, index)
    // Rows of whole vectors of eight numbers.
    width = (tags.count + 7) / 8 * 8
    values = UnsafeMutableArray(count: index.count * width)
    weighted = UnsafeMutableArray(count: index.count * width)
  }

  private static func forEachPlace(
    _ words: [WordShape], _ sentences: [Range<Int>], _ body: (Int, UnsafePointer<WordShape>) -> Void
  ) {
    words.withUnsafeBufferPointer { words in
      guard let base = words.baseAddress else { return }
      for place in sentences.joined() { body(place, base + place) }
    }
  }

  /// The features that occur often enough, in the order in which they came to do so.
  private static func frequentKeys(
    _ words: [WordShape], _ gold: [UInt8], _ sentences: [Range<Int>], atLeast minimum: Int
  ) -> [UInt64] {
    var (counts, order): ([UInt64: Int], [UInt64]) = ([:], [])
    forEachPlace(words, sentences) { place, word in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: TaggerFeatures.most) { keys in
        guard let first = keys.baseAddress else { return }
        TaggerFeatures.fixed(word, into: first)
        TaggerFeatures.moving(
          word, before: gold[place - 1], beforeThat: gold[place - 2], into: first + TaggerFeatures.fixed)
        for key in keys {
          let count = counts[key, default: 0] + 1
          counts[key] = count
          if count == minimum { order.append(key) }
        }
      }
    }
    return order
  }

  /// Goes through all sentences once; gives the share of wrong tags.
  mutating func epoch() -> Double {
    let order = sentences.shuffled(using: &random)
    var (wrong, total) = (0, 0)
    var scores = [Float](repeating: 0, count: width)
    var moving = [UInt64](repeating: 0, count: TaggerFeatures.moving)
    var rows = [Int](repeating: 0, count: TaggerFeatures.most)
    words.withUnsafeBufferPointer { words in
      guard let base = words.baseAddress else { return }
      for sentence in order {
        var (before, beforeThat) = (UInt8(255), UInt8(255))
        for place in sentence {
          TaggerFeatures.moving(base + place, before: before, beforeThat: beforeThat, into: &moving)
          var count = 0
          for feature in 0..<TaggerFeatures.fixed {
            let number = fixed[place * TaggerFeatures.fixed + feature]
            if number >= 0 {
              rows[count] = Int(number) * width
              count += 1
            }
          }
          for key in moving {
            let number = index.number(key)
            if number >= 0 {
              rows[count] = number * width
              count += 1
            }
          }
          let chosen = best(rows, count, &scores)
          let right = Int(gold[place])
          if chosen != right {
            wrong += 1
            for row in rows[..<count] {
              values.base[row + right] += 1
              weighted.base[row + right] += step
              values.base[row + chosen] -= 1
              weighted.base[row + chosen] -= step
            }
          }
          (beforeThat, before) = (before, UInt8(chosen))
          step += 1
        }
        total += sentence.count
      }
    }
    return Double(wrong) / Double(max(1, total))
  }

  @inline(__always)
  private func best(_ rows: [Int], _ count: Int, _ scores: inout [Float]) -> Int {
    scores.withUnsafeMutableBufferPointer { scores in
      for tag in 0..<width { scores[tag] = 0 }
      for feature in 0..<count {
        let row = values.base + rows[feature]
        for tag in 0..<width { scores[tag] += row[tag] }
      }
      var best = 0
      for tag in 1..<max(1, tags.count) where scores[tag] > scores[best] { best = tag }
      return best
    }
  }

  /// The model of the weights' averages.
  func model() -> TaggingModel {
    var (keys, starts, entries): ([UInt64], [Int32], [Int32]) = ([], [0], [])
    for (number, key) in index.keys.enumerated() {
      let before = entries.count
      for tag in tags.indices {
        let place = number * width + tag
        let weight = values.base[place] - weighted.base[place] / step
        let rounded = Int32((weight * TaggingModel.scale).rounded(.towardZero))
        guard abs(weight) >= configuration.smallestWeight, rounded != 0 else { continue }
        entries.append(min(max(rounded, -(1 << 22)), 1 << 22) << 8 | Int32(tag))
      }
      guard entries.count > before else { continue }
      keys.append(key)
      starts.append(Int32(entries.count))
    }
    return TaggingModel(tags: tags, index: UnitIndex(keys), starts: starts, entries: entries)
  }
}

/// Numbers that are zero at first, written by pointer.
private final class UnsafeMutableArray {
  let base: UnsafeMutablePointer<Float>

  init(count: Int) {
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: 0, count: count)
  }

  deinit { base.deallocate() }
}
