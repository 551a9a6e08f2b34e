import Commerce
import Learning
import MathKernels

/// Predicts ratings by biases and a product of vectors, where a user is also what the user chose to rate.
///
/// ```swift
/// let model = try await SVDPlusPlus(.init(timeSpans: 5)).fit(ratings, context: FitContext(seed: 7))
/// model.predict(user: "ann", item: "tea", timestamp: 1_700_000_000_000)
/// ```
/// `r̂ = μ + b(u) + b(i) + qᵢ · (pᵤ + |N(u)|^−½ Σ over the user's items of y)`, by stochastic gradients. With `timeSpans` the
/// biases change with time: an item's in so many spans of the data, a user's by a drift and by day.
///
/// Sources: Koren (2008), https://doi.org/10.1145/1401890.1401944; the biases over time after Koren (2009),
/// https://doi.org/10.1145/1557019.1557072. The vectors y are updated once per user and epoch, by the sum of what the user's
/// ratings ask for, so that an epoch costs no more than one of `FunkSVD`.
///
/// - Complexity: O(epochs × ratings × embeddingSize), on one core: each step builds on the last.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without ratings.
public struct SVDPlusPlus: Estimator {
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
    /// The strength of the regularization of vectors.
    public var regularization: Double
    /// The strength of the regularization of biases.
    public var biasRegularization: Double
    /// In how many spans of time an item's bias is learned; 0 for biases without time.
    public var timeSpans: Int
    /// The strength of the regularization of what changes with time.
    public var timeRegularization: Double

    /// The defaults do well on MovieLens 100K.
    public init(
      embeddingSize: Int = 64, epochs: Int = 60, learningRate: Double = 0.01,
      learningRateDecay: Double = 0.97,
      regularization: Double = 0.12, biasRegularization: Double = 0.02,
      timeSpans: Int = 0, timeRegularization: Double = 3
    ) {
      self.embeddingSize = embeddingSize
      self.epochs = epochs
      self.learningRate = learningRate
      self.learningRateDecay = learningRateDecay
      self.regularization = regularization
      self.biasRegularization = biasRegularization
      self.timeSpans = timeSpans
      self.timeRegularization = timeRegularization
    }

    func validate() throws {
      try SettingCheck.require("embeddingSize", embeddingSize, 1...4096)
      try SettingCheck.require("epochs", epochs, 1...100_000)
      try SettingCheck.require("learningRate", learningRate, 1e-8...1)
      try SettingCheck.require("learningRateDecay", learningRateDecay, 0.01...1)
      try SettingCheck.require("regularization", regularization, 0...100)
      try SettingCheck.require("biasRegularization", biasRegularization, 0...100)
      try SettingCheck.require("timeSpans", timeSpans, 0...10_000)
      try SettingCheck.require("timeRegularization", timeRegularization, 0...100)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Goes through the users' ratings `epochs` times.
  public func fit(_ data: Interactions, context: FitContext) async throws -> RatingFactorModel {
    try configuration.validate()
    try data.requireRatings()
    var training = SVDPlusPlusTraining(configuration, data, trust: nil, seed: context.seed)
    return try training.run(context)
  }
}

/// The state of a run of `SVDPlusPlus` or `TrustSVD`.
struct SVDPlusPlusTraining: Sendable {
  private let configuration: SVDPlusPlus.Configuration
  private let data: Interactions
  private let size: Int
  private var random: RandomSource
  private var biases: RatingBiases
  private var users: [Float]
  private var items: [Float]
  private var implicit: [Float]
  private var time: TimeBiases?
  private var trust: TrustFactors?

  init(_ configuration: SVDPlusPlus.Configuration, _ data: Interactions, trust: TrustFactors?, seed: UInt64) {
    self.configuration = configuration
    self.data = data
    size = configuration.embeddingSize
    random = RandomSource(seed: seed)
    biases = RatingBiases(users: data.users.count, items: data.items.count, mean: data.meanRating)
    users = RatingFactors.random(data.users.count * size, size, &random)
    items = RatingFactors.random(data.items.count * size, size, &random)
    implicit = RatingFactors.random(data.items.count * size, size, &random)
    time = configuration.timeSpans > 0 ? TimeBiases(data, spans: configuration.timeSpans) : nil
    self.trust = trust
    self.trust?.start(size: size, &random)
  }

