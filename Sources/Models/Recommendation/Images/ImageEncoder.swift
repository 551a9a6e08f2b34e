import Learning
import MathKernels
import Neural

/// Pictures to learn from, and pictures that decide when to stop.
public struct ImageDataset: Sendable {
  /// What is learned from.
  public var training: ImageSet
  /// What decides when to stop; without it all epochs are trained.
  public var validation: ImageSet?

  /// Pictures of one size.
  public init(training: ImageSet, validation: ImageSet? = nil) {
    self.training = training
    self.validation = validation
  }
}

/// Learns to tell what pictures show, and so to give a picture a vector that is near those of pictures that show the like.
///
/// ```swift
/// let images = try IDXFile.read(images: "images.idx3.gz", labels: "labels.idx1.gz")
/// let model = try await ImageEncoder().fit(ImageDataset(training: images), context: FitContext(seed: 7))
/// let vectors = model.vectors(of: images)   // 64 numbers a picture
/// ```
/// A small convolutional network: blocks of 3 × 3 filters, the positive part, and the largest of each 2 × 2; then a layer of
/// `embeddingSize` positive numbers, the picture's vector, from which the classes are told. Training runs on libtorch; the
/// learned model works without it. The vectors go well with `VectorSimilarity`.
///
/// Source: LeCun, Bottou, Bengio and Haffner (1998), https://doi.org/10.1109/5.726791, with rectifiers (Nair and Hinton 2010,
/// https://icml.cc/Conferences/2010/papers/432.pdf), dropout and Adam; the last layer but one as a picture's vector:
/// Donahue et al. (2014), https://proceedings.mlr.press/v32/donahue14.html.
///
/// - Complexity: O(pictures · height · width · Σ over blocks of inputs · outputs / 4ᵇ) an epoch.
/// - Throws: `LearningError.invalidParameter` for settings outside their range or pictures of different sizes, `notEnoughData`
///   without pictures of two classes, `NeuralError.libraryUnavailable` without libtorch, `CancellationError`.
public struct ImageEncoder: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many filters each block has.
    public var filters: [Int]
    /// How many numbers describe a picture.
    public var embeddingSize: Int
    /// The share of numbers set to zero while training, before the vector and after it.
    public var dropout: Double
    /// How often all pictures are learned from at most.
    public var epochs: Int
    /// Epochs without a better accuracy on validation before training stops.
    public var patience: Int
    /// How many pictures a step learns from.
    public var batchSize: Int
    /// The size of Adam's steps.
    public var learningRate: Double

    /// The defaults suit some ten thousand small pictures.
    public init(
      filters: [Int] = [24, 48], embeddingSize: Int = 64, dropout: Double = 0.2, epochs: Int = 10,
      patience: Int = 3,
      batchSize: Int = 128, learningRate: Double = 1e-3
    ) {
      self.filters = filters
      self.embeddingSize = embeddingSize
      self.dropout = dropout
      self.epochs = epochs
      self.patience = patience
      self.batchSize = batchSize
      self.learningRate = learningRate
    }

    func validate() throws {
      try SettingCheck.require("filters", filters.count, 1...8)
      for count in filters { try SettingCheck.require("filters", count, 1...4096) }
      try SettingCheck.require("embeddingSize", embeddingSize, 1...4096)
      try SettingCheck.require("dropout", dropout, 0...0.99)
      try SettingCheck.require("epochs", epochs, 1...100_000)
      try SettingCheck.require("patience", patience, 1...100_000)
      try SettingCheck.require("batchSize", batchSize, 1...100_000)
      try SettingCheck.require("learningRate", learningRate, 1e-8...1)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Trains the network.
  public func fit(_ data: ImageDataset, context: FitContext) async throws -> ImageEncoderModel {
    let it = configuration
    try it.validate()
    let images = data.training
    let classes = max((images.labels.max() ?? -1), data.validation?.labels.max() ?? -1) + 1
    guard Set(images.labels).count > 1 else {
      throw LearningError.notEnoughData(needed: "pictures of two classes", found: "\(images.count) of one")
    }
    let plan = try ImagePlan(it, images, classes: classes)
    if let other = data.validation { try plan.require(other) }
    try context.checkpoint(step: 0, of: it.epochs)
    var random = RandomSource(seed: context.seed)
    let network = try ImageNetwork(it, plan, &random)
    let scale = ImageScale(images)
    let noise = try NoiseSource(seed: context.seed)
    var batches: [[Int]] = []
    let trainer = Trainer(
      .init(
        epochs: it.epochs, patience: data.validation == nil ? nil : it.patience,
        optimizer: .init(learningRate: it.learningRate)))
    let held = data.validation.flatMap { $0.count > 0 ? $0 : nil }
    _ = try trainer.train(
      network.parameters, batches: (images.count + it.batchSize - 1) / it.batchSize, context: context,
      loss: { epoch, batch in
        if batch == 0 {
          batches = Batches(count: images.count, size: it.batchSize, seed: context.seed, epoch: epoch).batches
        }
        let rows = batches[batch]
        let logits = try network.logits(plan.tensor(images, rows, scale), noise)
        return try Losses.crossEntropy(
          logits, target: Tensor(rows.map { Int64(images.labels[$0]) }, shape: [rows.count]))
      },
      validation: held.map { held in { try Self.accuracy(network, plan, held, scale) } })
    return ImageEncoderModel(it, plan, scale, network: try Checkpoint(network.parameters))
  }

  /// The share of pictures whose class is told right.
  private static func accuracy(
    _ network: ImageNetwork, _ plan: ImagePlan, _ images: ImageSet, _ scale: ImageScale
  ) throws -> Double {
    var right = 0
    for start in stride(from: 0, to: images.count, by: 500) {
      let rows = Array(start..<min(images.count, start + 500))
      let logits = try network.logits(plan.tensor(images, rows, scale), nil).floats()
      for (place, row) in rows.enumerated() {
        let own = logits[place * plan.classes..<(place + 1) * plan.classes]
        if own.indices.max(by: { own[$0] < own[$1] }) == place * plan.classes + images.labels[row] {
          right += 1
        }
      }
    }
    return Double(right) / Double(images.count)
  }
}

