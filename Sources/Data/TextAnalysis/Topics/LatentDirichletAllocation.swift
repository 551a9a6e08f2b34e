import Foundation
import Learning
import MathKernels

/// Topics of a corpus as distributions over words, and each text as a mixture of topics: latent Dirichlet allocation.
///
/// ```swift
/// let model = try await LatentDirichletAllocation(configuration: .init(topics: 8)).fit(documents, context: FitContext())
/// model.topWords(of: 0, count: 10)
/// model.mixture(of: ["battery", "screen"])   // eight shares that sum to 1
/// ```
/// Documents are lists of terms (see `TermExtractor`). Learnt by collapsed Gibbs sampling, Griffiths and Steyvers (2004),
/// https://doi.org/10.1073/pnas.0307752101; the model is from Blei, Ng and Jordan (2003). Word shares are the mean over samples
/// taken every ten sweeps of the last third; new texts are mixed by expectation maximisation with these shares, without chance.
/// - Complexity: O(terms × topics) for each sweep; memory O(terms + topics × vocabulary).
/// - Throws: `TextError.notEnoughData`, `TextError.invalidParameter`, `CancellationError`.
public struct LatentDirichletAllocation: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How many topics.
    public var topics: Int
    /// Sweeps over all terms.
    public var epochs: Int
    /// How many chains start; after a tenth of the sweeps only the most likely one goes on.
    public var starts: Int
    /// The prior of a text's mixture, for each topic. Short texts are about few things: 0.1 does better on them than the usual
    /// 50 over the number of topics.
    public var alpha: Double
    /// The prior of a topic's words, for each word.
    public var beta: Double
    /// Terms in fewer documents are left out.
    public var leastDocuments: Int
    /// Terms in a larger share of the documents are left out.
    public var greatestShare: Double

    /// Settings.
    public init(
      topics: Int = 10, epochs: Int = 200, starts: Int = 4, alpha: Double = 0.1, beta: Double = 0.05,
      leastDocuments: Int = 2,
      greatestShare: Double = 0.5
    ) {
      (self.topics, self.epochs, self.starts, self.alpha, self.beta) = (topics, epochs, starts, alpha, beta)
      (self.leastDocuments, self.greatestShare) = (leastDocuments, greatestShare)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns the topics of documents.
  public func fit(_ data: [[String]], context: FitContext) async throws -> LatentDirichletAllocationModel {
    try validate()
    let statistics = try TermStatistics(
      configuration: .init(
        leastDocuments: configuration.leastDocuments, greatestShare: configuration.greatestShare)
    ).fit(data)
    let documents = data.map { $0.compactMap { statistics.index(of: $0).map(Int32.init) } }
    let alpha = configuration.alpha
    var sampler = bestStart(documents, vocabulary: statistics.terms.count, alpha: alpha, seed: context.seed)
    let burnIn = configuration.epochs * 2 / 3
    for sweep in 1...configuration.epochs {
      sampler.sweep()
      if sweep > burnIn, (configuration.epochs - sweep) % 10 == 0 { sampler.collect() }
      try context.checkpoint(step: sweep, of: configuration.epochs)
    }
    return LatentDirichletAllocationModel(
      vocabulary: statistics.terms, topics: configuration.topics, alpha: alpha,
      wordShares: sampler.wordShares())
  }

  /// The most likely of several chains after a tenth of the sweeps, since a chain that merged two topics early seldom parts them.
  private func bestStart(_ documents: [[Int32]], vocabulary: Int, alpha: Double, seed: UInt64) -> TopicSampler
  {
    let chains = parallelBlocks(configuration.starts, blockSize: 1) { block in
      var chain = TopicSampler(
        documents, vocabulary: vocabulary, topics: configuration.topics, alpha: Float(alpha),
        beta: Float(configuration.beta), seed: seed, stream: UInt64(block.lowerBound))
      guard configuration.starts > 1 else { return (chain, 0.0) }
      for _ in 0..<max(1, configuration.epochs / 10) { chain.sweep() }
      return (chain, chain.logLikelihood())
    }
    return chains.dropFirst().reduce(chains[0]) { $1.1 > $0.1 ? $1 : $0 }.0
  }

  private func validate() throws {
    func check(_ name: String, _ value: some CustomStringConvertible, _ isGood: Bool, _ expected: String)
      throws
    {
      if !isGood { throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected) }
    }
    try check("topics", configuration.topics, (1...10_000).contains(configuration.topics), "from 1 to 10,000")
    try check("epochs", configuration.epochs, configuration.epochs > 0, "at least 1")
    try check("starts", configuration.starts, configuration.starts > 0, "at least 1")
    try check("beta", configuration.beta, configuration.beta > 0, "above 0")
    try check("alpha", configuration.alpha, configuration.alpha > 0, "above 0")
  }
}

