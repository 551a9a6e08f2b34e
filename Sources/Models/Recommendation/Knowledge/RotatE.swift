import Commerce
import Learning

/// Learns complex vectors for the entities of a graph, and an angle for each of their numbers and each relation, such that the
/// head turned by the relation lies near the tail where a fact is true.
///
/// ```swift
/// let model = try await RotatE().fit(KnowledgeGraph(path: "films.kg"), context: FitContext(seed: 7))
/// model.heads(of: "film.directed_by", tail: "m.scott", count: 3)
/// ```
/// Turning can express relations that hold in both directions, that are each other's inverse, and that follow from two others.
/// Corruptions count the more the nearer to true they look ("self-adversarial").
///
/// Source: Sun, Deng, Nie and Tang (2019), https://arxiv.org/abs/1902.10197. Unlike the paper, each fact is a step of its own,
/// with either its head or its tail corrupted by chance, and steps are scaled by Adagrad.
///
/// - Complexity: O(epochs × facts × (negatives + 1) × embeddingSize), on one core.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without facts,
///   `CancellationError`.
public struct RotatE: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many complex numbers describe an entity, and how many angles a relation.
    public var embeddingSize: Int
    /// The distance at which a fact is as likely true as not.
    public var margin: Double
    /// How much more corruptions count that look true; 0 counts all alike.
    public var temperature: Double
    /// How many corruptions a fact is compared with.
    public var negatives: Int
    /// How often all facts are gone through.
    public var epochs: Int
    /// The size of Adagrad's steps.
    public var learningRate: Double

    /// The defaults suit some ten thousand facts.
    public init(
      embeddingSize: Int = 64, margin: Double = 6, temperature: Double = 1, negatives: Int = 16,
      epochs: Int = 40,
      learningRate: Double = 0.1
    ) {
      self.embeddingSize = embeddingSize
      self.margin = margin
      self.temperature = temperature
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
    try SettingCheck.require("temperature", it.temperature, 0...1e3)
    let training = GraphTraining(
      objective: TripleObjective(
        distance: .rotation,
        loss: .selfAdversarial(margin: Float(it.margin), temperature: Float(it.temperature))),
      size: it.embeddingSize, negatives: it.negatives, epochs: it.epochs, learningRate: it.learningRate,
      keepsUnitLength: false, startLimit: (it.margin + 2) / Double(max(1, it.embeddingSize)))
    return try training.run(data, context)
  }
}
