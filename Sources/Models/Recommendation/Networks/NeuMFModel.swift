import Commerce
import Learning
import MathKernels
import Neural

/// What `NeuMF` learned: two vectors for each item and the network over them. Predicts without libtorch.
public struct NeuMFModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public var configuration: NeuMF.Configuration { learned.configuration }
  /// The items known to the model.
  public var items: Vocabulary { learned.items }
  private let learned: LearnedNetwork<NeuMF.Configuration>
  private var network: Checkpoint { learned.network }

  /// How popular each item is.
  public var popularity: [Float] { learned.counts }

  private var size: Int { configuration.embeddingSize }

  init(_ configuration: NeuMF.Configuration, items: Vocabulary, popularity: [Float], network: Checkpoint) {
    learned = LearnedNetwork(configuration, items: items, popularity: popularity, network: network)
  }

  /// The places of a history that are read.
  private func places(_ history: CodedHistory) -> [Int] {
    Array(history.items.indices.filter { history.weights[$0] > 0 }.suffix(configuration.historyLength))
  }

  /// The mean vector of some items.
  private func mean(_ items: [Int32], _ vectors: [Float]) -> [Float] {
    var mean = [Float](repeating: 0, count: size)
    for item in items {
      for index in 0..<size { mean[index] += vectors[Int(item) * size + index] / Float(items.count) }
    }
    return mean
  }

  /// The scores of some items for what a customer had.
  private func scores(_ read: [Int32], of items: [Int32]?) -> [Float] {
    let rows = items?.count ?? self.items.count
    func pick(_ name: String, _ width: Int) -> [Float] {
      let all = network.values(name)
      guard let items else { return all }
      return items.flatMap { all[Int($0) * width..<(Int($0) + 1) * width] }
    }
    let (product, deep) = (network.values("product.weight"), network.values("deep.weight"))
    let weights = network.values("output.weight")
    // The product part: the customer's vector times the mixing weights, against each item's vector.
    let mixed = zip(mean(read, product), weights).map { $0 * $1 }
    let shared = Forward.linear(
      pick("product.weight", size), rows: rows, weight: mixed, bias: nil, outputs: 1)
    var state = firstLayer(customer: mean(read, deep), items: pick("deep.weight", size), rows)
    for index in configuration.hiddenSizes.indices.dropFirst() {
      state = Forward.linear(
        state, rows: rows, weight: network.values("hidden.\(index).weight"),
        bias: network.values("hidden.\(index).bias"), outputs: configuration.hiddenSizes[index])
      Forward.relu(&state)
    }
    let learned = Forward.linear(
      state, rows: rows, weight: Array(weights[size...]), bias: nil, outputs: 1)
    let bias = pick("bias.weight", 1)
    return (0..<rows).map { shared[$0] + learned[$0] + bias[$0] }
  }

  /// The first layer over customer and item: the customer's half is the same for all items.
  private func firstLayer(customer: [Float], items: [Float], _ rows: Int) -> [Float] {
    let outputs = configuration.hiddenSizes[0]
    let weight = network.values("hidden.0.weight")
    func half(_ start: Int) -> [Float] {
      (0..<outputs).flatMap { weight[$0 * 2 * size + start..<$0 * 2 * size + start + size] }
    }
    let base = Forward.linear(
      customer, rows: 1, weight: half(0), bias: network.values("hidden.0.bias"), outputs: outputs)
    var state = Forward.linear(items, rows: rows, weight: half(size), bias: base, outputs: outputs)
    Forward.relu(&state)
    return state
  }

  /// The network over each pair of history and item.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    let counts = popularity
    for (row, history) in histories.enumerated() {
      let own = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      let read = places(history).map { history.items[$0] }
      guard !read.isEmpty else {
        own.update(repeating: -.infinity)
        continue
      }
      _ = own.update(fromContentsOf: self.scores(read, of: nil))
      // Items that were never learned from have vectors that mean nothing.
      for index in counts.indices where counts[index] == 0 { own[index] = -.infinity }
    }
  }

  /// What each entry adds to what the entries after it say alone; the differences add up to the score exactly.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    var parts = items.map { _ in [Float](repeating: 0, count: history.items.count) }
    let places = places(history)
    guard !places.isEmpty, !items.isEmpty else { return parts }
    var after = [Float](repeating: 0, count: items.count)
    for start in places.indices.reversed() {
      let found = scores(places[start...].map { history.items[$0] }, of: items)
      for row in items.indices { parts[row][places[start]] = found[row] - after[row] }
      after = found
    }
    return parts
  }

  /// The cosine of the items' vectors of the product.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    scores.update(repeating: -.infinity)
    let size = size
    let vectors = network.values("product.weight")
    let counts = popularity
    vectors.withUnsafeBufferPointer { vectors in
      guard let vectors = vectors.baseAddress, counts[Int(item)] > 0 else { return }
      let own = vectors + Int(item) * size
      let length = Vectors.dot(own, own, size).squareRoot()
      for index in 0..<items.count where counts[index] > 0 {
        let other = vectors + index * size
        let product = length * Vectors.dot(other, other, size).squareRoot()
        if product > 0 { scores[index] = Vectors.dot(own, other, size) / product }
      }
    }
  }
}

extension NeuMFModel {
  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    learned = try LearnedNetwork(from: decoder)
    try configuration.validate()
    try learned.require(NeuMFNetwork.shapes(configuration, items: items.count))
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws { try learned.encode(to: encoder) }
}
