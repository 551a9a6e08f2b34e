import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends by the linear model of all items on all others that fits the data best, in closed form.
///
/// ```swift
/// let model = try await EASE(.init(regularization: 500)).fit(interactions, context: FitContext())
/// model.form                                  // .exact
/// model.recommend(for: ["tea", "milk"], count: 10)[0].reasons   // add up to the score
/// ```
/// With X of users × items, B minimizes `|X − XB|² + λ|B|²` with a zero diagonal: `B = −P / diag(P)` with
/// `P = (XᵀX + λI)⁻¹`. `score(j) = Σ over the history of weight(i) · B(i, j)`.
///
/// Beyond `exactLimit` items a dense B is too large: then each item is explained by its `neighbours` most similar ones alone,
/// which is the same least squares with all other weights held at zero. The model's `form` says which it is.
///
/// Source: Steck (2019), https://doi.org/10.1145/3308558.3313710; the sparse form is close to the one of Steck (2019),
/// https://arxiv.org/abs/1904.13033, with one neighbourhood for each item.
///
/// - Complexity: O(items³) and items² Floats exactly; O(items × neighbours³) in the sparse form, on all cores.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, or for a regularization too small for the
///   precision of Floats; `notEnoughData` without interactions.
public struct EASE: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// λ: the strength of the regularization.
    public var regularization: Double
    /// How an item that a user dealt with counts.
    public var weighting: InteractionWeighting
    /// The number of items beyond which weights are kept for neighbours alone.
    public var exactLimit: Int
    /// How many neighbours explain an item in the sparse form.
    public var neighbours: Int

    /// By default λ = 500 on dealings that count 1, exact up to 20,000 items, 100 neighbours beyond.
    public init(
      regularization: Double = 500, weighting: InteractionWeighting = .binary, exactLimit: Int = 20_000,
      neighbours: Int = 100
    ) {
      self.regularization = regularization
      self.weighting = weighting
      self.exactLimit = exactLimit
      self.neighbours = neighbours
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Solves for the weights.
  public func fit(_ data: Interactions, context: FitContext) async throws -> EASEModel {
    try SettingCheck.require("regularization", configuration.regularization, 1e-3...1e9)
    try SettingCheck.require("exactLimit", configuration.exactLimit, 0...46_000)
    try SettingCheck.require("neighbours", configuration.neighbours, 1...2000)
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 2)
    let matrix = configuration.weighting.matrix(data)
    let popularity = Popularity.scores(data)
    guard data.items.count <= configuration.exactLimit else {
      let weights = try EASENeighbourhoods(configuration, matrix).weights()
      try context.checkpoint(step: 2, of: 2)
      return EASEModel(
        sparse: ItemWeightModel(
          items: data.items, weighting: configuration.weighting, popularity: popularity, weights: weights),
        neighbours: configuration.neighbours)
    }
    var gram = ItemGram.dense(matrix)
    try context.checkpoint(step: 1, of: 2)
    try Self.solve(&gram, regularization: Float(configuration.regularization))
    try context.checkpoint(step: 2, of: 2)
    return EASEModel(
      items: data.items, weighting: configuration.weighting, popularity: popularity, weights: gram.elements)
  }

  /// Turns the Gram matrix into `−P / diag(P)` with a zero diagonal, in place: items² Floats are all there is room for.
  private static func solve(_ gram: inout Matrix<Float>, regularization: Float) throws {
    let order = gram.rows
    let failed = gram.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return 0 }
      for index in 0..<order { base[index * order + index] += regularization }
      var info = Float.potrf(order, base, order)
      if info == 0 { info = Float.potri(order, base, order) }
      if info == 0 { scale(base, order) }
      return info
    }
    guard failed == 0 else {
      throw LearningError.invalidParameter(
        name: "regularization", value: "\(regularization)",
        expected: "a larger number: the items' products are too much alike to be told apart")
    }
  }

  /// Turns the upper triangle of P into all of B, tile by tile so that both triangles stay in the cache.
  private static func scale(_ base: UnsafeMutablePointer<Float>, _ order: Int) {
    let inverses = (0..<order).map { -1 / base[$0 * order + $0] }
    let tile = 64
    let tiles = (order + tile - 1) / tile
    // A tile and its mirror image are written by one block alone.
    nonisolated(unsafe) let base = base
    _ = parallelBlocks(tiles, blockSize: 1) { block in
      let top = block.lowerBound
      for left in top..<tiles {
        for row in top * tile..<min(order, (top + 1) * tile) {
          for column in max(row, left * tile)..<max(row, min(order, (left + 1) * tile)) {
            let value = base[row * order + column]
            base[row * order + column] = row == column ? 0 : value * inverses[column]
            if row != column { base[column * order + row] = value * inverses[row] }
          }
        }
      }
    }
  }
}

/// The sparse form: each item explained by its nearest neighbours.
struct EASENeighbourhoods: Sendable {
  private let configuration: EASE.Configuration
  private let matrix: SparseMatrix

  init(_ configuration: EASE.Configuration, _ matrix: SparseMatrix) {
    self.configuration = configuration
    self.matrix = matrix
  }

  func weights() throws -> SparseMatrix {
    let byItem = matrix.transposed()
    let nearest = byItem.nearestRows(configuration.neighbours, normalized: true)
    let blocks = parallelBlocks(byItem.rows, blockSize: 64) { block in
      var rows = SparseRows()
      var place = [Int32](repeating: -1, count: byItem.rows)
      let most = configuration.neighbours + 1
      var gram = [Float](repeating: 0, count: most * most)
      for item in block {
        let neighbours = Array(nearest.row(item).columns)
        ItemGram.local(neighbours + [Int32(item)], byItem, matrix, &place, into: &gram)
        rows.add(zip(neighbours, solved(gram, neighbours.count)))
      }
      return rows
    }
    // Row i of what was solved holds what others say for i; the model wants it the other way around.
    return SparseRows.joined(blocks, columns: byItem.rows).transposed()
  }

  /// Solves `(G + λI) b = g`, g the last column of the given products; no weights where rounding forbids it.
  private func solved(_ gram: [Float], _ count: Int) -> [Float] {
    guard count > 0 else { return [] }
    let width = count + 1
    var system = [Float](repeating: 0, count: count * count)
    var weights = [Float](repeating: 0, count: count)
    for row in 0..<count {
      for column in 0..<count { system[row * count + column] = gram[row * width + column] }
      system[row * count + row] += Float(configuration.regularization)
      weights[row] = gram[row * width + count]
    }
    guard Float.potrf(count, &system, count) == 0 else { return [Float](repeating: 0, count: count) }
    Float.potrs(count, 1, system, count, &weights, count)
    return weights
  }
}
