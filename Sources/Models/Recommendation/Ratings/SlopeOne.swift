import Commerce
import Learning
import MathKernels

/// Predicts a rating by how much higher or lower the item is usually rated than the user's other items.
///
/// ```swift
/// let model = try await SlopeOne().fit(ratings, context: FitContext())
/// model.predict(user: "ann", item: "tea")
/// ```
/// `r̂ = mean(u) + mean over the user's items j of dev(i, j)`, where dev(i, j) is the mean of r(i) − r(j) over those who rated
/// both. With `weighted` each dev counts by how many these are. A user or an item that shares nobody gets the baseline.
///
/// Source: Lemire and Maclachlan (2005), https://doi.org/10.1137/1.9781611972757.43
///
/// - Complexity: O(Σ over users of (ratings of the user)²) to fit and O(items²) memory; O(ratings of the user) to predict.
/// - Throws: `LearningError.invalidParameter` for more than 30,000 items, `notEnoughData` without ratings.
public struct SlopeOne: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Whether a pair of items counts by how many users rated both.
    public var weighted: Bool

    /// By default all pairs count alike.
    public init(weighted: Bool = false) { self.weighted = weighted }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Averages the differences of all pairs.
  public func fit(_ data: Interactions, context: FitContext) async throws -> SlopeOneModel {
    try data.requireRatings()
    try SettingCheck.require("number of items", data.items.count, 1...30_000)
    try context.checkpoint(step: 0, of: 2)
    let baseline = try await RatingBaseline().fit(data, context: FitContext(seed: context.seed))
    try context.checkpoint(step: 1, of: 2)
    let model = SlopeOneModel(configuration, data, baseline, ItemDifferences(data))
    try context.checkpoint(step: 2, of: 2)
    return model
  }
}

/// For each pair of items the mean difference of their ratings and how many rated both.
struct ItemDifferences: Sendable {
  var means: [Float]
  var counts: [Float]

  /// Rows of the table are made in blocks, each from the users who rated the block's items.
  init(_ data: Interactions) {
    let items = data.items.count
    let raters = SparseMatrix(
      rows: items, columns: data.users.count, rowIndices: data.item, columnIndices: data.userOfRow,
      values: [Float](repeating: 0, count: data.count))
    let blocks = parallelBlocks(items, blockSize: 64) { block in
      var means = [Float](repeating: 0, count: block.count * items)
      var counts = means
      for item in block {
        let start = (item - block.lowerBound) * items
        for user in raters.row(item).columns { Self.add(Int(user), item, data, start, &means, &counts) }
        for place in start..<start + items where counts[place] > 0 { means[place] /= counts[place] }
      }
      return (means, counts)
    }
    means = blocks.flatMap(\.0)
    counts = blocks.flatMap(\.1)
  }

  private static func add(
    _ user: Int, _ item: Int, _ data: Interactions, _ start: Int, _ sums: inout [Float],
    _ counts: inout [Float]
  ) {
    let rows = data.rows(ofUser: user)
    for row in rows where Int(data.item[row]) == item {
      for other in rows where Int(data.item[other]) != item {
        sums[start + Int(data.item[other])] += data.weight[row] - data.weight[other]
        counts[start + Int(data.item[other])] += 1
      }
    }
  }
}

/// What `SlopeOne` learned: the mean differences of all pairs, and what each user rated.
public struct SlopeOneModel: RatingPredictor {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: SlopeOne.Configuration
  private let baseline: RatingFactorModel
  @Packed private var means: [Float]
  @Packed private var counts: [Float]
  @Packed private var userMeans: [Float]
  @Packed private var starts: [Int64]
  @Packed private var rated: [Int32]

  /// The users known to the model.
  public var users: Vocabulary { baseline.users }
  /// The items known to the model.
  public var items: Vocabulary { baseline.items }
  /// What ratings are within.
  public var scale: RatingScale { baseline.scale }

  init(
    _ configuration: SlopeOne.Configuration, _ data: Interactions, _ baseline: RatingFactorModel,
    _ differences: ItemDifferences
  ) {
    self.configuration = configuration
    self.baseline = baseline
    means = differences.means
    counts = differences.counts
    userMeans = (0..<data.users.count).map { user in
      let rows = data.rows(ofUser: user)
      return rows.isEmpty ? 0 : rows.reduce(0) { $0 + data.weight[$1] } / Float(rows.count)
    }
    starts = data.userStarts.map(Int64.init)
    rated = data.item
  }

  /// See `RatingPredictor`.
  public func rating(user: Int32?, item: Int32?, timestamp: Int64?) -> Double {
    let usual = baseline.rating(user: user, item: item, timestamp: nil)
    guard let user, let item else { return usual }
    var (sum, weights) = (0.0, 0.0)
    for place in Int(starts[Int(user)])..<Int(starts[Int(user) + 1]) {
      let pair = Int(item) * items.count + Int(rated[place])
      guard counts[pair] > 0 else { continue }
      let weight = configuration.weighted ? Double(counts[pair]) : 1
      sum += weight * Double(means[pair])
      weights += weight
    }
    return weights > 0 ? Double(userMeans[Int(user)]) + sum / weights : usual
  }
}
