import Application
import Commerce
import Foundation
import Ingestion
import Recommendation
import Storage
import Testing

struct ShopTests {
  private func ingest(_ events: Event..., into shop: Shop) async throws -> IngestReport {
    try await shop.ingest(events.map { .success($0) }, source: "test")
  }

  private func count(_ shop: Shop) async throws -> JSONValue? { try await shop.facts(roles: [])["events"] }

  private func items(of answer: [UInt8]) throws -> [String] {
    try JSONValue(json: answer)["items"]?.array?.compactMap { $0["item_id"]?.string } ?? []
  }

  @Test func whatAnotherProcessWroteIsTakenInOnce() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    _ = try await ingest(purchase("1"), into: shop)
    _ = await store.append([purchase("2", by: "bob"), purchase("3", by: "bob", minute: 1)])
    _ = try await ingest(purchase("4"), into: shop)
    #expect(try await count(shop) == 2)
    try await shop.catchUp()
    #expect(try await count(shop) == 4)
    try await shop.catchUp()
    #expect(try await count(shop) == 4)
    let rows = try await shop.customers(containing: nil, by: .id, page: PageRequest()).items
    #expect(rows.map { $0["customer_id"] } == ["ann", "bob"])
    #expect(rows.map { $0["orders"] } == [2, 2])
    #expect(rows.map { $0["spend"]?["amount"] } == [5, 5])
  }

  @Test func manyEventsOfAnotherProcessGiveTheSameAsEventsOneByOne() async throws {
    let events = (0..<12_000).map { purchase("\($0)", by: "c\($0 % 7)", of: "i\($0 % 11)", minute: $0) }
    let store = InMemoryStore()
    let late = try await TestWorkspace.shop(store)
    _ = await store.append(events)
    try await late.catchUp()
    let live = try await TestWorkspace.shop()
    _ = try await live.ingest(events.map { .success($0) }, source: "test")
    for order in CustomerOrder.allCases {
      let one = try await late.customers(containing: nil, by: order, page: PageRequest(limit: 500))
      #expect(one == (try await live.customers(containing: nil, by: order, page: PageRequest(limit: 500))))
    }
    #expect(try await late.overview()["tiles"] == live.overview()["tiles"])
  }

  @Test func whatIsIngestedBeforeTheShopIsReadIsThereAfterwards() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace(["default": store]).workspace.shop("default")
    _ = try await ingest(purchase("1"), into: shop)
    await #expect(throws: ApplicationError.starting) { try await shop.facts(roles: []) }
    try await shop.load()
    #expect(try await count(shop) == 1)
    _ = try await ingest(purchase("2"), into: shop)
    #expect(try await count(shop) == 2)
  }

  @Test func aShopOpenedAgainKnowsAllThatItKnew() async throws {
    let store = InMemoryStore()
    let first = try await TestWorkspace.shop(store)
    _ = try await ingest(purchase("1"), purchase("2", by: "bob", minute: 5), into: first)
    _ = try await first.upsertItems([["item_id": "tea", "category": "DRINKS"]], source: "test")
    _ = try await first.upsertCustomers(
      [["customer_id": "ann", "attributes": ["city": "Bonn"]]], source: "test")
    let second = try await TestWorkspace.shop(store)
    #expect(try await second.facts(roles: []) == first.facts(roles: []))
    let page = PageRequest()
    #expect(
      try await second.customers(containing: nil, by: .id, page: page)
        == first.customers(containing: nil, by: .id, page: page))
  }

  @Test func aShopWhoseCustomersHaveIDsThatLookAlikeCanBeOpenedAgain() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    _ = try await shop.upsertCustomers(
      [["customer_id": "caf\u{E9}"], ["customer_id": "cafe\u{301}"]], source: "test")
    #expect(await store.customerCount() == 2)
    let again = try await TestWorkspace.shop(store)
    #expect(await again.isReady)
  }

  @Test func anEventMakesTheCustomersNextRecommendationsAnew() async throws {
    let store = InMemoryStore()
    try await servePopularity(of: ["a", "b", "c"], in: store)
    let shop = try await TestWorkspace.shop(store)
    let request = RecommendationRequest(customerID: "ann", count: 2)
    let first = try await shop.recommend(request)
    #expect(try items(of: first) == ["a", "b"])
    let second = try await shop.recommend(request)
    #expect(try items(of: second) == ["a", "b"])
    #expect(try JSONValue(json: first)["decision_id"] != JSONValue(json: second)["decision_id"])
    _ = try await ingest(purchase("1", of: "a"), into: shop)
    #expect(try items(of: try await shop.recommend(request)) == ["b", "c"])
    let allowed = RecommendationRequest(customerID: "ann", count: 2, repeatPurchases: .allow)
    #expect(try items(of: try await shop.recommend(allowed)) == ["a", "b"])
    #expect(
      try items(of: try await shop.recommend(RecommendationRequest(customerID: "bob", count: 2))) == [
        "a", "b",
      ])
  }

  @Test func anotherModelIsServedFromItsPromotionOn() async throws {
    let store = InMemoryStore()
    try await servePopularity(of: ["a", "b"], in: store)
    let shop = try await TestWorkspace.shop(store)
    let request = RecommendationRequest(customerID: "ann", count: 1)
    #expect(try items(of: try await shop.recommend(request)) == ["a"])
    try await servePopularity(of: ["b", "a"], in: store)
    _ = try await shop.rollBack(model: "recommendation")
    _ = try await shop.promote(model: "recommendation", version: 2)
    #expect(try items(of: try await shop.recommend(request)) == ["b"])
  }

  @Test func decisionsAreKnownAtOnceAndOnDiskWhenTheShopCloses() async throws {
    let store = InMemoryStore()
    try await servePopularity(of: ["a", "b"], in: store)
    let workspace = TestWorkspace(["default": store])
    let shop = try await workspace.workspace.shop("default")
    try await shop.load()
    var ids: [String] = []
    for number in 0..<50 {
      let answer = try await shop.recommend(RecommendationRequest(customerID: "c\(number)", count: 2))
      ids.append(try #require(try JSONValue(json: answer)["decision_id"]?.string))
    }
    for id in ids { #expect(try await shop.decision(id)["decision_id"]?.string == id) }
    await workspace.workspace.close()
    for id in ids { #expect(await store.decision(id)?.choices.map(\.itemID) == ["a", "b"]) }
  }

  @Test func amountsWithoutACurrencyAreInTheShopsOwnEvenBeforeItIsRead() async throws {
    let store = InMemoryStore()
    try await ShopSettings(name: "Tea house", currency: .cny, timeZone: "Asia/Shanghai").save(to: store)
    let shop = try await TestWorkspace(["default": store]).workspace.shop("default")
    #expect(try await shop.currency == .cny)
    try await shop.load()
    #expect(try await shop.facts(roles: [])["currency"] == "CNY")
    #expect(try await shop.facts(roles: [])["time_zone"] == "Asia/Shanghai")
  }
}
