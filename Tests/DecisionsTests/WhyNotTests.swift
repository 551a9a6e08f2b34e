import Commerce
import Decisions
import Recommendation
import Testing

@Suite struct WhyNotTests {
  private func ask(_ item: String, _ rules: String = "", count: Int = 2, history: [HistoryItem] = ["tea"])
    throws -> WhyNot
  {
    try PageFixture.composer(rules).whyNot(
      item, on: PageFixture.input(history, PlacementRequest(customerID: "ann", count: count)))
  }

  @Test func anItemThatIsShownNeedsNoChange() throws {
    let answer = try ask("a")
    #expect(answer.fate == .shown && answer.changes.isEmpty && answer.rank == 1)
  }

  @Test func aRuleThatKeepsAnItemAwayIsNamedAndLeavingItOutBringsTheItem() throws {
    let answer = try ask("a", "gone: filter out where stock = 0")
    #expect(answer.fate == .removed && answer.rules == ["gone"])
    #expect(answer.changes == [.init(kind: .rules, items: [], rules: ["gone"], rankAfter: 1)])
  }

  @Test func twoRulesThatBothKeepAnItemAwayAreNamedTogether() throws {
    let answer = try ask("a", "one: filter out where stock = 0\ntwo: filter out where price = 4")
    #expect(answer.changes == [.init(kind: .rules, items: [], rules: ["one", "two"], rankAfter: 1)])
  }

  @Test func theSmallestAdditionToTheHistoryIsFoundAndTried() throws {
    let ranker = TableRanker(
      ["tea", "x", "y", "wanted", "helper"],
      weights: [[0, 5, 4, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 9], [0, 0, 0, 9, 0]])
    let composer = try PageFixture.composer(ranker: ranker)
    let answer = composer.whyNot(
      "wanted", on: PageFixture.input(["tea"], PlacementRequest(customerID: "ann", count: 2)))
    #expect(answer.fate == .outranked && answer.rank == 3)
    #expect(answer.changes.first == .init(kind: .addToHistory, items: ["helper"], rules: [], rankAfter: 1))
    #expect(answer.tried > 0)
  }

  @Test func whatSpeaksForTheOthersIsFoundToo() throws {
    let answer = try ask("e", count: 2, history: ["tea", "milk"])
    #expect(answer.fate == .outranked)
    #expect(answer.changes.contains(.init(kind: .removeFromHistory, items: ["tea"], rules: [], rankAfter: 2)))
  }

  @Test func anItemBoughtBeforeComesWhenRepeatsAreAllowed() throws {
    let answer = try ask("a", history: ["tea", "a"])
    #expect(answer.fate == .boughtBefore)
    #expect(answer.changes.map(\.kind) == [.repeatPurchases])
  }

  @Test func anUnknownItemIsSaidToBeUnknown() throws {
    #expect(try ask("nothing").fate == .notInCatalogue)
  }

  @Test func aTrialOfRulesSaysWhoGainsAndWhoLoses() throws {
    let trial = RuleTrial(
      before: try PageFixture.composer(),
      after: try PageFixture.composer("gone: filter out where brand = \"Leaf\""))
    let cases = (0..<20).map { _ in
      RuleTrial.Case(
        PageFixture.input(["tea"], PlacementRequest(customerID: "ann", count: 2)), bought: ["a", "c"])
    }
    let report = try trial.run(cases)
    #expect(report.customers == 20 && report.pagesChanged == 20 && report.itemsChanged == 2)
    #expect(report.hits.before == 1 && report.hits.after == 1)
    #expect(report.items.gaining.map(\.name) == ["c", "d"] && report.items.losing.map(\.name) == ["a", "b"])
    #expect(report.brands.losing.first?.name == "Leaf" && report.brands.losing.first?.change == -1)
    #expect(report.categories.gaining.first?.name == "biscuits")
    #expect(report.rules.first?.pages == 20 && report.rules.first?.removed == 2)
    #expect(report.meanPrice?.before == 4.5 && report.meanPrice?.after == 1.5)
    #expect(report.examples.first?.lost == ["a", "b"])
  }

  @Test func theLedgerOfImpressionsForgetsWhatIsOldAndStaysBounded() {
    var ledger = ImpressionLedger()
    let start = PageFixture.moment
    for day in 0..<200 {
      ledger.note((0..<10).map { "i\($0)" }, to: "ann", at: start.adding(days: Double(day)))
    }
    let end = start.adding(days: 199)
    #expect(ledger.count == ImpressionLedger.perCustomer)
    #expect(ledger.impressions(of: "ann", at: end).allSatisfy { $0.ageDays <= ImpressionLedger.longestDays })
    #expect(ledger.impressions(of: "bob", at: end).isEmpty)
    ledger.sweep(at: end.adding(days: 200))
    #expect(ledger.count == 0)
  }
}
