import Application
import Commerce
import Decisions
import Foundation
import Learning
import MathKernels
import Recommendation
import Storage
import Testing

@Suite struct PromotionGateTests {
  private func figures(_ algorithm: String, _ mean: Double, spread: Double = 0.1) -> PromotionGate.Figures {
    PromotionGate.Figures(
      algorithm: algorithm, ndcgByUser: (0..<400).map { mean + (Double($0 % 5) - 2) * spread / 2 })
  }

  @Test func aVersionThatMayBeWorseByMoreThanATwentiethIsHeldBack() {
    let gate = PromotionGate()
    let live = figures("A", 0.4)
    #expect(gate.verdict(on: figures("B", 0.41), against: live, floor: nil).isPassed)
    #expect(gate.verdict(on: figures("B", 0.39), against: live, floor: nil).isPassed)
    let worse = gate.verdict(on: figures("B", 0.37), against: live, floor: nil)
    #expect(!worse.isPassed && worse.reason.contains("0.03"))
    // The same mean, but so unsure that it may be much worse.
    #expect(!gate.verdict(on: figures("B", 0.4, spread: 4), against: live, floor: nil).isPassed)
  }

  @Test func nothingBelowWhatIsPopularGoesLiveInPlaceOfSomethingElse() {
    let gate = PromotionGate()
    let verdict = gate.verdict(
      on: figures("B", 0.4), against: figures("A", 0.4), floor: figures("Popularity", 0.42))
    #expect(!verdict.isPassed && verdict.reason.contains("popular"))
    #expect(
      gate.verdict(
        on: figures("Popularity", 0.42), against: figures("A", 0.4), floor: figures("Popularity", 0.42)
      )
      .isPassed)
  }

  @Test func theFirstVersionPassesAndTheLiveAlgorithmOnNewerDataUnlessItHasComeDownToWhatIsPopular() {
    let gate = PromotionGate()
    let live = figures("A", 0.1)
    #expect(gate.verdict(on: live, against: live, floor: figures("Popularity", 0.05)).isPassed)
    #expect(!gate.verdict(on: live, against: live, floor: figures("Popularity", 0.4)).isPassed)
    #expect(gate.verdict(on: figures("B", 0.1), against: nil, floor: figures("Popularity", 0.4)).isPassed)
    #expect(
      !gate.verdict(on: .init(algorithm: "B", ndcgByUser: []), against: figures("A", 0.1), floor: nil)
        .isPassed)
  }
}

@Suite struct RetrainingTests {
  /// Twelve weeks in which forty customers buy, each week in one order, another two items that go together.
  private func events(of customers: Int = 40, weeks: Range<Int> = 0..<12) -> [Event] {
    let start = TestWorkspace.now.adding(days: -84)
    return (0..<customers).flatMap { customer in
      weeks.flatMap { week -> [Event] in
        let pair = customer % 8 + week
        return ["x\(pair)", "y\(pair)"].enumerated().map { place, item in
          Event(
            eventID: "\(customer)-\(week)-\(place)", kind: .purchase, customerID: "c\(customer)",
            itemID: item,
            timestamp: start.adding(days: Double(week) * 7 + Double(customer % 7)), quantity: 1,
            orderID: "o\(customer)-\(week)")
        }
      }
    }
  }

  @Test func theFirstModelGoesLiveAndALaterOneOfTheSameKindToo() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    _ = try await shop.ingest(events().map { .success($0) }, source: "test")
    _ = try await shop.train()
    #expect(try await live(store)?.version == 1)
    #expect(try await live(store)?.header.report["gate"]?["passed"] == true)
    _ = try await shop.train()
    #expect(try await live(store)?.version == 2)
  }

  @Test func whatGoesIntoOneOrderIsLearnedWithTheRecommender() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    _ = try await shop.ingest(events().map { .success($0) }, source: "test")
    _ = try await shop.train()
    let page = try JSONValue(
      json: try await shop.recommend(
        RecommendationRequest(PlacementRequest(context: .cart, cart: ["x3"], count: 1))))
    let first = try #require(page["items"]?.array?.first)
    #expect(first["item_id"] == "y3" && first["source"] == "complements")
    #expect(first["reasons"]?.array?.first?["item_id"] == "x3")
  }

  private func live(_ store: InMemoryStore) async throws -> ModelRecord? {
    await store.modelRecords().first { $0.name == "recommendation" && $0.state == .live }
  }

  @Test func modelsAreTrainedAgainWhenTheyAreOldAndThereIsNews() async throws {
    let store = InMemoryStore()
    let clock = TestClock()
    let shop = try await TestWorkspace(["default": store], clock: { clock.now }).workspace.shop("default")
    try await shop.load()
    _ = try await shop.ingest(events().map { .success($0) }, source: "test")
    _ = try await shop.train()
    #expect(try await shop.retrainIfDue() == nil)
    clock.advance(seconds: 8 * 86_400)
    // Old, but nothing new has come.
    #expect(try await shop.retrainIfDue() == nil)
    _ = try await shop.ingest(
      (0..<30).map { number in
        .success(
          Event(
            eventID: "n\(number)", kind: .purchase, customerID: "c\(number)", itemID: "x1",
            timestamp: clock.now,
            quantity: 1))
      }, source: "test")
    #expect(try await shop.retrainIfDue() == .schedule(days: 8))
    try await ShopSettings(name: "Shop", retrainDays: 0).save(to: store)
    try await shop.catchUpWithOthers()
    #expect(try await shop.retrainIfDue() == nil)
  }

  @Test func theStabilityIndexIsThatOfTheFormula() {
    #expect(Statistics.populationStabilityIndex([50, 50], [50, 50]) == 0)
    // (0.8 − 0.5) ln 1.6 + (0.2 − 0.5) ln 0.4
    let expected = 0.3 * log(1.6) - 0.3 * log(0.4)
    #expect(abs(Statistics.populationStabilityIndex([10, 10], [80, 20]) - expected) < 1e-12)
  }
}
