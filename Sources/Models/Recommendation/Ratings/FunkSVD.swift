import Commerce
import Learning
import MathKernels

/// Predicts ratings by biases and a product of vectors, learned rating by rating.
///
/// ```swift
/// let model = try await FunkSVD().fit(ratings, context: FitContext(seed: 7))   // weights are ratings
/// model.predict(user: "ann", item: "tea")
/// ```
/// Minimizes `Σ (r − μ − b(u) − b(i) − pᵤ·qᵢ)² + λ(b(u)² + b(i)² + |pᵤ|² + |qᵢ|²)` by stochastic gradients; each epoch goes
/// through the ratings in a new random order, at a learning rate that falls by `learningRateDecay` each time.
///
/// Sources: Funk (2006), https://sifter.org/~simon/journal/20061211.html; Koren, Bell and Volinsky (2009),
/// https://doi.org/10.1109/MC.2009.263. All vectors are learned at once, not one number after the other.
///
/// - Complexity: O(epochs × ratings × embeddingSize), on one core: each step builds on the last.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without ratings.
public struct FunkSVD: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers describe a user or an item.
    public var embeddingSize: Int
    /// How often all ratings are gone through.
    public var epochs: Int
    /// The length of a step.
    public var learningRate: Double
    /// What the length of a step is multiplied with after each epoch.
    public var learningRateDecay: Double
    /// λ: the strength of the regularization.
    public var regularization: Double

    /// The defaults do well on MovieLens 100K.
    public init(
      embeddingSize: Int = 128, epochs: Int = 60, learningRate: Double = 0.01,
      learningRateDecay: Double = 0.97,
      regularization: Double = 0.08
    ) {
      self.embeddingSize = embeddingSize
      self.epochs = epochs
      self.learningRate = learningRate
      self.learningRateDecay = learningRateDecay
      self.regularization = regularization
    }

    func validate() throws {
      try SettingCheck.require("embeddingSize", embeddingSize, 1...4096)
      try SettingCheck.require("epochs", epochs, 1...100_000)
      try SettingCheck.require("learningRate", learningRate, 1e-8...1)
      try SettingCheck.require("learningRateDecay", learningRateDecay, 0.01...1)
      try SettingCheck.require("regularization", regularization, 0...100)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Goes through the ratings `epochs` times.
  public func fit(_ data: Interactions, context: FitContext) async throws -> RatingFactorModel {
    try configuration.validate()
    try data.requireRatings()
    try context.checkpoint(step: 0, of: configuration.epochs)
    let size = configuration.embeddingSize
    var random = RandomSource(seed: context.seed)
    var users = RatingFactors.random(data.users.count * size, size, &random)
    var items = RatingFactors.random(data.items.count * size, size, &random)
    var biases = RatingBiases(users: data.users.count, items: data.items.count, mean: data.meanRating)
    let userOfRow = data.userOfRow
    var order = Array(0..<data.count)
    var rate = Float(configuration.learningRate)
    for epoch in 1...configuration.epochs {
      order.shuffle(using: &random)
      let squares = pass(data, userOfRow, order, rate, &biases, &users, &items)
      rate *= Float(configuration.learningRateDecay)
      try RatingFactors.requireFinite(squares, rate: configuration.learningRate)
      try context.checkpoint(
        step: epoch, of: configuration.epochs, metrics: ["rmse": (squares / Double(data.count)).squareRoot()])
    }
    return RatingFactorModel(
      data, biases: biases, embeddingSize: size, userFactors: users, itemFactors: items)
  }

  /// One epoch; returns the sum of squared errors met on the way.
  private func pass(
    _ data: Interactions, _ userOfRow: [Int32], _ order: [Int], _ rate: Float, _ biases: inout RatingBiases,
    _ users: inout [Float], _ items: inout [Float]
  ) -> Double {
    let size = configuration.embeddingSize
    let lambda = Float(configuration.regularization)
    let mean = Float(biases.mean)
    var squares = 0.0
    users.withUnsafeMutableBufferPointer { users in
      items.withUnsafeMutableBufferPointer { items in
        guard let users = users.baseAddress, let items = items.baseAddress else { return }
        for row in order {
          let (user, item) = (Int(userOfRow[row]), Int(data.item[row]))
          let (p, q) = (users + user * size, items + item * size)
          let usual = mean + biases.user[user] + biases.item[item]
          let error = data.weight[row] - usual - Vectors.dot(p, q, size)
          squares += Double(error * error)
          biases.user[user] += rate * (error - lambda * biases.user[user])
          biases.item[item] += rate * (error - lambda * biases.item[item])
          RatingFactors.step(p, q, rate * error, 1 - rate * lambda, size)
        }
      }
    }
    return squares
  }
}

/// What the factorizations of ratings share.
enum RatingFactors {
  /// Normal deviates so small that a product of two vectors is about a tenth.
  static func random(_ count: Int, _ size: Int, _ random: inout RandomSource) -> [Float] {
    let deviation = 0.1 / Double(size).squareRoot().squareRoot()
    return (0..<count).map { _ in Float(random.normal() * deviation) }
  }

  /// Replaces both vectors at once: `p ← keep · p + gain · q` and `q ← keep · q + gain · p`.
  @inline(__always)
  static func step(
    _ p: UnsafeMutablePointer<Float>, _ q: UnsafeMutablePointer<Float>, _ gain: Float, _ keep: Float,
    _ size: Int
  ) {
    for index in 0..<size {
      let (old, other) = (p[index], q[index])
      p[index] = keep * old + gain * other
      q[index] = keep * other + gain * old
    }
  }

  /// Refuses a run that has left the numbers.
  static func requireFinite(_ squares: Double, rate: Double) throws {
    guard squares.isFinite else {
      throw LearningError.invalidParameter(
        name: "learningRate", value: "\(rate)", expected: "a smaller number: the errors grew without bound")
    }
  }
}