/// The state of collapsed Gibbs sampling.
private struct TopicSampler: Sendable {
  private let documents: [[Int32]]
  private let topics: Int
  private let vocabulary: Int
  private let alpha: Float
  private let beta: Float
  private var assigned: [[Int32]]
  private var byDocument: [Float]
  private var byWord: [Float]
  private var totals: [Float]
  private var random: RandomSource
  private var collected: [Double]
  private var samples = 0

  init(
    _ documents: [[Int32]], vocabulary: Int, topics: Int, alpha: Float, beta: Float, seed: UInt64,
    stream: UInt64
  ) {
    (self.documents, self.vocabulary, self.topics) = (documents, vocabulary, topics)
    (self.alpha, self.beta) = (alpha, beta)
    random = RandomSource(seed: seed, stream: stream)
    byDocument = [Float](repeating: 0, count: topics)
    byWord = [Float](repeating: 0, count: vocabulary * topics)
    totals = [Float](repeating: 0, count: topics)
    collected = [Double](repeating: 0, count: vocabulary * topics)
    assigned = documents.map { [Int32](repeating: 0, count: $0.count) }
    for (index, document) in documents.enumerated() {
      for (place, word) in document.enumerated() {
        let topic = random.index(below: topics)
        assigned[index][place] = Int32(topic)
        byWord[Int(word) * topics + topic] += 1
        totals[topic] += 1
      }
    }
  }

  /// Draws a new topic for each term, given those of all others.
  mutating func sweep() {
    let (topics, alpha, beta) = (topics, alpha, beta)
    let betaSum = beta * Float(vocabulary)
    var cumulative = [Float](repeating: 0, count: topics)
    for index in documents.indices {
      for topic in 0..<topics { byDocument[topic] = 0 }
      for topic in assigned[index] { byDocument[Int(topic)] += 1 }
      for place in documents[index].indices {
        let row = Int(documents[index][place]) * topics
        let old = Int(assigned[index][place])
        byDocument[old] -= 1
        byWord[row + old] -= 1
        totals[old] -= 1
        var sum: Float = 0
        for topic in 0..<topics {
          sum += (byDocument[topic] + alpha) * (byWord[row + topic] + beta) / (totals[topic] + betaSum)
          cumulative[topic] = sum
        }
        let drawn = Float(random.uniform()) * sum
        var topic = 0
        while topic < topics - 1, cumulative[topic] <= drawn { topic += 1 }
        assigned[index][place] = Int32(topic)
        byDocument[topic] += 1
        byWord[row + topic] += 1
        totals[topic] += 1
      }
    }
  }

  /// The log-probability of all terms, given the shares that the counts tell.
  func logLikelihood() -> Double {
    let betaSum = beta * Float(vocabulary)
    var result = 0.0
    for index in documents.indices {
      var counts = [Float](repeating: alpha, count: topics)
      for topic in assigned[index] { counts[Int(topic)] += 1 }
      let length = Float(documents[index].count) + alpha * Float(topics)
      for word in documents[index] {
        let row = Int(word) * topics
        var sum: Float = 0
        for topic in 0..<topics {
          sum += counts[topic] * (byWord[row + topic] + beta) / (totals[topic] + betaSum)
        }
        result += log(Double(sum / length))
      }
    }
    return result
  }

  /// Adds the word shares of this sample.
  mutating func collect() {
    samples += 1
    for word in 0..<vocabulary {
      for topic in 0..<topics {
        collected[word * topics + topic] +=
          Double(byWord[word * topics + topic] + beta) / Double(totals[topic] + beta * Float(vocabulary))
      }
    }
  }

  /// The mean shares: for each topic its words.
  mutating func wordShares() -> [Float] {
    if samples == 0 { collect() }
    var result = [Float](repeating: 0, count: topics * vocabulary)
    for word in 0..<vocabulary {
      for topic in 0..<topics {
        result[topic * vocabulary + word] = Float(collected[word * topics + topic] / Double(samples))
      }
    }
    return result
  }
}

