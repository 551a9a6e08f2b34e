import Commerce
import Learning

/// The lowest and the highest rating that were given.
public struct RatingScale: Sendable, Codable, Equatable {
  /// The lowest rating.
  public var lowest: Double
  /// The highest rating.
  public var highest: Double

  /// A scale from the lowest to the highest rating.
  public init(lowest: Double, highest: Double) {
    self.lowest = lowest
    self.highest = highest
  }

  /// The scale of the ratings in some data; weights are the ratings.
  init(_ data: Interactions) {
    lowest = Double(data.weight.min() ?? 0)
    highest = Double(data.weight.max() ?? 0)
  }
}

/// A fitted model that says which rating a user would give to an item.
///
/// ```swift
/// let model = try await SVDPlusPlus().fit(ratings, context: FitContext())   // weights are ratings
/// model.predict(user: "ann", item: "tea")                                   // 4.2
/// ```
public protocol RatingPredictor: FittedModel {
  /// The users known to the model.
  var users: Vocabulary { get }
  /// The items known to the model.
  var items: Vocabulary { get }
  /// What ratings are within.
  var scale: RatingScale { get }

  /// The rating in the model's own indices, not yet held within the scale; finite always.
  ///
  /// - Parameters:
  ///   - user: nil for one the model has never seen, whom the item's bias alone speaks for.
  ///   - item: nil for one the model has never seen.
  ///   - timestamp: when, in UTC milliseconds; nil for a model without time, or when it is not known.
  func rating(user: Int32?, item: Int32?, timestamp: Int64?) -> Double
}

extension RatingPredictor {
  /// The rating that a user would give, within the scale; unknown users and items get what is usual.
  public func predict(user: String, item: String, timestamp: Int64? = nil) -> Double {
    clamped(rating(user: users.index(of: user), item: items.index(of: item), timestamp: timestamp))
  }

  func clamped(_ rating: Double) -> Double { min(max(rating, scale.lowest), scale.highest) }
}

extension Interactions {
  /// Refuses data without a single rating.
  func requireRatings() throws {
    guard count > 0 else {
      throw LearningError.notEnoughData(needed: "at least one rating", found: "none")
    }
  }

  /// The mean rating.
  var meanRating: Double { weight.reduce(0) { $0 + Double($1) } / Double(max(1, count)) }

  /// The user of each row.
  var userOfRow: [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(count)
    for user in 0..<users.count {
      for _ in rows(ofUser: user) { result.append(Int32(user)) }
    }
    return result
  }
}
