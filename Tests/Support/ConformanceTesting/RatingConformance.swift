import Commerce
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

/// What every predictor of ratings must do, whatever it learns: call `run` from a test of each estimator.
///
/// ```swift
/// @Test func conforms() async throws { try await RatingConformance(SlopeOne()).run() }
/// ```
public struct RatingConformance<Algorithm: Estimator>: Sendable
where Algorithm.Dataset == Interactions, Algorithm.Model: RatingPredictor {
  private let algorithm: Algorithm
  private let tolerance: Double

  /// A suite for one estimator; `tolerance` is how far it may be from withheld ratings that are the sum of a user's and an
  /// item's part, root mean square.
  public init(_ algorithm: Algorithm, tolerance: Double = 0.25) {
    self.algorithm = algorithm
    self.tolerance = tolerance
  }

  /// Runs all checks.
  public func run() async throws {
    try await findsWithheldSums()
    try await staysWithinTheScaleForAnyone()
    try await givesTheSameForTheSameSeed()
    try await givesTheSameAfterSavingAndLoading()
    try await stopsWhenCancelled()
    try await refusesEmptyDataAndLearnsFromOneRow()
    try await bearsHostileIds()
  }

  /// Ratings from 1 to 5 that are 3 plus a part of the user and a part of the item; a fifth of the cells is withheld.
  public static func additive(seed: UInt64) -> (training: Interactions, withheld: [Interaction]) {
    var random = RandomSource(seed: seed)
    let users = (0..<40).map { _ in random.uniform() * 2 - 1 }
    let items = (0..<30).map { _ in random.uniform() * 2 - 1 }
    var (training, withheld): ([Interaction], [Interaction]) = ([], [])
    for (u, user) in users.enumerated() {
      for (i, item) in items.enumerated() {
        let row = Interaction(
          user: "u\(u)", item: "i\(i)", timestamp: Int64(i) * 86_400_000, weight: Float(3 + user + item))
        if random.uniform() < 0.2 { withheld.append(row) } else { training.append(row) }
      }
    }
    return (Interactions(training), withheld)
  }

  private func fitted(_ data: Interactions, seed: UInt64 = 42) async throws -> Algorithm.Model {
    try await algorithm.fit(data, context: FitContext(seed: seed))
  }

  private func findsWithheldSums() async throws {
    let (training, withheld) = Self.additive(seed: 1)
    let model = try await fitted(training)
    let squares = withheld.map {
      pow(model.predict(user: $0.user, item: $0.item, timestamp: $0.timestamp) - Double($0.weight), 2)
    }
    #expect((squares.reduce(0, +) / Double(squares.count)).squareRoot() < tolerance)
  }

  private func staysWithinTheScaleForAnyone() async throws {
    let (training, _) = Self.additive(seed: 2)
    let model = try await fitted(training)
    for user in ["u1", "nobody"] {
      for item in ["i1", "nothing"] {
        for time in [nil, 0, Int64.max, Int64.min] {
          let rating = model.predict(user: user, item: item, timestamp: time)
          #expect(rating >= model.scale.lowest && rating <= model.scale.highest)
        }
      }
    }
    // What is usual is all there is to say to a stranger about an unknown thing.
    let mean = training.weight.reduce(0) { $0 + Double($1) } / Double(training.count)
    #expect(abs(model.predict(user: "nobody", item: "nothing") - mean) < 0.05)
  }

  private func givesTheSameForTheSameSeed() async throws {
    let (training, _) = Self.additive(seed: 3)
    let first = try await fitted(training, seed: 9)
    let second = try await fitted(training, seed: 9)
    #expect(try PackedPayload.encode(first) == PackedPayload.encode(second))
  }

  private func givesTheSameAfterSavingAndLoading() async throws {
    let (training, withheld) = Self.additive(seed: 4)
    let model = try await fitted(training)
    let envelope = try ModelEnvelope(
      model, trainedAt: Timestamp(milliseconds: 0), dataFingerprint: training.fingerprint, metrics: [:])
    let loaded: Algorithm.Model = try ModelEnvelope(encoded: envelope.encoded()).model()
    for row in withheld {
      #expect(
        loaded.predict(user: row.user, item: row.item, timestamp: row.timestamp)
          == model.predict(user: row.user, item: row.item, timestamp: row.timestamp))
    }
  }

  private func stopsWhenCancelled() async throws {
    let (training, _) = Self.additive(seed: 5)
    let algorithm = algorithm
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await algorithm.fit(training, context: FitContext())
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  private func refusesEmptyDataAndLearnsFromOneRow() async throws {
    await #expect(throws: LearningError.self) { _ = try await fitted(Interactions([])) }
    let model = try await fitted(Interactions([Interaction(user: "a", item: "x", weight: 4)]))
    #expect(model.predict(user: "a", item: "x") == 4)
  }

  private func bearsHostileIds() async throws {
    let ids = [
      "", " ", "\u{0}", "茶", "'; DROP TABLE items;--", "a\nb", "🛒", String(repeating: "x", count: 10_000),
    ]
    let rows = ids.enumerated().flatMap { index, id in
      [
        Interaction(user: id, item: id, timestamp: Int64.max - Int64(index), weight: 5),
        Interaction(
          user: id, item: ids[(index + 1) % ids.count], timestamp: Int64.min + Int64(index), weight: .nan),
        Interaction(user: id, item: id, timestamp: 0, weight: -3),
      ]
    }
    let model = try await fitted(Interactions(rows))
    for id in ids { #expect(model.predict(user: id, item: id, timestamp: 0).isFinite) }
  }
}
