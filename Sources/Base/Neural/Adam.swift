import Foundation
import MathKernels

/// Adam: gradient descent whose steps are scaled by running means of the gradients and of their squares.
///
/// ```swift
/// var optimizer = try Adam(network.parameters, .init(learningRate: 1e-3))
/// try loss.backward()
/// try optimizer.step()
/// ```
/// With `decoupledDecay` it is AdamW. One pass over each parameter on all cores, in blocks of a fixed size: the result does
/// not depend on the number of cores.
///
/// - Complexity: O(parameters) a step.
///
/// Sources: Kingma and Ba (2015), https://arxiv.org/abs/1412.6980; Loshchilov and Hutter (2019),
/// https://arxiv.org/abs/1711.05101
public struct Adam {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The size of a step.
    public var learningRate: Double
    /// How slowly the mean of the gradients changes.
    public var firstDecay: Double
    /// How slowly the mean of their squares changes.
    public var secondDecay: Double
    /// Keeps the divisor above zero.
    public var epsilon: Double
    /// The pull of the parameters towards zero.
    public var weightDecay: Double
    /// Whether that pull is a part of the step (AdamW) or of the gradient (Adam with an L2 penalty).
    public var decoupledDecay: Bool
    /// Gradients are scaled down together to this Euclidean length at most; nil leaves them.
    public var gradientClip: Double?

    /// The usual settings.
    public init(
      learningRate: Double = 1e-3, firstDecay: Double = 0.9, secondDecay: Double = 0.999,
      epsilon: Double = 1e-8, weightDecay: Double = 0, decoupledDecay: Bool = false,
      gradientClip: Double? = nil
    ) {
      self.learningRate = learningRate
      self.firstDecay = firstDecay
      self.secondDecay = secondDecay
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.decoupledDecay = decoupledDecay
      self.gradientClip = gradientClip
    }
  }

  /// The settings; the learning rate may change from step to step.
  public var configuration: Configuration
  private let parameters: Parameters
  private var first: [[Float]]
  private var second: [[Float]]
  private var steps = 0

  /// An optimiser of these parameters.
  ///
  /// - Throws: `NeuralError.invalidParameter`.
  public init(_ parameters: Parameters, _ configuration: Configuration = Configuration()) throws {
    func require(_ holds: Bool, _ name: String, _ value: Double, _ expected: String) throws {
      guard holds else {
        throw NeuralError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    let it = configuration
    try require(
      it.learningRate > 0 && it.learningRate < 10, "learningRate", it.learningRate, "above 0, below 10")
    try require((0..<1).contains(it.firstDecay), "firstDecay", it.firstDecay, "from 0 to below 1")
    try require((0..<1).contains(it.secondDecay), "secondDecay", it.secondDecay, "from 0 to below 1")
    try require(it.epsilon > 0, "epsilon", it.epsilon, "above 0")
    try require((0..<1000).contains(it.weightDecay), "weightDecay", it.weightDecay, "0 or more")
    try require((it.gradientClip ?? 1) > 0, "gradientClip", it.gradientClip ?? 1, "above 0")
    self.configuration = configuration
    self.parameters = parameters
    first = parameters.entries.map { [Float](repeating: 0, count: $0.tensor.count) }
    second = first
  }

  /// Moves every parameter that has a gradient, then forgets the gradients.
  public mutating func step() throws {
    steps += 1
    let gradients = try parameters.entries.map { try $0.tensor.gradient }
    let factors = StepFactors(configuration, steps: steps, gradientScale: try clipping(gradients))
    for (index, entry) in parameters.entries.enumerated() {
      guard let gradient = gradients[index] else { continue }
      try entry.tensor.withFloats { values in
        try gradient.withFloats { gradient in
          first[index].withUnsafeMutableBufferPointer { first in
            second[index].withUnsafeMutableBufferPointer { second in
              factors.apply(values, gradient, first, second)
            }
          }
        }
      }
    }
    parameters.clearGradients()
  }

  /// What all gradients are multiplied with so that they are no longer than allowed.
  private func clipping(_ gradients: [Tensor?]) throws -> Float {
    guard let limit = configuration.gradientClip else { return 1 }
    var squares = 0.0
    for gradient in gradients {
      try gradient?.withFloats { values in
        nonisolated(unsafe) let values = values
        let parts = parallelBlocks(values.count, blockSize: 1 << 16) { block in
          block.reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }
        }
        squares += parts.reduce(0, +)
      }
    }
    let length = squares.squareRoot()
    return length > limit ? Float(limit / length) : 1
  }
}

/// The numbers of one step that all parameters share.
private struct StepFactors: Sendable {
  let gradientScale: Float
  let firstDecay: Float
  let secondDecay: Float
  let stepSize: Float
  let secondScale: Float
  let epsilon: Float
  let penalty: Float
  let shrink: Float

  init(_ configuration: Adam.Configuration, steps: Int, gradientScale: Float) {
    self.gradientScale = gradientScale
    firstDecay = Float(configuration.firstDecay)
    secondDecay = Float(configuration.secondDecay)
    stepSize = Float(configuration.learningRate / (1 - pow(configuration.firstDecay, Double(steps))))
    secondScale = Float(1 / (1 - pow(configuration.secondDecay, Double(steps))).squareRoot())
    epsilon = Float(configuration.epsilon)
    penalty = configuration.decoupledDecay ? 0 : Float(configuration.weightDecay)
    shrink =
      configuration.decoupledDecay ? Float(1 - configuration.learningRate * configuration.weightDecay) : 1
  }

  func apply(
    _ values: UnsafeMutableBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>,
    _ first: UnsafeMutableBufferPointer<Float>, _ second: UnsafeMutableBufferPointer<Float>
  ) {
    let count = values.count
    guard let values = values.baseAddress, let gradient = gradient.baseAddress,
      let first = first.baseAddress, let second = second.baseAddress
    else { return }
    // Blocks do not overlap, and all have ended when this returns.
    nonisolated(unsafe) let (v, g, m, s) = (values, gradient, first, second)
    _ = parallelBlocks(count, blockSize: 1 << 16) { block in
      apply(
        v + block.lowerBound, g + block.lowerBound, m + block.lowerBound, s + block.lowerBound, block.count)
    }
  }

  private func apply(
    _ values: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var index = 0
    while index + 8 <= count {
      let value = load(values, index)
      let slope = load(gradient, index) * gradientScale + value * penalty
      let mean = load(first, index) * firstDecay + slope * (1 - firstDecay)
      let square = load(second, index) * secondDecay + slope * slope * (1 - secondDecay)
      store(mean, first, index)
      store(square, second, index)
      let divisor = square.squareRoot() * secondScale + epsilon
      store(value * shrink - mean * stepSize / divisor, values, index)
      index += 8
    }
    while index < count {
      let slope = gradient[index] * gradientScale + values[index] * penalty
      first[index] = first[index] * firstDecay + slope * (1 - firstDecay)
      second[index] = second[index] * secondDecay + slope * slope * (1 - secondDecay)
      let divisor = second[index].squareRoot() * secondScale + epsilon
      values[index] = values[index] * shrink - first[index] * stepSize / divisor
      index += 1
    }
  }
}

@inline(__always)
private func load(_ pointer: UnsafeMutablePointer<Float>, _ index: Int) -> SIMD8<Float> {
  UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func store(_ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, _ index: Int) {
  UnsafeMutableRawPointer(pointer + index).storeBytes(of: value, as: SIMD8<Float>.self)
}
