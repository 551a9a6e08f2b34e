import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends by three steps of a random walk, from a user to an item, to another user and to another item, with popular
/// items held back.
///
/// ```swift
/// let model = try await RP3Beta(.init(alpha: 0.9, beta: 0.5)).fit(interactions, context: FitContext())
/// model.recommend(for: ["tea", "milk"], count: 10)
/// ```
/// `w(i, j) = Σ over users of p(i → u)^α · p(u → j)^α / count(j)^β`, where p divides a cell by the sum of its row; each item
/// keeps the `neighbours` it speaks for most. `score(j) = Σ over the history of weight(i) · w(i, j)`.
///
/// Source: Paudel, Christoffel, Newell and Bernstein (2017), https://doi.org/10.1145/2955101. The first step of the walk, from
/// the user asking, is the history itself, so that any history will do.
///
/// - Complexity: O(Σ over users of (items of the user)²) to fit, on all cores; O(history × neighbours + items) to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct RP3Beta: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// α: the power of the probabilities of a step.
    public var alpha: Double
    /// β: how far popular items are held back.
    public var beta: Double
    /// For how many others an item speaks.
    public var neighbours: Int
    /// How an item that a user dealt with counts.
    public var weighting: InteractionWeighting

    /// By default α = .9, β = .5, 300 neighbours.
    public init(
      alpha: Double = 0.9, beta: Double = 0.5, neighbours: Int = 300,
      weighting: InteractionWeighting = .binary
    ) {
      self.alpha = alpha
      self.beta = beta
      self.neighbours = neighbours
      self.weighting = weighting
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Multiplies the steps.
  public func fit(_ data: Interactions, context: FitContext) async throws -> ItemWeightModel {
    try SettingCheck.require("alpha", configuration.alpha, 0...5)
    try SettingCheck.require("beta", configuration.beta, 0...5)
    try SettingCheck.require("neighbours", configuration.neighbours, 1...1_000_000)
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 1)
    let matrix = configuration.weighting.matrix(data)
    let byItem = matrix.transposed()
    let factors = (0..<byItem.rows).map { item in
      let sum = byItem.row(item).values.reduce(0, +)
      return sum > 0 ? Float(pow(Double(sum), -configuration.beta)) : 0
    }
    let weights = steps(byItem).nearestColumns(
      configuration.neighbours, of: steps(matrix), columnFactors: factors)
    try context.checkpoint(step: 1, of: 1)
    return ItemWeightModel(
      items: data.items, weighting: configuration.weighting, popularity: Popularity.scores(data),
      weights: weights)
  }

  /// Each row divided by its sum, to the power of α.
  private func steps(_ matrix: SparseMatrix) -> SparseMatrix {
    var result = matrix
    for row in 0..<matrix.rows {
      let sum = matrix.row(row).values.reduce(0, +)
      for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
        result.values[entry] = Float(pow(Double(matrix.values[entry] / sum), configuration.alpha))
      }
    }
    return result
  }
}
