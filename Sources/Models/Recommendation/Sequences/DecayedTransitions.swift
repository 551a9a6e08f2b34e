import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends what tends to come close after (or before) a user's latest items: a Markov chain over windows, in closed form.
///
/// ```swift
/// var model = try await DecayedTransitions().fit(interactions, context: FitContext())
/// model.recommend(for: ["tent", "sleeping bag"], count: 10)
/// model.update(Interaction(user: "ann", item: "stove", timestamp: 1_700_000_000_000))
/// ```
/// For each pair of items at distance k ≤ `window` in one user's sequence, `distanceDecay^(k−1)` is added to the transition
/// from the earlier to the later item, and `backwardWeight` times that to the reverse. A transition i → j is divided by
/// `rowSum(i)^rowExponent · count(j)^popularityExponent`. The score of j is the sum over the latest `historyLength` items of
/// `historyDecay^r` times their transition to j, r = 0 for the latest.
///
/// With the symbols of the formula W = window, d = distanceDecay, γ = backwardWeight, a = rowExponent,
/// b = popularityExponent, δ = historyDecay. Weights of interactions are not used, except that those of zero or less are
/// left out. The defaults do well on Amazon Beauty, MovieLens and the like.
///
/// - Complexity: O(interactions × window) to fit, O(historyLength × neighbours + items) to score, O(window × neighbours) to
///   learn one event.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct DecayedTransitions: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// W: how far apart two items of a sequence may be.
    public var window = 10
    /// d: what a pair counts less for each further step between the two.
    public var distanceDecay = 0.9
    /// γ: what a transition against the order of time counts.
    public var backwardWeight = 0.8
    /// a: how far items with many transitions are held back as sources.
    public var rowExponent = 0.2
    /// b: how far popular items are held back as targets.
    public var popularityExponent = 0.1
    /// How many of the latest items of a history count.
    public var historyLength = 20
    /// δ: what an item of the history counts less for each later one.
    public var historyDecay = 0.7

    /// The defaults.
    public init() {}
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Counts the decayed transitions.
  public func fit(_ data: Interactions, context: FitContext) async throws -> TransitionModel {
    try validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 2)
    let sequences = PositiveSequences(data)
    let counts = TransitionCounter(configuration, sequences, items: data.items.count).counted()
    try context.checkpoint(step: 1, of: 2)
    let model = TransitionModel(configuration, data, sequences, counts)
    try context.checkpoint(step: 2, of: 2)
    return model
  }

  private func validate() throws {
    func require(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
      guard range.contains(value) else {
        throw LearningError.invalidParameter(
          name: name, value: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try require("window", Double(configuration.window), 1...1000)
    try require("distanceDecay", configuration.distanceDecay, 0...1)
    try require("backwardWeight", configuration.backwardWeight, 0...10)
    try require("rowExponent", configuration.rowExponent, 0...2)
    try require("popularityExponent", configuration.popularityExponent, 0...2)
    try require("historyLength", Double(configuration.historyLength), 1...10_000)
    try require("historyDecay", configuration.historyDecay, 0...1)
  }
}

/// The item sequences of the users without the rows of no positive weight.
struct PositiveSequences: Sendable {
  var starts: [Int] = [0]
  var items: [Int32] = []

  init(_ data: Interactions) {
    items.reserveCapacity(data.count)
    starts.reserveCapacity(data.users.count + 1)
    for user in 0..<data.users.count {
      for row in data.rows(ofUser: user) where data.weight[row] > 0 { items.append(data.item[row]) }
      starts.append(items.count)
    }
  }
}
