/// An item that a user has dealt with, as recommenders are told of it.
public struct HistoryItem: Sendable, Codable, Equatable {
  /// The item's external id.
  public var item: String
  /// How much the dealing says about liking; 1 is a purchase. Zero or less counts as seen, not as liked.
  public var weight: Float
  /// How many days ago it was; nil when that is not known, which counts as just now.
  public var ageDays: Double?

  /// One entry of a history.
  public init(_ item: String, weight: Float = 1, ageDays: Double? = nil) {
    self.item = item
    self.weight = weight
    self.ageDays = ageDays
  }
}

extension HistoryItem: ExpressibleByStringLiteral {
  /// An entry of weight 1.
  public init(stringLiteral value: String) { self.init(value) }
}

/// What is done with items that the user already has in the history.
public enum RepeatPurchases: String, Sendable, Codable, CaseIterable {
  /// They may be recommended like any other.
  case allow
  /// Nothing else is recommended.
  case only
  /// They are never recommended.
  case never
}

/// An item recommended, with its score and what the score is made of.
public struct Recommendation: Sendable, Codable, Equatable {
  /// Where a recommendation comes from.
  public enum Origin: String, Sendable, Codable {
    /// The model scored the item for this history.
    case model
    /// The model had nothing to say for so many items, and the most popular of the others fill the list.
    case popularityFallback = "popularity_fallback"
  }

  /// One part of a score.
  public struct Reason: Sendable, Codable, Equatable {
    /// The item of the history that speaks for (or against) the recommendation; nil when it is plain popularity.
    public var because: String?
    /// What it adds to the score.
    public var contribution: Double

    /// One part of a score.
    public init(because: String?, contribution: Double) {
      self.because = because
      self.contribution = contribution
    }
  }

  /// The item's external id.
  public var item: String
  /// The score; comparable within one list and one origin only.
  public var score: Double
  /// Whether the model or a fallback put it here.
  public var origin: Origin
  /// The parts of the score, largest magnitude first; they add up to it.
  public var reasons: [Reason]

  /// An item recommended.
  public init(item: String, score: Double, origin: Origin, reasons: [Reason]) {
    self.item = item
    self.score = score
    self.origin = origin
    self.reasons = reasons
  }
}

/// An item like another.
public struct SimilarItem: Sendable, Codable, Equatable {
  /// The item's external id.
  public var item: String
  /// How alike they are, on the model's own scale.
  public var similarity: Double

  /// An item like another.
  public init(item: String, similarity: Double) {
    self.item = item
    self.similarity = similarity
  }
}

/// A history in a model's own indices, oldest first; items unknown to the model are left out.
public struct CodedHistory: Sendable, Equatable {
  /// The indices of the items.
  public var items: [Int32]
  /// The weight of each, finite and at least 0.
  public var weights: [Float]
  /// How many days ago each was, finite and at least 0.
  public var ageDays: [Float]

  /// A history of indices; without ages all counts as just now.
  public init(items: [Int32], weights: [Float], ageDays: [Float]? = nil) {
    precondition(items.count == weights.count, "each item of a history has a weight")
    precondition(ageDays?.count ?? items.count == items.count, "each item of a history has an age")
    self.items = items
    self.weights = weights
    self.ageDays = ageDays ?? [Float](repeating: 0, count: items.count)
  }

  /// Whether nothing in the history speaks for anything.
  public var isEmpty: Bool { !weights.contains { $0 > 0 } }
}
