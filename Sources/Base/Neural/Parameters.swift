import Foundation
import MathKernels

/// The trainable tensors of a network by name, in a fixed order.
public struct Parameters {
  /// One trainable tensor.
  public typealias Entry = (name: String, tensor: Tensor)
  /// The tensors in order.
  public private(set) var entries: [Entry] = []

  /// No parameters.
  public init() {}

  /// Parameters in this order.
  public init(_ entries: [Entry]) { self.entries = entries }

  /// Adds those of a part of the network, its names prefixed with `name.`.
  public mutating func add(_ name: String, _ parameters: Parameters) {
    entries += parameters.entries.map { ("\(name).\($0.name)", $0.tensor) }
  }

  /// Adds one tensor.
  public mutating func add(_ name: String, _ tensor: Tensor) { entries.append((name, tensor)) }

  /// How many numbers are learned.
  public var count: Int { entries.reduce(0) { $0 + $1.tensor.count } }

  /// Forgets all gradients.
  public func clearGradients() { for entry in entries { entry.tensor.clearGradient() } }
}

/// A part of a network with trainable tensors.
public protocol Layer {
  /// Its trainable tensors by name.
  var parameters: Parameters { get }
}

/// How the first values of a parameter are drawn.
public enum Initialization: Sendable, Equatable {
  /// Zero everywhere.
  case zeros
  /// One everywhere.
  case ones
  /// Normal with mean zero.
  case normal(deviation: Double)
  /// Uniform from −limit to limit.
  case uniform(limit: Double)

  /// Uniform with the limit √(6 / (inputs + outputs)).
  ///
  /// Source: Glorot and Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html
  public static func glorot(inputs: Int, outputs: Int) -> Initialization {
    .uniform(limit: (6 / Double(max(1, inputs + outputs))).squareRoot())
  }

  /// A trainable tensor of this shape.
  public func parameter(_ shape: [Int], _ random: inout RandomSource) throws -> Tensor {
    let count = shape.reduce(1, *)
    let values: [Float]
    switch self {
    case .zeros: values = [Float](repeating: 0, count: count)
    case .ones: values = [Float](repeating: 1, count: count)
    case .normal(let deviation): values = (0..<count).map { _ in Float(random.normal() * deviation) }
    case .uniform(let limit): values = (0..<count).map { _ in Float((2 * random.uniform() - 1) * limit) }
    }
    return try Tensor(values, shape: shape).trackingGradient()
  }
}