  mutating func run(_ context: FitContext) throws -> RatingFactorModel {
    try context.checkpoint(step: 0, of: configuration.epochs)
    var order = Array(0..<data.users.count)
    var rate = Float(configuration.learningRate)
    for epoch in 1...configuration.epochs {
      order.shuffle(using: &random)
      var squares = 0.0
      for user in order { squares += visit(user, rate) }
      rate *= Float(configuration.learningRateDecay)
      try RatingFactors.requireFinite(squares, rate: configuration.learningRate)
      try context.checkpoint(
        step: epoch, of: configuration.epochs, metrics: ["rmse": (squares / Double(data.count)).squareRoot()])
    }
    var whole = [Float](repeating: 0, count: users.count)
    for user in 0..<data.users.count {
      whole.replaceSubrange(user * size..<(user + 1) * size, with: described(user))
    }
    return RatingFactorModel(
      data, biases: biases, embeddingSize: size, userFactors: whole, itemFactors: items, time: time)
  }

  /// The user's vector with what the user's items, and those the user trusts, add to it.
  private func described(_ user: Int) -> [Float] {
    var sum = implicitSum(user)
    for index in 0..<size { sum[index] += users[user * size + index] }
    trust?.add(user, to: &sum)
    return sum
  }

  private func implicitSum(_ user: Int) -> [Float] {
    let rows = data.rows(ofUser: user)
    var sum = [Float](repeating: 0, count: size)
    let scale = 1 / Float(max(1, rows.count)).squareRoot()
    sum.withUnsafeMutableBufferPointer { sum in
      implicit.withUnsafeBufferPointer { implicit in
        guard let sum = sum.baseAddress, let implicit = implicit.baseAddress else { return }
        for row in rows { Vectors.addProduct(scale, implicit + Int(data.item[row]) * size, to: sum, size) }
      }
    }
    return sum
  }

  /// Learns one user's ratings; returns the sum of their squared errors.
  private mutating func visit(_ user: Int, _ rate: Float) -> Double {
    var rows = Array(data.rows(ofUser: user))
    guard !rows.isEmpty else { return 0 }
    rows.shuffle(using: &random)
    var extra = implicitSum(user)
    trust?.add(user, to: &extra)
    // What the user's ratings ask of everything that is added to the user's vector.
    var wanted = [Float](repeating: 0, count: size)
    var squares = 0.0
    for row in rows {
      let item = Int(data.item[row])
      let error = learn(user, item, row, rate, extra, &wanted)
      squares += Double(error * error)
    }
    let (keep, scale) = (rate * Float(configuration.regularization), 1 / Float(rows.count).squareRoot())
    implicit.withUnsafeMutableBufferPointer { implicit in
      for row in rows {
        let start = Int(data.item[row]) * size
        for index in 0..<size {
          implicit[start + index] += scale * wanted[index] - keep * implicit[start + index]
        }
      }
    }
    trust?.learn(user, wanted, rate: rate, users: &users, regularization: Float(configuration.regularization))
    return squares
  }

  private mutating func learn(
    _ user: Int, _ item: Int, _ row: Int, _ rate: Float, _ extra: [Float], _ wanted: inout [Float]
  ) -> Float {
    let size = size
    let keep = 1 - rate * Float(configuration.regularization)
    let biasLambda = Float(configuration.biasRegularization)
    var usual = Float(biases.mean) + biases.user[user] + biases.item[item]
    if let time {
      usual += time.bias(user: Int32(user), item: Int32(item), timestamp: data.timestamp[row])
    }
    let rating = data.weight[row]
    let error = users.withUnsafeMutableBufferPointer { users in
      items.withUnsafeMutableBufferPointer { items in
        extra.withUnsafeBufferPointer { extra in
          wanted.withUnsafeMutableBufferPointer { wanted in
            guard let p = users.baseAddress.map({ $0 + user * size }),
              let q = items.baseAddress.map({ $0 + item * size }), let extra = extra.baseAddress,
              let wanted = wanted.baseAddress
            else { return Float(0) }
            let error = rating - usual - Vectors.dot(p, q, size) - Vectors.dot(extra, q, size)
            let gain = rate * error
            for index in 0..<size {
              let (old, other) = (p[index], q[index])
              p[index] = keep * old + gain * other
              q[index] = keep * other + gain * (old + extra[index])
              wanted[index] += gain * other
            }
            return error
          }
        }
      }
    }
    biases.user[user] += rate * (error - biasLambda * biases.user[user])
    biases.item[item] += rate * (error - biasLambda * biases.item[item])
    time?.step(
      user: user, item: item, timestamp: data.timestamp[row], error: error, rate: rate,
      regularization: Float(configuration.timeRegularization))
    return error
  }
}
