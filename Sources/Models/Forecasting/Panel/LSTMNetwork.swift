import Foundation
import Learning
import MathKernels
import Neural

/// The network of `LSTMForecaster` while it is trained.
struct LSTMNetwork {
  private let memory: LSTM
  private let hidden: Linear
  private let output: Linear

  /// The most the logarithm of an expected value over its level may be.
  static let limit = 6.0

  init(inputs: Int, columns: Int, size: Int, random: inout RandomSource) throws {
    memory = try LSTM(inputs: inputs, size: size, random: &random)
    hidden = try Linear(inputs: size + columns, outputs: 2 * size, random: &random)
    output = try Linear(inputs: 2 * size, outputs: 1, random: &random)
  }

  var parameters: Parameters {
    var all = Parameters()
    all.add("memory", memory.parameters)
    all.add("hidden", hidden.parameters)
    all.add("output", output.parameters)
    return all
  }

  /// The shapes of the parameters.
  static func shapes(inputs: Int, columns: Int, size: Int) -> [(name: String, shape: [Int])] {
    [
      ("memory.input", [4 * size, inputs]), ("memory.hidden", [4 * size, size]),
      ("memory.inputBias", [4 * size]), ("memory.hiddenBias", [4 * size]),
      ("hidden.weight", [2 * size, size + columns]), ("hidden.bias", [2 * size]),
      ("output.weight", [1, 2 * size]), ("output.bias", [1]),
    ]
  }

  /// The loss of windows; nil where none of them has a value.
  func loss(_ windows: LSTMWindows, _ chosen: [Int]) throws -> Tensor? {
    let (history, span) = (windows.configuration.history, windows.configuration.span)
    func gather(_ from: [Float], _ width: Int) -> [Float] {
      var rows: [Float] = []
      rows.reserveCapacity(chosen.count * width)
      for window in chosen { rows += from[window * width..<(window + 1) * width] }
      return rows
    }
    let weights = gather(windows.weights, span)
    let total = weights.reduce(0, +)
    guard total > 0 else { return nil }
    let size = windows.configuration.size
    let read = try Tensor(
      gather(windows.read, history * windows.inputs), shape: [chosen.count, history, windows.inputs])
    let state = try memory(read).slice(history - 1..<history, along: 1).reshaped([chosen.count, size])
    let owners = chosen.indices.flatMap { [Int64](repeating: Int64($0), count: span) }
    let repeated = try state.selecting(Tensor(owners, shape: [owners.count]), along: 0)
    let ahead = try Tensor(
      gather(windows.ahead, span * windows.columns), shape: [owners.count, windows.columns])
    let joined = try Tensor.concatenated([repeated, ahead], along: 1)
    let said = try output(hidden(joined).relu()).reshaped([owners.count])
    let labels = try Tensor(gather(windows.labels, span), shape: [owners.count])
    let mask = try Tensor(weights, shape: [owners.count])
    let errors: Tensor
    if windows.isExponential {
      // −log likelihood of a Poisson count, which asks for no whole numbers.
      let bounded = try (said * (1 / Self.limit)).tanh() * Self.limit
      errors = try bounded.exponential() - labels * bounded
    } else {
      errors = try (said - labels).power(2)
    }
    return try (errors * mask).sum() * (1 / Double(total))
  }
}

/// Forecasts of a panel by a learned network, on plain arrays.
struct LSTMForecasts: Sendable, Codable {
  var features: PanelFeatures
  var scales: LSTMWindows.Scales
  var configuration: LSTMForecaster.Configuration
  var inputs: Int
  var isExponential: Bool
  var network: Checkpoint

  /// Each series' expected values; nil for one with a problem.
  func means(_ series: [PanelSeries], future: [[[Double]]], horizon: Int) throws -> [[Double]?] {
    try network.requireShapes(
      LSTMNetwork.shapes(inputs: inputs, columns: features.names.count, size: configuration.size))
    let weights = Weights(network)
    return try SpanForecasts(features: features, span: configuration.span)
      .means(series, future: future, horizon: horizon) { outlook in sizes(outlook, weights) }
  }

  private struct Weights: Sendable {
    let input, hidden, inputBias, hiddenBias, layer, layerBias, output, outputBias: [Float]

    init(_ network: Checkpoint) {
      (input, hidden) = (network.values("memory.input"), network.values("memory.hidden"))
      (inputBias, hiddenBias) = (network.values("memory.inputBias"), network.values("memory.hiddenBias"))
      (layer, layerBias) = (network.values("hidden.weight"), network.values("hidden.bias"))
      (output, outputBias) = (network.values("output.weight"), network.values("output.bias"))
    }
  }

  private func sizes(_ outlook: SpanForecasts.Outlook, _ weights: Weights) -> [Double] {
    let size = configuration.size
    let read = LSTMWindows.read(
      outlook.series, outlook.values, outlook.regressors, outlook.calendar, outlook.origin, features,
      configuration.history)
    let state = memory(read, weights)
    var ahead = outlook.rows
    scales.apply(&ahead)
    let columns = features.names.count
    let steps = ahead.count / columns
    var joined: [Float] = []
    for step in 0..<steps { joined += state + ahead[step * columns..<(step + 1) * columns] }
    var middle = Forward.linear(
      joined, rows: steps, weight: weights.layer, bias: weights.layerBias, outputs: 2 * size)
    Forward.relu(&middle)
    let said = Forward.linear(
      middle, rows: steps, weight: weights.output, bias: weights.outputBias, outputs: 1)
    return said.map { value in
      isExponential
        ? exp(tanh(Double(value) / LSTMNetwork.limit) * LSTMNetwork.limit) : Double(value)
    }
  }

  /// The state after the last of the steps read.
  private func memory(_ read: [Float], _ weights: Weights) -> [Float] {
    let (size, history) = (configuration.size, configuration.history)
    let gatesIn = Forward.linear(
      read, rows: history, weight: weights.input, bias: weights.inputBias, outputs: 4 * size)
    var (state, cell) = ([Float](repeating: 0, count: size), [Float](repeating: 0, count: size))
    for step in 0..<history {
      let gates = Forward.linear(
        state, rows: 1, weight: weights.hidden, bias: weights.hiddenBias, outputs: 4 * size)
      let base = step * 4 * size
      func gate(_ number: Int, _ index: Int) -> Float {
        gatesIn[base + number * size + index] + gates[number * size + index]
      }
      for index in 0..<size {
        let kept = Forward.sigmoid(gate(1, index)) * cell[index]
        cell[index] = kept + Forward.sigmoid(gate(0, index)) * tanh(gate(2, index))
        state[index] = Forward.sigmoid(gate(3, index)) * tanh(cell[index])
      }
    }
    return state
  }
}
