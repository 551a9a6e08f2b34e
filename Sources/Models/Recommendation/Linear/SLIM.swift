import Commerce
import Learning
import MathKernels

/// Recommends by a sparse linear model of each item on the others, with weights of at least zero.
///
/// ```swift
/// let model = try await SLIM(.init(l1: 1, l2: 100)).fit(interactions, context: FitContext())
/// model.recommend(for: ["tea", "milk"], count: 10)
/// ```
/// For each item j, w minimizes `½|xⱼ − Xw|² + ½ l2 |w|² + l1 Σ w` with w ≥ 0 and w(j) = 0, by cyclic coordinate descent on the
/// items' inner products. Where there are more than `candidates` items, only the `candidates` most similar to j may have
/// weights.
///
/// Sources: Ning and Karypis (2011), https://doi.org/10.1109/ICDM.2011.134; coordinate descent with covariance updates after
/// Friedman, Hastie and Tibshirani (2010), https://doi.org/10.18637/jss.v033.i01.
///
/// - Complexity: O(items × sweeps × candidates × weights found), on all cores; items² Floats where all items are candidates.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct SLIM: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The strength of the penalty that makes weights zero.
    public var l1: Double
    /// The strength of the penalty that keeps weights small.
    public var l2: Double
    /// How many items may explain one.
    public var candidates: Int
    /// How often all weights of an item are gone through at most.
    public var sweeps: Int
    /// How an item that a user dealt with counts.
    public var weighting: InteractionWeighting

    /// The defaults do well on MovieLens 100K.
    public init(
      l1: Double = 1, l2: Double = 100, candidates: Int = 2000, sweeps: Int = 30,
      weighting: InteractionWeighting = .binary
    ) {
      self.l1 = l1
      self.l2 = l2
      self.candidates = candidates
      self.sweeps = sweeps
      self.weighting = weighting
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Descends for each item.
  public func fit(_ data: Interactions, context: FitContext) async throws -> ItemWeightModel {
    try SettingCheck.require("l1", configuration.l1, 0...1e9)
    try SettingCheck.require("l2", configuration.l2, 1e-6...1e9)
    try SettingCheck.require("candidates", configuration.candidates, 1...20_000)
    try SettingCheck.require("sweeps", configuration.sweeps, 1...10_000)
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 1)
    let matrix = configuration.weighting.matrix(data)
    let weights = matrix.columns <= configuration.candidates ? fromAll(matrix) : fromSimilar(matrix)
    try context.checkpoint(step: 1, of: 1)
    return ItemWeightModel(
      items: data.items, weighting: configuration.weighting, popularity: Popularity.scores(data),
      weights: weights)
  }

  private func fromAll(_ matrix: SparseMatrix) -> SparseMatrix {
    let gram = ItemGram.dense(matrix)
    let order = gram.rows
    let blocks = parallelBlocks(order, blockSize: 16) { block in
      var rows = SparseRows()
      var descent = ElasticNetDescent(configuration, capacity: order)
      gram.elements.withUnsafeBufferPointer { gram in
        guard let gram = gram.baseAddress else { return }
        for item in block {
          let weights = descent.run(gram, target: gram + item * order, own: item, count: order)
          rows.add(
            weights.indices.lazy.filter { weights[$0] > 0 }.map { (Int32($0), weights[$0]) })
        }
      }
      return rows
    }
    return SparseRows.joined(blocks, columns: order).transposed()
  }

  private func fromSimilar(_ matrix: SparseMatrix) -> SparseMatrix {
    let byItem = matrix.transposed()
    let nearest = byItem.nearestRows(configuration.candidates, normalized: true)
    let blocks = parallelBlocks(byItem.rows, blockSize: 64) { block in
      var rows = SparseRows()
      var place = [Int32](repeating: -1, count: byItem.rows)
      let most = configuration.candidates + 1
      var gram = [Float](repeating: 0, count: most * most)
      var descent = ElasticNetDescent(configuration, capacity: most)
      for item in block {
        let chosen = Array(nearest.row(item).columns) + [Int32(item)]
        ItemGram.local(chosen, byItem, matrix, &place, into: &gram)
        let own = chosen.count - 1
        let weights = gram.withUnsafeBufferPointer { gram in
          gram.baseAddress.map {
            descent.run($0, target: $0 + own * chosen.count, own: own, count: chosen.count)
          } ?? []
        }
        rows.add(weights.indices.lazy.filter { weights[$0] > 0 }.map { (chosen[$0], weights[$0]) })
      }
      return rows
    }
    return SparseRows.joined(blocks, columns: byItem.rows).transposed()
  }
}

/// Coordinate descent for one item at a time, in memory that is used again.
struct ElasticNetDescent {
  private let l1: Float
  private let l2: Float
  private let sweeps: Int
  private var weights: [Float]
  private var products: [Float]

  init(_ configuration: SLIM.Configuration, capacity: Int) {
    l1 = Float(configuration.l1)
    l2 = Float(configuration.l2)
    sweeps = configuration.sweeps
    weights = [Float](repeating: 0, count: capacity)
    products = weights
  }

  /// The weights of `count` items for one of them, from their inner products and those with it.
  ///
  /// Between full sweeps only the weights that are not zero are gone through, until these no longer move.
  mutating func run(
    _ gram: UnsafePointer<Float>, target: UnsafePointer<Float>, own: Int, count: Int
  ) -> ArraySlice<Float> {
    for index in 0..<count { (weights[index], products[index]) = (0, 0) }
    // A weight never passes 1 by much: steps below a ten-thousandth do not change an order.
    let tolerance: Float = 1e-4
    var rounds = 0
    while rounds < sweeps {
      rounds += 1
      guard sweep(gram, target, own, count, activeOnly: false) > tolerance else { break }
      while rounds < sweeps, sweep(gram, target, own, count, activeOnly: true) > tolerance { rounds += 1 }
    }
    return weights[0..<count]
  }

  private mutating func sweep(
    _ gram: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ own: Int, _ count: Int, activeOnly: Bool
  ) -> Float {
    let (l1, l2) = (l1, l2)
    return weights.withUnsafeMutableBufferPointer { weights in
      products.withUnsafeMutableBufferPointer { products in
        guard let products = products.baseAddress else { return 0 }
        var largest: Float = 0
        for index in 0..<count where index != own && (!activeOnly || weights[index] > 0) {
          let old = weights[index]
          let length = gram[index * count + index]
          let next = max(0, (target[index] - products[index] + length * old - l1) / (length + l2))
          guard next != old else { continue }
          weights[index] = next
          Vectors.addProduct(next - old, gram + index * count, to: products, count)
          largest = max(largest, abs(next - old))
        }
        return largest
      }
    }
  }
}
