import Commerce
import Learning
import MathKernels

/// Who trusts whom, by external ids.
public struct TrustNetwork: Sendable, Equatable {
  /// One user's trust in another.
  public struct Edge: Sendable, Codable, Equatable {
    /// Who trusts.
    public var from: String
    /// Who is trusted.
    public var to: String

    /// One user's trust in another.
    public init(from: String, to: String) {
      self.from = from
      self.to = to
    }
  }

  /// All edges.
  public var edges: [Edge]

  /// A network of these edges.
  public init(_ edges: [Edge]) { self.edges = edges }
}

/// Ratings with the trust among those who gave them.
public struct TrustedRatings: Sendable {
  /// Users × items × time × rating.
  public var ratings: Interactions
  /// Who trusts whom; edges of users without ratings on either side are passed over.
  public var trust: TrustNetwork

  /// Ratings and trust.
  public init(_ ratings: Interactions, trust: TrustNetwork) {
    self.ratings = ratings
    self.trust = trust
  }
}

/// Predicts ratings as `SVDPlusPlus` does, where a user is also whom the user trusts.
///
/// ```swift
/// let data = TrustedRatings(ratings, trust: TrustNetwork([.init(from: "ann", to: "bob")]))
/// let model = try await TrustSVD().fit(data, context: FitContext(seed: 7))
/// model.predict(user: "ann", item: "tea")
/// ```
/// `r̂ = μ + b(u) + b(i) + qᵢ · (pᵤ + |N(u)|^−½ Σ y + |T(u)|^−½ Σ over whom u trusts of w)`; the vectors w also have to explain
/// the trust itself: `trustStrength · Σ (1 − w(v) · p(u))²` over the edges is added to what is minimized.
///
/// Source: Guo, Zhang and Yorke-Smith (2015), https://doi.org/10.1609/aaai.v29i1.9153. Users and items are regularized alike
/// whatever their number of ratings, and the vectors y and w are updated once per user and epoch.
///
/// - Complexity: O(epochs × (ratings + edges) × embeddingSize), on one core.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without ratings.
public struct TrustSVD: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The settings of the model without trust.
    public var base: SVDPlusPlus.Configuration
    /// How much an edge counts beside a rating.
    public var trustStrength: Double

    /// By default an edge counts half as much as a rating.
    public init(base: SVDPlusPlus.Configuration = .init(), trustStrength: Double = 0.5) {
      self.base = base
      self.trustStrength = trustStrength
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Goes through the users' ratings and edges `epochs` times.
  public func fit(_ data: TrustedRatings, context: FitContext) async throws -> RatingFactorModel {
    try configuration.base.validate()
    try SettingCheck.require("trustStrength", configuration.trustStrength, 0...100)
    try data.ratings.requireRatings()
    let trust = TrustFactors(
      data.trust, users: data.ratings.users, strength: Float(configuration.trustStrength))
    var training = SVDPlusPlusTraining(configuration.base, data.ratings, trust: trust, seed: context.seed)
    return try training.run(context)
  }
}

/// The vectors of those who are trusted.
struct TrustFactors: Sendable {
  private let trusted: [[Int32]]
  private let strength: Float
  private var size = 0
  private var factors: [Float] = []

  init(_ network: TrustNetwork, users: Vocabulary, strength: Float) {
    var trusted = [[Int32]](repeating: [], count: users.count)
    for edge in network.edges {
      guard let from = users.index(of: edge.from), let to = users.index(of: edge.to), from != to,
        !trusted[Int(from)].contains(to)
      else { continue }
      trusted[Int(from)].append(to)
    }
    self.trusted = trusted
    self.strength = strength
  }

  mutating func start(size: Int, _ random: inout RandomSource) {
    self.size = size
    factors = RatingFactors.random(trusted.count * size, size, &random)
  }

  /// Adds what those whom a user trusts say about the user.
  func add(_ user: Int, to sum: inout [Float]) {
    let scale = 1 / Float(max(1, trusted[user].count)).squareRoot()
    for other in trusted[user] {
      for index in 0..<size { sum[index] += scale * factors[Int(other) * size + index] }
    }
  }

  /// One step for the user's edges: towards what the ratings asked for, and towards the trust itself.
  mutating func learn(
    _ user: Int, _ wanted: [Float], rate: Float, users: inout [Float], regularization: Float
  ) {
    let scale = 1 / Float(max(1, trusted[user].count)).squareRoot()
    let keep = 1 - rate * regularization
    for other in trusted[user] {
      let start = Int(other) * size
      var product: Float = 0
      for index in 0..<size { product += factors[start + index] * users[user * size + index] }
      let gain = rate * strength * (1 - product)
      for index in 0..<size {
        let (w, p) = (factors[start + index], users[user * size + index])
        factors[start + index] = keep * w + scale * wanted[index] + gain * p
        users[user * size + index] = p + gain * w
      }
    }
  }
}