/// The sizes of a network for pictures of one size.
struct ImagePlan: Sendable, Codable, Equatable {
  let height: Int
  let width: Int
  let channels: Int
  let classes: Int
  /// How many numbers the last block gives.
  let flat: Int

  init(_ configuration: ImageEncoder.Configuration, _ images: ImageSet, classes: Int) throws {
    try self.init(
      configuration, height: images.height, width: images.width, channels: images.channels, classes: classes)
  }

  init(
    _ configuration: ImageEncoder.Configuration, height: Int, width: Int, channels: Int, classes: Int
  ) throws {
    let halvings = configuration.filters.count
    guard height >> halvings > 0, width >> halvings > 0 else {
      throw LearningError.invalidParameter(
        name: "filters", value: "\(halvings) blocks",
        expected: "few enough that pictures of \(height) × \(width) can be halved as often")
    }
    (self.height, self.width, self.channels, self.classes) = (height, width, channels, classes)
    flat = (configuration.filters.last ?? 0) * (height >> halvings) * (width >> halvings)
  }

  func require(_ images: ImageSet) throws {
    guard images.height == height, images.width == width, images.channels == channels else {
      throw LearningError.invalidParameter(
        name: "pictures", value: "\(images.height) × \(images.width) × \(images.channels)",
        expected: "\(height) × \(width) × \(channels), as the others")
    }
  }

  func tensor(_ images: ImageSet, _ rows: [Int], _ scale: ImageScale) throws -> Tensor {
    try Tensor(images.planes(rows, scale), shape: [rows.count, channels, height, width])
  }
}

/// The network of `ImageEncoder`.
struct ImageNetwork: Layer {
  let blocks: [Convolution2D]
  let embedding: Linear
  let output: Linear
  let dropout: Dropout
  let flat: Int

  init(_ configuration: ImageEncoder.Configuration, _ plan: ImagePlan, _ random: inout RandomSource) throws {
    var blocks: [Convolution2D] = []
    var inputs = plan.channels
    for filters in configuration.filters {
      blocks.append(
        try Convolution2D(inputs: inputs, outputs: filters, width: 3, padding: 1, random: &random))
      inputs = filters
    }
    self.blocks = blocks
    embedding = try Linear(inputs: plan.flat, outputs: configuration.embeddingSize, random: &random)
    output = try Linear(inputs: configuration.embeddingSize, outputs: plan.classes, random: &random)
    dropout = try Dropout(configuration.dropout)
    flat = plan.flat
  }

  func logits(_ images: Tensor, _ noise: NoiseSource?) throws -> Tensor {
    var state = images
    for block in blocks { state = try block(state).relu().maximumPooled(size: 2) }
    let vectors = try embedding(dropout(state.reshaped([-1, flat]), noise)).relu()
    return try output(dropout(vectors, noise))
  }

  var parameters: Parameters {
    var all = Parameters()
    for (index, block) in blocks.enumerated() { all.add("block.\(index)", block.parameters) }
    all.add("embedding", embedding.parameters)
    all.add("output", output.parameters)
    return all
  }

  /// The shapes of the parameters of a network with these settings.
  static func shapes(
    _ configuration: ImageEncoder.Configuration, _ plan: ImagePlan
  ) -> [(name: String, shape: [Int])] {
    var shapes: [(name: String, shape: [Int])] = []
    var inputs = plan.channels
    for (index, filters) in configuration.filters.enumerated() {
      shapes += [("block.\(index).weight", [filters, inputs, 3, 3]), ("block.\(index).bias", [filters])]
      inputs = filters
    }
    let size = configuration.embeddingSize
    return shapes + [
      ("embedding.weight", [size, plan.flat]), ("embedding.bias", [size]),
      ("output.weight", [plan.classes, size]),
      ("output.bias", [plan.classes]),
    ]
  }
}
