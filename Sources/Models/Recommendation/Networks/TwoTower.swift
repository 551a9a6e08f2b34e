import Commerce
import Foundation
import Learning
import MathKernels
import Neural

/// Recommends items whose vectors lie close to the customer's: two networks, one for what a customer had and one for items,
/// learned so that each item's vector is closest to those of the customers who had it.
///
/// ```swift
/// let model = try await TwoTower().fit(interactions, context: FitContext())
/// model.recommend(for: ["tent", "sleeping bag"], count: 10)
/// ```
/// The customer's vector comes from the mean of the vectors of what they had, through a small network. Each training case
/// hides one of a customer's items and tells it apart from the other cases' items of the same batch, whose logits are
/// corrected by how often they occur. The order of a history does not count; weights are not used, except that
/// interactions of zero or less are left out. Training runs on libtorch; the learned model predicts without it.
///
/// Source: Yi et al. (2019), https://doi.org/10.1145/3298689.3346996. Unlike the paper, the customer is described by the
/// history alone, so that new customers need no new training, and frequencies are counted instead of estimated.
///
/// - Complexity: O(interactions · (size² + size · batchSize)) an epoch; O(historyLength · size + size² + items · size) for a
///   prediction.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions,
///   `NeuralError.libraryUnavailable` without libtorch, `CancellationError`.
public struct TwoTower: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers describe a customer or an item.
    public var embeddingSize: Int
    /// The size of the layer between the history and the customer's vector.
    public var hiddenSize: Int
    /// The share of numbers set to zero while training.
    public var dropout: Double
    /// How many of the latest items are read.
    public var historyLength: Int
    /// How often all interactions are learned from.
    public var epochs: Int
    /// How many cases a step learns from; as many are told apart.
    public var batchSize: Int
    /// The size of Adam's steps.
    public var learningRate: Double
    /// The decoupled pull of the parameters towards zero.
    public var weightDecay: Double
    /// To what power of its frequency an item's logit is corrected: 1 aims at the likeliest item, less at the more special.
    public var correction: Double

    /// The defaults suit some hundred thousand interactions.
    public init(
      embeddingSize: Int = 64, hiddenSize: Int = 128, dropout: Double = 0.2, historyLength: Int = 100,
      epochs: Int = 20, batchSize: Int = 512, learningRate: Double = 1e-3, weightDecay: Double = 0,
      correction: Double = 1
    ) {
      self.embeddingSize = embeddingSize
      self.hiddenSize = hiddenSize
      self.dropout = dropout
      self.historyLength = historyLength
      self.epochs = epochs
      self.batchSize = batchSize
      self.learningRate = learningRate
      self.weightDecay = weightDecay
      self.correction = correction
    }

    func validate() throws {
      try Settings.require("embeddingSize", Double(embeddingSize), 1...4096)
      try Settings.require("hiddenSize", Double(hiddenSize), 1...65_536)
      try Settings.require("dropout", dropout, 0...0.99)
      try Settings.require("historyLength", Double(historyLength), 1...10_000)
      try Settings.require("epochs", Double(epochs), 1...100_000)
      try Settings.require("batchSize", Double(batchSize), 1...100_000)
      try Settings.require("learningRate", learningRate, 1e-8...1)
      try Settings.require("weightDecay", weightDecay, 0...100)
      try Settings.require("correction", correction, 0...1)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Trains both towers.
  public func fit(_ data: Interactions, context: FitContext) async throws -> TwoTowerModel {
    try configuration.validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: configuration.epochs)
    var random = RandomSource(seed: context.seed)
    let network = try TwoTowerNetwork(configuration, items: data.items.count, &random)
    let sequences = PositiveSequences(data)
    let cases = HiddenItemCases(sequences, historyLength: configuration.historyLength)
    let noise = try NoiseSource(seed: context.seed)
    let shares = data.itemCounts.map { Float($0) / Float(max(1, data.count)) }
    var batches: [[Int]] = []
    let trainer = Trainer(
      .init(
        epochs: configuration.epochs,
        optimizer: .init(
          learningRate: configuration.learningRate, weightDecay: configuration.weightDecay,
          decoupledDecay: true)))
    _ = try trainer.train(
      network.parameters, batches: (cases.count + configuration.batchSize - 1) / configuration.batchSize,
      context: context,
      loss: { epoch, batch in
        if batch == 0 {
          batches =
            Batches(
              count: cases.count, size: configuration.batchSize, seed: context.seed, epoch: epoch
            ).batches
        }
        return try loss(network, cases.batch(batches[batch]), shares, noise)
      })
    return TwoTowerModel(
      configuration, items: data.items, popularity: Popularity.scores(data),
      network: try Checkpoint(network.parameters))
  }

  private func loss(
    _ network: TwoTowerNetwork, _ batch: HiddenItemCases.Batch, _ shares: [Float], _ noise: NoiseSource
  ) throws -> Tensor? {
    // Each different item once; a case's own item is never told apart from itself.
    var place: [Int32: Int64] = [:]
    var items: [Int32] = []
    let targets = batch.targets.map { item -> Int64 in
      if let known = place[item] { return known }
      place[item] = Int64(items.count)
      items.append(item)
      return Int64(items.count - 1)
    }
    guard items.count > 1 else { return nil }
    let customers = try network.customers(batch, noise)
    let vectors = try network.items(Tensor(items.map(Int64.init), shape: [items.count]))
    let chance = items.map { item in
      1 - pow(1 - Double(shares[Int(item)]), Double(batch.targets.count))
    }
    let bias = chance.map { Float(-configuration.correction * log(max($0, 1e-9))) }
    let logits = try customers.linear(vectors, bias: Tensor(bias, shape: [items.count]))
    return try Losses.crossEntropy(logits, target: Tensor(targets, shape: [targets.count]))
  }
}

