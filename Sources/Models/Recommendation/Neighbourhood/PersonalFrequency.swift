import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends what the customer already buys most often, recent purchases counting more: the figure to beat where purchases
/// repeat.
///
/// ```swift
/// let model = try await PersonalFrequency(.init(halfLifeDays: 90)).fit(interactions, context: FitContext())
/// let history = [HistoryItem("milk", ageDays: 3), HistoryItem("milk", ageDays: 10), HistoryItem("tea", ageDays: 80)]
/// model.recommend(for: history, count: 10, repeatPurchases: .allow)
/// ```
/// An item's score is the sum of its weights in the history, each halved for every `halfLifeDays` of age. Items never bought
/// have no score: the most popular of them fill the list.
///
/// - Complexity: O(interactions) to fit, O(history + items) to score.
/// - Throws: `LearningError.invalidParameter` for a half-life that is not positive, `notEnoughData` without interactions.
public struct PersonalFrequency: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Days after which a purchase counts half; nil counts all alike.
    public var halfLifeDays: Double?
    /// Days after which a purchase counts half for what is popular; nil counts all alike.
    public var popularityHalfLifeDays: Double?

    /// By default all purchases count alike.
    public init(halfLifeDays: Double? = nil, popularityHalfLifeDays: Double? = nil) {
      self.halfLifeDays = halfLifeDays
      self.popularityHalfLifeDays = popularityHalfLifeDays
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Counts how popular each item is; all else comes from the history when it is asked.
  public func fit(_ data: Interactions, context: FitContext) async throws -> PersonalFrequencyModel {
    for days in [configuration.halfLifeDays, configuration.popularityHalfLifeDays] {
      if let days, !(days > 0) {
        throw LearningError.invalidParameter(
          name: "halfLifeDays", value: "\(days)", expected: "a positive number")
      }
    }
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 1)
    let popularity = Popularity.scores(data, halfLifeDays: configuration.popularityHalfLifeDays)
    try context.checkpoint(step: 1, of: 1)
    return PersonalFrequencyModel(configuration, items: data.items, popularity: popularity)
  }
}

/// What `PersonalFrequency` learned: which items there are and how popular they are.
public struct PersonalFrequencyModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: PersonalFrequency.Configuration
  /// The items known to the model.
  public let items: Vocabulary
  @Packed private var counts: [Float]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(_ configuration: PersonalFrequency.Configuration, items: Vocabulary, popularity: [Float]) {
    self.configuration = configuration
    self.items = items
    counts = popularity
  }

  /// What each entry of a history counts now.
  private func shares(_ history: CodedHistory) -> [Float] {
    guard let days = configuration.halfLifeDays else { return history.weights }
    let rate = Float(-1 / days)
    return zip(history.weights, history.ageDays).map { $0 * exp2($1 * rate) }
  }

  /// Adds up the decayed weights of each item of the history.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: -.infinity)
      for (item, share) in zip(history.items, shares(history)) where share > 0 {
        sums[Int(item)] = max(sums[Int(item)], 0) + share
      }
    }
  }

  /// Each entry speaks for its own item.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    let shares = shares(history)
    return items.map { item in zip(history.items, shares).map { $0 == item && $1 > 0 ? $1 : 0 } }
  }

  /// Frequency knows no likeness.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    scores.update(repeating: -.infinity)
  }
}
