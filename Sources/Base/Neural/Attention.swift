import MathKernels

/// Which positions attention may not look at.
public struct AttentionMask {
  let flags: Tensor

  /// Each position sees itself and those before it.
  public static func causal(length: Int) throws -> AttentionMask {
    var flags = [Bool](repeating: false, count: length * length)
    for row in 0..<length {
      for column in row + 1..<max(row + 1, length) { flags[row * length + column] = true }
    }
    return AttentionMask(flags: try Tensor(flags, shape: [1, 1, length, length]))
  }

  /// Each row of a batch is seen up to its own length; the rest is padding.
  public static func padding(lengths: [Int], to length: Int) throws -> AttentionMask {
    var flags = [Bool](repeating: false, count: lengths.count * length)
    for (row, own) in lengths.enumerated() {
      for column in min(max(0, own), length)..<length { flags[row * length + column] = true }
    }
    return AttentionMask(flags: try Tensor(flags, shape: [lengths.count, 1, 1, length]))
  }
}

/// Self-attention with several heads: every position becomes a weighted mean of what the positions hold.
///
/// ```swift
/// let attention = try MultiHeadAttention(size: 64, heads: 2, random: &random)
/// let y = try attention(x, masks: [.causal(length: 20)])   // x and y: batch × 20 × 64
/// ```
/// A position that may look at nothing looks at everything alike, so padding never gives a NaN.
///
/// - Complexity: O(batch · time · size · (time + size)).
///
/// Source: Vaswani et al. (2017), https://arxiv.org/abs/1706.03762
public struct MultiHeadAttention: Layer {
  /// Queries, keys and values: 3 · size outputs.
  public let projection: Linear
  /// What mixes the heads.
  public let output: Linear
  /// How many heads there are.
  public let heads: Int
  private let dropout: Dropout

  /// Attention over vectors of `size` numbers, a multiple of `heads`.
  ///
  /// - Throws: `NeuralError.invalidParameter`.
  public init(
    size: Int, heads: Int, dropout: Double = 0, initialization: Initialization? = nil,
    random: inout RandomSource
  ) throws {
    guard heads > 0, size > 0, size % heads == 0 else {
      throw NeuralError.invalidParameter(
        name: "heads", value: "\(heads)", expected: "a positive divisor of the size \(size)")
    }
    // Each of the three is a square matrix, so their limit is that of one.
    let start = initialization ?? .glorot(inputs: size, outputs: size)
    projection = try Linear(inputs: size, outputs: 3 * size, initialization: start, random: &random)
    output = try Linear(inputs: size, outputs: size, initialization: start, random: &random)
    self.heads = heads
    self.dropout = try Dropout(dropout)
  }

  /// Attends over batch × time × size.
  public func callAsFunction(
    _ input: Tensor, masks: [AttentionMask] = [], _ noise: NoiseSource? = nil
  ) throws -> Tensor {
    let shape = input.shape
    guard shape.count == 3, shape[2] == output.weight.shape[0] else {
      throw NeuralError.shapeMismatch(
        operation: "attention", expected: "batch × time × \(output.weight.shape[0])", found: shape)
    }
    let (batch, time, size) = (shape[0], shape[1], shape[2])
    let projected = try projection(input)
    func part(_ index: Int) throws -> Tensor {
      try projected.slice(index * size..<(index + 1) * size, along: 2)
        .reshaped([batch, time, heads, size / heads]).transposed(1, 2)
    }
    let scale = 1 / Double(size / heads).squareRoot()
    var scores = try (part(0) * scale).matmul(part(1).transposed(2, 3))
    for mask in masks { scores = try scores.filled(where: mask.flags, with: -1e9) }
    let weights = try dropout(scores.softmax(), noise)
    let mixed = try weights.matmul(part(2)).transposed(1, 2).reshaped([batch, time, size])
    return try output(mixed)
  }

  /// Projections in and out.
  public var parameters: Parameters {
    var all = Parameters()
    all.add("projection", projection.parameters)
    all.add("output", output.parameters)
    return all
  }
}
