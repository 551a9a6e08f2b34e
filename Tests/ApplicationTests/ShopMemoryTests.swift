import Application
import Commerce
import Foundation
import Storage
import Testing

/// How a shop's memory follows its store.
struct ShopMemoryTests {
  private func ingest(_ events: [Event], into shop: Shop) async throws {
    _ = try await shop.ingest(events.map { .success($0) }, source: "test")
  }

  private func customers(_ shop: Shop, by order: CustomerOrder = .id) async throws -> [JSONValue] {
    try await shop.customers(by: order, page: PageRequest(limit: 500)).items
  }

  /// Waits until something holds; that it holds at all is what a test then expects.
  private func wait(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<5000 where try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test func itemsCustomersAndSettingsOfAnotherProcessAreTakenUp() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    try await ingest([purchase("1")], into: shop)
    await store.upsert(items: [Item(itemID: "tea", title: "Green tea", category: "DRINKS")])
    await store.upsert(customers: [Customer(customerID: "ann", attributes: ["city": "Bonn"])])
    try await ShopSettings(name: "Tea house", categoryLabel: "shelf").save(to: store)
    try await shop.catchUpWithOthers()
    #expect(try await shop.item("tea")["title"] == "Green tea")
    #expect(try await shop.facts(roles: [])["name"] == "Tea house")
    #expect(try await shop.facts(roles: [])["category_label"] == "shelf")
    let row = try #require(try await customers(shop).first)
    #expect(row["attributes"] == ["city": "Bonn"])
    #expect(row["top_categories"] == ["DRINKS"])
    // What is replaced is taken up as well.
    await store.upsert(items: [Item(itemID: "tea", title: "Black tea", category: "HOT DRINKS")])
    try await shop.catchUpWithOthers()
    #expect(try await shop.item("tea")["title"] == "Black tea")
    #expect(try await customers(shop).first?["top_categories"] == ["HOT DRINKS"])
  }

