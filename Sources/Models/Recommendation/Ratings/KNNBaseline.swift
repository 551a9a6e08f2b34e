import Commerce
import Foundation
import Learning
import MathKernels

/// Predicts a rating by what is usual and by how the user rated the items most like it.
///
/// ```swift
/// let model = try await KNNBaseline().fit(ratings, context: FitContext())
/// model.predict(user: "ann", item: "tea")
/// ```
/// `r̂ = b(u, i) + Σ s(i, j) · (r(u, j) − b(u, j)) / Σ s(i, j)` over the `neighbours` items j most like i among those that the
/// user rated. s is the correlation of what two items' ratings leave over after the baseline, times
/// `(n − 1) / (n − 1 + shrink)` for n users who rated both; those of zero or less are left out.
///
/// Source: Koren (2010), https://doi.org/10.1145/1644873.1644874, section 2.2, with the fixed similarities of its first form.
///
/// - Complexity: O(Σ over users of (ratings of the user)²) to fit and O(items²) memory; O(r log k) to predict from a user's
///   r ratings.
/// - Throws: `LearningError.invalidParameter` for more than 30,000 items or settings outside their range, `notEnoughData`
///   without ratings.
public struct KNNBaseline: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many of the user's items speak for one.
    public var neighbours: Int
    /// Holds back correlations seen on few users.
    public var shrink: Double

    /// By default forty neighbours, shrunk by a hundred.
    public init(neighbours: Int = 40, shrink: Double = 100) {
      self.neighbours = neighbours
      self.shrink = shrink
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Correlates all pairs of items.
  public func fit(_ data: Interactions, context: FitContext) async throws -> KNNBaselineModel {
    try SettingCheck.require("neighbours", configuration.neighbours, 1...100_000)
    try SettingCheck.require("shrink", configuration.shrink, 0...1e9)
    try data.requireRatings()
    try SettingCheck.require("number of items", data.items.count, 1...30_000)
    try context.checkpoint(step: 0, of: 2)
    let baseline = try await RatingBaseline().fit(data, context: FitContext(seed: context.seed))
    try context.checkpoint(step: 1, of: 2)
    let model = KNNBaselineModel(configuration, data, baseline)
    try context.checkpoint(step: 2, of: 2)
    return model
  }
}

/// What `KNNBaseline` learned: the likeness of all pairs of items, and what each user's ratings leave over.
public struct KNNBaselineModel: RatingPredictor {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: KNNBaseline.Configuration
  private let baseline: RatingFactorModel
  @Packed private var similarities: [Float]
  @Packed private var starts: [Int64]
  @Packed private var rated: [Int32]
  @Packed private var residuals: [Float]

  /// The users known to the model.
  public var users: Vocabulary { baseline.users }
  /// The items known to the model.
  public var items: Vocabulary { baseline.items }
  /// What ratings are within.
  public var scale: RatingScale { baseline.scale }

  init(_ configuration: KNNBaseline.Configuration, _ data: Interactions, _ baseline: RatingFactorModel) {
    self.configuration = configuration
    self.baseline = baseline
    let userOfRow = data.userOfRow
    let residuals = data.item.indices.map { row in
      data.weight[row]
        - Float(baseline.rating(user: userOfRow[row], item: data.item[row], timestamp: nil))
    }
    self.residuals = residuals
    starts = data.userStarts.map(Int64.init)
    rated = data.item
    let byItem = SparseMatrix(
      rows: data.items.count, columns: data.users.count, rowIndices: data.item, columnIndices: userOfRow,
      values: residuals)
    similarities = Self.correlations(byItem, shrink: Float(configuration.shrink))
  }

  /// The shrunk correlations of all pairs of rows, over the columns that both have.
  private static func correlations(_ byItem: SparseMatrix, shrink: Float) -> [Float] {
    let byUser = byItem.transposed()
    let items = byItem.rows
    return parallelBlocks(items, blockSize: 64) { block in
      var result = [Float](repeating: 0, count: block.count * items)
      for item in block {
        var pairs = [(products: Float, own: Float, other: Float, count: Float)](
          repeating: (0, 0, 0, 0), count: items)
        let (users, values) = byItem.row(item)
        for (user, value) in zip(users, values) {
          let (others, otherValues) = byUser.row(Int(user))
          for (other, otherValue) in zip(others, otherValues) {
            pairs[Int(other)].products += value * otherValue
            pairs[Int(other)].own += value * value
            pairs[Int(other)].other += otherValue * otherValue
            pairs[Int(other)].count += 1
          }
        }
        for (other, pair) in pairs.enumerated() where other != item && pair.count > 1 && pair.products > 0 {
          result[(item - block.lowerBound) * items + other] =
            pair.products / (pair.own * pair.other).squareRoot() * (pair.count - 1)
            / (pair.count - 1 + shrink)
        }
      }
      return result
    }.flatMap { $0 }
  }

  /// See `RatingPredictor`.
  public func rating(user: Int32?, item: Int32?, timestamp: Int64?) -> Double {
    let usual = baseline.rating(user: user, item: item, timestamp: nil)
    guard let user, let item else { return usual }
    var nearest = TopK(configuration.neighbours)
    for place in Int(starts[Int(user)])..<Int(starts[Int(user) + 1]) {
      let similarity = similarities[Int(item) * items.count + Int(rated[place])]
      if similarity > 0 { nearest.offer(Int32(place), similarity) }
    }
    var (sum, weights) = (0.0, 0.0)
    for entry in nearest.sorted() {
      sum += Double(entry.score) * Double(residuals[Int(entry.index)])
      weights += Double(entry.score)
    }
    return weights > 0 ? usual + sum / weights : usual
  }
}
