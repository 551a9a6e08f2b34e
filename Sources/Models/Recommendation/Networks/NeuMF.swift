import Commerce
import Foundation
import Learning
import MathKernels
import Neural

/// Recommends by a network that scores pairs of customer and item: neural matrix factorisation.
///
/// ```swift
/// let model = try await NeuMF().fit(interactions, context: FitContext())
/// model.recommend(for: ["tent", "sleeping bag"], count: 10)
/// ```
/// The score is the sum of a weighted product of two vectors and of a deep network over two others. Each interaction is
/// learned as a yes, together with `negatives` random items as a no. The order of a history does not count; weights are not
/// used, except that interactions of zero or less are left out. Training runs on libtorch; the learned model predicts
/// without it.
///
/// Source: He et al. (2017), https://doi.org/10.1145/3038912.3052569. Unlike the paper, a customer is the mean of the vectors
/// of what they had instead of a vector of their own, so that new customers and new events need no new training; an
/// interaction that is learned is left out of that mean.
///
/// - Complexity: O(interactions · negatives · (historyLength · size + size · hidden)) an epoch;
///   O(items · hidden²) for a prediction.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions,
///   `NeuralError.libraryUnavailable` without libtorch, `CancellationError`.
public struct NeuMF: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers describe a customer or an item, in the product and in the network each.
    public var embeddingSize: Int
    /// The sizes of the deep network's layers; at least one.
    public var hiddenSizes: [Int]
    /// The share of numbers set to zero in the deep network while training.
    public var dropout: Double
    /// How many of the latest items are read.
    public var historyLength: Int
    /// How many random items are learned as a no for each yes.
    public var negatives: Int
    /// How often all interactions are learned from.
    public var epochs: Int
    /// How many yes cases a step learns from.
    public var batchSize: Int
    /// The size of Adam's steps.
    public var learningRate: Double

    /// The defaults suit some hundred thousand interactions.
    public init(
      embeddingSize: Int = 32, hiddenSizes: [Int] = [64, 32], dropout: Double = 0.2, historyLength: Int = 100,
      negatives: Int = 4, epochs: Int = 20, batchSize: Int = 512, learningRate: Double = 1e-3
    ) {
      self.embeddingSize = embeddingSize
      self.hiddenSizes = hiddenSizes
      self.dropout = dropout
      self.historyLength = historyLength
      self.negatives = negatives
      self.epochs = epochs
      self.batchSize = batchSize
      self.learningRate = learningRate
    }

    func validate() throws {
      try Settings.require("embeddingSize", Double(embeddingSize), 1...4096)
      try Settings.require("hiddenSizes", Double(hiddenSizes.count), 1...16)
      for size in hiddenSizes { try Settings.require("hiddenSizes", Double(size), 1...65_536) }
      try Settings.require("dropout", dropout, 0...0.99)
      try Settings.require("historyLength", Double(historyLength), 1...10_000)
      try Settings.require("negatives", Double(negatives), 1...1000)
      try Settings.require("epochs", Double(epochs), 1...100_000)
      try Settings.require("batchSize", Double(batchSize), 1...100_000)
      try Settings.require("learningRate", learningRate, 1e-8...1)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Trains the network.
  public func fit(_ data: Interactions, context: FitContext) async throws -> NeuMFModel {
    try configuration.validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: configuration.epochs)
    var random = RandomSource(seed: context.seed)
    let network = try NeuMFNetwork(configuration, items: data.items.count, &random)
    let cases = HiddenItemCases(PositiveSequences(data), historyLength: configuration.historyLength)
    let noise = try NoiseSource(seed: context.seed)
    var batches: [[Int]] = []
    let trainer = Trainer(
      .init(epochs: configuration.epochs, optimizer: .init(learningRate: configuration.learningRate)))
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
        let part = cases.batch(batches[batch])
        let width = 1 + configuration.negatives
        var items: [Int64] = []
        var labels: [Float] = []
        for target in part.targets {
          items.append(Int64(target))
          labels.append(1)
          for _ in 0..<configuration.negatives {
            items.append(Int64(random.index(below: data.items.count)))
            labels.append(0)
          }
        }
        let shape = [part.targets.count, width]
        let logits = try network.logits(part, Tensor(items, shape: shape), noise)
        return try Losses.binaryCrossEntropy(logits, target: Tensor(labels, shape: shape))
      })
    return NeuMFModel(
      configuration, items: data.items, popularity: Popularity.scores(data),
      network: try Checkpoint(network.parameters))
  }
}