/// The topics of a corpus.
public struct LatentDirichletAllocationModel: FittedModel, Equatable {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// The terms in alphabetical order.
  public let vocabulary: [String]
  /// How many topics there are.
  public let topics: Int
  private let alpha: Double
  @Packed private var wordShares: [Float]
  private let indices: [String: Int32]

  private enum CodingKeys: String, CodingKey { case vocabulary, topics, alpha, wordShares }

  init(vocabulary: [String], topics: Int, alpha: Double, wordShares: [Float]) {
    (self.vocabulary, self.topics, self.alpha) = (vocabulary, topics, alpha)
    self.wordShares = wordShares
    indices = Dictionary(zip(vocabulary, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// Loads a model.
  ///
  /// - Throws: `LearningError.corruptModel`, `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shares = try container.decode(Packed<Float>.self, forKey: .wordShares).wrappedValue
    let (vocabulary, topics) = (
      try container.decode([String].self, forKey: .vocabulary),
      try container.decode(Int.self, forKey: .topics)
    )
    guard topics > 0, shares.count == topics * vocabulary.count else {
      throw LearningError.corruptModel(reason: "topics and words do not match their shares")
    }
    self.init(
      vocabulary: vocabulary, topics: topics, alpha: try container.decode(Double.self, forKey: .alpha),
      wordShares: shares)
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(vocabulary, forKey: .vocabulary)
    try container.encode(topics, forKey: .topics)
    try container.encode(alpha, forKey: .alpha)
    try container.encode(_wordShares, forKey: .wordShares)
  }

  /// The share of a word in a topic; 0 for a word it does not know.
  public func share(of term: String, in topic: Int) -> Double {
    indices[term].map { Double(wordShares[topic * vocabulary.count + Int($0)]) } ?? 0
  }

  /// The words of a topic with the largest shares.
  public func topWords(of topic: Int, count: Int = 10) -> [(term: String, share: Double)] {
    var best = TopK(count)
    for word in vocabulary.indices { best.offer(Int32(word), wordShares[topic * vocabulary.count + word]) }
    return best.sorted().map { (vocabulary[Int($0.index)], Double($0.score)) }
  }

  /// The share of each topic in a text; equal shares for a text without known terms.
  ///
  /// - Complexity: O(known terms × topics × 50).
  public func mixture(of document: [String]) -> [Double] {
    let words = document.compactMap { indices[$0].map(Int.init) }
    var shares = [Double](repeating: 1 / Double(topics), count: topics)
    guard !words.isEmpty else { return shares }
    for _ in 0..<50 {
      var next = [Double](repeating: alpha, count: topics)
      for word in words {
        let parts = (0..<topics).map { shares[$0] * Double(wordShares[$0 * vocabulary.count + word]) }
        let sum = parts.reduce(0, +)
        guard sum > 0 else { continue }
        for topic in 0..<topics { next[topic] += parts[topic] / sum }
      }
      let total = next.reduce(0, +)
      let moved = zip(next, shares).reduce(0) { $0 + abs($1.0 / total - $1.1) }
      shares = next.map { $0 / total }
      if moved < 1e-6 { break }
    }
    return shares
  }

  /// How surprised the model is by the second half of texts whose first half it has read: the exponential of the mean negative
  /// log-probability of every other known term, given the mixture of the terms between. Lower is better; NaN without terms.
  ///
  /// Document completion, Wallach et al. (2009), https://doi.org/10.1145/1553374.1553515.
  public func perplexity(of documents: [[String]]) -> Double {
    let sums = parallelBlocks(documents.count, blockSize: 64) { block in
      block.reduce(into: (log: 0.0, count: 0)) { sum, index in
        let known = documents[index].filter { indices[$0] != nil }
        let mixture = mixture(of: stride(from: 0, to: known.count, by: 2).map { known[$0] })
        for place in stride(from: 1, to: known.count, by: 2) {
          let probability = (0..<topics).reduce(0) { $0 + mixture[$1] * share(of: known[place], in: $1) }
          sum.log += log(max(probability, .leastNormalMagnitude))
          sum.count += 1
        }
      }
    }
    let count = sums.reduce(0) { $0 + $1.count }
    return count == 0 ? .nan : exp(-sums.reduce(0) { $0 + $1.log } / Double(count))
  }
}
