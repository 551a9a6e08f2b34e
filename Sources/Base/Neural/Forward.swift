import Foundation
import Learning
import MathKernels

/// The layers' forward passes on plain arrays by BLAS: what a learned network needs to predict, without libtorch.
///
/// Rows of numbers lie one after the other. Each function gives what the layer of the same name gives, within rounding.
public enum Forward {
  /// rows × inputs to rows × outputs: x · Wᵀ + b with W outputs × inputs.
  ///
  /// - Complexity: O(rows · inputs · outputs).
  public static func linear(_ x: [Float], rows: Int, weight: [Float], bias: [Float]?, outputs: Int) -> [Float]
  {
    guard rows > 0, outputs > 0, !x.isEmpty else { return [Float](repeating: 0, count: rows * outputs) }
    let inputs = x.count / rows
    precondition(
      x.count == rows * inputs && weight.count == outputs * inputs, "a linear layer's sizes fit together")
    var y = [Float](unsafeUninitializedCapacity: rows * outputs) { buffer, initialized in
      for row in 0..<rows {
        for column in 0..<outputs { buffer[row * outputs + column] = bias?[column] ?? 0 }
      }
      initialized = rows * outputs
    }
    Float.gemm(false, true, rows, outputs, inputs, 1, x, inputs, weight, inputs, 1, &y, outputs)
    return y
  }

  /// Each row brought to mean zero and variance one, then scaled and shifted.
  public static func layerNorm(
    _ x: [Float], weight: [Float], bias: [Float], epsilon: Double = 1e-8
  ) -> [Float] {
    let size = weight.count
    var y = x
    for start in stride(from: 0, to: x.count, by: size) {
      var (sum, squares): (Float, Float) = (0, 0)
      for index in start..<start + size { sum += x[index] }
      let mean = sum / Float(size)
      for index in start..<start + size { squares += (x[index] - mean) * (x[index] - mean) }
      let scale = 1 / (squares / Float(size) + Float(epsilon)).squareRoot()
      for index in 0..<size {
        y[start + index] = (x[start + index] - mean) * scale * weight[index] + bias[index]
      }
    }
    return y
  }

  /// max(0, x) in place.
  public static func relu(_ x: inout [Float]) {
    for index in x.indices { x[index] = max(0, x[index]) }
  }

  /// 1 / (1 + e⁻ˣ).
  @inline(__always)
  public static func sigmoid(_ x: Float) -> Float {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }

  /// Causal self-attention over sequences that lie one after the other.
  ///
  /// - Parameters:
  ///   - projected: a row of queries, keys and values for each position: 3 · size numbers.
  ///   - lengths: how many positions each sequence has.
  /// - Returns: the mixed values before the last projection, `size` numbers a position.
  public static func causalAttention(_ projected: [Float], lengths: [Int], size: Int, heads: Int) -> [Float] {
    var mixed = [Float](repeating: 0, count: projected.count / 3)
    let width = size / heads
    let scale = 1 / Float(width).squareRoot()
    var weights = [Float](repeating: 0, count: (lengths.max() ?? 0) * (lengths.max() ?? 0))
    projected.withUnsafeBufferPointer { projected in
      mixed.withUnsafeMutableBufferPointer { mixed in
        guard var source = projected.baseAddress, var target = mixed.baseAddress else { return }
        for length in lengths where length > 0 {
          for head in 0..<heads {
            let query = source + head * width
            Float.gemm(
              false, true, length, length, width, scale, query, 3 * size, query + size, 3 * size, 0, &weights,
              length)
            softmaxOfLowerTriangle(&weights, length)
            Float.gemm(
              false, false, length, width, length, 1, weights, length, query + 2 * size, 3 * size, 0,
              target + head * width, size)
          }
          source += length * 3 * size
          target += length * size
        }
      }
    }
    return mixed
  }

  private static func softmaxOfLowerTriangle(_ weights: inout [Float], _ length: Int) {
    for row in 0..<length {
      let start = row * length
      var largest = weights[start]
      for index in start...start + row { largest = max(largest, weights[index]) }
      var sum: Float = 0
      for index in start...start + row {
        weights[index] = exp(weights[index] - largest)
        sum += weights[index]
      }
      for index in start...start + row { weights[index] /= sum }
      for index in start + row + 1..<max(start + row + 1, start + length) { weights[index] = 0 }
    }
  }

  /// The last state of a gated recurrent unit for each of several sequences of input rows.
  ///
  /// - Parameters:
  ///   - x: the rows of all sequences, one after the other, already multiplied: 3 · size numbers each, input bias included.
  ///   - lengths: how many rows each sequence has; none gives a state of zeros.
  public static func gru(
    _ x: [Float], lengths: [Int], hidden: [Float], hiddenBias: [Float], size: Int
  ) -> [Float] {
    var states = [Float](repeating: 0, count: lengths.count * size)
    var start = 0
    for (row, length) in lengths.enumerated() {
      var state = [Float](repeating: 0, count: size)
      for step in 0..<length {
        let gates = linear(state, rows: 1, weight: hidden, bias: hiddenBias, outputs: 3 * size)
        let base = (start + step) * 3 * size
        for index in 0..<size {
          let reset = sigmoid(x[base + index] + gates[index])
          let update = sigmoid(x[base + size + index] + gates[size + index])
          let new = tanh(x[base + 2 * size + index] + reset * gates[2 * size + index])
          state[index] = (1 - update) * new + update * state[index]
        }
      }
      states.replaceSubrange(row * size..<(row + 1) * size, with: state)
      start += length
    }
    return states
  }
}

extension Checkpoint {
  /// Refuses a checkpoint that does not hold exactly these parameters.
  ///
  /// - Throws: `LearningError.corruptModel`.
  public func requireShapes(_ shapes: [(name: String, shape: [Int])]) throws {
    guard
      entries.count == shapes.count,
      zip(entries, shapes).allSatisfy({
        $0.name == $1.name && $0.shape == $1.shape && $0.values.count == $1.shape.reduce(1, *)
      })
    else {
      throw LearningError.corruptModel(reason: "its network is not the one that its configuration describes")
    }
  }

  /// The numbers of a parameter that is known to be there.
  public func values(_ name: String) -> [Float] {
    guard let values = self[name] else { preconditionFailure("a checked network has its parameter \(name)") }
    return values
  }
}
