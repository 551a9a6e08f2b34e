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
    let rows = try await shop.customers(by: .id, page: PageRequest()).items
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
      let one = try await late.customers(by: order, page: PageRequest(limit: 500))
      #expect(one == (try await live.customers(by: order, page: PageRequest(limit: 500))))
    }
    #expect(try await late.overview()["tiles"] == live.overview()["tiles"])
  }

  @Test func customersAreChosenByTheirOrdersAndHowLongTheyAreAway() async throws {
    // The shop's moment is its newest purchase.
    let day = 24 * 60
    let shop = try await TestWorkspace.shop()
    _ = try await ingest(
      purchase("1", by: "gone", minute: -41 * day), purchase("2", by: "gone", minute: -39 * day),
      purchase("3", by: "away", minute: -29 * day), purchase("4", by: "here"), into: shop)
    func ids(_ filter: CustomerFilter) async throws -> [JSONValue?] {
      try await shop.customers(filter, by: .id, page: PageRequest()).items.map { $0["customer_id"] }
    }
    #expect(try await ids(CustomerFilter()) == ["away", "gone", "here"])
    #expect(try await ids(CustomerFilter(daysSinceLastOrder: 0...28)) == ["here"])
    #expect(try await ids(CustomerFilter(daysSinceLastOrder: 29...39)) == ["away", "gone"])
    #expect(try await ids(CustomerFilter(daysSinceLastOrder: 29...38)) == ["away"])
    #expect(try await ids(CustomerFilter(minOrders: 2)) == ["gone"])
    #expect(
      try await ids(CustomerFilter(text: "E", minOrders: 1, daysSinceLastOrder: 0...100)) == ["gone", "here"])
  }

  @Test func aListOfEventsSaysHowManyThereAre() async throws {
    let shop = try await TestWorkspace.shop()
    _ = try await shop.upsertItems([["item_id": "tea", "category": "DRINKS"]], source: "test")
    _ = try await ingest(
      purchase("1"), purchase("2", of: "pen", minute: 1), purchase("3", by: "bob", minute: 2), into: shop)
    func total(_ query: EventQuery) async throws -> Int? {
      let page = try await shop.events(query, page: PageRequest(limit: 1))
      let all = try await shop.events(query, page: PageRequest(limit: 100))
      #expect(page.total == all.items.count)
      return all.total
    }
    #expect(try await total(EventQuery()) == 3)
    #expect(try await total(EventQuery(customerID: "ann")) == 2)
    #expect(try await total(EventQuery(customerID: "ann", category: "DRINKS")) == 1)
    #expect(try await total(EventQuery(customerID: "nobody")) == 0)
    #expect(try await total(EventQuery(itemID: "pen")) == 1)
    #expect(try await total(EventQuery(itemID: "nothing")) == 0)
    #expect(try await total(EventQuery(category: "DRINKS")) == 2)
    #expect(try await total(EventQuery(kind: .view)) == 0)
    let second = purchase("2", minute: 1).timestamp
    #expect(try await total(EventQuery(from: second)) == 2)
    #expect(try await total(EventQuery(to: second)) == 1)
    _ = try await ingest(purchase("4", minute: 3), into: shop)
    #expect(try await total(EventQuery(customerID: "ann")) == 3)
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
      try await second.customers(by: .id, page: page)
        == first.customers(by: .id, page: page))
  }

  @Test func aShopWhoseStoreHasIDsThatLookAlikeCanBeOpened() async throws {
    let store = InMemoryStore()
    await store.upsert(customers: ["caf\u{E9}", "cafe\u{301}"].map { Customer(customerID: $0) })
    #expect(await store.customerCount() == 2)
    let shop = try await TestWorkspace.shop(store)
    #expect(await shop.isReady)
  }

  @Test func idsThatLookAlikeAreOneInMemoryAndInTheStore() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    let (whole, apart) = ("caf\u{E9}", "cafe\u{301}")
    _ = try await shop.upsertCustomers(
      [["customer_id": .string(whole)], ["customer_id": .string(apart)]], source: "test")
    _ = try await shop.upsertItems(
      [["item_id": .string(apart), "title": "A"], ["item_id": .string(whole), "title": "B"]], source: "test")
    #expect(await store.customerCount() == 1)
    #expect(await store.items(withIDs: [whole]).map(\.title) == ["B"])
    let report = try await ingest(
      purchase("e-\(whole)", by: apart, of: apart), purchase("e-\(apart)", by: whole, of: whole), into: shop)
    #expect(report.accepted == 1 && report.duplicates == 1)
    for customer in [whole, apart] {
      let page = try await shop.events(EventQuery(customerID: customer), page: PageRequest())
      #expect(page.items.count == 1)
      #expect(try await shop.event("e-\(customer)")["item_title"] == "B")
    }
  }

  private func order(_ products: String, id: String = "o1") throws -> [Result<Event, RowRejection>] {
    try EventJSON.decode(
      batch: """
        [{"event":"Order Completed","messageId":"\(id)","userId":"ann","timestamp":"2024-05-30T10:00:00Z",
          "properties":{"order_id":"A-17","currency":"USD","total":30,"discount":3,"products":\(products)}},
         {"event_id":"v-\(id)","kind":"view","customer_id":"ann","item_id":"tea",
          "timestamp":"2024-05-30T11:00:00Z"}]
        """.utf8)
  }

  @Test func anOrderWithItsLinesBecomesOnePurchaseALineHoweverOftenItIsSent() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    let batch = try order(
      #"[{"product_id":"tea","price":2.5,"quantity":4,"name":"Green tea"},{"sku":"cup","price":"7.25"},{"product_id":9}]"#
    )
    let first = try await shop.ingest(batch, source: "test")
    #expect(first.accepted == 4 && first.rejected.isEmpty)
    let again = try await shop.ingest(batch, source: "test")
    #expect(again.accepted == 0 && again.duplicates == 4)
    let lines = await store.events(withIDs: ["o1#1", "o1#2", "o1#3"]).map(\.event)
    #expect(lines.map(\.itemID) == ["tea", "cup", "9"])
    #expect(lines.map(\.quantity) == [4, 1, 1])
    #expect(lines.map(\.amount) == [Money(10, currency: .usd), Money(7.25, currency: .usd), nil])
    #expect(lines.allSatisfy { $0.kind == .purchase && $0.orderID == "A-17" && $0.customerID == "ann" })
    #expect(lines[0].properties["name"] == "Green tea")
    // What was taken off the order as a whole is not taken off each line.
    #expect(lines.map(\.discount) == [nil, nil, nil])
    #expect(lines[0].properties["order"]?["total"] == 30)
    let row = try #require(
      try await shop.customers(by: .id, page: PageRequest()).items.first)
    #expect(row["orders"] == 1)
    #expect(row["spend"]?["amount"] == 17.25)
  }

  @Test func anOrderOfWhichALineIsAtFaultIsRejectedWhole() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    for (products, field) in [
      (#"[{"product_id":"tea"},{"price":1}]"#, "products[1].product_id"),
      (#"[{"product_id":"tea","quantity":"many"}]"#, "products[0].quantity"), ("[7]", "products[0]"),
    ] {
      let report = try await shop.ingest(try order(products), source: "test")
      #expect(report.rejected.map(\.field) == [field])
      #expect(report.rejected.map(\.index) == [0])
      #expect(report.rejected.map(\.eventID) == ["o1"])
    }
    #expect(await store.eventCount() == 1)
    #expect(await store.deadLetterCounts()[.open] == 3)
  }

  @Test func feedbackOfAPurchaseIsNoOrder() async throws {
    let store = InMemoryStore()
    try await servePopularity(of: ["a", "b"], in: store)
    let shop = try await TestWorkspace.shop(store)
    let answer = try await shop.recommend(RecommendationRequest(customerID: "ann", count: 2))
    let id = try #require(try JSONValue(json: answer)["decision_id"]?.string)
    _ = try await shop.addFeedback(toDecision: id, kind: .purchase, itemID: "a", eventID: "f1")
    var bought = purchase("1", of: "a")
    bought.decisionID = id
    _ = try await ingest(bought, into: shop)
    let row = try #require(
      try await shop.customers(by: .id, page: PageRequest()).items.first)
    #expect(row["orders"] == 1)
    let feedback = try #require(try await shop.decision(id)["feedback"]?.array)
    #expect(feedback.map { $0["kind"] } == ["click", "purchase"])
    #expect(feedback.first?["properties"]?["outcome"] == "purchase")
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
