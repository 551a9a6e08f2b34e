import Features
import Foundation
import Learning
import MathKernels
import Neural

/// Learned fusion: a small network for each mode, and gates that say how much each mode counts in each number of the profile.
///
/// ```swift
/// let model = try await LearnedFusion(.init(width: 128)).fit(dataset, context: FitContext(seed: 7))
/// let vectors = try model.vectors(of: modes)       // customers × 128, also where modes are missing
/// ```
/// Each mode goes to a vector of the profile's width, straight and through a hidden layer, and through the hidden layer to a gate. For each number of the
/// profile the gates of the modes that are there become shares by softmax, and the profile is the sum of the modes' vectors by
/// these shares. A linear layer foretells from it which categories are bought within the window. While training, each
/// mode of each customer is left out at random, so that the profile holds when a mode is missing. Training stops when
/// the log-loss on the validation window no longer falls. Needs libtorch to be trained, not to be used.
///
/// Sources: gates after the gated multimodal unit of Arevalo et al. (2017), https://arxiv.org/abs/1702.01992, with
/// softmax over any number of modes instead of its sigmoids; leaving modes out after ModDrop, Neverova et al. (2016),
/// https://doi.org/10.1109/TPAMI.2015.2461544
/// - Complexity: O(epochs × rows × hiddenSize × (columns of all modes + width × modes) + epochs × rows × width × categories).
public struct LearnedFusion: ProfileFusion {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers a profile has.
    public var width: Int
    /// How many numbers the hidden layer of each mode has.
    public var hiddenSize: Int
    /// The most epochs.
    public var epochs: Int
    /// Epochs without a better validation figure before training stops.
    public var patience: Int
    /// How many rows a step takes.
    public var batchSize: Int
    /// The size of a step.
    public var learningRate: Double
    /// The pull of the weights towards zero.
    public var regularization: Double
    /// The share of hidden numbers left out while training.
    public var dropout: Double
    /// The share of modes left out while training.
    public var modalityDropout: Double
    /// 0 leaves columns their spread, 1 gives all columns of a block the same.
    public var whitening: Double

    /// Settings.
    public init(
      width: Int = 128, hiddenSize: Int = 128, epochs: Int = 40, patience: Int = 4, batchSize: Int = 256,
      learningRate: Double = 5e-4, regularization: Double = 0.02, dropout: Double = 0.3,
      modalityDropout: Double = 0.2, whitening: Double = 0.5
    ) {
      (self.width, self.hiddenSize) = (width, hiddenSize)
      (self.epochs, self.patience, self.batchSize) = (epochs, patience, batchSize)
      (self.learningRate, self.regularization) = (learningRate, regularization)
      (self.dropout, self.modalityDropout, self.whitening) = (dropout, modalityDropout, whitening)
    }

    func validate() throws {
      func require(_ holds: Bool, _ name: String, _ value: any CustomStringConvertible, _ expected: String)
        throws
      {
        guard holds else {
          throw NeedError.invalidParameter(name: name, value: value.description, expected: expected)
        }
      }
      try require((1...4096).contains(width), "width", width, "1 to 4096")
      try require((1...4096).contains(hiddenSize), "hiddenSize", hiddenSize, "1 to 4096")
      try require(epochs > 0, "epochs", epochs, "at least 1")
      try require(patience > 0, "patience", patience, "at least 1")
      try require(batchSize > 0, "batchSize", batchSize, "at least 1")
      try require(learningRate > 0 && learningRate < 1, "learningRate", learningRate, "above 0, below 1")
      try require((0..<1).contains(regularization), "regularization", regularization, "from 0 to below 1")
      try require((0..<1).contains(dropout), "dropout", dropout, "from 0 to below 1")
      try require((0..<1).contains(modalityDropout), "modalityDropout", modalityDropout, "from 0 to below 1")
      try require((0...1).contains(whitening), "whitening", whitening, "from 0 to 1")
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// The fusion with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// See `ProfileFusion`.
  public var name: String { "learned fusion" }

  /// Learns scales, layers and gates.
  ///
  /// - Throws: `NeedError.invalidParameter`, `NeedError.notEnoughData`, `NeuralError.libraryUnavailable`,
  ///   `NeuralError.diverged`, `CancellationError`.
  public func fit(_ data: ProfileDataset, context: FitContext) async throws -> LearnedFusionModel {
    let it = configuration
    try it.validate()
    try data.validate()
    ThreadPools.capBLASOnce()
    let scaler = try ModeScaler(data.training.map(\.modes), whitening: it.whitening)
    let rows = try FusionRows(data.training, scaler: scaler, categories: data.categories.count)
    let held = try FusionRows([data.validation], scaler: scaler, categories: data.categories.count)
    var random = RandomSource(seed: context.seed)
    let network = try FusionNetwork(it, scaler, categories: data.categories.count, &random)
    try network.output.bias?.assign(rows.logOdds())
    let noise = try NoiseSource(seed: context.seed)
    var batches: [[Int]] = []
    let trainer = Trainer(
      .init(
        epochs: it.epochs, patience: held.count > 0 ? it.patience : nil,
        optimizer: .init(
          learningRate: it.learningRate, weightDecay: it.regularization, decoupledDecay: true,
          gradientClip: 5)))
    _ = try trainer.train(
      network.parameters, batches: (rows.count + it.batchSize - 1) / it.batchSize, context: context,
      loss: { epoch, batch in
        if batch == 0 {
          batches = Batches(count: rows.count, size: it.batchSize, seed: context.seed, epoch: epoch).batches
        }
        let places = batches[batch]
        var dice = RandomSource(seed: context.seed, stream: UInt64(epoch) << 32 | UInt64(batch))
        let masks = rows.masks(places, leavingOut: it.modalityDropout, &dice)
        let logits = try network.logits(rows.inputs(places), masks: masks, noise)
        return try Losses.binaryCrossEntropy(
          logits, target: Tensor(rows.bought(places), shape: [places.count, rows.categories]))
      },
      validation: held.count > 0 ? { try -Self.logLoss(network, held) } : nil)
    return LearnedFusionModel(
      configuration: it, scaler: scaler, categories: data.categories,
      network: try Checkpoint(network.parameters))
  }

  private static func logLoss(_ network: FusionNetwork, _ rows: FusionRows) throws -> Double {
    var total = 0.0
    for start in stride(from: 0, to: rows.count, by: 512) {
      let places = Array(start..<min(rows.count, start + 512))
      var dice = RandomSource(seed: 0)
      let masks = rows.masks(places, leavingOut: 0, &dice)
      let logits = try network.logits(rows.inputs(places), masks: masks, nil).floats()
      total += PurchaseHead.logLoss(logits, rows.bought(places)) * Double(places.count)
    }
    return total / Double(rows.count)
  }
}