/// Training cases that hide one of a user's items and keep the others as the history.
struct HiddenItemCases {
  /// Cases as the network reads them.
  struct Batch {
    /// Cases × longest history, padded with item 0.
    let items: [Int64]
    /// One over the history's length, 0 for padding; as many as items.
    let weights: [Float]
    let length: Int
    let targets: [Int32]
  }

  private let sequences: PositiveSequences
  private let historyLength: Int
  private let cases: [(start: Int, hidden: Int, end: Int)]

  init(_ sequences: PositiveSequences, historyLength: Int) {
    var cases: [(Int, Int, Int)] = []
    for (start, end) in zip(sequences.starts, sequences.starts.dropFirst()) where end - start > 1 {
      for hidden in start..<end { cases.append((start, hidden, end)) }
    }
    self.cases = cases
    self.sequences = sequences
    self.historyLength = historyLength
  }

  var count: Int { cases.count }

  func batch(_ indices: [Int]) -> Batch {
    let histories = indices.map { index -> [Int32] in
      let (start, hidden, end) = cases[index]
      // The window of the history that holds the hidden item in its middle.
      let first = max(start, min(hidden - historyLength / 2, end - historyLength - 1))
      let last = min(end, first + historyLength + 1)
      return (first..<last).filter { $0 != hidden }.map { sequences.items[$0] }
    }
    let length = max(1, histories.map(\.count).max() ?? 1)
    var items = [Int64](repeating: 0, count: indices.count * length)
    var weights = [Float](repeating: 0, count: indices.count * length)
    for (row, history) in histories.enumerated() {
      for (step, item) in history.enumerated() {
        items[row * length + step] = Int64(item)
        weights[row * length + step] = 1 / Float(history.count)
      }
    }
    return Batch(
      items: items, weights: weights, length: length,
      targets: indices.map { sequences.items[cases[$0].hidden] })
  }
}

/// The network of `TwoTower`.
struct TwoTowerNetwork: Layer {
  let items: Embedding
  let first: Linear
  let second: Linear
  let dropout: Dropout

  init(_ configuration: TwoTower.Configuration, items: Int, _ random: inout RandomSource) throws {
    let size = configuration.embeddingSize
    self.items = try Embedding(
      count: items, size: size, initialization: .normal(deviation: 0.1), random: &random)
    first = try Linear(inputs: size, outputs: configuration.hiddenSize, random: &random)
    second = try Linear(inputs: configuration.hiddenSize, outputs: size, random: &random)
    dropout = try Dropout(configuration.dropout)
  }

  func customers(_ batch: HiddenItemCases.Batch, _ noise: NoiseSource?) throws -> Tensor {
    let rows = batch.targets.count
    let vectors = try items(Tensor(batch.items, shape: [rows, batch.length]))
    let weights = try Tensor(batch.weights, shape: [rows, batch.length, 1])
    let mean = try dropout((vectors * weights).sum(along: 1), noise)
    // What the network adds to the mean: at the start a customer's vector is close to it.
    return try mean + second(dropout(first(mean).relu(), noise))
  }

  var parameters: Parameters {
    var all = Parameters()
    all.add("items", items.parameters)
    all.add("first", first.parameters)
    all.add("second", second.parameters)
    return all
  }

  /// The shapes of the parameters of a network with these settings.
  static func shapes(_ configuration: TwoTower.Configuration, items: Int) -> [(name: String, shape: [Int])] {
    let (size, hidden) = (configuration.embeddingSize, configuration.hiddenSize)
    return [
      ("items.weight", [items, size]), ("first.weight", [hidden, size]), ("first.bias", [hidden]),
      ("second.weight", [size, hidden]), ("second.bias", [size]),
    ]
  }
}

/// What `TwoTower` learned: the items' vectors and the customers' network. Predicts without libtorch.
public struct TwoTowerModel: Recommender, VectorRecommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public var configuration: TwoTower.Configuration { learned.configuration }
  /// The items known to the model.
  public var items: Vocabulary { learned.items }
  private let learned: LearnedNetwork<TwoTower.Configuration>
  private var network: Checkpoint { learned.network }

  /// How popular each item is.
  public var popularity: [Float] { learned.counts }

  var itemVectors: [Float] { network.values("items.weight") }
  var vectorSize: Int { configuration.embeddingSize }

  init(_ configuration: TwoTower.Configuration, items: Vocabulary, popularity: [Float], network: Checkpoint) {
    learned = LearnedNetwork(configuration, items: items, popularity: popularity, network: network)
  }

  func read(_ history: CodedHistory) -> [Int32] { latest(history, configuration.historyLength) }

  func encode(_ histories: [[Int32]]) -> [Float] {
    let size = vectorSize
    let vectors = itemVectors
    var means = [Float](repeating: 0, count: histories.count * size)
    for (row, history) in histories.enumerated() {
      for item in history {
        for index in 0..<size {
          means[row * size + index] += vectors[Int(item) * size + index] / Float(history.count)
        }
      }
    }
    var inner = Forward.linear(
      means, rows: histories.count, weight: network.values("first.weight"),
      bias: network.values("first.bias"), outputs: configuration.hiddenSize)
    Forward.relu(&inner)
    let added = Forward.linear(
      inner, rows: histories.count, weight: network.values("second.weight"),
      bias: network.values("second.bias"), outputs: size)
    return zip(means, added).map { $0 + $1 }
  }
}

extension TwoTowerModel {
  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    learned = try LearnedNetwork(from: decoder)
    try configuration.validate()
    try learned.require(TwoTowerNetwork.shapes(configuration, items: items.count))
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws { try learned.encode(to: encoder) }
}
