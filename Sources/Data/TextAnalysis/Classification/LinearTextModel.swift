import Foundation
import Learning
import MathKernels

/// What a classifier says about a text.
public struct TextClassification: Sendable, Codable, Equatable {
  /// The likeliest class.
  public var label: String
  /// Its calibrated probability.
  public var probability: Double
  /// The probability of each class, in the model's order.
  public var probabilities: [Double]
}

/// A linear model of classes of texts. It is a value and may be used from any thread.
public struct LinearTextModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The settings it was learned with.
  public let configuration: LinearTextClassifier.Configuration
  /// The classes, in alphabetic order.
  public let labels: [String]
  /// The n-grams it knows.
  public var features: NGramModel
  /// What makes sentence vectors; it is not saved, so set it after loading when `needsEmbedder`.
  public var embedder: (any SentenceEmbedder)?
  /// The length of sentence vectors, 0 when it uses none.
  public let embeddingSize: Int
  @Packed var weights: [Float]
  private var curve: PlattScaling?
  private var temperature: Double

  /// Whether it looks at sentence vectors.
  public var needsEmbedder: Bool { embeddingSize > 0 }

  /// How many margins there are: one for two classes, else one per class.
  var outputs: Int { labels.count == 2 ? 1 : labels.count }

  private enum CodingKeys: String, CodingKey {
    case configuration, labels, features, embeddingSize, weights, curve, temperature
  }

  init(
    _ configuration: LinearTextClassifier.Configuration, _ labels: [String], features: NGramModel,
    embedder: (any SentenceEmbedder)?
  ) {
    self.configuration = configuration
    self.labels = labels
    self.features = features
    self.embedder = embedder
    embeddingSize = configuration.embeddingWeight > 0 ? embedder?.dimensions ?? 0 : 0
    weights = []
    temperature = 1
  }

  /// The class of a text.
  ///
  /// - Throws: `TextError.invalidParameter` when it needs an embedder and has none.
  public func classify(_ text: String) throws -> TextClassification { try classify([text])[0] }

  /// The classes of texts, on all cores.
  public func classify(_ texts: [String]) throws -> [TextClassification] {
    let margins = try margins(of: texts)
    return (0..<texts.count).map { classification(margins.row($0)) }
  }

  /// How far each text is on each class's side: one column for two classes (towards the second), else one per class.
  public func margins(of texts: [String]) throws -> Matrix<Float> {
    let rows = try rows(of: texts)
    let blocks = parallelBlocks(texts.count, blockSize: 256) { block in
      block.flatMap { margins(rows.row($0), weights) }
    }
    return Matrix(rows: texts.count, columns: outputs, blocks.flatMap { $0 })
  }

  /// The n-grams' weights, then the sentence vector's entries.
  func rows(of texts: [String]) throws -> SparseMatrix {
    let sparse = features.rows(of: texts)
    let factor = Float(configuration.embeddingWeight)
    guard factor > 0 else { return sparse }
    guard let embedder, embedder.dimensions == embeddingSize else {
      throw TextError.invalidParameter(
        name: "embedder", value: embedder == nil ? "missing" : "\(embedder?.dimensions ?? 0) dimensions",
        expected: "sentence vectors of \(max(embeddingSize, 1)) entries, as the model was trained with")
    }
    let vectors = try embedder.vectors(of: texts)
    var (starts, columns, values) = ([0], [Int32](), [Float]())
    let dense = (0..<embeddingSize).map { Int32(features.columns + $0) }
    for row in 0..<texts.count {
      let entries = sparse.row(row)
      columns += entries.columns
      columns += dense
      values += entries.values
      values += vectors.row(row).map { $0 * factor }
      starts.append(columns.count)
    }
    return SparseMatrix(
      rows: texts.count, columns: features.columns + embeddingSize, rowStarts: starts, columnIndices: columns,
      values: values)
  }

  func margins(
    _ row: (columns: ArraySlice<Int32>, values: ArraySlice<Float>), _ weights: [Float]
  ) -> [Float] {
    var result = Array(weights[(weights.count - outputs)...])
    weights.withUnsafeBufferPointer { weights in
      result.withUnsafeMutableBufferPointer { result in
        guard let weights = weights.baseAddress, let result = result.baseAddress else { return }
        for (column, value) in zip(row.columns, row.values) {
          Vectors.addProduct(value, weights + Int(column) * outputs, to: result, outputs)
        }
      }
    }
    return result
  }

  func classification(_ margins: ArraySlice<Float>) -> TextClassification {
    let probabilities = probabilities(margins.map(Double.init))
    let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
    return TextClassification(
      label: labels[best], probability: probabilities[best], probabilities: probabilities)
  }

  private func probabilities(_ margins: [Double]) -> [Double] {
    if outputs == 1 {
      let second = curve?(margins[0]) ?? 1 / (1 + exp(-margins[0]))
      return [1 - second, second]
    }
    return Self.softmax(margins, temperature)
  }

  static func softmax(_ margins: [Double], _ temperature: Double) -> [Double] {
    let greatest = margins.max() ?? 0
    let powers = margins.map { exp(($0 - greatest) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Learns from held-out margins how far they can be trusted.
  mutating func calibrate(_ margins: Matrix<Float>, _ classes: [Int]) throws {
    if outputs == 1 {
      curve = try PlattScaling(scores: margins.elements.map(Double.init), labels: classes.map { $0 == 1 })
      return
    }
    func loss(_ logTemperature: Double) -> Double {
      (0..<margins.rows).reduce(0) { sum, row in
        let probabilities = Self.softmax(margins.row(row).map(Double.init), exp(logTemperature))
        return sum - log(max(probabilities[classes[row]], 1e-15))
      }
    }
    // The loss has one valley in the temperature's logarithm; golden sections close in on it.
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(0.01), log(10.0))
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (lossA, lossB) = (loss(a), loss(b))
    while high - low > 0.01 {
      if lossA < lossB {
        (high, b, lossB) = (b, a, lossA)
        a = high - ratio * (high - low)
        lossA = loss(a)
      } else {
        (low, a, lossA) = (a, b, lossB)
        b = low + ratio * (high - low)
        lossB = loss(b)
      }
    }
    temperature = exp((low + high) / 2)
  }

  /// Why a text is in a class: what each of its n-grams, and its sentence vector as a whole, adds to the margin.
  ///
  /// The parts and the base, which is the intercept, add up to the margin; overlapping n-grams are separate parts.
  public func explanation(of text: String, label: String? = nil) throws -> Explanation {
    let row = try rows(of: [text]).row(0)
    let margins = margins(row, weights)
    let chosen = label ?? classification(margins[...]).label
    guard let position = labels.firstIndex(of: chosen) else {
      throw TextError.invalidParameter(
        name: "label", value: chosen, expected: "one of \(labels.joined(separator: ", "))")
    }
    let (output, sign) = outputs == 1 ? (0, Float(position == 1 ? 1 : -1)) : (position, Float(1))
    func weight(_ column: Int) -> Float { sign * weights[column * outputs + output] }
    var ranges: [Int: TextRange] = [:]
    for (column, range) in features.occurrences(in: text) where ranges[column] == nil {
      ranges[column] = range
    }
    var (parts, meaning) = ([Explanation.Contribution](), Double(0))
    let bytes = Array(text.utf8)
    for (column, value) in zip(row.columns, row.values) {
      let part = Double(value * weight(Int(column)))
      guard let range = ranges[Int(column)] else {
        meaning += part
        continue
      }
      parts.append(
        .init(
          feature: String(decoding: bytes[range], as: UTF8.self), value: Double(value), contribution: part))
    }
    if needsEmbedder { parts.append(.init(feature: "meaning", value: nil, contribution: meaning)) }
    return Explanation(
      base: Double(weight(weights.count / outputs - 1)), contributions: parts, unit: "margin")
  }

  /// The words that speak for and against the second of two classes: each n-gram's weight is shared among the bytes it
  /// covers, so that overlapping n-grams add up where they agree.
  ///
  /// - Returns: for each byte of the text what it adds to the margin.
  func contributions(ofBytesIn text: String) -> [Float] {
    var result = [Float](repeating: 0, count: text.utf8.count)
    let row = features.row(of: text)
    var valueOf: [Int: Float] = [:]
    for (column, value) in zip(row.columns, row.values) { valueOf[Int(column)] = value }
    let occurrences = features.occurrences(in: text)
    var counts: [Int: Float] = [:]
    for (column, _) in occurrences { counts[column, default: 0] += 1 }
    for (column, range) in occurrences where !range.isEmpty {
      let part = (valueOf[column] ?? 0) * weights[column * outputs] / (counts[column] ?? 1)
      for byte in range { result[byte] += part / Float(range.count) }
    }
    return result
  }
}
