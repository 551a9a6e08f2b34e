import Commerce
import Decisions
import Recommendation
import Testing

@Suite struct PageRuleTests {
  @Test func filtersTakeItemsOutOfTheWholeShop() throws {
    #expect(try PageFixture.page("filter out where stock = 0") == ["b", "c", "d", "e"])
    #expect(try PageFixture.page("filter to where category = \"biscuits\"", count: 9) == ["c", "d"])
    #expect(
      try PageFixture.page("filter out where price >= 4\nfilter out where brand = \"Baker\"", count: 2) == [
        "milk", "f",
      ])
  }

  @Test func boostsAndBuriesMultiplyTheScoreOfEveryItemTheyMatch() throws {
    let page = try PageFixture.composer(
      "boost 3.5 where item = \"e\"\nfar: bury 0.5 where category = \"drinks\""
    )
    .compose(PageFixture.input())
    // e 0.2 · 3.5, c 0.6, a 1 · 0.5, b 0.8 · 0.5, d 0.4
    #expect(page.entries.map(\.item) == ["e", "c", "a", "b"])
    #expect(page.entries.map { ($0.score * 100).rounded() } == [70, 60, 50, 40])
    #expect(page.entries.map(\.rules) == [["line-1"], [], ["far"], ["far"]])
  }

  @Test func aPinTakesItsPlaceUnlessAFilterTakesItOut() throws {
    #expect(try PageFixture.page("top: pin \"f\" at 2") == ["a", "f", "b", "c"])
    #expect(try PageFixture.page("pin \"a\" at 3", count: 3) == ["b", "c", "a"])
    #expect(try PageFixture.page("pin \"f\" at 2\nfilter out where item = \"f\"") == ["a", "b", "c", "d"])
    #expect(try PageFixture.page("pin \"f\" at 9") == ["a", "b", "c", "d"])
    #expect(try PageFixture.page("pin \"tea\" at 1") == ["tea", "a", "b", "c"])
    let pinned = try PageFixture.composer("top: pin \"f\" at 1").compose(PageFixture.input()).entries[0]
    #expect(pinned.source == .pinned && pinned.rules == ["top"])
    #expect(pinned.reasons == [PageReason(.pinned, rule: "top")])
  }

  @Test func quotasLimitWhatAPageShows() throws {
    #expect(try PageFixture.page("quota at most 1 per category") == ["a", "c", "e", "milk"])
    #expect(try PageFixture.page("quota at most 1 where brand = \"Leaf\"") == ["a", "c", "d", "e"])
    #expect(try PageFixture.page("quota at most 1 per brand") == ["a", "c", "e", "milk"])
  }

  @Test func aMinimumTakesTheLastPlacesItNeeds() throws {
    #expect(
      try PageFixture.page("quota at least 1 where category = \"kitchen\"", count: 3) == ["a", "b", "e"])
    #expect(
      try PageFixture.page("quota at least 2 where category = \"dairy\"", count: 3) == ["a", "milk", "f"])
    // Where there are none, the page is filled all the same.
    #expect(try PageFixture.page("quota at least 1 where category = \"books\"", count: 3) == ["a", "b", "c"])
  }

  @Test func quotasWidenTheSearchUntilThePageIsFull() throws {
    let ids = (0..<400).map { "i\($0)" }
    var row = (0..<400).map { Float(400 - $0) }
    row[0] = 0
    let ranker = TableRanker(ids, weights: [row] + (1..<400).map { _ in [Float](repeating: 0, count: 400) })
    let table = ItemTable(
      ranked: ranker.items,
      catalogue: ids.enumerated().map { Item(itemID: $1, category: $0 < 350 ? "one" : "c\($0)") })
    let rules = RuleTable(
      try RuleSet(parsing: "quota at most 2 per category"), items: table, at: PageFixture.moment
    ) { id in
      let place = Int(id.dropFirst()) ?? 0
      return Item(itemID: id, category: place < 350 ? "one" : "c\(place)")
    }
    let page = PageComposer(PageParts(ranker: ranker, table: table, rules: rules)).compose(
      PageFixture.input(["i0"], PlacementRequest(count: 10)))
    #expect(page.entries.map(\.item) == ["i1", "i2"] + (350..<358).map { "i\($0)" })
  }

  @Test func aMinimumIsMetFromFarBelowThePool() throws {
    let ids = (0..<400).map { "i\($0)" }
    var row = (0..<400).map { Float(400 - $0) }
    row[0] = 0
    let ranker = TableRanker(ids, weights: [row] + (1..<400).map { _ in [Float](repeating: 0, count: 400) })
    let items = ids.enumerated().map { Item(itemID: $1, category: $0 < 390 ? "one" : "rare") }
    let table = ItemTable(ranked: ranker.items, catalogue: items)
    let rules = RuleTable(
      try RuleSet(parsing: "quota at least 1 where category = \"rare\""), items: table, at: PageFixture.moment
    ) { id in items.first { $0.itemID == id } }
    let page = PageComposer(PageParts(ranker: ranker, table: table, rules: rules)).compose(
      PageFixture.input(["i0"], PlacementRequest(count: 5)))
    #expect(page.entries.map(\.item) == ["i1", "i2", "i3", "i4", "i390"])
    #expect(page.entries.last?.rules == ["line-1"])
  }

  @Test func twoMinimaShareThePlacesThatAreLeft() throws {
    let rules = "quota at least 1 where category = \"kitchen\"\nquota at least 2 where category = \"dairy\""
    #expect(try Set(PageFixture.page(rules, count: 4)) == ["a", "e", "milk", "f"])
  }

  @Test func aMinimumBringsInWhatNobodyHasDealtWith() throws {
    #expect(try PageFixture.page("quota at least 1 where item = \"new\"", count: 3) == ["a", "b", "new"])
  }

  @Test func noBoostMakesAScoreThatIsNoNumber() throws {
    let rules = (0..<30).map { _ in "boost 100 where item is known" }.joined(separator: "\n")
    let page = try PageFixture.composer(rules).compose(PageFixture.input())
    #expect(page.entries.count == 4 && page.entries.allSatisfy { $0.score.isFinite })
  }

  @Test func aQuotaThatCannotBeFilledLeavesThePageShortAndSaysWhy() throws {
    let composer = try PageFixture.composer("quota at most 1 per brand\nfilter to where brand is known")
    let page = composer.compose(PageFixture.input(["tea"], PlacementRequest(count: 9)), tracing: true)
    // Three brands there are: Leaf, Baker, Farm.
    #expect(page.entries.map(\.item) == ["a", "c", "milk"])
    #expect(page.trace.candidates.contains { $0.item == "b" && $0.fate == .capped && $0.rules == ["line-1"] })
  }

  @Test func rulesHoldOnlyForTheRequestsTheyNameAndAnItemPutLaterFollowsThem() throws {
    #expect(try PageFixture.page("filter out where stock = 0 when context = email") == ["a", "b", "c", "d"])
    #expect(
      try PageFixture.page("filter out where stock = 0 when context = email", context: .email) == [
        "b", "c", "d", "e",
      ])
    var parts = try PageFixture.composer("filter out where stock = 0").parts
    var sold = PageFixture.catalogue[3]
    sold.attributes["stock"] = .number(0)
    parts.rules.put(sold, row: parts.table.put(sold))
    #expect(PageComposer(parts).compose(PageFixture.input()).entries.map(\.item) == ["c", "d", "e", "milk"])
  }

  @Test func whatWasShownOftenEnoughRests() throws {
    let shown = [1.0, 2, 3].map { Impression(item: "a", ageDays: $0) } + [Impression(item: "b", ageDays: 1)]
    func items(_ rules: String) throws -> [String] {
      try PageFixture.composer(rules).compose(PageFixture.input(impressions: shown)).entries.map(\.item)
    }
    #expect(try items("fatigue 3 shows in 7 days") == ["b", "c", "d", "e"])
    #expect(try items("fatigue 3 shows in 2 days") == ["a", "b", "c", "d"])
    #expect(try items("fatigue 1 shows in 7 days") == ["c", "d", "e", "milk"])
    // What was bought is no longer an offer that was passed over.
    let again = try PageFixture.composer("fatigue 3 shows in 7 days").compose(
      PageFixture.input(
        ["tea", "a"], PlacementRequest(customerID: "ann", count: 2, repeatPurchases: .allow),
        impressions: shown))
    #expect(again.entries.map(\.item).contains("a"))
  }

  // MARK: Diversity and calibration

  @Test func maximalMarginalRelevanceTradesScoreForUnlikeness() throws {
    // Strength 0.5 with a likeness of 0.5 within a category: a, then c 0.30 before b 0.40 − 0.25.
    #expect(try PageFixture.page("diversify mmr 0.5", count: 3) == ["a", "c", "b"])
    #expect(try PageFixture.page("diversify mmr 0") == ["a", "b", "c", "d"])
    #expect(try PageFixture.page("diversify mmr 1", count: 3) == ["a", "c", "e"])
  }

  @Test func theDeterminantalPointProcessSpreadsCategories() throws {
    #expect(try PageFixture.page("diversify dpp 0") == ["a", "b", "c", "d"])
    #expect(try PageFixture.page("diversify dpp 1", count: 3) == ["a", "c", "e"])
    // log(1 − 0.25) · 0.5 / 0.5 = −0.288: b 0.8 − 0.288 = 0.512 after c 0.6.
    #expect(try PageFixture.page("diversify dpp 0.5", count: 3) == ["a", "c", "b"])
  }

  @Test func calibrationFollowsTheCustomersOwnMix() throws {
    let history: [HistoryItem] = ["tea", HistoryItem("milk", weight: 3)]
    #expect(try PageFixture.page(history: history, count: 2) == ["f", "e"])
    // Three quarters dairy, a quarter drinks: of e (kitchen) nothing was ever bought.
    #expect(try PageFixture.page("calibrate 0.9", history: history, count: 2) == ["f", "a"])
  }

  // MARK: Exploration

  @Test func explorationShowsEveryItemOfThePoolAsOftenAsItsPropensitySays() throws {
    let composer = try PageFixture.composer("explore 40% in 2 slots")
    var counts: [String: Double] = [:]
    var expected: [String: Double] = [:]
    let pages = 4000
    for seed in 0..<UInt64(pages) {
      let page = composer.compose(PageFixture.input(seed: seed))
      #expect(page.entries.map(\.item).prefix(2) == ["a", "b"])
      for entry in page.entries.dropFirst(2) {
        counts["\(entry.item)@\(entry.position)", default: 0] += 1
        expected["\(entry.item)@\(entry.position)"] = entry.propensity
      }
    }
    #expect(counts.count > 4)
    for (place, propensity) in expected {
      let share = (counts[place] ?? 0) / Double(pages)
      // Five standard errors.
      #expect(abs(share - propensity) < 5 * (propensity * (1 - propensity) / Double(pages)).squareRoot())
    }
  }

  @Test func theSameSeedExploresTheSameAndQuotasHold() throws {
    let composer = try PageFixture.composer(
      "explore 50% in 3 slots\nquota at most 2 where category = \"drinks\"")
    for seed in 0..<200 as Range<UInt64> {
      let first = composer.compose(PageFixture.input(seed: seed)).entries
      #expect(first.map(\.item) == composer.compose(PageFixture.input(seed: seed)).entries.map(\.item))
      #expect(first.count { ["a", "b", "tea", "new"].contains($0.item) } <= 2)
    }
  }

  // MARK: The trace

  @Test func theTraceSaysWhatBecameOfEachCandidate() throws {
    let page = try PageFixture.composer("gone: filter out where stock = 0\nquota at most 1 per category")
      .compose(PageFixture.input(["tea"], PlacementRequest(count: 3)), tracing: true)
    let fates = Dictionary(uniqueKeysWithValues: page.trace.candidates.map { ($0.item, $0.fate) })
    #expect(page.entries.map(\.item) == ["b", "c", "e"])
    #expect(fates["a"] == .removed && fates["b"] == .shown && fates["d"] == .capped)
    #expect(fates["milk"] == .outranked)
    #expect(page.trace.candidates.first { $0.item == "a" }?.rules == ["gone"])
    #expect(page.trace.candidates.first { $0.item == "b" }?.sourceRank == 2)
    #expect(page.trace.rules.map(\.removed) == [1, 1])
    #expect(page.trace.candidates.first { $0.item == "d" }?.rules == ["line-2"])
    #expect(page.trace.sources.first?.used == 3)
  }
}
