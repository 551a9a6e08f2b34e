import Foundation
import Learning
import MathKernels
import Neural

/// Predicts clicks by a weighted sum of features, learned case by case with FTRL-Proximal: sparse, and fast to update.
///
/// ```swift
/// let model = try await LogisticRegression().fit(ClickDataset(training: table), context: FitContext())
/// try model.probabilities([[.category("ann"), .category("tea"), .number(41)]])
/// ```
/// Each feature has a learning rate of its own that falls with what it has learned; a weight stays at exactly zero until it
/// has more than `sparsity` to say. With validation cases, training stops after `patience` epochs without a better log loss,
/// and probabilities are calibrated on them.
///
/// The symbols of the paper: α = learningRate, β = rateOffset, λ₁ = sparsity, λ₂ = regularization.
/// Source: McMahan et al. (2013), https://doi.org/10.1145/2487575.2488200
///
/// - Complexity: O(epochs · cases · features of a case).
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without cases.
public struct LogisticRegression: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How often all cases are learned from at most.
    public var epochs: Int
    /// Epochs without a better log loss on validation before training stops.
    public var patience: Int
    /// α: the size of the first steps.
    public var learningRate: Double
    /// β: how slowly the steps get smaller.
    public var rateOffset: Double
    /// λ₁: what a weight must have to say not to be zero.
    public var sparsity: Double
    /// λ₂: the pull of the weights towards zero.
    public var regularization: Double

    /// The defaults suit some hundred thousand cases.
    public init(
      epochs: Int = 30, patience: Int = 3, learningRate: Double = 0.1, rateOffset: Double = 1,
      sparsity: Double = 0, regularization: Double = 1
    ) {
      self.epochs = epochs
      self.patience = patience
      self.learningRate = learningRate
      self.rateOffset = rateOffset
      self.sparsity = sparsity
      self.regularization = regularization
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns the weights.
  public func fit(_ data: ClickDataset, context: FitContext) async throws -> LogisticRegressionModel {
    try validate()
    try data.validate()
    try context.checkpoint(step: 0, of: configuration.epochs)
    let encoder = FieldEncoder(data.training)
    let encoded = encoder.encode(data.training.rows)
    var state = FTRLState(configuration, count: encoder.featureCount)
    var best: (loss: Double, model: LogisticRegressionModel, epoch: Int)?
    var model = LogisticRegressionModel(configuration, encoder, weights: state.weights(), .none)
    for epoch in 1...configuration.epochs {
      let order = Batches(
        count: data.training.count, size: data.training.count, seed: context.seed, epoch: epoch)
      for row in order.batches.first ?? [] {
        if row % 4096 == 0 { try Task.checkCancellation() }
        let entries = row * encoder.width..<(row + 1) * encoder.width
        state.learn(
          encoded.features[entries], encoded.values[entries], label: data.training.labels[row] ? 1 : 0)
      }
      model = LogisticRegressionModel(configuration, encoder, weights: state.weights(), .none)
      var metrics: [String: Double] = [:]
      if let validation = data.validation, validation.count > 0 {
        let logits = model.logits(validation.rows)
        let loss = ClassificationMetrics.logLoss(
          predictions: logits.map(LogitCalibration.none.probability), labels: validation.labels)
        metrics["validation"] = loss
        if loss < best?.loss ?? .infinity {
          let calibration = LogitCalibration(logits: logits, labels: validation.labels)
          best = (
            loss, LogisticRegressionModel(configuration, encoder, weights: state.weights(), calibration),
            epoch
          )
        }
      }
      try context.checkpoint(step: epoch, of: configuration.epochs, metrics: metrics)
      if let best, epoch - best.epoch >= configuration.patience { break }
    }
    return best?.model ?? model
  }

  private func validate() throws {
    try Settings.require("epochs", Double(configuration.epochs), 1...100_000)
    try Settings.require("patience", Double(configuration.patience), 1...100_000)
    try Settings.require("learningRate", configuration.learningRate, 1e-8...100)
    try Settings.require("rateOffset", configuration.rateOffset, 1e-8...1e6)
    try Settings.require("sparsity", configuration.sparsity, 0...1e6)
    try Settings.require("regularization", configuration.regularization, 0...1e6)
  }
}

/// The sums that FTRL keeps for each feature.
private struct FTRLState {
  let configuration: LogisticRegression.Configuration
  // z and n of the paper; the last one is the bias.
  var linear: [Double]
  var squares: [Double]

  init(_ configuration: LogisticRegression.Configuration, count: Int) {
    self.configuration = configuration
    linear = [Double](repeating: 0, count: count + 1)
    squares = linear
  }

  func weight(_ feature: Int) -> Double {
    let z = linear[feature]
    guard abs(z) > configuration.sparsity else { return 0 }
    let rate = (configuration.rateOffset + squares[feature].squareRoot()) / configuration.learningRate
    return -(z - (z < 0 ? -1 : 1) * configuration.sparsity) / (rate + configuration.regularization)
  }

  func weights() -> [Float] { linear.indices.map { Float(weight($0)) } }

  mutating func learn(_ features: ArraySlice<Int64>, _ values: ArraySlice<Float>, label: Double) {
    let bias = linear.count - 1
    var logit = weight(bias)
    for (feature, value) in zip(features, values) where feature != 0 {
      logit += weight(Int(feature)) * Double(value)
    }
    let error = LogitCalibration.none.probability(logit) - label
    update(bias, error)
    for (feature, value) in zip(features, values) where feature != 0 {
      update(Int(feature), error * Double(value))
    }
  }

  private mutating func update(_ feature: Int, _ gradient: Double) {
    let before = squares[feature]
    let after = before + gradient * gradient
    let change = (after.squareRoot() - before.squareRoot()) / configuration.learningRate
    linear[feature] += gradient - change * weight(feature)
    squares[feature] = after
  }
}

/// What `LogisticRegression` learned: a weight for each feature.
public struct LogisticRegressionModel: ClickModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: LogisticRegression.Configuration
  /// How logits become probabilities.
  public let calibration: LogitCalibration
  private let encoder: FieldEncoder
  @Packed private var weights: [Float]

  /// The fields it reads.
  public var fields: [String] { encoder.fields }

  init(
    _ configuration: LogisticRegression.Configuration, _ encoder: FieldEncoder, weights: [Float],
    _ calibration: LogitCalibration
  ) {
    self.configuration = configuration
    self.encoder = encoder
    self.weights = weights
    self.calibration = calibration
  }

  /// The weighted sums.
  public func logits(_ rows: [[FieldValue]]) -> [Double] {
    let encoded = encoder.encode(rows)
    let bias = weights[weights.count - 1]
    return rows.indices.map { row in
      (row * encoder.width..<(row + 1) * encoder.width).reduce(Double(bias)) {
        $0 + Double(weights[Int(encoded.features[$1])] * encoded.values[$1])
      }
    }
  }

  /// The logit of a case taken apart into what each feature adds; exact.
  public func explain(_ row: [FieldValue]) -> Explanation {
    let encoded = encoder.encode([row])
    let parts = encoded.features.indices.filter { encoded.features[$0] != 0 }.map { place in
      Explanation.Contribution(
        feature: encoder.name(ofFeature: Int(encoded.features[place])), value: Double(encoded.values[place]),
        contribution: Double(weights[Int(encoded.features[place])] * encoded.values[place]))
    }
    let base = Double(weights[weights.count - 1])
    let logit = parts.reduce(base) { $0 + $1.contribution }
    return Explanation(
      base: base, contributions: parts,
      calibration: (calibration.slope - 1) * logit + calibration.offset, unit: "log-odds")
  }
}