/// The network of `NeuMF`.
struct NeuMFNetwork: Layer {
  let product: Embedding
  let deep: Embedding
  let bias: Embedding
  let hidden: [Linear]
  let output: Linear
  let dropout: Dropout

  init(_ configuration: NeuMF.Configuration, items: Int, _ random: inout RandomSource) throws {
    let size = configuration.embeddingSize
    let start = Initialization.normal(deviation: 0.1)
    product = try Embedding(count: items, size: size, initialization: start, random: &random)
    deep = try Embedding(count: items, size: size, initialization: start, random: &random)
    bias = try Embedding(count: items, size: 1, initialization: .zeros, random: &random)
    var hidden: [Linear] = []
    var inputs = 2 * size
    for outputs in configuration.hiddenSizes {
      hidden.append(try Linear(inputs: inputs, outputs: outputs, random: &random))
      inputs = outputs
    }
    self.hidden = hidden
    // What mixes the product and the network: one weight for each number of both.
    output = try Linear(
      inputs: size + inputs, outputs: 1, bias: false, initialization: .uniform(limit: 1), random: &random)
    dropout = try Dropout(configuration.dropout)
  }

  /// The logits of cases × items.
  func logits(_ batch: HiddenItemCases.Batch, _ items: Tensor, _ noise: NoiseSource?) throws -> Tensor {
    let (rows, width, size) = (batch.targets.count, items.shape[1], product.weight.shape[1])
    let history = try Tensor(batch.items, shape: [rows, batch.length])
    let weights = try Tensor(batch.weights, shape: [rows, batch.length, 1])
    func customer(_ vectors: Embedding) throws -> Tensor {
      try (vectors(history) * weights).sum(along: 1, keepingDimension: true)
    }
    let shared = try customer(product) * product(items)
    // Repeats each customer for each of the items.
    let ones = try Tensor(repeating: 1, shape: [rows, width, size])
    var state = try Tensor.concatenated([customer(deep) * ones, deep(items)], along: 2)
    for layer in hidden { state = try dropout(layer(state).relu(), noise) }
    let mixed = try output(Tensor.concatenated([shared, state], along: 2))
    return try (mixed + bias(items)).reshaped([rows, width])
  }

  var parameters: Parameters {
    var all = Parameters()
    all.add("product", product.parameters)
    all.add("deep", deep.parameters)
    all.add("bias", bias.parameters)
    for (index, layer) in hidden.enumerated() { all.add("hidden.\(index)", layer.parameters) }
    all.add("output", output.parameters)
    return all
  }

  /// The shapes of the parameters of a network with these settings.
  static func shapes(_ configuration: NeuMF.Configuration, items: Int) -> [(name: String, shape: [Int])] {
    let size = configuration.embeddingSize
    var all: [(name: String, shape: [Int])] = [
      ("product.weight", [items, size]), ("deep.weight", [items, size]), ("bias.weight", [items, 1]),
    ]
    var inputs = 2 * size
    for (index, outputs) in configuration.hiddenSizes.enumerated() {
      all += [("hidden.\(index).weight", [outputs, inputs]), ("hidden.\(index).bias", [outputs])]
      inputs = outputs
    }
    return all + [("output.weight", [1, size + inputs])]
  }
}
