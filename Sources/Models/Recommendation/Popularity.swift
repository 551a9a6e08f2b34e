import Commerce
import Foundation
import Learning

/// Recommends what is bought most, recent interactions counting more.
///
/// ```swift
/// let model = try await Popularity(.init(halfLifeDays: 30)).fit(interactions, context: FitContext())
/// model.recommend(for: [], count: 10)
/// ```
/// An item's score is the sum of its weights, each halved for every `halfLifeDays` between it and the newest interaction.
///
/// - Complexity: O(interactions).
/// - Throws: `LearningError.invalidParameter` for a half-life that is not positive, `notEnoughData` without interactions.
public struct Popularity: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Days after which an interaction counts half; nil counts all alike.
    public var halfLifeDays: Double?

    /// By default all interactions count alike.
    public init(halfLifeDays: Double? = nil) { self.halfLifeDays = halfLifeDays }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Sums the decayed weights of each item.
  public func fit(_ data: Interactions, context: FitContext) async throws -> PopularityModel {
    if let days = configuration.halfLifeDays, !(days > 0) {
      throw LearningError.invalidParameter(
        name: "halfLifeDays", value: "\(days)", expected: "a positive number")
    }
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 1)
    let scores = Self.scores(data, halfLifeDays: configuration.halfLifeDays)
    try context.checkpoint(step: 1, of: 1)
    return PopularityModel(items: data.items, popularity: scores)
  }

  /// The decayed weights of each item added up.
  static func scores(_ data: Interactions, halfLifeDays: Double? = nil) -> [Float] {
    let newest = data.timestamp.max() ?? 0
    let rate = halfLifeDays.map { log(2) / ($0 * Double(Timestamp.day)) } ?? 0
    var sums = [Double](repeating: 0, count: data.items.count)
    for row in 0..<data.count where data.weight[row] > 0 {
      sums[Int(data.item[row])] +=
        Double(data.weight[row]) * exp(-rate * (Double(newest) - Double(data.timestamp[row])))
    }
    return sums.map { Float(min($0, 1e30)) }
  }
}

/// What `Popularity` learned: one figure per item.
public struct PopularityModel: Recommender, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The items known to the model.
  public let items: Vocabulary
  @Packed private var scores: [Float]

  /// How popular each item is.
  public var popularity: [Float] { scores }

  init(items: Vocabulary, popularity: [Float]) {
    self.items = items
    scores = popularity
  }

  /// The same scores for every history.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    let masked = popularity.map { $0 > 0 ? $0 : -.infinity }
    for row in histories.indices {
      _ = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width]).update(
        fromContentsOf: masked)
    }
  }

  /// No entry of a history contributes.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    items.map { _ in [Float](repeating: 0, count: history.items.count) }
  }

  /// Popularity knows no likeness.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    scores.update(repeating: -.infinity)
  }
}
