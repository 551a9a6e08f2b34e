import Commerce
import Foundation
import Learning
import MathKernels
import Neural

/// Recommends what comes next after a sequence of items, by a causal transformer.
///
/// ```swift
/// let model = try await SASRec(.init(embeddingSize: 64)).fit(interactions, context: FitContext())
/// model.recommend(for: ["tent", "sleeping bag"], count: 10)
/// ```
/// Each user's items in time order are read by `blocks` of self-attention and a small network; at every position the next
/// item is predicted. The score of an item is the product of its vector with that of the last position. Only the order
/// counts; weights are not used, except that interactions of zero or less are left out. Items of the catalogue that were
/// never interacted with are not scored. Without new training the model reads new histories, not new items.
///
/// Training runs on libtorch; the learned model predicts without it. The same seed gives the same model.
///
/// Source: Kang and McAuley (2018), https://doi.org/10.1109/ICDM.2018.00035, with the cross-entropy of Klenitskiy and
/// Vasilev (2023), https://doi.org/10.1145/3604915.3610644. Unlike the paper, both layers of a block are normalised at
/// their input, positions count from the latest item back, and every part of a long sequence is learned from.
///
/// - Complexity: for an epoch O(interactions · size · (blocks · (size + historyLength) + candidates)), and O(items · size)
///   for each step; for a prediction O(historyLength · size · blocks · (size + historyLength) + items · size).
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions,
///   `NeuralError.libraryUnavailable` without libtorch, `CancellationError`.
public struct SASRec: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers describe an item.
    public var embeddingSize: Int
    /// How many blocks there are.
    public var blocks: Int
    /// How many heads each attention has; a divisor of the embedding's size.
    public var heads: Int
    /// The share of numbers set to zero while training.
    public var dropout: Double
    /// How many of the latest items are read.
    public var historyLength: Int
    /// How it is trained.
    public var training: SequenceTraining

    /// By default 64 numbers, two blocks of one head, the latest 50 items.
    public init(
      embeddingSize: Int = 64, blocks: Int = 2, heads: Int = 1, dropout: Double = 0.3,
      historyLength: Int = 50, training: SequenceTraining = .init()
    ) {
      self.embeddingSize = embeddingSize
      self.blocks = blocks
      self.heads = heads
      self.dropout = dropout
      self.historyLength = historyLength
      self.training = training
    }

    private enum CodingKeys: String, CodingKey { case embeddingSize, blocks, heads, dropout, historyLength }

    /// Reads all settings from one level, those of the training among them.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      embeddingSize = try container.decode(Int.self, forKey: .embeddingSize)
      blocks = try container.decode(Int.self, forKey: .blocks)
      heads = try container.decode(Int.self, forKey: .heads)
      dropout = try container.decode(Double.self, forKey: .dropout)
      historyLength = try container.decode(Int.self, forKey: .historyLength)
      training = try SequenceTraining(from: decoder)
    }

    /// Writes all settings on one level, those of the training among them.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(embeddingSize, forKey: .embeddingSize)
      try container.encode(blocks, forKey: .blocks)
      try container.encode(heads, forKey: .heads)
      try container.encode(dropout, forKey: .dropout)
      try container.encode(historyLength, forKey: .historyLength)
      try training.encode(to: encoder)
    }

    func validate() throws {
      try Settings.require("embeddingSize", Double(embeddingSize), 1...4096)
      try Settings.require("blocks", Double(blocks), 1...64)
      try Settings.require("heads", Double(heads), 1...Double(embeddingSize))
      guard embeddingSize % heads == 0 else {
        throw LearningError.invalidParameter(
          name: "heads", value: "\(heads)", expected: "a divisor of the embeddingSize \(embeddingSize)")
      }
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
  public func fit(_ data: Interactions, context: FitContext) async throws -> SASRecModel {
    try configuration.validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: configuration.training.epochs)
    var random = RandomSource(seed: context.seed)
    let network = try SASRecNetwork(configuration, items: data.items.count, &random)
    let popularity = Popularity.scores(data)
    func model(_ checkpoint: Checkpoint) -> SASRecModel {
      SASRecModel(configuration, items: data.items, popularity: popularity, network: checkpoint)
    }
    _ = try SequenceTrainer(settings: configuration.training, historyLength: configuration.historyLength)
      .train(network, PositiveSequences(data), context: context) { checkpoint, cases in
        ValidationCase.ndcg(cases, of: model(checkpoint))
      }
    return model(try Checkpoint(network.parameters))
  }
}

