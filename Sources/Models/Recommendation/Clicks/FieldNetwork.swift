import Foundation
import Learning
import MathKernels
import Neural

/// The network of `FactorizationMachine` and `DeepFM`.
struct FieldNetwork: Layer {
  let bias: Tensor
  let weights: Embedding
  let vectors: Embedding
  let hidden: [Linear]
  let output: Linear?
  let dropout: Dropout
  let widths: [Int]

  init(_ configuration: FieldNetworkConfiguration, _ encoder: FieldEncoder, _ random: inout RandomSource)
    throws
  {
    let size = configuration.embeddingSize
    bias = try Initialization.zeros.parameter([1], &random)
    weights = try Embedding(
      count: encoder.featureCount, size: 1, initialization: .normal(deviation: 0.01), random: &random)
    vectors = try Embedding(
      count: encoder.featureCount, size: size, initialization: .normal(deviation: 0.05), random: &random)
    var hidden: [Linear] = []
    var inputs = encoder.fields.count * size
    for outputs in configuration.hiddenSizes {
      hidden.append(try Linear(inputs: inputs, outputs: outputs, random: &random))
      inputs = outputs
    }
    self.hidden = hidden
    output = hidden.isEmpty ? nil : try Linear(inputs: inputs, outputs: 1, random: &random)
    dropout = try Dropout(configuration.dropout)
    widths = encoder.widths
  }

  /// The logits of cases whose features lie one after the other.
  func logits(_ encoded: FieldEncoder.Encoded, count: Int, _ noise: NoiseSource?) throws -> Tensor {
    let width = widths.reduce(0, +)
    let features = try Tensor(encoded.features, shape: [count, width])
    let values = try Tensor(encoded.values, shape: [count, width, 1])
    let linear = try (weights(features) * values).sum(along: 1)
    let scaled = try vectors(features) * values
    let sum = try scaled.sum(along: 1)
    let pairs = try (sum * sum - (scaled * scaled).sum(along: 1)).sum(along: 1, keepingDimension: true) * 0.5
    var logit = try linear + pairs + bias
    if let output { logit = try logit + deep(scaled, output, noise) }
    return try logit.reshaped([count])
  }

  private func deep(_ scaled: Tensor, _ output: Linear, _ noise: NoiseSource?) throws -> Tensor {
    var fields: [Tensor] = []
    var start = 0
    for width in widths {
      fields.append(try scaled.slice(start..<start + width, along: 1).sum(along: 1))
      start += width
    }
    var state = try Tensor.concatenated(fields, along: 1)
    for layer in hidden { state = try dropout(layer(state).relu(), noise) }
    return try output(state)
  }

  var parameters: Parameters {
    var all = Parameters([("bias", bias)])
    all.add("weights", weights.parameters)
    all.add("vectors", vectors.parameters)
    for (index, layer) in hidden.enumerated() { all.add("hidden.\(index)", layer.parameters) }
    if let output { all.add("output", output.parameters) }
    return all
  }

  /// The shapes of the parameters of a network with these settings.
  static func shapes(
    _ configuration: FieldNetworkConfiguration, _ encoder: FieldEncoder
  ) -> [(name: String, shape: [Int])] {
    var all: [(name: String, shape: [Int])] = [
      ("bias", [1]), ("weights.weight", [encoder.featureCount, 1]),
      ("vectors.weight", [encoder.featureCount, configuration.embeddingSize]),
    ]
    var inputs = encoder.fields.count * configuration.embeddingSize
    for (index, outputs) in configuration.hiddenSizes.enumerated() {
      all += [("hidden.\(index).weight", [outputs, inputs]), ("hidden.\(index).bias", [outputs])]
      inputs = outputs
    }
    if !configuration.hiddenSizes.isEmpty { all += [("output.weight", [1, inputs]), ("output.bias", [1])] }
    return all
  }
}

/// Trains a `FieldNetwork`.
struct FieldNetworkTrainer {
  let configuration: FieldNetworkConfiguration

  init(_ configuration: FieldNetworkConfiguration) { self.configuration = configuration }

