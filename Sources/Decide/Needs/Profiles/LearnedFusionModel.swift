import Features
import Foundation
import Learning
import MathKernels
import Neural

/// What `LearnedFusion` learned. Works without libtorch.
public struct LearnedFusionModel: FusedProfiles, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: LearnedFusion.Configuration
  /// The categories whose purchases it learned from.
  public let categories: [String]
  let scaler: ModeScaler
  private let network: Checkpoint

  init(
    configuration: LearnedFusion.Configuration, scaler: ModeScaler, categories: [String], network: Checkpoint
  ) {
    (self.configuration, self.scaler) = (configuration, scaler)
    (self.categories, self.network) = (categories, network)
  }

  /// See `FusedProfiles`.
  public var width: Int { configuration.width }

  /// See `FusedProfiles`.
  ///
  /// - Complexity: O(customers × hiddenSize × (columns of all modes + width × modes)).
  public func vectors(of modes: ProfileModes) throws -> Matrix<Float> {
    let blocks = try scaler.scales.indices.map { try FusionRows.inputs(scaler, $0, modes) }
    let parts = parallelBlocks(modes.customers.count, blockSize: 256) { fused(blocks, $0) }
    return Matrix(rows: modes.customers.count, columns: width, parts.flatMap { $0.vectors })
  }

  /// How much each mode counts in customers' profiles: customers × modes, each row adds up to one; zeros for a customer
  /// of whom nothing is known. The mean of the gates' shares over the numbers of the profile.
  public func shares(of modes: ProfileModes) throws -> (modes: [ProfileMode], shares: Matrix<Float>) {
    let blocks = try scaler.scales.indices.map { try FusionRows.inputs(scaler, $0, modes) }
    let parts = parallelBlocks(modes.customers.count, blockSize: 256) { fused(blocks, $0) }
    return (
      scaler.scales.map(\.mode),
      Matrix(rows: modes.customers.count, columns: blocks.count, parts.flatMap { $0.shares })
    )
  }

  /// The network's own log-odds of a purchase of each category, from profiles.
  public func margins(_ vectors: Matrix<Float>) -> [Float] {
    Forward.linear(
      vectors.elements, rows: vectors.rows, weight: network.values("output.weight"),
      bias: network.values("output.bias"), outputs: categories.count)
  }

  /// The same profiles by libtorch, which has to be there: what the pass without it is checked against.
  public func vectorsByTorch(of modes: ProfileModes) throws -> Matrix<Float> {
    var random = RandomSource(seed: 0)
    let layers = try FusionNetwork(configuration, scaler, categories: categories.count, &random)
    try network.restore(into: layers.parameters)
    let blocks = try scaler.scales.indices.map { try FusionRows.inputs(scaler, $0, modes) }
    let rows = modes.customers.count
    let inputs = try zip(scaler.scales, blocks).map { try Tensor($1.values, shape: [rows, $0.width]) }
    let masks = blocks.map { $0.present.map { $0 ? Float(1) : 0 } }
    return try Tensor.withoutGradient {
      Matrix(rows: rows, columns: width, try layers.profiles(inputs, masks: masks, nil).floats())
    }
  }

  private func fused(
    _ blocks: [(values: [Float], present: [Bool])], _ rows: Range<Int>
  ) -> (vectors: [Float], shares: [Float]) {
    var (vectors, gates): ([[Float]], [[Float]]) = ([], [])
    for (scale, block) in zip(scaler.scales, blocks) {
      let name = scale.mode.rawValue
      func layer(_ part: String, _ input: [Float], _ outputs: Int) -> [Float] {
        Forward.linear(
          input, rows: rows.count, weight: network.values("\(name).\(part).weight"),
          bias: network.values("\(name).\(part).bias"), outputs: outputs)
      }
      let input = Array(block.values[rows.lowerBound * scale.width..<rows.upperBound * scale.width])
      var hidden = layer("hidden", input, configuration.hiddenSize)
      Forward.relu(&hidden)
      let direct = Forward.linear(
        input, rows: rows.count, weight: network.values("\(name).direct.weight"), bias: nil, outputs: width)
      vectors.append(zip(layer("vector", hidden, width), direct).map { $0 + $1 })
      gates.append(layer("gate", hidden, width))
    }
    var fused = [Float](repeating: 0, count: rows.count * width)
    var shares = [Float](repeating: 0, count: rows.count * blocks.count)
    for row in 0..<rows.count {
      let there = blocks.indices.filter { blocks[$0].present[rows.lowerBound + row] }
      for index in row * width..<(row + 1) * width {
        let largest = there.reduce(-Float.infinity) { max($0, gates[$1][index]) }
        let sum = there.reduce(Float(0)) { $0 + exp(gates[$1][index] - largest) }
        for place in there {
          let share = exp(gates[place][index] - largest) / sum
          fused[index] += share * vectors[place][index]
          shares[row * blocks.count + place] += share / Float(width)
        }
      }
    }
    return (fused, shares)
  }
}

extension LearnedFusionModel {
  private enum CodingKeys: String, CodingKey { case configuration, categories, scaler, network }

  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try values.decode(LearnedFusion.Configuration.self, forKey: .configuration)
    categories = try values.decode([String].self, forKey: .categories)
    scaler = try values.decode(ModeScaler.self, forKey: .scaler)
    network = try values.decode(Checkpoint.self, forKey: .network)
    do { try configuration.validate() } catch {
      throw LearningError.corruptModel(reason: "\(error)")
    }
    try network.requireShapes(
      FusionNetwork.shapes(configuration, scaler, categories: categories.count))
  }
}
