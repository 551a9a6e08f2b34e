import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

@Suite struct NeighbourOracleTests {
  @Test func userNeighboursAgreeWithTheDefinitionByHand() async throws {
    let data = ModelOracleTests.interactions([["a", "b", "c"], ["a", "d"], ["e"]])
    let model = try await UserKNN(.init(neighbours: 5, inverseFrequency: false)).fit(
      data, context: FitContext())
    // The history a, b is 2/(√2 √3) like the first user and 1/(√2 √2) like the second.
    let list = model.recommend(for: ["a", "b"], count: 2)
    #expect(list.map(\.item) == ["c", "d"])
    #expect(abs(list[0].score - 2 / 6.0.squareRoot()) < 1e-6)
    #expect(abs(list[1].score - 0.5) < 1e-6)
    #expect(list[1].reasons.map(\.because) == ["a"])
    let one = try await UserKNN(.init(neighbours: 1, shrink: 1, inverseFrequency: false)).fit(
      data, context: FitContext())
    let nearest = one.recommend(for: ["a", "b"], count: 2)
    #expect(abs(nearest[0].score - 2 / (6.0.squareRoot() + 1)) < 1e-6)
    #expect(nearest[1].origin == .popularityFallback)
  }

  @Test func sessionsAgreeWithTheFormulaByHand() async throws {
    var settings = SessionKNN.Configuration()
    (settings.historyDecay, settings.distanceDecay, settings.inverseFrequency) = (0.5, 0.8, 0)
    let data = ModelOracleTests.interactions([["a", "b", "c"], ["b", "x", "d"]])
    let model = try await SessionKNN(settings).fit(data, context: FitContext())
    // History a, b: the first sequence shares b (1) and a (½), the second b alone. Distances count from b.
    let list = model.recommend(for: ["a", "b"], count: 3)
    #expect(list.map(\.item) == ["c", "x", "d"])
    #expect(abs(list[0].score - 1.5 * 0.8) < 1e-6)
    #expect(abs(list[1].score - 0.8) < 1e-6)
    #expect(abs(list[2].score - 0.64) < 1e-6)
    #expect(list[0].reasons.map(\.because) == ["b", "a"])
    #expect(abs(list[0].reasons[1].contribution - 0.5 * 0.8) < 1e-6)
  }

  @Test func aGapStartsANewSession() async throws {
    let hour = Int64(3_600_000)
    let rows = [("a", 0), ("b", 1), ("c", 100)].map {
      Interaction(user: "u", item: $0.0, timestamp: Int64($0.1) * hour)
    }
    var settings = SessionKNN.Configuration()
    settings.gapHours = 5
    let cut = try await SessionKNN(settings).fit(Interactions(rows), context: FitContext())
    #expect(cut.recommend(for: ["a"], count: 2).map(\.origin) == [.model, .popularityFallback])
    let whole = try await SessionKNN().fit(Interactions(rows), context: FitContext())
    #expect(whole.recommend(for: ["a"], count: 2).map(\.origin) == [.model, .model])
  }

  @Test func personalFrequencyHalvesWithAge() async throws {
    let data = ModelOracleTests.interactions([["tea", "milk", "bread"], ["bread"]])
    let model = try await PersonalFrequency(.init(halfLifeDays: 10)).fit(data, context: FitContext())
    let history = [
      HistoryItem("tea", ageDays: 20), HistoryItem("tea", ageDays: 10), HistoryItem("milk", ageDays: 0),
    ]
    let list = model.recommend(for: history, count: 3, repeatPurchases: .allow)
    #expect(list.map(\.item) == ["milk", "tea", "bread"])
    #expect(list.map(\.score) == [1, 0.75, 2])
    #expect(list.map(\.origin) == [.model, .model, .popularityFallback])
    let ageless = try await PersonalFrequency().fit(data, context: FitContext())
    #expect(ageless.recommend(for: history, count: 2, repeatPurchases: .allow).map(\.score) == [2, 1])
  }

  @Test(arguments: InteractionWeighting.allCases)
  func entriesOfOneItemShareWhatItCounts(weighting: InteractionWeighting) async throws {
    let model = try await EASE(.init(regularization: 2, weighting: weighting)).fit(
      LinearOracleTests.fixture, context: FitContext())
    let once = model.recommend(for: [HistoryItem("i0", weight: 3)], count: 1)[0].score
    let apart = model.recommend(for: [HistoryItem("i0", weight: 1), HistoryItem("i0", weight: 2)], count: 1)[
      0
    ].score
    #expect(abs(once - apart) < 1e-6)
    let plain = model.recommend(for: ["i0"], count: 1)[0].score
    let expected = [InteractionWeighting.binary: 1, .logarithmic: 2, .linear: 3][weighting] ?? .nan
    #expect(abs(once / plain - expected) < 1e-5)
  }
}
