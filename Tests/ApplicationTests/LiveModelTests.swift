import Application
import Commerce
import Foundation
import Learning
import Storage
import Testing

struct LiveModelTests {
  private let request = RecommendationRequest(customerID: "ann", count: 2)

  private func recommend(_ shop: Shop) async throws -> JSONValue {
    try JSONValue(json: try await shop.recommend(request))
  }

  private func items(_ answer: JSONValue) -> [String] {
    answer["items"]?.array?.compactMap { $0["item_id"]?.string } ?? []
  }

  @Test func anEarlierVersionAnswersForOneThatCannotBeReadAndSaysWhy() async throws {
    let store = InMemoryStore()
    try await servePopularity(of: ["a", "b"], in: store)
    #expect(try await serveUnreadable("recommendation", kind: "PopularityModel", in: store) == 2)
    let shop = try await TestWorkspace.shop(store)
    let answer = try await recommend(shop)
    #expect(items(answer) == ["a", "b"])
    #expect(answer["model"]?["version"] == 1)
    #expect(answer["fallback"] == "earlier_version")
    #expect(answer["fallback_reason"]?.string?.contains("version 2") == true)
    #expect(await shop.degraded.map { $0["part"] } == ["model recommendation"])
    let overview = try await shop.overview()
    #expect(overview["attention"]?.array?.contains { $0["id"] == "unreadable_model" } == true)
    #expect(overview["degraded"]?.array?.count == 1)
  }

  @Test func whatIsPopularAnswersWhereNoVersionCanBeRead() async throws {
    let store = InMemoryStore()
    _ = await store.append([
      purchase("1", by: "bob", of: "x"), purchase("2", by: "eve", of: "x"), purchase("3", by: "bob", of: "y"),
    ])
    try await serveUnreadable("recommendation", kind: "PopularityModel", in: store)
    let shop = try await TestWorkspace.shop(store)
    let answer = try await recommend(shop)
    #expect(items(answer) == ["x", "y"])
    #expect(answer["fallback"] == "popularity")
    #expect(answer["fallback_reason"]?.string?.contains("version 1") == true)
  }

  @Test func aShopAnswersWithoutItsNeedsModelAndSaysWhyWhereItIsNeeded() async throws {
    let store = InMemoryStore()
    _ = await store.append([purchase("1")])
    try await serveUnreadable("needs", kind: "NeedModel", in: store)
    let shop = try await TestWorkspace.shop(store)
    #expect(try await shop.facts(roles: [])["events"] == 1)
    #expect(try await shop.customer("ann")["customer_id"] == "ann")
    #expect(await shop.degraded.map { $0["part"] } == ["model needs"])
    do {
      _ = try await shop.needs(ofCustomer: "ann", filter: NeedFilter(), limit: 5)
      Issue.record("needs cannot be told without a model")
    } catch let error as ApplicationError {
      #expect(String(describing: error).contains("cannot be read (version 1"))
    }
  }

  @Test func aGoodVersionThatComesLaterIsTakenUp() async throws {
    let store = InMemoryStore()
    _ = await store.append([purchase("1", by: "bob", of: "x")])
    try await serveUnreadable("recommendation", kind: "PopularityModel", in: store)
    let shop = try await TestWorkspace.shop(store)
    #expect(try await recommend(shop)["fallback"] == "popularity")
    try await servePopularity(of: ["c", "d"], in: store)
    try await shop.catchUpWithOthers()
    let answer = try await recommend(shop)
    #expect(items(answer) == ["c", "d"])
    #expect(answer["fallback"] == .null)
    #expect(answer["fallback_reason"] == .null)
    #expect(await shop.degraded.isEmpty)
  }

  @Test func aVersionThatCannotBeReadIsNotPromoted() async throws {
    let store = InMemoryStore()
    try await servePopularity(of: ["a"], in: store)
    let envelope = ModelEnvelope(
      kind: "PopularityModel", formatVersion: 1, configuration: .null, trainedAt: TestWorkspace.now,
      dataFingerprint: "", metrics: [:], payload: Data([9]))
    let version = await store.save(envelope, name: "recommendation")
    let shop = try await TestWorkspace.shop(store)
    await #expect(throws: (any Error).self) {
      try await shop.promote(model: "recommendation", version: version)
    }
    #expect(await store.modelRecords().first { $0.state == .live }?.version == 1)
    #expect(try await recommend(shop)["fallback"] == .null)
  }

  @Test func memoryEndsWithTheVersionThatTheStoreEndsWith() async throws {
    let store = InMemoryStore()
    for item in ["a", "b", "c", "d"] { try await servePopularity(of: [item], in: store) }
    let shop = try await TestWorkspace.shop(store)
    for _ in 0..<50 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for version in 1...4 {
          group.addTask { _ = try await shop.promote(model: "recommendation", version: version) }
        }
        try await group.waitForAll()
      }
      let live = try #require(await store.modelRecords().first { $0.state == .live }?.version)
      #expect(try await recommend(shop)["model"]?["version"] == JSONValue(live))
    }
  }

  @Test func aStartThatFailedIsTriedAgainAfterAWhile() async throws {
    let (store, clock) = (InMemoryStore(), TestClock())
    await store.put(["name": 7], collection: "settings", key: "shop")
    let test = TestWorkspace(["default": store], clock: { clock.now })
    let shop = try await test.workspace.shop("default")
    await #expect(throws: (any Error).self) { try await shop.startIfNew() }
    await store.remove(collection: "settings", key: "shop")
    // Not at every request.
    try await shop.startIfNew()
    #expect(await !shop.isReady)
    clock.advance(seconds: 3)
    try await shop.startIfNew()
    #expect(await shop.isReady)
    await test.workspace.close()
  }
}
