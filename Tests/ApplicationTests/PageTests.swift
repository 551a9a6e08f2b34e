import Application
import Commerce
import Decisions
import Learning
import Recommendation
import Storage
import Testing

/// Pages and their rules in a shop that serves what is popular: a, then b, c and d.
@Suite struct PageTests {
  private func shop(_ store: InMemoryStore = InMemoryStore()) async throws -> Shop {
    try await servePopularity(of: ["a", "b", "c", "d"], in: store)
    return try await TestWorkspace.shop(store)
  }

  private func ingest(_ event: Event, into shop: Shop) async throws -> IngestReport {
    try await shop.ingest([.success(event)], source: "test")
  }

  private func page(
    _ shop: Shop, _ placement: PlacementRequest = PlacementRequest(customerID: "ann", count: 2),
    rules: String? = nil, isPreview: Bool = false, isTraced: Bool = false
  ) async throws -> JSONValue {
    try JSONValue(
      json: try await shop.recommend(
        RecommendationRequest(placement, rules: rules, isPreview: isPreview, isTraced: isTraced)))
  }

  private func items(_ page: JSONValue) -> [String] {
    page["items"]?.array?.compactMap { $0["item_id"]?.string } ?? []
  }

  @Test func publishedRulesHoldFromTheNextPageOnAndCanBeTakenBack() async throws {
    let shop = try await shop()
    #expect(items(try await page(shop)) == ["a", "b"])
    let published = try await shop.publish(rules: "no-a: filter out where item = \"a\"", from: 0)
    #expect(published["version"] == 1)
    #expect(published["rules"]?.array?.first?["name"] == "no-a")
    #expect(items(try await page(shop)) == ["b", "c"])
    _ = try await shop.publish(rules: "pin \"d\" at 1", from: 1)
    #expect(items(try await page(shop)) == ["d", "a"])
    #expect(try await shop.rollBackRules()["version"] == 3)
    #expect(items(try await page(shop)) == ["b", "c"])
    #expect(try await shop.ruleVersions()["items"]?.array?.map { $0["version"] } == [3, 2, 1])
  }

  @Test func nobodyOverwritesRulesThatAnotherHasPublishedMeanwhile() async throws {
    let shop = try await shop()
    _ = try await shop.publish(rules: "pin \"d\" at 1", from: 0)
    await #expect(throws: ApplicationError.self) { try await shop.publish(rules: "pin \"c\" at 1", from: 0) }
    await #expect(throws: RuleError.self) { try await shop.publish(rules: "pin d", from: 1) }
    #expect(try await shop.rules()["version"] == 1)
    let empty = try await TestWorkspace.shop()
    await #expect(throws: ApplicationError.self) { try await empty.rollBackRules() }
  }

  @Test func rulesSurviveARestartAndRulesOfAnotherProcessAreTakenUp() async throws {
    let store = InMemoryStore()
    let first = try await shop(store)
    let second = try await TestWorkspace.shop(store)
    _ = try await first.publish(rules: "pin \"d\" at 1", from: 0)
    #expect(items(try await page(try await TestWorkspace.shop(store))) == ["d", "a"])
    #expect(items(try await page(second)) == ["a", "b"])
    try await second.catchUpWithOthers()
    #expect(items(try await page(second)) == ["d", "a"])
  }

  @Test func rulesAreTriedWithoutBeingPublishedAndAPreviewIsNotWrittenDown() async throws {
    let store = InMemoryStore()
    let shop = try await shop(store)
    let tried = try await page(shop, rules: "filter out where item = \"a\"", isPreview: true)
    #expect(items(tried) == ["b", "c"] && tried["decision_id"] == .null && tried["rules_version"] == 0)
    #expect(items(try await page(shop)) == ["a", "b"])
    await #expect(throws: RuleError.self) { try await page(shop, rules: "nonsense") }
  }

  @Test func aDecisionKeepsHowItsPageCameAbout() async throws {
    let shop = try await shop()
    _ = try await shop.publish(rules: "twice: boost 2 where item = \"c\"", from: 0)
    let made = try await page(shop)
    #expect(items(made) == ["a", "c"])
    let id = try #require(made["decision_id"]?.string)
    let decision = try await shop.decision(id)
    #expect(decision["context"] == "home")
    #expect(decision["items"]?.array?.map { $0["source"] } == ["model", "model"])
    #expect(decision["items"]?.array?.last?["rules"] == ["twice"])
    #expect(decision["trace"]?["rules_version"] == 1)
    #expect(decision["trace"]?["request"]?["customer_id"] == "ann")
  }

