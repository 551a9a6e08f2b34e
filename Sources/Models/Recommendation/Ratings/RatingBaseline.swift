import Commerce
import Learning

/// Predicts ratings by what is usual for the user and for the item, and nothing else: the figure to beat.
///
/// ```swift
/// let model = try await RatingBaseline().fit(ratings, context: FitContext())
/// model.predict(user: "ann", item: "tea")
/// ```
/// `b(u, i) = μ + b(u) + b(i)`. The biases are shrunk means of what the others leave over, taken in turn: first
/// `b(i) = Σ (r − μ − b(u)) / (itemRegularization + n)`, then `b(u)` alike.
///
/// Source: Koren (2010), https://doi.org/10.1145/1644873.1644874, section 2.1, by alternating least squares.
///
/// - Complexity: O(epochs × ratings).
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without ratings.
public struct RatingBaseline: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How often items and users take turns.
    public var epochs: Int
    /// How many ratings of nothing unusual each user is given.
    public var userRegularization: Double
    /// How many ratings of nothing unusual each item is given.
    public var itemRegularization: Double

    /// By default ten epochs, users shrunk by 15, items by 10.
    public init(epochs: Int = 10, userRegularization: Double = 15, itemRegularization: Double = 10) {
      self.epochs = epochs
      self.userRegularization = userRegularization
      self.itemRegularization = itemRegularization
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Finds the biases.
  public func fit(_ data: Interactions, context: FitContext) async throws -> RatingFactorModel {
    try SettingCheck.require("epochs", configuration.epochs, 1...100_000)
    try SettingCheck.require("userRegularization", configuration.userRegularization, 0...1e9)
    try SettingCheck.require("itemRegularization", configuration.itemRegularization, 0...1e9)
    try data.requireRatings()
    try context.checkpoint(step: 0, of: configuration.epochs)
    var biases = RatingBiases(users: data.users.count, items: data.items.count, mean: data.meanRating)
    for epoch in 1...configuration.epochs {
      biases.sweep(data, configuration)
      try context.checkpoint(step: epoch, of: configuration.epochs)
    }
    return RatingFactorModel(data, biases: biases)
  }
}

/// What is usual: the mean and the deviations of users and items from it.
struct RatingBiases: Sendable {
  var mean: Double
  var user: [Float]
  var item: [Float]

  init(users: Int, items: Int, mean: Double) {
    self.mean = mean
    user = [Float](repeating: 0, count: users)
    item = [Float](repeating: 0, count: items)
  }

  mutating func sweep(_ data: Interactions, _ configuration: RatingBaseline.Configuration) {
    var sums = [Double](repeating: 0, count: item.count)
    var counts = [Double](repeating: configuration.itemRegularization, count: item.count)
    for user in 0..<data.users.count {
      for row in data.rows(ofUser: user) {
        sums[Int(data.item[row])] += Double(data.weight[row]) - mean - Double(self.user[user])
        counts[Int(data.item[row])] += 1
      }
    }
    for index in item.indices where counts[index] > 0 { item[index] = Float(sums[index] / counts[index]) }
    for user in 0..<data.users.count {
      let rows = data.rows(ofUser: user)
      guard !rows.isEmpty else { continue }
      let sum = rows.reduce(0) { $0 + Double(data.weight[$1]) - mean - Double(item[Int(data.item[$1])]) }
      self.user[user] = Float(sum / (Double(rows.count) + configuration.userRegularization))
    }
  }
}
