import Commerce
import Decisions
import Learning
import Recommendation
import Testing

@Suite struct PageComposerTests {
  @Test func aPageIsInTheOrderOfTheRankerWithoutWhatWasBought() throws {
    #expect(try PageFixture.page() == ["a", "b", "c", "d"])
    let page = try PageFixture.composer().compose(PageFixture.input())
    #expect(page.entries.map(\.score) == [1, 0.8, 0.6, 0.4].map { Double(Float($0)) })
    #expect(page.entries.map(\.position) == [1, 2, 3, 4])
    #expect(page.entries.allSatisfy { $0.propensity == 1 && $0.source == .model })
    #expect(page.fallback == nil)
  }

  @Test func reasonsOfAnItemAddUpToItsSourcesScore() throws {
    let page = try PageFixture.composer().compose(
      PageFixture.input(["tea", "milk", "tea"]), reasons: .max)
    for entry in page.entries where entry.source == .model {
      let sum = entry.reasons.compactMap(\.contribution).reduce(0, +)
      #expect(abs(sum - (entry.sourceScore ?? 0)) < 1e-6)
    }
    #expect(page.entries.first?.reasons.first?.item == "tea")
  }

  @Test func reasonsBesideAnItemAndACartAddUpTooWithTheCustomersOwnPart() throws {
    let complements = TableRanker(
      ["tea", "milk", "c", "b"], weights: [[0, 0, 3, 2], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    let composer = try PageFixture.composer(complements: complements)
    for request in [
      PlacementRequest(context: .item, itemID: "a", count: 2),
      PlacementRequest(context: .cart, cart: ["tea", "milk"], count: 2),
    ] {
      let page = composer.compose(PageFixture.input(["tea"], request), reasons: .max)
      #expect(page.entries.count == 2)
      for entry in page.entries {
        #expect(entry.reasons.contains { $0.kind == .personal })
        let sum = entry.reasons.compactMap(\.contribution).reduce(0, +)
        #expect(abs(sum - (entry.sourceScore ?? 0)) < 1e-6)
      }
    }
  }

  @Test func aPageHasAsManyItemsAsAskedForWhereverTheShopHasThem() throws {
    let page = try PageFixture.composer().compose(
      PageFixture.input([], PlacementRequest(count: 9)))
    #expect(page.entries.count == 9)
    #expect(page.entries.map(\.item).prefix(3) == ["tea", "milk", "a"])
    #expect(page.fallback == .popular)
    #expect(Set(page.entries.map(\.item)).count == 9)
    #expect(try PageFixture.page(count: 100).count == 8)
  }

  @Test func itemsComeAgainOnlyWhereThatIsWanted() throws {
    let again = try PageFixture.composer().compose(
      PageFixture.input(["tea", "a"], PlacementRequest(customerID: "ann", count: 3, repeatPurchases: .allow)))
    #expect(again.entries.map(\.item) == ["b", "a", "c"])
    #expect(again.entries[1].reasons.first?.kind == .bought)
    let only = try PageFixture.composer().compose(
      PageFixture.input(["tea", "a"], PlacementRequest(customerID: "ann", count: 3, repeatPurchases: .only)))
    #expect(only.entries.map(\.item) == ["a", "tea"])
    #expect(PlacementRequest(context: .email).repeats == .allow)
    #expect(PlacementRequest(context: .home).repeats == .never)
  }

  // MARK: Contexts

  @Test func besideAnItemStandsWhatIsLikeIt() throws {
    let page = try PageFixture.composer().compose(
      PageFixture.input([], PlacementRequest(context: .item, itemID: "a", count: 2)))
    #expect(page.entries.map(\.item) == ["b", "c"])
    #expect(page.entries.map(\.source) == [.similar, .similar])
    #expect(page.entries[0].reasons.first == PageReason(.similar, item: "a", contribution: 3))
  }

  @Test func whatTheCustomerLikesGoesBeforeAmongWhatIsBesideAnItem() throws {
    let ranker = TableRanker(
      ["x", "y", "z", "liked"], weights: [[0, 2, 2, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 4, 0]])
    let page = try PageFixture.composer(ranker: ranker).compose(
      PageFixture.input(["liked"], PlacementRequest(context: .item, itemID: "x", count: 2)))
    #expect(page.entries.map(\.item) == ["z", "y"])
  }

  @Test func besideACartStandsWhatGoesIntoOneOrderWithIt() throws {
    let complements = TableRanker(
      ["tea", "c", "b", "f"], weights: [[0, 3, 2, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    let request = PlacementRequest(context: .cart, cart: ["tea"], count: 3)
    let page = try PageFixture.composer(complements: complements).compose(PageFixture.input([], request))
    #expect(page.entries.map(\.item) == ["c", "b", "f"])
    #expect(page.entries.allSatisfy { $0.source == .complements })
    #expect(page.entries[0].reasons.first == PageReason(.complement, item: "tea", contribution: 3))
  }

  @Test func substitutesOfTheCartAreHeldBackUnlessBothGoIntoOneOrder() throws {
    let complements = TableRanker(["tea", "c", "b"], weights: [[0, 3, 2], [0, 0, 0], [0, 0, 0]])
    let request = PlacementRequest(context: .cart, cart: ["tea"], count: 9)
    let items = try PageFixture.composer(complements: complements).compose(PageFixture.input([], request))
      .entries
      .map(\.item)
    // b is a drink as tea is, but bought with it; the other drinks are substitutes.
    #expect(items.prefix(2) == ["c", "b"])
    #expect(!items.contains("a") && !items.contains("new") && !items.contains("tea"))
    let strict = try PageFixture.composer("hold back substitutes", complements: complements)
      .compose(PageFixture.input([], request)).entries.map(\.item)
    #expect(!strict.contains("b") && strict.first == "c")
  }

  @Test func aCategorysPageKeepsToItAtAnyLevel() throws {
    let drinks = try PageFixture.composer().compose(
      PageFixture.input(["tea"], PlacementRequest(context: .category, category: "drinks", count: 9)))
    #expect(drinks.entries.map(\.item) == ["a", "b", "tea", "new"])
    let food = try PageFixture.composer().compose(
      PageFixture.input(["tea"], PlacementRequest(context: .category, category: "food", count: 9)))
    #expect(food.entries.count == 9)
  }

  // MARK: Cold start

  @Test func anItemIsRecommendedTheMomentItIsInTheCatalogue() async throws {
    var content = try await ContentSimilarity().fit(
      DescribedInteractions(
        Interactions([]),
        descriptions: PageFixture.catalogue.dropLast().map {
          ItemDescription($0.itemID, text: $0.title ?? "")
        }),
      context: FitContext())
    #expect(
      try PageFixture.composer(content: content).compose(
        PageFixture.input(["tea"], PlacementRequest(count: 6))
      ).entries.allSatisfy { $0.item != "new" })
    content.update(ItemDescription("new", text: "White tea"))
    let page = try PageFixture.composer(content: content).compose(
      PageFixture.input(["tea"], PlacementRequest(count: 6)))
    #expect(page.entries.last?.item == "new")
    #expect(page.entries.last?.source == .content)
    #expect(page.entries.last?.reasons.first?.item == "tea")
    #expect(page.fallback == .content)
  }

  // MARK: Audience

  @Test func theAudienceOfAnItemIsThoseWhomTheRankerWouldMostRecommendItTo() {
    var audience = Audience(of: "e", ranker: PageFixture.ranker, count: 2)
    let histories: [[HistoryItem]] = [["tea"], ["milk"], ["a"], ["tea", "milk"]]
    for (customer, history) in histories.enumerated() { audience.consider(customer, history) }
    #expect(audience.best().map(\.customer) == [3, 1])
    #expect(audience.best().map(\.score) == [3, 2])
    #expect(audience.best()[0].reasons.map(\.item) == ["milk", "tea"])
    #expect(audience.considered == 4)
  }
}
