import Commerce
import Foundation
import Learning
import MathKernels
import Neural

/// Recommends what comes next after a sequence of items, by a gated recurrent unit.
///
/// ```swift
/// let model = try await GRU4Rec().fit(interactions, context: FitContext())
/// model.recommend(for: ["tent", "sleeping bag"], count: 10)
/// ```
/// Each user's items in time order are read one by one; after each, the next item is predicted. The score of an item is the
/// product of its vector with the state after the last one. Only the order counts; weights are not used, except that
/// interactions of zero or less are left out. Training runs on libtorch; the learned model predicts without it.
///
/// Source: Hidasi et al. (2016), https://arxiv.org/abs/1511.06939, with the sampled loss of Hidasi and Karatzoglou (2018),
/// https://doi.org/10.1145/3269206.3271761. Unlike the papers, it learns from whole sequences in batches of windows by
/// cross-entropy, and reads and scores with the same vectors.
///
/// - Complexity: O(interactions · size · (size + candidates)) an epoch, and O(items · size) for each step;
///   O(historyLength · size² + items · size) for a prediction.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions,
///   `NeuralError.libraryUnavailable` without libtorch, `CancellationError`.
public struct GRU4Rec: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers describe an item and the state.
    public var embeddingSize: Int
    /// The share of numbers set to zero while training.
    public var dropout: Double
    /// How many of the latest items are read.
    public var historyLength: Int
    /// How it is trained.
    public var training: SequenceTraining

    /// By default 64 numbers, the latest 50 items.
    public init(
      embeddingSize: Int = 64, dropout: Double = 0.3, historyLength: Int = 50,
      training: SequenceTraining = .init()
    ) {
      self.embeddingSize = embeddingSize
      self.dropout = dropout
      self.historyLength = historyLength
      self.training = training
    }

    private enum CodingKeys: String, CodingKey { case embeddingSize, dropout, historyLength }

    /// Reads all settings from one level, those of the training among them.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      embeddingSize = try container.decode(Int.self, forKey: .embeddingSize)
      dropout = try container.decode(Double.self, forKey: .dropout)
      historyLength = try container.decode(Int.self, forKey: .historyLength)
      training = try SequenceTraining(from: decoder)
    }

    /// Writes all settings on one level, those of the training among them.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(embeddingSize, forKey: .embeddingSize)
      try container.encode(dropout, forKey: .dropout)
      try container.encode(historyLength, forKey: .historyLength)
      try training.encode(to: encoder)
    }

    func validate() throws {
      try Settings.require("embeddingSize", Double(embeddingSize), 1...4096)
      try Settings.require("dropout", dropout, 0...0.99)
      try Settings.require("historyLength", Double(historyLength), 1...10_000)
      try training.validate()
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Trains the network.
  public func fit(_ data: Interactions, context: FitContext) async throws -> GRU4RecModel {
    try configuration.validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: configuration.training.epochs)
    var random = RandomSource(seed: context.seed)
    let network = try GRU4RecNetwork(configuration, items: data.items.count, &random)
    let popularity = Popularity.scores(data)
    func model(_ checkpoint: Checkpoint) -> GRU4RecModel {
      GRU4RecModel(configuration, items: data.items, popularity: popularity, network: checkpoint)
    }
    _ = try SequenceTrainer(settings: configuration.training, historyLength: configuration.historyLength)
      .train(network, PositiveSequences(data), context: context) { checkpoint, cases in
        ValidationCase.ndcg(cases, of: model(checkpoint))
      }
    return model(try Checkpoint(network.parameters))
  }
}

/// The network of `GRU4Rec`.
struct GRU4RecNetwork: SequenceNetwork {
  let items: Embedding
  let unit: GRU
  let output: Linear
  let dropout: Dropout

  init(_ configuration: GRU4Rec.Configuration, items: Int, _ random: inout RandomSource) throws {
    let size = configuration.embeddingSize
    self.items = try Embedding(count: items, size: size, random: &random)
    unit = try GRU(inputs: size, size: size, random: &random)
    output = try Linear(inputs: size, outputs: size, random: &random)
    dropout = try Dropout(configuration.dropout)
  }

  func encode(_ vectors: Tensor, _ batch: SequenceBatch, _ noise: NoiseSource?) throws -> Tensor {
    let size = vectors.shape[2]
    let states = try unit(dropout(vectors * Double(size).squareRoot(), noise))
    return try output(dropout(states, noise))
  }

  var parameters: Parameters {
    var all = Parameters()
    all.add("items", items.parameters)
    all.add("unit", unit.parameters)
    all.add("output", output.parameters)
    return all
  }

  /// The shapes of the parameters of a network with these settings.
  static func shapes(_ configuration: GRU4Rec.Configuration, items: Int) -> [(name: String, shape: [Int])] {
    let size = configuration.embeddingSize
    return [
      ("items.weight", [items, size]), ("unit.input", [3 * size, size]), ("unit.hidden", [3 * size, size]),
      ("unit.inputBias", [3 * size]), ("unit.hiddenBias", [3 * size]), ("output.weight", [size, size]),
      ("output.bias", [size]),
    ]
  }
}

/// What `GRU4Rec` learned: the items' vectors and a recurrent unit over them. Predicts without libtorch.
public struct GRU4RecModel: Recommender, VectorRecommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public var configuration: GRU4Rec.Configuration { learned.configuration }
  /// The items known to the model.
  public var items: Vocabulary { learned.items }
  private let learned: LearnedNetwork<GRU4Rec.Configuration>
  private var network: Checkpoint { learned.network }

  /// How popular each item is.
  public var popularity: [Float] { learned.counts }

  var itemVectors: [Float] { network.values("items.weight") }
  var vectorSize: Int { configuration.embeddingSize }

  init(_ configuration: GRU4Rec.Configuration, items: Vocabulary, popularity: [Float], network: Checkpoint) {
    learned = LearnedNetwork(configuration, items: items, popularity: popularity, network: network)
  }

  func read(_ history: CodedHistory) -> [Int32] { latest(history, configuration.historyLength) }

  func encode(_ histories: [[Int32]]) -> [Float] {
    let size = vectorSize
    let (vectors, scale) = (itemVectors, Float(vectorSize).squareRoot())
    let rows = histories.flatMap { $0 }.flatMap { item in
      vectors[Int(item) * size..<(Int(item) + 1) * size].map { $0 * scale }
    }
    let read = Forward.linear(
      rows, rows: rows.count / size, weight: network.values("unit.input"),
      bias: network.values("unit.inputBias"), outputs: 3 * size)
    let states = Forward.gru(
      read, lengths: histories.map(\.count), hidden: network.values("unit.hidden"),
      hiddenBias: network.values("unit.hiddenBias"), size: size)
    return Forward.linear(
      states, rows: histories.count, weight: network.values("output.weight"),
      bias: network.values("output.bias"), outputs: size)
  }
}

extension GRU4RecModel {
  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    learned = try LearnedNetwork(from: decoder)
    try configuration.validate()
    try learned.require(GRU4RecNetwork.shapes(configuration, items: items.count))
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws { try learned.encode(to: encoder) }
}
