import Commerce
import Learning

/// Interactions with all that is known of the items besides.
public struct ItemKnowledge: Sendable {
  /// Users × items × time × weight.
  public var interactions: Interactions
  /// What the items are called, with their attributes.
  public var descriptions: [ItemDescription]
  /// Facts about the items; without them `GraphEmbedding` takes those that the descriptions hold.
  public var graph: KnowledgeGraph?
  /// Which entity of the graph each item is; without any, the one of the item's own id.
  public var links: [ItemLink]
  /// A vector for each item that has one, such as that of its picture.
  public var vectors: [String: [Float]]

  /// Interactions and what is known.
  public init(
    _ interactions: Interactions, descriptions: [ItemDescription] = [], graph: KnowledgeGraph? = nil,
    links: [ItemLink] = [], vectors: [String: [Float]] = [:]
  ) {
    self.interactions = interactions
    self.descriptions = descriptions
    self.graph = graph
    self.links = links
    self.vectors = vectors
  }
}

/// An algorithm that can rank items without interactions, chosen by name, with settings that can be read and changed as JSON.
///
/// ```swift
/// var algorithm = try ColdStartAlgorithm.named("ContentSimilarity")
/// try algorithm.set("attributeWeight", to: .number(4))
/// ```
public struct ColdStartAlgorithm: Sendable {
  private var settings: AlgorithmSettings
  private let fitting: @Sendable (JSONValue, ItemKnowledge, FitContext) async throws -> any Recommender

  /// An algorithm under a name, with its default settings and what tuning tries.
  ///
  /// - Parameter dataset: takes what the algorithm learns from; throws when it is not there.
  public init<Algorithm: Estimator, Configuration: Codable & Sendable>(
    _ name: String, _ configuration: Configuration, axes: [TuningAxis] = [],
    dataset: @escaping @Sendable (ItemKnowledge) throws -> Algorithm.Dataset,
    _ make: @escaping @Sendable (Configuration) -> Algorithm
  ) where Algorithm.Model: Recommender {
    settings = AlgorithmSettings(name, configuration, axes)
    fitting = { json, data, context in
      try await make(AlgorithmSettings.value(json)).fit(dataset(data), context: context)
    }
  }

  /// The algorithm's name.
  public var name: String { settings.name }

  /// Its settings.
  public var configuration: JSONValue { settings.configuration }

  /// What tuning tries, one setting after the other.
  public var axes: [TuningAxis] { settings.axes }

  /// Learns a model with the present settings.
  public func fit(_ data: ItemKnowledge, context: FitContext) async throws -> any Recommender {
    try await fitting(configuration, data, context)
  }

  /// Changes a setting.
  ///
  /// - Throws: `RecommendationError.invalidSetting` when there is no such setting or it cannot take the value.
  public mutating func set(_ setting: String, to value: JSONValue) throws {
    try settings.set(setting, to: value)
  }

  /// The names of all algorithms, the simplest first.
  public static var names: [String] { all.map(\.name) }

  /// The algorithm of this name with its default settings; capitals do not matter.
  public static func named(_ name: String) throws -> ColdStartAlgorithm {
    guard let found = all.first(where: { $0.name.lowercased() == name.lowercased() }) else {
      throw RecommendationError.unknownModel(name: name, known: names)
    }
    return found
  }

  private static let all: [ColdStartAlgorithm] = [
    ColdStartAlgorithm("Random", RandomOrder.Configuration(), dataset: { $0.interactions }) { _ in
      RandomOrder()
    },
    ColdStartAlgorithm("Popularity", Popularity.Configuration(), dataset: { $0.interactions }) {
      Popularity($0)
    },
    contentSimilarity, graphEmbedding, vectorSimilarity,
  ]

  private static let contentSimilarity = ColdStartAlgorithm(
    "ContentSimilarity", ContentSimilarity.Configuration(),
    axes: [
      TuningAxis(
        "weighting", [["tfidf": [:]], ["bm25": ["k1": 1.2, "b": 0.75]], ["bm25": ["k1": 1.2, "b": 0]]]),
      TuningAxis("attributeWeight", 1, 2, 4, 8), TuningAxis("commonestShare", 0.1, 0.2, 0.5, 1),
    ],
    dataset: { data in
      guard !data.descriptions.isEmpty else {
        throw RecommendationError.missingKnowledge(
          model: "ContentSimilarity", needed: "descriptions of the items")
      }
      return DescribedInteractions(data.interactions, descriptions: data.descriptions)
    }
  ) { ContentSimilarity($0) }

  private static let graphEmbedding = ColdStartAlgorithm(
    "GraphEmbedding", GraphEmbedding.Configuration(),
    axes: [
      TuningAxis("sharpness", 0.5, 1, 2, 4), TuningAxis("centred", [.bool(true), .bool(false)]),
      TuningAxis("margin", 0.25, 0.5, 1), TuningAxis("embeddingSize", 32, 64, 128),
      TuningAxis("epochs", 10, 20, 40, 80),
    ],
    dataset: { data in
      guard let graph = data.graph else {
        guard !data.descriptions.isEmpty else {
          throw RecommendationError.missingKnowledge(
            model: "GraphEmbedding", needed: "a graph of facts, or descriptions of the items")
        }
        return LinkedInteractions(
          data.interactions, graph: KnowledgeGraph(describing: data.descriptions),
          links: data.descriptions.map { ItemLink(item: $0.item, entity: KnowledgeGraph.entity(of: $0.item)) }
        )
      }
      let links =
        data.links.isEmpty ? data.interactions.items.ids.map { ItemLink(item: $0, entity: $0) } : data.links
      return LinkedInteractions(data.interactions, graph: graph, links: links)
    }
  ) { GraphEmbedding($0) }

  private static let vectorSimilarity = ColdStartAlgorithm(
    "VectorSimilarity", VectorSimilarity.Configuration(),
    axes: [TuningAxis("sharpness", 1, 2, 4, 8), TuningAxis("centred", [.bool(true), .bool(false)])],
    dataset: { data in
      guard !data.vectors.isEmpty else {
        throw RecommendationError.missingKnowledge(model: "VectorSimilarity", needed: "vectors of the items")
      }
      return VectorInteractions(data.interactions, vectors: data.vectors)
    }
  ) { VectorSimilarity($0) }
}
