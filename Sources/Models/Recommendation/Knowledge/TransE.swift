import Commerce
import Learning

/// Learns vectors for the entities and relations of a graph such that head + relation lies near tail where a fact is true.
///
/// ```swift
/// let model = try await TransE().fit(KnowledgeGraph(path: "films.kg"), context: FitContext(seed: 7))
/// model.tails(of: "m.alien", relation: "film.directed_by", count: 3)
/// ```
/// Each fact has to be nearer to true, by a margin, than corruptions of its head or of its tail, drawn evenly from all entities.
/// Entities are kept at length one.
///
/// Source: Bordes, Usunier, García-Durán, Weston and Yakhnenko (2013),
/// https://papers.nips.cc/paper/5071-translating-embeddings-for-modeling-multi-relational-data. Unlike the paper, a fact has
/// several corruptions whose losses are averaged, each fact is a step of its own, and steps are scaled by Adagrad (Duchi,
/// Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html).
///
/// - Complexity: O(epochs × facts × (negatives + 1) × embeddingSize), on one core.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without facts,
///   `CancellationError`.
public struct TransE: Estimator {
  /// How lengths are measured.
  public enum Norm: String, Sendable, Codable, CaseIterable {
    /// The sum of the absolute numbers.
    case l1
    /// The Euclidean length.
    case l2
  }

  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers describe an entity or a relation.
    public var embeddingSize: Int
    /// By how much a fact has to be nearer to true than its corruptions.
    public var margin: Double
    /// How lengths are measured.
    public var norm: Norm
    /// How many corruptions a fact is compared with.
    public var negatives: Int
    /// How often all facts are gone through.
    public var epochs: Int
    /// The size of Adagrad's steps.
    public var learningRate: Double

    /// The defaults suit some ten thousand facts.
    public init(
      embeddingSize: Int = 64, margin: Double = 0.5, norm: Norm = .l2, negatives: Int = 16, epochs: Int = 100,
      learningRate: Double = 0.1
    ) {
      self.embeddingSize = embeddingSize
      self.margin = margin
      self.norm = norm
      self.negatives = negatives
      self.epochs = epochs
      self.learningRate = learningRate
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Goes through the facts `epochs` times, in a new order each time.
  public func fit(_ data: KnowledgeGraph, context: FitContext) async throws -> GraphEmbeddingModel {
    let it = configuration
    try SettingCheck.require("margin", it.margin, 1e-6...1e6)
    let training = GraphTraining(
      objective: TripleObjective(
        distance: it.norm == .l1 ? .translationL1 : .translationL2, loss: .margin(Float(it.margin))),
      size: it.embeddingSize, negatives: it.negatives, epochs: it.epochs, learningRate: it.learningRate,
      keepsUnitLength: true, startLimit: 6 / Double(max(1, it.embeddingSize)).squareRoot())
    return try training.run(data, context)
  }
}
