import Commerce
import Learning

/// Interactions with a graph of facts and the entities that items are in it.
public struct LinkedInteractions: Sendable {
  /// Users × items × time × weight.
  public var interactions: Interactions
  /// Facts about the items and about what they relate to.
  public var graph: KnowledgeGraph
  /// Which entity each item is; items without interactions may be among them.
  public var links: [ItemLink]

  /// Interactions, a graph and links between them.
  public init(_ interactions: Interactions, graph: KnowledgeGraph, links: [ItemLink]) {
    self.interactions = interactions
    self.graph = graph
    self.links = links
  }
}

/// Recommends items that lie close to those of the history in a graph of facts: for items that nobody has dealt with yet.
///
/// ```swift
/// let data = LinkedInteractions(
///   interactions, graph: try KnowledgeGraph(path: "films.kg"), links: try ItemLink.read(path: "films.link"))
/// let model = try await GraphEmbedding().fit(data, context: FitContext())
/// model.recommend(for: ["alien"], count: 10)
/// ```
/// The graph is embedded by `TransE` or `RotatE`; the items' entities are then compared as by `VectorSimilarity`.
///
/// Source: embeddings of graphs as item profiles, Zhang, Yuan, Lian, Xie and Ma (2016),
/// https://doi.org/10.1145/2939672.2939673, whose other parts are left out.
///
/// - Complexity: that of the embedding, then that of `VectorSimilarity`.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without facts or when no item is
///   an entity of the graph, `CancellationError`.
public struct GraphEmbedding: Estimator {
  /// How a graph is embedded.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Relations are shifts.
    case transE
    /// Relations are turns.
    case rotatE
  }

  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How the graph is embedded.
    public var method: Method
    /// How many numbers describe an entity; complex ones for `rotatE`.
    public var embeddingSize: Int
    /// The embedding's margin.
    public var margin: Double
    /// How many corruptions a fact is compared with.
    public var negatives: Int
    /// How often all facts are gone through.
    public var epochs: Int
    /// The size of Adagrad's steps.
    public var learningRate: Double
    /// Whether the mean of the items' vectors is taken off each.
    public var centred: Bool
    /// To what power a likeness counts.
    public var sharpness: Double

    /// The defaults suit some ten thousand facts.
    public init(
      method: Method = .transE, embeddingSize: Int = 64, margin: Double = 0.5, negatives: Int = 16,
      epochs: Int = 40,
      learningRate: Double = 0.1, centred: Bool = true, sharpness: Double = 1
    ) {
      self.method = method
      self.embeddingSize = embeddingSize
      self.margin = margin
      self.negatives = negatives
      self.epochs = epochs
      self.learningRate = learningRate
      self.centred = centred
      self.sharpness = sharpness
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Embeds the graph and takes the vectors of the items' entities.
  public func fit(_ data: LinkedInteractions, context: FitContext) async throws -> VectorSimilarityModel {
    let links = data.links.filter { data.graph.entities.index(of: $0.entity) != nil }
    guard !links.isEmpty else {
      throw LearningError.notEnoughData(
        needed: "at least one item that is an entity of the graph",
        found: "\(data.links.count) links, none to one of its \(data.graph.entities.count) entities")
    }
    let embedding = try await embed(data.graph, context)
    var vectors: [String: [Float]] = [:]
    for link in links { vectors[link.item] = embedding.vector(of: link.entity) }
    return try await VectorSimilarity(
      .init(centred: configuration.centred, sharpness: configuration.sharpness)
    ).fit(VectorInteractions(data.interactions, vectors: vectors), context: FitContext(seed: context.seed))
  }

  private func embed(_ graph: KnowledgeGraph, _ context: FitContext) async throws -> GraphEmbeddingModel {
    let it = configuration
    switch it.method {
    case .transE:
      return try await TransE(
        .init(
          embeddingSize: it.embeddingSize, margin: it.margin, negatives: it.negatives, epochs: it.epochs,
          learningRate: it.learningRate)
      ).fit(graph, context: context)
    case .rotatE:
      return try await RotatE(
        .init(
          embeddingSize: it.embeddingSize, margin: it.margin, negatives: it.negatives, epochs: it.epochs,
          learningRate: it.learningRate)
      ).fit(graph, context: context)
    }
  }
}
