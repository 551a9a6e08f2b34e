import Foundation
import MathKernels

/// A topic found among vectors of texts.
public struct EmbeddingTopic: Sendable, Codable, Equatable {
  /// The words that tell it from the others, best first, with their weights.
  public var words: [WeightedTerm]
  /// The texts that belong to it, the nearest to its centre first.
  public var members: [Int]
  /// Texts that show it: near its centre, and unlike each other.
  public var representatives: [Int]

  /// A term with its weight.
  public struct WeightedTerm: Sendable, Codable, Equatable {
    /// The term.
    public var term: String
    /// Its weight.
    public var weight: Double
  }

  /// A short name: its first words.
  public func label(words count: Int = 3) -> String {
    words.prefix(count).map(\.term).joined(separator: " · ")
  }
}

/// Topics as groups of texts with near meanings, named by the words that are theirs alone.
///
/// ```swift
/// let topics = try EmbeddingTopics().topics(vectors: embedder.vectors(of: texts), terms: texts.map(extractor.terms), seed: 42)
/// ```
/// Vectors are grouped by `SphericalKMeans`; without a number of groups, the one with the best silhouette among a few is taken.
/// Words are weighed by class-based TF-IDF: tf · ln(1 + A / f), with tf the share of the word in the group, f its count in all
/// and A the mean number of words of a group. Source: Grootendorst (2022), https://arxiv.org/abs/2203.05794, which reduces the
/// vectors and groups them by density; with k-means every text has a topic. Representatives by maximal marginal relevance,
/// Carbonell and Goldstein (1998), https://doi.org/10.1145/290941.291025.
/// - Complexity: that of `SphericalKMeans`, for each number of groups tried.
/// - Throws: `TextError.notEnoughData`, `TextError.invalidParameter`.
public struct EmbeddingTopics: Sendable {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How many topics; nil chooses by silhouette.
    public var topics: Int?
    /// Which numbers are tried.
    public var candidates: [Int]
    /// How many words name a topic.
    public var words: Int
    /// How many texts show a topic.
    public var representatives: Int
    /// How much nearness to the centre counts against likeness to those already chosen, from 0 to 1.
    public var relevance: Double

    /// Settings.
    public init(
      topics: Int? = nil, candidates: [Int] = [4, 6, 8, 10, 12, 16, 20, 30], words: Int = 10,
      representatives: Int = 5,
      relevance: Double = 0.6
    ) {
      (self.topics, self.candidates, self.words) = (topics, candidates, words)
      (self.representatives, self.relevance) = (representatives, relevance)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// The topics, the largest first.
  ///
  /// - Parameters:
  ///   - vectors: one row for each text.
  ///   - terms: the terms of each text.
  public func topics(vectors: Matrix<Float>, terms: [[String]], seed: UInt64) throws -> [EmbeddingTopic] {
    guard vectors.rows == terms.count else {
      throw TextError.invalidParameter(
        name: "terms", value: "\(terms.count) texts", expected: "as many as vectors, \(vectors.rows)")
    }
    let clustering = try clustering(vectors, seed: seed)
    let rows = SphericalKMeans.normalized(vectors)
    var byCluster = [[String]](repeating: [], count: clustering.centres.rows)
    for (document, cluster) in clustering.assignments.enumerated() { byCluster[cluster] += terms[document] }
    let words = ClassTermWeights.best(of: byCluster, count: configuration.words)
    return (0..<clustering.centres.rows).compactMap { cluster in
      let members = clustering.assignments.indices.filter { clustering.assignments[$0] == cluster }
        .sorted { (clustering.similarities[$1], $0) < (clustering.similarities[$0], $1) }
      guard !members.isEmpty else { return nil }
      let chosen = MaximalMarginalRelevance.choose(
        configuration.representatives, of: Array(members.prefix(200)), rows, clustering.similarities,
        configuration.relevance)
      return EmbeddingTopic(words: words[cluster], members: members, representatives: chosen)
    }.sorted { ($1.members.count, $0.members[0]) < ($0.members.count, $1.members[0]) }
  }

  private func clustering(_ vectors: Matrix<Float>, seed: UInt64) throws -> SphericalKMeans.Clustering {
    if let topics = configuration.topics {
      return try SphericalKMeans(configuration: .init(clusters: topics)).cluster(vectors, seed: seed)
    }
    var best: (score: Double, clustering: SphericalKMeans.Clustering)?
    for count in Set(configuration.candidates).sorted() where count > 1 && count * 2 <= vectors.rows {
      let found = try SphericalKMeans(configuration: .init(clusters: count)).cluster(vectors, seed: seed)
      let score = SphericalKMeans.silhouette(vectors, found)
      if best.map({ score > $0.score }) ?? true { best = (score, found) }
    }
    return try best?.clustering
      ?? SphericalKMeans(configuration: .init(clusters: 1)).cluster(vectors, seed: seed)
  }
}

/// Class-based TF-IDF: the words that tell classes of texts apart.
public enum ClassTermWeights {
  /// The best words of each class, from all the terms of its texts; ties in alphabetical order.
  ///
  /// Source: Grootendorst (2022), https://arxiv.org/abs/2203.05794
  /// - Complexity: O(terms).
  public static func best(of classes: [[String]], count: Int) -> [[EmbeddingTopic.WeightedTerm]] {
    let counts = classes.map { $0.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 } }
    var overall: [String: Int] = [:]
    for terms in counts { for (term, frequency) in terms { overall[term, default: 0] += frequency } }
    let mean = Double(overall.values.reduce(0, +)) / Double(max(1, classes.count))
    return counts.map { counts in
      let total = Double(max(1, counts.values.reduce(0, +)))
      return counts.map { term, frequency in
        EmbeddingTopic.WeightedTerm(
          term: term, weight: Double(frequency) / total * log(1 + mean / Double(overall[term] ?? 1)))
      }.sorted { ($1.weight, $0.term) < ($0.weight, $1.term) }.prefix(count).map { $0 }
    }
  }
}