  @Test func aTracedPageListsHistorySourcesRulesAndCandidates() async throws {
    let shop = try await shop()
    _ = try await ingest(purchase("1", of: "b"), into: shop)
    _ = try await shop.publish(rules: "no-a: filter out where item = \"a\"", from: 0)
    let trace = try #require(try await page(shop, isTraced: true)["trace"])
    #expect(trace["history"]?["newest"]?.array?.first?["item_id"] == "b")
    #expect(trace["rules"]?.array?.first?["removed"] == 1)
    let fates = (trace["candidates"]?.array ?? []).map {
      ($0["item_id"]?.string ?? "", $0["why"]?.string ?? "")
    }
    #expect(
      Dictionary(uniqueKeysWithValues: fates) == [
        "a": "removed", "b": "bought_before", "c": "shown", "d": "shown",
      ])
  }

  @Test func whatWasShownOftenEnoughRestsAlsoAfterARestart() async throws {
    let store = InMemoryStore()
    let shop = try await shop(store)
    let one = PlacementRequest(customerID: "ann", count: 1)
    _ = try await shop.publish(rules: "fatigue 2 shows in 7 days", from: 0)
    #expect(items(try await page(shop, one)) == ["a"])
    #expect(items(try await page(shop, one)) == ["a"])
    #expect(items(try await page(shop, one)) == ["b"])
    #expect(items(try await page(shop, one, isPreview: true)) == ["b"])
    #expect(items(try await page(shop, PlacementRequest(customerID: "bob", count: 1))) == ["a"])
    await shop.flushDecisions()
    #expect(items(try await page(try await TestWorkspace.shop(store), one)) == ["b"])
  }

  @Test func aRuleThatLooksBackCountsWhatWasShownBeforeItWasPublished() async throws {
    let shop = try await shop(InMemoryStore())
    let one = PlacementRequest(customerID: "ann", count: 1)
    #expect(items(try await page(shop, one)) == ["a"])
    #expect(items(try await page(shop, one)) == ["a"])
    _ = try await shop.publish(rules: "fatigue 2 shows in 7 days", from: 0)
    await shop.historyIsRead()
    #expect(items(try await page(shop, one)) == ["b"])
    // Fewer days ask for nothing to be read; none at all forgets.
    _ = try await shop.publish(rules: "fatigue 2 shows in 3 days", from: 1)
    #expect(items(try await page(shop, one, isPreview: true)) == ["b"])
    _ = try await shop.publish(rules: "", from: 2)
    #expect(items(try await page(shop, one, isPreview: true)) == ["a"])
  }

  @Test func anItemCanBeRecommendedAndRuledTheMomentItIsPut() async throws {
    let shop = try await shop()
    let five = PlacementRequest(customerID: "ann", count: 5)
    #expect(items(try await page(shop, five)) == ["a", "b", "c", "d"])
    _ = try await shop.upsertItems([["item_id": "new", "attributes": ["stock": 3]]], source: "test")
    #expect(items(try await page(shop, five)) == ["a", "b", "c", "d", "new"])
    _ = try await shop.publish(rules: "filter out where stock < 5", from: 0)
    #expect(items(try await page(shop, five)) == ["a", "b", "c", "d"])
    _ = try await shop.upsertItems([["item_id": "new", "attributes": ["stock": 9]]], source: "test")
    #expect(items(try await page(shop, five)) == ["a", "b", "c", "d", "new"])
    _ = try await shop.upsertItems([["item_id": "b", "attributes": ["stock": 0]]], source: "test")
    #expect(items(try await page(shop, five)) == ["a", "c", "d", "new"])
  }

  @Test func aVisitWithoutACustomerIsFollowedEventByEvent() async throws {
    let store = InMemoryStore()
    let rows = (0..<30).flatMap { user in
      ["x", "y"].map { Interaction(user: "u\(user)", item: $0) }
        + ["p", "q"].map { Interaction(user: "v\(user)", item: $0) }
    }
    let model = try await ItemKNN(.init(similarity: .cosine)).fit(Interactions(rows), context: FitContext())
    let version = await store.save(
      try ModelEnvelope(model, trainedAt: TestWorkspace.now, dataFingerprint: "", metrics: [:]),
      name: "recommendation")
    try await store.promote(name: "recommendation", version: version)
    let shop = try await TestWorkspace.shop(store)
    let visit = PlacementRequest(context: .session, sessionID: "s1", count: 1)
    let view = Event(
      eventID: "v1", kind: .view, sessionID: "s1", itemID: "p", timestamp: TestWorkspace.now)
    _ = try await ingest(view, into: shop)
    let page = try await page(shop, visit)
    #expect(items(page) == ["q"])
    #expect(page["items"]?.array?.first?["reasons"]?.array?.first?["item_id"] == "p")
    #expect(
      items(try await self.page(shop, PlacementRequest(context: .session, viewed: ["x"], count: 1))) == ["y"])
  }

  @Test func viewedItemsMayBeRecommendedAndBoughtOnesNot() async throws {
    let shop = try await shop()
    let view = Event(
      eventID: "v1", kind: .view, customerID: "ann", itemID: "a", timestamp: TestWorkspace.now)
    _ = try await ingest(view, into: shop)
    #expect(items(try await page(shop)) == ["a", "b"])
    _ = try await ingest(purchase("1", of: "a"), into: shop)
    #expect(items(try await page(shop)) == ["b", "c"])
  }

  @Test func contextsThatLackWhatTheyNeedSayWhat() async throws {
    let shop = try await shop()
    await #expect(
      throws: ApplicationError.invalidParameter(
        name: "item_id", value: nil, expected: "the item beside which the page stands")
    ) { try await page(shop, PlacementRequest(context: .item)) }
    await #expect(throws: ApplicationError.notFound(what: "item", id: "zz")) {
      try await page(shop, PlacementRequest(context: .item, itemID: "zz"))
    }
    await #expect(throws: ApplicationError.notFound(what: "category", id: "zz")) {
      try await page(shop, PlacementRequest(context: .category, category: "zz"))
    }
  }

  @Test func whyNotNamesTheRuleAndWhoToTellLeavesOutWhoHasIt() async throws {
    let shop = try await shop()
    _ = try await shop.publish(rules: "no-a: filter out where item = \"a\"", from: 0)
    let answer = try await shop.whyNot(
      "a", on: RecommendationRequest(PlacementRequest(customerID: "ann", count: 2)))
    #expect(answer["because"] == "removed" && answer["rules"] == ["no-a"])
    #expect(answer["changes"]?.array?.first?["rank_after"] == 1)
    _ = try await ingest(purchase("1", by: "ann", of: "a"), into: shop)
    _ = try await ingest(purchase("2", by: "bob", of: "b"), into: shop)
    let audience = try await shop.audience(ofItem: "a", count: 5)
    #expect(audience.items.allSatisfy { $0["customer_id"] != "ann" })
    await #expect(throws: ApplicationError.notFound(what: "item", id: "zz")) {
      try await shop.audience(ofItem: "zz", count: 5)
    }
  }

  @Test func aTrialComparesPastPagesWithWhatWasBoughtAfterwards() async throws {
    let shop = try await shop()
    for customer in 0..<12 {
      let old = Event(
        eventID: "old\(customer)", kind: .purchase, customerID: "c\(customer)", itemID: "d",
        timestamp: TestWorkspace.now.adding(days: -60), quantity: 1)
      let new = Event(
        eventID: "new\(customer)", kind: .purchase, customerID: "c\(customer)", itemID: "a",
        timestamp: TestWorkspace.now.adding(days: -3), quantity: 1)
      _ = try await ingest(old, into: shop)
      _ = try await ingest(new, into: shop)
    }
    let report = try await shop.dryRun(
      .init(text: "filter out where item = \"a\"", customers: 10, days: 28, count: 2))
    #expect(report["customers"] == 10 && report["pages_changed"] == 10)
    #expect(report["hits"]?["before"] == 1 && report["hits"]?["after"] == 0)
    #expect(report["items"]?["gaining"]?.array?.first?["item_id"] == "c")
    #expect(try await shop.rules()["version"] == 0)
  }
}
