import Commerce
import Foundation
import Learning
import MathKernels

/// Matrix factorization for implicit feedback by alternating least squares.
///
/// ```swift
/// let model = try await ImplicitALS(.init(embeddingSize: 64, epochs: 15, regularization: 0.05, confidence: 10))
///   .fit(interactions, context: FitContext(seed: 7))
/// model.recommend(for: ["tea", "milk"], count: 10)   // any history: new users are folded in
/// ```
/// Minimizes `Σ over all pairs c · (p − xᵤ·yᵢ)² + Σ λᵤ|xᵤ|² + Σ λᵢ|yᵢ|²` with p = 1 and c = `confidence` × weight where there was
/// an interaction, p = 0 and c = 1 elsewhere. With `frequencyScaling` ν > 0 the regularization of a row with n entries is
/// multiplied by `((n + m/confidence) / mean of the same)^ν`, m the number of rows of the other side, so that frequent users
/// and items are regularized more while the mean strength stays.
///
/// Sources: Hu, Koren and Volinsky (2008), https://doi.org/10.1109/ICDM.2008.22; conjugate gradients after Takács, Pilászy and
/// Tikk (2011), https://doi.org/10.1145/2043932.2043987; frequency scaling after Rendle and others (2022),
/// https://doi.org/10.1145/3523227.3548486, who do not divide by the mean.
///
/// - Complexity: O(f² · (users + items) + f · interactions) per epoch with conjugate gradients,
///   O(f³ · (users + items) + f² · interactions) with Cholesky, f the embedding's size.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct ImplicitALS: Estimator {
  /// How each row's least squares are solved.
  public enum Solver: Sendable, Codable, Equatable {
    /// Exactly.
    case cholesky
    /// By this many steps of conjugate gradients from the previous solution.
    case conjugateGradient(steps: Int)
  }

  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// f: how many numbers describe a user or an item.
    public var embeddingSize: Int
    /// How often both sides are solved.
    public var epochs: Int
    /// λ: the strength of the regularization.
    public var regularization: Double
    /// α: the confidence of an interaction of weight 1; that of none is 1.
    public var confidence: Double
    /// ν: 0 regularizes all rows alike, 1 in proportion to their frequency.
    public var frequencyScaling: Double
    /// How each row is solved.
    public var solver: Solver

    /// By default 64 numbers, 15 epochs, three steps of conjugate gradients.
    public init(
      embeddingSize: Int = 64, epochs: Int = 15, regularization: Double = 0.01, confidence: Double = 1,
      frequencyScaling: Double = 0, solver: Solver = .conjugateGradient(steps: 3)
    ) {
      self.embeddingSize = embeddingSize
      self.epochs = epochs
      self.regularization = regularization
      self.confidence = confidence
      self.frequencyScaling = frequencyScaling
      self.solver = solver
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Solves for users and items in turn.
  public func fit(_ data: Interactions, context: FitContext) async throws -> FactorModel {
    try validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: configuration.epochs)
    var byUser = data.matrix
    byUser.values = byUser.values.map { min($0 * Float(configuration.confidence), 1e6) }
    let byItem = byUser.transposed()
    var random = RandomSource(seed: context.seed)
    var users = factors(data.users.count, &random)
    var items = factors(data.items.count, &random)
    for epoch in 1...configuration.epochs {
      LeastSquares(configuration, byUser).solve(&users, given: items)
      LeastSquares(configuration, byItem).solve(&items, given: users)
      try context.checkpoint(step: epoch, of: configuration.epochs)
    }
    return FactorModel(
      configuration, items: data.items, popularity: Popularity.scores(data), factors: items,
      meanFrequency: LeastSquares(configuration, byUser).meanFrequency)
  }

  private func factors(_ rows: Int, _ random: inout RandomSource) -> Matrix<Float> {
    let size = configuration.embeddingSize
    return Matrix(rows: rows, columns: size, (0..<rows * size).map { _ in Float(random.uniform() * 0.01) })
  }

  private func validate() throws {
    func require(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
      guard range.contains(value) else {
        throw LearningError.invalidParameter(
          name: name, value: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try require("embeddingSize", Double(configuration.embeddingSize), 1...4096)
    try require("epochs", Double(configuration.epochs), 1...100_000)
    try require("regularization", configuration.regularization, 1e-6...1e9)
    try require("confidence", configuration.confidence, 1e-6...1e6)
    try require("frequencyScaling", configuration.frequencyScaling, 0...2)
    if case .conjugateGradient(let steps) = configuration.solver {
      try require("conjugate gradient steps", Double(steps), 1...1000)
    }
  }
}
