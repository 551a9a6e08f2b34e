import Foundation
import Learning
import MathKernels
import Neural

/// Predicts clicks by a weight for each feature and, for each pair of features, the product of their vectors.
///
/// ```swift
/// let dataset = ClickDataset(training: table, validation: held)
/// let model = try await FactorizationMachine(.init(embeddingSize: 16)).fit(dataset, context: FitContext())
/// try model.evaluate(test)["auc"]
/// ```
/// Pairs that were never seen together still get a weight, from what each of the two did with others. Training stops after
/// `patience` epochs without a better area under the ROC curve on the validation cases, and probabilities are calibrated on
/// them. Trains on libtorch; the model predicts without it.
///
/// Source: Rendle (2010), https://doi.org/10.1109/ICDM.2010.127
///
/// - Complexity: O(cases · features of a case · embeddingSize) an epoch.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without cases,
///   `NeuralError.libraryUnavailable` without libtorch, `CancellationError`.
public struct FactorizationMachine: Estimator {
  /// The settings.
  public var configuration: FieldNetworkConfiguration

  /// An estimator with these settings, whose hidden layers are not used.
  public init(_ configuration: FieldNetworkConfiguration = .init(hiddenSizes: [])) {
    self.configuration = configuration
    self.configuration.hiddenSizes = []
  }

  /// Trains the weights and vectors.
  public func fit(_ data: ClickDataset, context: FitContext) async throws -> FieldNetworkModel {
    try FieldNetworkTrainer(configuration).fit(data, context)
  }
}

/// Predicts clicks by a factorisation machine and, beside it, a deep network over the same vectors.
///
/// ```swift
/// let model = try await DeepFM(.init(hiddenSizes: [64, 32])).fit(dataset, context: FitContext())
/// ```
/// The logit is the sum of both. Everything else is as in `FactorizationMachine`.
///
/// Source: Guo et al. (2017), https://doi.org/10.24963/ijcai.2017/239. Unlike the paper, a field with several names is the
/// mean of their vectors, and a field of numbers a vector times the standardised number.
///
/// - Complexity: O(cases · (fields · embeddingSize · first hidden size + …)) an epoch.
/// - Throws: as `FactorizationMachine`.
public struct DeepFM: Estimator {
  /// The settings.
  public var configuration: FieldNetworkConfiguration

  /// An estimator with these settings.
  public init(_ configuration: FieldNetworkConfiguration = .init()) { self.configuration = configuration }

  /// Trains the network.
  public func fit(_ data: ClickDataset, context: FitContext) async throws -> FieldNetworkModel {
    guard !configuration.hiddenSizes.isEmpty else {
      throw LearningError.invalidParameter(name: "hiddenSizes", value: "[]", expected: "at least one layer")
    }
    return try FieldNetworkTrainer(configuration).fit(data, context)
  }
}

/// The settings of `FactorizationMachine` and `DeepFM`.
public struct FieldNetworkConfiguration: Sendable, Codable, Equatable {
  /// How many numbers describe a feature.
  public var embeddingSize: Int
  /// The sizes of the deep network's layers; none for a factorisation machine.
  public var hiddenSizes: [Int]
  /// The share of numbers set to zero in the deep network while training.
  public var dropout: Double
  /// How often all cases are learned from at most.
  public var epochs: Int
  /// Epochs without a better figure on validation before training stops.
  public var patience: Int
  /// How many cases a step learns from.
  public var batchSize: Int
  /// The size of Adam's steps.
  public var learningRate: Double
  /// The pull of weights and vectors towards zero, as a penalty.
  public var regularization: Double
  /// Names of fewer training cases than this count as missing.
  public var minimumCount: Int

  /// The defaults suit some hundred thousand cases.
  public init(
    embeddingSize: Int = 16, hiddenSizes: [Int] = [64, 32], dropout: Double = 0.2, epochs: Int = 50,
    patience: Int = 3, batchSize: Int = 1024, learningRate: Double = 1e-3, regularization: Double = 1e-5,
    minimumCount: Int = 1
  ) {
    self.embeddingSize = embeddingSize
    self.hiddenSizes = hiddenSizes
    self.dropout = dropout
    self.epochs = epochs
    self.patience = patience
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.regularization = regularization
    self.minimumCount = minimumCount
  }

  func validate() throws {
    try Settings.require("embeddingSize", Double(embeddingSize), 1...4096)
    for size in hiddenSizes { try Settings.require("hiddenSizes", Double(size), 1...65_536) }
    try Settings.require("dropout", dropout, 0...0.99)
    try Settings.require("epochs", Double(epochs), 1...100_000)
    try Settings.require("patience", Double(patience), 1...100_000)
    try Settings.require("batchSize", Double(batchSize), 1...1_000_000)
    try Settings.require("learningRate", learningRate, 1e-8...1)
    try Settings.require("regularization", regularization, 0...100)
    try Settings.require("minimumCount", Double(minimumCount), 1...1e9)
  }
}
