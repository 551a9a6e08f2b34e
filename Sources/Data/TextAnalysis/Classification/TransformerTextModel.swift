import Foundation
import Learning
import MathKernels
import Neural

/// A learned Transformer over words. It predicts by BLAS alone, and may be used from any thread.
public struct TransformerTextModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The settings it was learned with.
  public let configuration: TransformerClassifier.Configuration
  /// The classes, in alphabetic order.
  public let labels: [String]
  private let words: TransformerWords
  private let network: Checkpoint
  private let weights: [String: [Float]]
  var temperature = 1.0

  init(
    _ configuration: TransformerClassifier.Configuration, _ labels: [String], _ words: TransformerWords,
    _ network: Checkpoint
  ) {
    (self.configuration, self.labels, self.words, self.network) = (configuration, labels, words, network)
    weights = Self.weights(network)
  }

  private static func weights(_ network: Checkpoint) -> [String: [Float]] {
    Dictionary(network.entries.map { ($0.name, $0.values) }, uniquingKeysWith: { first, _ in first })
  }

  private enum CodingKeys: String, CodingKey { case configuration, labels, words, network, temperature }

  /// Decodes what `encode` has written, and checks that the network fits its settings.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try container.decode(TransformerClassifier.Configuration.self, forKey: .configuration)
    labels = try container.decode([String].self, forKey: .labels)
    let keys = try container.decode(Packed<Int64>.self, forKey: .words).wrappedValue
    words = TransformerWords(
      keys: keys.map { UInt64(bitPattern: $0) }, maximum: configuration.maximumWords)
    network = try container.decode(Checkpoint.self, forKey: .network)
    temperature = try container.decode(Double.self, forKey: .temperature)
    try configuration.validate()
    try network.requireShapes(Self.shapes(configuration, words: words.count, classes: labels.count))
    weights = Self.weights(network)
  }

  /// Encodes settings, words and weights.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(configuration, forKey: .configuration)
    try container.encode(labels, forKey: .labels)
    try container.encode(Packed(wrappedValue: words.keys.map { Int64(bitPattern: $0) }), forKey: .words)
    try container.encode(network, forKey: .network)
    try container.encode(temperature, forKey: .temperature)
  }

  private static func shapes(
    _ it: TransformerClassifier.Configuration, words: Int, classes: Int
  ) -> [(name: String, shape: [Int])] {
    let size = it.embeddingSize
    func norm(_ name: String) -> [(String, [Int])] { [("\(name).weight", [size]), ("\(name).bias", [size])] }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> [(String, [Int])] {
      [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
    }
    var all = [("words.weight", [words, size]), ("positions.weight", [it.maximumWords, size])]
    for index in 0..<it.blocks {
      let name = "blocks.\(index)"
      all += norm("\(name).attentionNorm") + linear("\(name).attention.projection", 3 * size, size)
      all += linear("\(name).attention.output", size, size) + norm("\(name).forwardNorm")
      all += linear("\(name).first", 2 * size, size) + linear("\(name).second", size, 2 * size)
    }
    return (all + norm("norm") + linear("output", classes, size)).map { (name: $0.0, shape: $0.1) }
  }

  /// The class of a text.
  public func classify(_ text: String) -> TextClassification { classify([text])[0] }

  /// The classes of texts, on all cores.
  public func classify(_ texts: [String]) -> [TextClassification] {
    let margins = margins(of: texts)
    return (0..<texts.count).map { row in
      let probabilities = Softmax.shares(margins.row(row).map(Double.init), temperature)
      let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
      return TextClassification(
        label: labels[best], probability: probabilities[best], probabilities: probabilities)
    }
  }

  /// The network's outputs: one row for each text, one column for each class.
  public func margins(of texts: [String]) -> Matrix<Float> {
    let blocks = parallelBlocks(texts.count, blockSize: 64) { block in
      margins(block.map { words.numbers(of: texts[$0]) })
    }
    return Matrix(rows: texts.count, columns: labels.count, blocks.flatMap { $0 })
  }

  private func margins(_ texts: [[Int]]) -> [Float] {
    let size = configuration.embeddingSize
    let lengths = texts.map(\.count)
    let rows = lengths.reduce(0, +)
    var state: [Float] = []
    state.reserveCapacity(rows * size)
    let (vectors, places) = (weight("words"), weight("positions"))
    for text in texts {
      for (place, word) in text.enumerated() {
        for index in 0..<size { state.append(vectors[word * size + index] + places[place * size + index]) }
      }
    }
    for block in 0..<configuration.blocks {
      let name = "blocks.\(block)"
      let projected = linear(
        norm(state, "\(name).attentionNorm"), rows, "\(name).attention.projection", 3 * size)
      let mixed = attention(projected, lengths)
      add(linear(mixed, rows, "\(name).attention.output", size), to: &state)
      var inner = linear(norm(state, "\(name).forwardNorm"), rows, "\(name).first", 2 * size)
      Forward.relu(&inner)
      add(linear(inner, rows, "\(name).second", size), to: &state)
    }
    let means = means(norm(state, "norm"), lengths)
    return linear(means, texts.count, "output", labels.count)
  }

  private func weight(_ name: String) -> [Float] { weights["\(name).weight"] ?? [] }

  private func linear(_ x: [Float], _ rows: Int, _ name: String, _ outputs: Int) -> [Float] {
    Forward.linear(x, rows: rows, weight: weight(name), bias: weights["\(name).bias"], outputs: outputs)
  }

  private func norm(_ x: [Float], _ name: String) -> [Float] {
    Forward.layerNorm(x, weight: weight(name), bias: weights["\(name).bias"] ?? [])
  }

  private func add(_ x: [Float], to state: inout [Float]) {
    for index in state.indices { state[index] += x[index] }
  }

  private func means(_ x: [Float], _ lengths: [Int]) -> [Float] {
    let size = configuration.embeddingSize
    var (result, start) = ([Float](repeating: 0, count: lengths.count * size), 0)
    for (row, length) in lengths.enumerated() {
      for position in start..<start + length {
        for index in 0..<size { result[row * size + index] += x[position * size + index] / Float(length) }
      }
      start += length
    }
    return result
  }

  /// Attention of each text's words to one another; rows of queries, keys and values lie one after the other.
  private func attention(_ projected: [Float], _ lengths: [Int]) -> [Float] {
    let (size, width) = (configuration.embeddingSize, configuration.embeddingSize / configuration.heads)
    var mixed = [Float](repeating: 0, count: projected.count / 3)
    var shares = [Float](repeating: 0, count: (lengths.max() ?? 0) * (lengths.max() ?? 0))
    projected.withUnsafeBufferPointer { projected in
      mixed.withUnsafeMutableBufferPointer { mixed in
        guard var source = projected.baseAddress, var target = mixed.baseAddress else { return }
        for length in lengths {
          for head in 0..<configuration.heads {
            let query = source + head * width
            Float.gemm(
              false, true, length, length, width, 1 / Float(width).squareRoot(), query, 3 * size,
              query + size,
              3 * size, 0, &shares, length)
            for row in 0..<length { Self.softmax(&shares, row * length..<(row + 1) * length) }
            Float.gemm(
              false, false, length, width, length, 1, shares, length, query + 2 * size, 3 * size, 0,
              target + head * width, size)
          }
          source += length * 3 * size
          target += length * size
        }
      }
    }
    return mixed
  }

  private static func softmax(_ values: inout [Float], _ range: Range<Int>) {
    var greatest = values[range.lowerBound]
    for index in range { greatest = max(greatest, values[index]) }
    var sum: Float = 0
    for index in range {
      values[index] = exp(values[index] - greatest)
      sum += values[index]
    }
    for index in range { values[index] /= sum }
  }
}