/// The network of `SASRec`.
struct SASRecNetwork: SequenceNetwork {
  struct Block {
    let attentionNorm: LayerNorm
    let attention: MultiHeadAttention
    let forwardNorm: LayerNorm
    let first: Linear
    let second: Linear
  }

  let items: Embedding
  let positions: Embedding
  let blocks: [Block]
  let norm: LayerNorm
  let dropout: Dropout
  let historyLength: Int

  init(_ configuration: SASRec.Configuration, items: Int, _ random: inout RandomSource) throws {
    let size = configuration.embeddingSize
    let start = Initialization.normal(deviation: 0.02)
    self.items = try Embedding(count: items, size: size, initialization: start, random: &random)
    positions = try Embedding(
      count: configuration.historyLength, size: size, initialization: start, random: &random)
    var blocks: [Block] = []
    for _ in 0..<configuration.blocks {
      blocks.append(
        Block(
          attentionNorm: try LayerNorm(size: size),
          attention: try MultiHeadAttention(
            size: size, heads: configuration.heads, dropout: configuration.dropout, random: &random),
          forwardNorm: try LayerNorm(size: size),
          first: try Linear(inputs: size, outputs: size, random: &random),
          second: try Linear(inputs: size, outputs: size, random: &random)))
    }
    self.blocks = blocks
    norm = try LayerNorm(size: size)
    dropout = try Dropout(configuration.dropout)
    historyLength = configuration.historyLength
  }

  func encode(_ vectors: Tensor, _ batch: SequenceBatch, _ noise: NoiseSource?) throws -> Tensor {
    let size = vectors.shape[2]
    var places: [Int64] = []
    places.reserveCapacity(batch.lengths.count * batch.time)
    for length in batch.lengths {
      // The last position of a window is always the same one; padding behind it may be any.
      for step in 0..<batch.time {
        places.append(Int64(min(historyLength - 1, historyLength - length + step)))
      }
    }
    let shifts = try positions(Tensor(places, shape: [batch.lengths.count, batch.time]))
    var state = try dropout(vectors * Double(size).squareRoot() + shifts, noise)
    // Padding lies behind the positions that count, where a causal mask keeps them from looking.
    let mask = try AttentionMask.causal(length: batch.time)
    for block in blocks {
      let seen = try block.attention(block.attentionNorm(state), masks: [mask], noise)
      state = try state + dropout(seen, noise)
      let inner = try dropout(block.first(block.forwardNorm(state)).relu(), noise)
      state = try state + dropout(block.second(inner), noise)
    }
    return try norm(state)
  }

  var parameters: Parameters {
    var all = Parameters()
    all.add("items", items.parameters)
    all.add("positions", positions.parameters)
    for (index, block) in blocks.enumerated() {
      all.add("blocks.\(index).attentionNorm", block.attentionNorm.parameters)
      all.add("blocks.\(index).attention", block.attention.parameters)
      all.add("blocks.\(index).forwardNorm", block.forwardNorm.parameters)
      all.add("blocks.\(index).first", block.first.parameters)
      all.add("blocks.\(index).second", block.second.parameters)
    }
    all.add("norm", norm.parameters)
    return all
  }

  /// The shapes of the parameters of a network with these settings.
  static func shapes(_ configuration: SASRec.Configuration, items: Int) -> [(name: String, shape: [Int])] {
    let size = configuration.embeddingSize
    func norm(_ name: String) -> [(String, [Int])] { [("\(name).weight", [size]), ("\(name).bias", [size])] }
    func linear(_ name: String, _ outputs: Int) -> [(String, [Int])] {
      [("\(name).weight", [outputs, size]), ("\(name).bias", [outputs])]
    }
    var all = [("items.weight", [items, size]), ("positions.weight", [configuration.historyLength, size])]
    for index in 0..<configuration.blocks {
      let name = "blocks.\(index)"
      all += norm("\(name).attentionNorm") + linear("\(name).attention.projection", 3 * size)
      all += linear("\(name).attention.output", size) + norm("\(name).forwardNorm")
      all += linear("\(name).first", size) + linear("\(name).second", size)
    }
    return (all + norm("norm")).map { (name: $0.0, shape: $0.1) }
  }
}