  @Test func anotherCurrencyOrTimeZoneCountsForEventsThatCameBefore() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    var yuan = purchase("1", amount: 30)
    yuan.amount = Money(30, currency: .cny)
    try await ingest([yuan, purchase("2", amount: 5)], into: shop)
    #expect(try await customers(shop).first?["spend"] == ["amount": 5, "currency": "USD"])
    try await ShopSettings(name: "default", currency: .cny, timeZone: "Asia/Shanghai").save(to: store)
    try await shop.catchUpWithOthers()
    #expect(await shop.isReady)
    #expect(try await shop.facts(roles: [])["time_zone"] == "Asia/Shanghai")
    #expect(try await customers(shop).first?["spend"] == ["amount": 30, "currency": "CNY"])
  }

  @Test func memoryEndsWithTheItemThatTheStoreEndsWith() async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    for _ in 0..<50 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask {
            _ = try await shop.upsertItems(
              [["item_id": "tea", "title": .string("Tea \(number)")]], source: "test")
          }
        }
        try await group.waitForAll()
      }
      let stored = try #require(await store.items(withIDs: ["tea"]).first?.title)
      #expect(try await shop.item("tea")["title"]?.string == stored)
    }
  }

  @Test(arguments: [3, 12_000])
  func eventsThatCameBeforeFollowTheirItemIntoItsCategory(count: Int) async throws {
    let store = InMemoryStore()
    let shop = try await TestWorkspace.shop(store)
    try await ingest((0..<count).map { purchase("\($0)", by: "c\($0 % 3)", minute: $0) }, into: shop)
    func categories() async throws -> [JSONValue?] {
      try await shop.customer("c0")["profile"]?["categories"]?.array?.map { $0["category"] } ?? []
    }
    func warning(_ id: String) async throws -> JSONValue? {
      try await shop.dataQuality()["checks"]?.array?.first { $0["id"]?.string == id }?["count"]
    }
    #expect(try await categories().isEmpty)
    #expect(try await warning("unknown_item") == JSONValue(count))
    _ = try await shop.upsertItems([["item_id": "tea"]], source: "test")
    #expect(try await warning("unknown_item") == 0)
    #expect(try await warning("no_category") == JSONValue(count))
    for category in ["DRINKS", "HOT DRINKS"] {
      _ = try await shop.upsertItems([["item_id": "tea", "category": .string(category)]], source: "test")
      try await wait { try await categories() == [.string(category)] }
      #expect(try await categories() == [.string(category)])
      #expect(try await warning("no_category") == 0)
      let row = try #require(try await customers(shop).first)
      #expect(row["top_categories"] == [.string(category)])
    }
    // And it is the same as after the shop is read again.
    let again = try await TestWorkspace.shop(store)
    #expect(try await again.customer("c0") == shop.customer("c0"))
    #expect(try await customers(again) == customers(shop))
  }

  @Test func theOverviewSumsUpPurchasesRefundsAndLinesWithoutAnOrder() async throws {
    let shop = try await TestWorkspace.shop()
    var events: [Event] = []
    func add(_ id: String, _ day: Double, _ kind: EventKind, _ amount: Double, order: String?, by: String) {
      events.append(
        Event(
          eventID: id, kind: kind, customerID: by, itemID: "tea",
          timestamp: TestWorkspace.now.adding(days: -day), amount: Money(amount, currency: .usd),
          orderID: order))
    }
    // Of the last 28 days, of the 28 before, and older; neither in order of time nor of arrival.
    add("1", 40, .purchase, 10, order: "o1", by: "ann")
    add("2", 1, .purchase, 20, order: "o2", by: "ann")
    add("3", 1.5, .purchase, 5, order: "o2", by: "ann")
    add("4", 90, .purchase, 100, order: "o3", by: "bob")
    add("5", 2, .refund, 4, order: "o2", by: "ann")
    add("6", 3, .purchase, 7, order: nil, by: "bob")
    add("7", 27.9, .purchase, 1, order: "o4", by: "eve")
    add("8", 28.1, .purchase, 2, order: "o5", by: "eve")
    add("9", 0.5, .view, 0, order: nil, by: "new")
    try await ingest(events, into: shop)
    let overview = try await shop.overview()
    func tile(_ id: String) -> [JSONValue?] {
      let tile = overview["tiles"]?.array?.first { $0["id"]?.string == id }
      return [tile?["value"], tile?["previous"]]
    }
    #expect(tile("spend") == [29, 12])
    #expect(tile("orders") == [3, 2])
    #expect(tile("customers") == [3, 2])
    let weekly = try #require(overview["weekly"]?.array)
    #expect(weekly.compactMap { $0["spend"]?.number }.reduce(0, +) == 141)
    #expect(weekly.compactMap { $0["week"]?.string } == weekly.compactMap { $0["week"]?.string }.sorted())
    try await ingest([purchase("late", by: "zoe", amount: 3)], into: shop)
    let later = try await shop.overview()["tiles"]?.array?.first { $0["id"] == "customers" }
    #expect(later?["value"] == 4)
  }

  @Test func anAnswerNamesItemsAsTheyAreCalledNow() async throws {
    let store = InMemoryStore()
    try await servePopularity(of: ["a", "b"], in: store)
    let shop = try await TestWorkspace.shop(store)
    let request = RecommendationRequest(customerID: "ann", count: 2)
    func titles() async throws -> [String] {
      try JSONValue(json: try await shop.recommend(request))["items"]?.array?.compactMap {
        $0["title"]?.string
      } ?? []
    }
    #expect(try await titles() == ["a", "b"])
    _ = try await shop.upsertItems([["item_id": "b", "title": "Butter"]], source: "test")
    #expect(try await titles() == ["a", "Butter"])
    _ = try await shop.upsertItems([["item_id": "b", "title": "Best butter"]], source: "test")
    #expect(try await titles() == ["a", "Best butter"])
  }

  @Test func answersKeptForLaterTakeBoundedMemory() async throws {
    let store = InMemoryStore()
    let names = (0..<100).map { "item-\($0)-" + String(repeating: "x", count: 400) }
    try await servePopularity(of: names, in: store)
    let shop = try await TestWorkspace.shop(store)
    var most = 0
    for number in 0..<1000 {
      _ = try await shop.recommend(RecommendationRequest(customerID: "c\(number)", count: 100))
      most = max(most, await shop.recommendationCacheBytes)
    }
    #expect(most <= Shop.recommendationCacheCapacity)
    #expect(most > Shop.recommendationCacheCapacity / 2)
  }

  @Test func aCustomerWhoWasDescribedAndHasNoEventsHasAnEmptyProfile() async throws {
    let shop = try await TestWorkspace.shop()
    _ = try await shop.upsertCustomers(
      [["customer_id": "new", "attributes": ["city": "Bonn"]]], source: "test")
    let answer = try await shop.customer("new")
    #expect(answer["attributes"] == ["city": "Bonn"])
    #expect(answer["profile"]?["orders"] == 0)
    #expect(answer["profile"]?["categories"] == [])
    #expect(answer["profile"]?["recency_days"] == .null)
    await #expect(throws: ApplicationError.notFound(what: "customer", id: "nobody")) {
      try await shop.customer("nobody")
    }
  }

  @Test(arguments: CustomerOrder.allCases)
  func aPageOfCustomersHoldsItsPlaceWhileEventsArrive(order: CustomerOrder) async throws {
    let shop = try await TestWorkspace.shop()
    // Many share a value, so that the order among them counts.
    try await ingest(
      (0..<60).map { purchase("e\($0)", by: "c\($0 % 30)", minute: $0 % 5, amount: Double($0 % 3)) },
      into: shop)
    let expected = try await customers(shop, by: order).compactMap { $0["customer_id"]?.string }
    var seen: [String] = []
    var cursor: String?
    repeat {
      let page = try await shop.customers(
        by: order, page: PageRequest(limit: 7, cursor: cursor))
      #expect(page.total.map { $0 >= 30 } == true)
      seen += page.items.compactMap { $0["customer_id"]?.string }.filter { $0.hasPrefix("c") }
      cursor = page.nextCursor
      // Someone new who comes first in every order.
      try await ingest(
        (0..<5).map { purchase("new\(seen.count)-\($0)", by: "a\(seen.count)", minute: 9999, amount: 999) },
        into: shop)
    } while cursor != nil
    #expect(seen == expected)
  }

  @Test(arguments: ["x", "12", ".a", "a.b", "9999999999999999999.a"])
  func aCursorThatIsNoneIsNamed(cursor: String) async throws {
    let shop = try await TestWorkspace.shop()
    await #expect(throws: ApplicationError.self) {
      try await shop.customers(by: .id, page: PageRequest(limit: 5, cursor: cursor))
    }
  }
}
