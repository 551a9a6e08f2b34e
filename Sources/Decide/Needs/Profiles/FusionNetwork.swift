import Features
import Foundation
import MathKernels
import Neural

/// The network of `LearnedFusion`.
struct FusionNetwork: Layer {
  /// What one mode goes through.
  struct Encoder: Layer {
    let hidden: Linear
    let vector: Linear
    /// From the inputs straight to the vector.
    let direct: Linear
    let gate: Linear

    var parameters: Parameters {
      var all = Parameters()
      all.add("hidden", hidden.parameters)
      all.add("vector", vector.parameters)
      all.add("direct", direct.parameters)
      all.add("gate", gate.parameters)
      return all
    }
  }

  let modes: [ProfileMode]
  let encoders: [Encoder]
  let output: Linear
  let dropout: Dropout
  let width: Int

  init(
    _ configuration: LearnedFusion.Configuration, _ scaler: ModeScaler, categories: Int,
    _ random: inout RandomSource
  ) throws {
    (modes, width) = (scaler.scales.map(\.mode), configuration.width)
    var encoders: [Encoder] = []
    for scale in scaler.scales {
      encoders.append(
        Encoder(
          hidden: try Linear(inputs: scale.width, outputs: configuration.hiddenSize, random: &random),
          vector: try Linear(
            inputs: configuration.hiddenSize, outputs: configuration.width, random: &random),
          direct: try Linear(
            inputs: scale.width, outputs: configuration.width, bias: false, random: &random),
          gate: try Linear(inputs: configuration.hiddenSize, outputs: configuration.width, random: &random)))
    }
    self.encoders = encoders
    output = try Linear(inputs: configuration.width, outputs: categories, random: &random)
    dropout = try Dropout(configuration.dropout)
  }

  /// The profiles: rows × width, from the blocks of all modes and who has them.
  func profiles(_ inputs: [Tensor], masks: [[Float]], _ noise: NoiseSource?) throws -> Tensor {
    let rows = inputs[0].shape[0]
    var (vectors, gates): ([Tensor], [Tensor]) = ([], [])
    for (encoder, input) in zip(encoders, inputs) {
      let hidden = try dropout(encoder.hidden(input).relu(), noise)
      let vector = try encoder.vector(hidden) + encoder.direct(dropout(input, noise))
      vectors.append(try vector.reshaped([rows, 1, width]))
      gates.append(try encoder.gate(hidden).reshaped([rows, 1, width]))
    }
    // Row by row, the modes that are there.
    let present = (0..<rows).flatMap { row in masks.map { $0[row] } }
    let there = try Tensor(present, shape: [rows, masks.count, 1])
    let missing = try Tensor(present.map { $0 == 0 }, shape: [rows, masks.count, 1])
    let shares = try Tensor.concatenated(gates, along: 1).filled(where: missing, with: -1e9).softmax(along: 1)
    return try (Tensor.concatenated(vectors, along: 1) * shares * there).sum(along: 1)
  }

  func logits(_ inputs: [Tensor], masks: [[Float]], _ noise: NoiseSource?) throws -> Tensor {
    try output(profiles(inputs, masks: masks, noise))
  }

  var parameters: Parameters {
    var all = Parameters()
    for (mode, encoder) in zip(modes, encoders) { all.add(mode.rawValue, encoder.parameters) }
    all.add("output", output.parameters)
    return all
  }

  /// The shapes of the parameters of a network with these settings.
  static func shapes(
    _ configuration: LearnedFusion.Configuration, _ scaler: ModeScaler, categories: Int
  ) -> [(name: String, shape: [Int])] {
    let (hidden, width) = (configuration.hiddenSize, configuration.width)
    return scaler.scales.flatMap { scale -> [(name: String, shape: [Int])] in
      let name = scale.mode.rawValue
      return [
        ("\(name).hidden.weight", [hidden, scale.width]), ("\(name).hidden.bias", [hidden]),
        ("\(name).vector.weight", [width, hidden]), ("\(name).vector.bias", [width]),
        ("\(name).direct.weight", [width, scale.width]),
        ("\(name).gate.weight", [width, hidden]), ("\(name).gate.bias", [width]),
      ]
    } + [("output.weight", [categories, width]), ("output.bias", [categories])]
  }
}

/// The scaled rows of some windows, as the network takes them.
struct FusionRows {
  let count: Int
  let categories: Int
  private let widths: [Int]
  private let blocks: [[Float]]
  private let present: [[Bool]]
  private let outcomes: [Float]

  init(_ windows: [ProfileWindow], scaler: ModeScaler, categories: Int) throws {
    self.categories = categories
    widths = scaler.scales.map(\.width)
    var blocks = [[Float]](repeating: [], count: widths.count)
    var present = [[Bool]](repeating: [], count: widths.count)
    var outcomes: [Float] = []
    for window in windows {
      for place in widths.indices {
        let (values, isThere) = try Self.inputs(scaler, place, window.modes)
        blocks[place] += values
        present[place] += isThere
      }
      outcomes += window.bought
    }
    count = windows.reduce(0) { $0 + $1.modes.customers.count }
    (self.blocks, self.present, self.outcomes) = (blocks, present, outcomes)
  }

  /// A scaled block whose columns have about the variance one that layers expect.
  static func inputs(
    _ scaler: ModeScaler, _ place: Int, _ modes: ProfileModes
  ) throws -> (values: [Float], present: [Bool]) {
    var (values, present) = try scaler.block(place, of: modes)
    let factor = Float(scaler.scales[place].width).squareRoot()
    for index in values.indices { values[index] *= factor }
    return (values, present)
  }

  /// The inputs of some rows, one tensor a mode.
  func inputs(_ rows: [Int]) throws -> [Tensor] {
    try widths.indices.map { place in
      let width = widths[place]
      var values: [Float] = []
      values.reserveCapacity(rows.count * width)
      for row in rows { values += blocks[place][row * width..<(row + 1) * width] }
      return try Tensor(values, shape: [rows.count, width])
    }
  }

  /// For each mode which rows have it, a share left out at random; a row never loses all it has.
  func masks(_ rows: [Int], leavingOut share: Double, _ random: inout RandomSource) -> [[Float]] {
    var masks = widths.indices.map { place in rows.map { present[place][$0] ? Float(1) : 0 } }
    guard share > 0 else { return masks }
    for index in rows.indices {
      let kept = masks.map { $0[index] > 0 && random.uniform() >= share }
      guard kept.contains(true) else { continue }
      for place in masks.indices where !kept[place] { masks[place][index] = 0 }
    }
    return masks
  }

  /// What the customers of some rows bought.
  func bought(_ rows: [Int]) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(rows.count * categories)
    for row in rows { values += outcomes[row * categories..<(row + 1) * categories] }
    return values
  }

  /// The log-odds of each category over all rows.
  func logOdds() -> [Float] {
    (0..<categories).map { category in
      let sum = stride(from: category, to: outcomes.count, by: categories).reduce(0.0) {
        $0 + Double(outcomes[$1])
      }
      let rate = (sum + 0.5) / Double(count + 1)
      return Float(log(rate / (1 - rate)))
    }
  }
}