  func fit(_ data: ClickDataset, _ context: FitContext) throws -> FieldNetworkModel {
    try configuration.validate()
    try data.validate()
    try context.checkpoint(step: 0, of: configuration.epochs)
    let encoder = FieldEncoder(data.training, minimumCount: configuration.minimumCount)
    let encoded = encoder.encode(data.training.rows)
    var random = RandomSource(seed: context.seed)
    let network = try FieldNetwork(configuration, encoder, &random)
    let noise = try NoiseSource(seed: context.seed)
    let held = data.validation.flatMap { $0.count > 0 ? $0 : nil }
    func model(_ calibration: LogitCalibration) throws -> FieldNetworkModel {
      FieldNetworkModel(configuration, encoder, network: try Checkpoint(network.parameters), calibration)
    }
    let labels = data.training.labels
    let width = encoder.width
    var order: [[Int]] = []
    let trainer = Trainer(
      .init(
        epochs: configuration.epochs, patience: configuration.patience,
        optimizer: .init(
          learningRate: configuration.learningRate, weightDecay: configuration.regularization)))
    _ = try trainer.train(
      network.parameters,
      batches: (labels.count + configuration.batchSize - 1) / configuration.batchSize, context: context,
      loss: { epoch, batch in
        if batch == 0 {
          order =
            Batches(
              count: labels.count, size: configuration.batchSize, seed: context.seed, epoch: epoch
            ).batches
        }
        let rows = order[batch]
        let part = FieldEncoder.Encoded(
          features: rows.flatMap { encoded.features[$0 * width..<($0 + 1) * width] },
          values: rows.flatMap { encoded.values[$0 * width..<($0 + 1) * width] })
        return try Losses.binaryCrossEntropy(
          network.logits(part, count: rows.count, noise),
          target: Tensor(rows.map { labels[$0] ? Float(1) : 0 }, shape: [rows.count]))
      },
      validation: held.map { held in { try model(.none).logits(held.rows).area(held.labels) } })
    let fitted = try model(.none)
    guard let held else { return fitted }
    return try model(LogitCalibration(logits: fitted.logits(held.rows), labels: held.labels))
  }
}

/// What `FactorizationMachine` or `DeepFM` learned. Predicts without libtorch.
public struct FieldNetworkModel: ClickModel {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: FieldNetworkConfiguration
  /// How logits become probabilities.
  public let calibration: LogitCalibration
  private let encoder: FieldEncoder
  private let network: Checkpoint

  /// The fields it reads.
  public var fields: [String] { encoder.fields }

  init(
    _ configuration: FieldNetworkConfiguration, _ encoder: FieldEncoder, network: Checkpoint,
    _ calibration: LogitCalibration
  ) {
    self.configuration = configuration
    self.encoder = encoder
    self.network = network
    self.calibration = calibration
  }

  /// The weighted sums, the products of pairs and, where there is one, the deep network's output added up.
  public func logits(_ rows: [[FieldValue]]) -> [Double] {
    let encoded = encoder.encode(rows)
    let size = configuration.embeddingSize
    let (weights, vectors) = (network.values("weights.weight"), network.values("vectors.weight"))
    let bias = network.values("bias")[0]
    var fields = [Float](repeating: 0, count: rows.count * encoder.fields.count * size)
    var logits = [Float](repeating: bias, count: rows.count)
    var sum = [Float](repeating: 0, count: size)
    for row in rows.indices {
      var place = row * encoder.width
      var squares: Float = 0
      for index in 0..<size { sum[index] = 0 }
      for (field, width) in encoder.widths.enumerated() {
        let base = (row * encoder.fields.count + field) * size
        for entry in place..<place + width where encoded.features[entry] != 0 {
          let (feature, value) = (Int(encoded.features[entry]), encoded.values[entry])
          logits[row] += weights[feature] * value
          for index in 0..<size {
            let number = vectors[feature * size + index] * value
            sum[index] += number
            squares += number * number
            fields[base + index] += number
          }
        }
        place += width
      }
      logits[row] += 0.5 * (sum.reduce(0) { $0 + $1 * $1 } - squares)
    }
    for (row, deep) in deepPart(fields, rows.count).enumerated() { logits[row] += deep }
    return logits.map(Double.init)
  }

  private func deepPart(_ fields: [Float], _ rows: Int) -> [Float] {
    guard !configuration.hiddenSizes.isEmpty else { return [] }
    var state = fields
    for (index, outputs) in configuration.hiddenSizes.enumerated() {
      state = Forward.linear(
        state, rows: rows, weight: network.values("hidden.\(index).weight"),
        bias: network.values("hidden.\(index).bias"), outputs: outputs)
      Forward.relu(&state)
    }
    return Forward.linear(
      state, rows: rows, weight: network.values("output.weight"), bias: network.values("output.bias"),
      outputs: 1)
  }
}

extension FieldNetworkModel {
  private enum CodingKeys: String, CodingKey { case configuration, calibration, encoder, network }

  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try container.decode(FieldNetworkConfiguration.self, forKey: .configuration)
    calibration = try container.decode(LogitCalibration.self, forKey: .calibration)
    encoder = try container.decode(FieldEncoder.self, forKey: .encoder)
    network = try container.decode(Checkpoint.self, forKey: .network)
    try configuration.validate()
    try network.requireShapes(FieldNetwork.shapes(configuration, encoder))
  }
}
