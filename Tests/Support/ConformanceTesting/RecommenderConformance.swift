import Commerce
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

/// What every recommender must do, whatever it learns: call `run` from a test of each estimator.
///
/// ```swift
/// @Test func conforms() async throws { try await RecommenderConformance(ItemKNN()).run() }
/// ```
public struct RecommenderConformance<Algorithm: Estimator>: Sendable
where Algorithm.Dataset == Interactions, Algorithm.Model: Recommender {
  private let algorithm: Algorithm
  private let isPersonal: Bool

  /// A suite for one estimator; `isPersonal` is false for models that do not look at the history.
  public init(_ algorithm: Algorithm, isPersonal: Bool = true) {
    self.algorithm = algorithm
    self.isPersonal = isPersonal
  }

  /// Runs all checks.
  public func run() async throws {
    if isPersonal { try await findsTheWithheldDiagonal() }
    try await givesAsManyAsAskedFor()
    try await givesTheSameInBatchesAndAlone()
    try await givesTheSameForTheSameSeed()
    try await givesTheSameAfterSavingAndLoading()
    try await explainsItsScores()
    try await heedsRepeatsExclusionsAndCandidates()
    try await stopsWhenCancelled()
    try await refusesEmptyDataAndLearnsFromOneRow()
    try await bearsHostileIds()
  }

  /// A 50 × 50 checkerboard: user u has all items of u's own colour, save the one on the diagonal.
  public static var checkerboard: Interactions {
    Interactions(
      (0..<50).flatMap { user in
        // Each user's items in an order of its own, so that sequence models see all pairs close together.
        (0..<50).map { (user * 7 + $0 * 3) % 50 }.filter { $0 % 2 == user % 2 && $0 != user }.enumerated().map
        {
          Interaction(user: "u\(user)", item: "i\($1)", timestamp: Int64($0))
        }
      })
  }

  static var checkerboardHistories: [[HistoryItem]] {
    let data = checkerboard
    return (0..<50).map { user in
      data.rows(ofUser: Int(data.users.index(of: "u\(user)") ?? 0)).map {
        HistoryItem(data.items[data.item[$0]])
      }
    }
  }

  /// Random interactions with popular and rare items.
  public static func random(seed: UInt64, users: Int = 60, items: Int = 80) -> Interactions {
    var random = RandomSource(seed: seed)
    return Interactions(
      (0..<users).flatMap { user in
        (0..<3 + random.index(below: 10)).map { time in
          let item = min(random.index(below: items), random.index(below: items))
          return Interaction(user: "u\(user)", item: "i\(item)", timestamp: Int64(time) * 86_400_000)
        }
      })
  }

  private func fitted(_ data: Interactions, seed: UInt64 = 42) async throws -> Algorithm.Model {
    try await algorithm.fit(data, context: FitContext(seed: seed))
  }

  private func findsTheWithheldDiagonal() async throws {
    let model = try await fitted(Self.checkerboard)
    for (user, list) in model.recommend(forEach: Self.checkerboardHistories, count: 1).enumerated() {
      #expect(list.first?.item == "i\(user)", "user \(user) lacks one item of its colour")
    }
  }

  private func givesAsManyAsAskedFor() async throws {
    let data = Self.random(seed: 1)
    let model = try await fitted(data)
    for history in [[], ["i1"], ["unknown"], ["i1", "i2", "i2"]] as [[HistoryItem]] {
      let seen = Set(history.map(\.item)).filter { data.items.index(of: $0) != nil }.count
      for count in [0, 1, 10, data.items.count, data.items.count + 100] {
        let list = model.recommend(for: history, count: count)
        #expect(list.count == min(count, data.items.count - seen))
        #expect(Set(list.map(\.item)).count == list.count, "an item comes twice")
        #expect(list.allSatisfy { $0.score.isFinite })
      }
    }
    #expect(model.recommend(for: ["unknown"], count: 3) == model.recommend(for: [], count: 3))
  }

  private func givesTheSameInBatchesAndAlone() async throws {
    let model = try await fitted(Self.random(seed: 2))
    let histories = (0..<100).map { seed in
      (0..<seed % 7).map { HistoryItem("i\(($0 * 13 + seed) % 80)") }
    }
    for (together, history) in zip(model.recommend(forEach: histories, count: 8), histories) {
      let alone = model.recommend(for: history, count: 8)
      #expect(zip(together, alone).allSatisfy { Self.near($0.score, $1.score) })
      #expect(together.map(\.origin) == alone.map(\.origin))
    }
  }

  private func givesTheSameForTheSameSeed() async throws {
    let data = Self.random(seed: 3)
    let first = try await fitted(data, seed: 9)
    let second = try await fitted(data, seed: 9)
    #expect(try PackedPayload.encode(first) == PackedPayload.encode(second))
  }

  private func givesTheSameAfterSavingAndLoading() async throws {
    let data = Self.random(seed: 4)
    let model = try await fitted(data)
    let envelope = try ModelEnvelope(
      model, trainedAt: Timestamp(milliseconds: 0), dataFingerprint: data.fingerprint, metrics: [:])
    let loaded: Algorithm.Model = try ModelEnvelope(encoded: envelope.encoded()).model()
    let history: [HistoryItem] = ["i3", "i5", "i8"]
    #expect(loaded.recommend(for: history, count: 20) == model.recommend(for: history, count: 20))
    #expect(loaded.similarItems(to: "i3", count: 5) == model.similarItems(to: "i3", count: 5))
  }

  private func explainsItsScores() async throws {
    let model = try await fitted(Self.random(seed: 5))
    let history: [HistoryItem] = [
      "i1", HistoryItem("i2", weight: 0.5), "i3", "i1", HistoryItem("i9", weight: -1),
    ]
    for entry in model.recommend(for: history, count: 40) {
      #expect(Self.near(entry.reasons.reduce(0) { $0 + $1.contribution }, entry.score))
      #expect(!entry.reasons.isEmpty)
      #expect(
        entry.reasons.allSatisfy { reason in reason.because.map { ["i1", "i2", "i3"].contains($0) } ?? true })
    }
  }

  private func heedsRepeatsExclusionsAndCandidates() async throws {
    let data = Self.random(seed: 6)
    let model = try await fitted(data)
    let history: [HistoryItem] = ["i1", "i2", "i3"]
    let seen = Set(history.map(\.item)).filter { data.items.index(of: $0) != nil }
    let never = model.recommend(for: history, count: 1000)
    #expect(seen.isDisjoint(with: never.map(\.item)))
    let only = model.recommend(for: history, count: 1000, repeatPurchases: .only)
    #expect(Set(only.map(\.item)) == seen)
    let allow = model.recommend(for: history, count: 1000, repeatPurchases: .allow)
    #expect(allow.count == data.items.count)
    let without = model.recommend(for: history, count: 1000, excluding: ["i4", "nobody"])
    #expect(!without.contains { $0.item == "i4" })
    let among = model.recommend(for: history, count: 1000, candidates: ["i1", "i5", "i6", "nobody"])
    #expect(Set(among.map(\.item)) == Set(["i5", "i6"].filter { data.items.index(of: $0) != nil }))
    #expect(model.similarItems(to: "nobody", count: 5).isEmpty)
    #expect(!model.similarItems(to: "i1", count: 500).contains { $0.item == "i1" })
  }

  private func stopsWhenCancelled() async throws {
    let data = Self.random(seed: 7)
    let algorithm = algorithm
    let task = Task {
      // The task sees its own cancellation, however fast it starts.
      withUnsafeCurrentTask { $0?.cancel() }
      return try await algorithm.fit(data, context: FitContext())
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  private func refusesEmptyDataAndLearnsFromOneRow() async throws {
    await #expect(throws: LearningError.self) { _ = try await fitted(Interactions([])) }
    await #expect(throws: LearningError.self) {
      _ = try await fitted(Interactions([Interaction(user: "a", item: "x", weight: 0)]))
    }
    let model = try await fitted(Interactions([Interaction(user: "a", item: "x")]))
    #expect(model.recommend(for: [], count: 5).map(\.item) == ["x"])
    #expect(model.recommend(for: ["x"], count: 5).isEmpty)
  }

  private func bearsHostileIds() async throws {
    let ids = [
      "", " ", "\u{0}", "茶", "'; DROP TABLE items;--", "a\nb", "🛒", String(repeating: "x", count: 10_000),
    ]
    let rows = ids.enumerated().flatMap { index, id in
      [
        Interaction(user: id, item: id, timestamp: Int64.max - Int64(index), weight: .infinity),
        Interaction(
          user: id, item: ids[(index + 1) % ids.count], timestamp: Int64.min + Int64(index), weight: 1e30),
        Interaction(user: id, item: ids[(index + 2) % ids.count], timestamp: 0, weight: -3),
        Interaction(user: id, item: ids[(index + 3) % ids.count], timestamp: 0, weight: .nan),
        Interaction(user: id, item: ids[(index + 4) % ids.count]),
      ]
    }
    let model = try await fitted(Interactions(rows))
    for weight in [Float.nan, .infinity, 1e30, -1, 0, 1] {
      let list = model.recommend(for: ids.prefix(3).map { HistoryItem($0, weight: weight) }, count: 8)
      #expect(list.count == ids.count - 3)
      #expect(list.allSatisfy { $0.score.isFinite && $0.reasons.allSatisfy(\.contribution.isFinite) })
    }
  }

  private static func near(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= 1e-3 * max(1e-3, abs(a), abs(b))
  }
}
