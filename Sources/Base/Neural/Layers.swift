import CTorch
import MathKernels

/// y = x · Wᵀ + b over the last dimension.
///
/// ```swift
/// var random = RandomSource(seed: 1)
/// let layer = try Linear(inputs: 4, outputs: 2, random: &random)
/// let y = try layer(Tensor(repeating: 1, shape: [3, 4]))   // shape [3, 2]
/// ```
public struct Linear: Layer {
  /// W: outputs × inputs.
  public let weight: Tensor
  /// b: one number an output; nil for a product alone.
  public let bias: Tensor?

  /// A layer with random weights and, unless left out, a bias of zero.
  public init(
    inputs: Int, outputs: Int, bias: Bool = true, initialization: Initialization? = nil,
    random: inout RandomSource
  ) throws {
    let start = initialization ?? .glorot(inputs: inputs, outputs: outputs)
    weight = try start.parameter([outputs, inputs], &random)
    self.bias = bias ? try Initialization.zeros.parameter([outputs], &random) : nil
  }

  /// Applies the layer.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try input.linear(weight, bias: bias)
  }

  /// Weight and bias.
  public var parameters: Parameters {
    Parameters([("weight", weight)] + (bias.map { [("bias", $0)] } ?? []))
  }
}

/// A vector for each of a fixed number of indices.
public struct Embedding: Layer {
  /// The vectors: count × size.
  public let weight: Tensor

  /// Random vectors.
  public init(
    count: Int, size: Int, initialization: Initialization = .normal(deviation: 0.02),
    random: inout RandomSource
  ) throws {
    weight = try initialization.parameter([count, size], &random)
  }

  /// The vectors of these indices, a new last dimension.
  ///
  /// - Throws: `NeuralError.operationFailed` when an index is not among the vectors.
  public func callAsFunction(_ index: Tensor) throws -> Tensor {
    try weight.rows(at: index)
  }

  /// The vectors.
  public var parameters: Parameters { Parameters([("weight", weight)]) }
}

/// Brings the last dimension to mean zero and variance one, then scales and shifts it.
///
/// Source: Ba, Kiros and Hinton (2016), https://arxiv.org/abs/1607.06450
public struct LayerNorm: Layer {
  /// The scale.
  public let weight: Tensor
  /// The shift.
  public let bias: Tensor
  /// Added to the variance.
  public let epsilon: Double

  /// A norm over `size` numbers.
  public init(size: Int, epsilon: Double = 1e-8) throws {
    // No random number is drawn for constants.
    var random = RandomSource(seed: 0)
    weight = try Initialization.ones.parameter([size], &random)
    bias = try Initialization.zeros.parameter([size], &random)
    self.epsilon = epsilon
  }

  /// Applies the norm.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try Tensor.make("layerNorm") {
      $0.pointee.layer_norm(
        input.handle, Int64(weight.shape[0]), weight.handle, bias.handle, epsilon, &$1)
    }
  }

  /// Scale and shift.
  public var parameters: Parameters { Parameters([("weight", weight), ("bias", bias)]) }
}

/// Sets a share of the numbers to zero while training, and scales up the others.
///
/// Source: Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html
public struct Dropout: Sendable {
  /// The share that is set to zero.
  public let rate: Double

  /// Dropout of this share, from 0 (included) to 1 (excluded).
  ///
  /// - Throws: `NeuralError.invalidParameter`.
  public init(_ rate: Double) throws {
    guard (0..<1).contains(rate) else {
      throw NeuralError.invalidParameter(
        name: "dropout", value: "\(rate)", expected: "a number from 0 to below 1")
    }
    self.rate = rate
  }

  /// Applies dropout with this noise; without noise, when not training, gives its input back.
  public func callAsFunction(_ input: Tensor, _ noise: NoiseSource?) throws -> Tensor {
    guard let noise, rate > 0 else { return input }
    return try input * (noise.bernoulli(like: input, probability: 1 - rate) * (1 / (1 - rate)))
  }
}

extension Tensor {
  /// This · weightᵀ + bias over the last dimension; `weight` is outputs × inputs.
  public func linear(_ weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
    try Tensor.make("linear") { $0.pointee.linear(handle, weight.handle, bias?.handle, &$1) }
  }
}

extension Tensor {
  /// Rows of a matrix by index, a new last dimension; the gradient of a row is the sum over its uses.
  ///
  /// - Throws: `NeuralError.operationFailed` when an index is not a row.
  public func rows(at index: Tensor) throws -> Tensor {
    try Tensor.make("rows") { $0.pointee.embedding(handle, index.handle, -1, &$1) }
  }
}
