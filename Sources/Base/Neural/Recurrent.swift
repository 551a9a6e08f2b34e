import CTorch
import MathKernels

/// The weights of a recurrent layer: for input and hidden state, `gates` blocks of `size` rows each.
struct RecurrentWeights {
  let input: Tensor
  let hidden: Tensor
  let inputBias: Tensor
  let hiddenBias: Tensor

  init(inputs: Int, size: Int, gates: Int, _ random: inout RandomSource) throws {
    let start = Initialization.uniform(limit: 1 / Double(max(1, size)).squareRoot())
    input = try start.parameter([gates * size, inputs], &random)
    hidden = try start.parameter([gates * size, size], &random)
    inputBias = try start.parameter([gates * size], &random)
    hiddenBias = try start.parameter([gates * size], &random)
  }

  var parameters: Parameters {
    Parameters([
      ("input", input), ("hidden", hidden), ("inputBias", inputBias), ("hiddenBias", hiddenBias),
    ])
  }

  var handles: [OpaquePointer?] { [input.handle, hidden.handle, inputBias.handle, hiddenBias.handle] }
}

/// A gated recurrent unit: reads batch × time × inputs, gives its state after each step, batch × time × size.
///
/// The gates lie in the order reset, update, new; the reset gate acts after the product with the state, as in cuDNN.
/// Source: Cho et al. (2014), https://arxiv.org/abs/1406.1078
public struct GRU: Layer {
  let weights: RecurrentWeights

  /// A layer with random weights.
  public init(inputs: Int, size: Int, random: inout RandomSource) throws {
    weights = try RecurrentWeights(inputs: inputs, size: size, gates: 3, &random)
  }

  /// The states, from a first state of zeros.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try Tensor.make("gru") { $0.pointee.gru(input.handle, weights.handles, &$1) }
  }

  /// Weights and biases.
  public var parameters: Parameters { weights.parameters }
}

/// Long short-term memory: reads batch × time × inputs, gives its output after each step, batch × time × size.
///
/// The gates lie in the order input, forget, cell, output.
/// Source: Hochreiter and Schmidhuber (1997), https://doi.org/10.1162/neco.1997.9.8.1735
public struct LSTM: Layer {
  let weights: RecurrentWeights

  /// A layer with random weights.
  public init(inputs: Int, size: Int, random: inout RandomSource) throws {
    weights = try RecurrentWeights(inputs: inputs, size: size, gates: 4, &random)
  }

  /// The outputs, from first states of zeros.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try Tensor.make("lstm") { $0.pointee.lstm(input.handle, weights.handles, &$1) }
  }

  /// Weights and biases.
  public var parameters: Parameters { weights.parameters }
}
