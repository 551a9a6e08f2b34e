import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends what the users most like the one asking dealt with: user-based nearest neighbours.
///
/// ```swift
/// let model = try await UserKNN(.init(neighbours: 100)).fit(interactions, context: FitContext())
/// model.recommend(for: ["tea", "milk"], count: 10)   // any history: its neighbours are found when it is asked
/// ```
/// Users are rows over items, weighted by the item's inverse frequency where `inverseFrequency` says so. The likeness of a
/// history h and a user v is `h·v / (|h| |v| + shrink)`; `score(j) = Σ over the nearest users of likeness(v) · r(v, j)`.
///
/// Source: Herlocker, Konstan, Borchers and Riedl (1999), https://doi.org/10.1145/312624.312682, for implicit data. The
/// neighbours are looked for by an inverted index over all users.
///
/// - Complexity: O(interactions) to fit; O(Σ over the history of (users of the item) + neighbours × items of a user + items)
///   to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct UserKNN: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many users are asked.
    public var neighbours: Int
    /// Added to the denominator, so that likeness seen on few items counts less.
    public var shrink: Double
    /// Whether rare items count more when users are compared.
    public var inverseFrequency: Bool
    /// How an item that a user dealt with counts.
    public var weighting: InteractionWeighting

    /// By default a hundred users, compared on rare items more.
    public init(
      neighbours: Int = 100, shrink: Double = 0, inverseFrequency: Bool = true,
      weighting: InteractionWeighting = .binary
    ) {
      self.neighbours = neighbours
      self.shrink = shrink
      self.inverseFrequency = inverseFrequency
      self.weighting = weighting
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Indexes the users.
  public func fit(_ data: Interactions, context: FitContext) async throws -> UserKNNModel {
    try SettingCheck.require("neighbours", configuration.neighbours, 1...1_000_000)
    try SettingCheck.require("shrink", configuration.shrink, 0...1e9)
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 1)
    let model = UserKNNModel(configuration, data)
    try context.checkpoint(step: 1, of: 1)
    return model
  }
}

/// What `UserKNN` learned: the users' items, and each item's users.
public struct UserKNNModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: UserKNN.Configuration
  /// The items known to the model.
  public let items: Vocabulary
  @Packed private var counts: [Float]
  @Packed private var itemScales: [Float]
  @Packed private var userLengths: [Float]
  @Packed private var userStarts: [Int64]
  @Packed private var userItems: [Int32]
  @Packed private var userValues: [Float]
  @Packed private var itemStarts: [Int64]
  @Packed private var itemUsers: [Int32]
  @Packed private var itemValues: [Float]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(_ configuration: UserKNN.Configuration, _ data: Interactions) {
    self.configuration = configuration
    items = data.items
    counts = Popularity.scores(data)
    let matrix = configuration.weighting.matrix(data)
    let byItem = matrix.transposed()
    let users = Double(matrix.rows)
    itemScales = (0..<byItem.rows).map { item in
      let buyers = byItem.rowStarts[item + 1] - byItem.rowStarts[item]
      // One is added, so that an item which everybody has still tells users apart from strangers.
      return configuration.inverseFrequency && buyers > 0 ? Float(log1p(users / Double(buyers))) : 1
    }
    userStarts = matrix.rowStarts.map(Int64.init)
    userItems = matrix.columnIndices
    userValues = matrix.values
    itemStarts = byItem.rowStarts.map(Int64.init)
    itemUsers = byItem.columnIndices
    itemValues = byItem.values
    userLengths = []
    userLengths = (0..<matrix.rows).map { user in
      let (columns, values) = matrix.row(user)
      return zip(columns, values).reduce(Float(0)) { sum, entry in
        let value = entry.1 * itemScales[Int(entry.0)]
        return sum + value * value
      }.squareRoot()
    }
  }

  /// The nearest users of a history with their likeness, and what each entry of the history weighs in it.
  private func neighbours(_ history: CodedHistory) -> (users: [TopK.Entry], weights: [Float]) {
    let shares = configuration.weighting.shares(history)
    let weights = zip(history.items, shares).map { $1 * itemScales[Int($0)] * itemScales[Int($0)] }
    // The length of a history counts each item once, with all that its entries add up to.
    var totals: [Int32: Float] = [:]
    for (item, share) in zip(history.items, shares) where share > 0 { totals[item, default: 0] += share }
    let squares = totals.reduce(Float(0)) { sum, entry in
      let value = entry.value * itemScales[Int(entry.key)]
      return sum + value * value
    }
    let length = squares.squareRoot()
    guard length > 0, length.isFinite else { return ([], weights) }
    var products = [Float](repeating: 0, count: userLengths.count)
    for (item, weight) in zip(history.items, weights) where weight > 0 {
      for entry in Int(itemStarts[Int(item)])..<Int(itemStarts[Int(item) + 1]) {
        products[Int(itemUsers[entry])] += weight * itemValues[entry]
      }
    }
    var best = TopK(configuration.neighbours)
    for (user, product) in products.enumerated() where product > 0 {
      let likeness = product / (length * userLengths[user] + Float(configuration.shrink))
      if likeness > 0, likeness.isFinite { best.offer(Int32(user), likeness) }
    }
    return (best.sorted(), weights)
  }

  /// Adds up what the nearest users dealt with.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: 0)
      for user in neighbours(history).users {
        for entry in Int(userStarts[Int(user.index)])..<Int(userStarts[Int(user.index) + 1]) {
          sums[Int(userItems[entry])] += user.score * userValues[entry]
        }
      }
      for index in 0..<width where !(sums[index] > 0) || !sums[index].isFinite { sums[index] = -.infinity }
    }
  }

  /// Each entry's part of the likeness of each neighbour, times what the neighbour has of the item.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    let (users, weights) = neighbours(history)
    var parts = items.map { _ in [Float](repeating: 0, count: history.items.count) }
    for user in users {
      // What each entry adds to the product, scaled so that the parts add up to the likeness.
      var shares = zip(history.items, weights).map { $1 * value(of: $0, for: user.index) }
      let sum = shares.reduce(0, +)
      guard sum > 0 else { continue }
      shares = shares.map { $0 / sum * user.score }
      for (index, item) in items.enumerated() {
        let value = value(of: item, for: user.index)
        guard value > 0 else { continue }
        for place in shares.indices { parts[index][place] += shares[place] * value }
      }
    }
    return parts
  }

  private func value(of item: Int32, for user: Int32) -> Float {
    let range = Int(userStarts[Int(user)])..<Int(userStarts[Int(user) + 1])
    return userItems.withUnsafeBufferPointer { columns in
      let row = UnsafeBufferPointer(rebasing: columns[range])
      let place = TransitionModel.lowerBound(row, item)
      return place < row.count && row[place] == item ? userValues[range.lowerBound + place] : 0
    }
  }

  /// What the item's users deal with most.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    score([CodedHistory(items: [item], weights: [1])], into: scores)
  }
}
