import Learning
import MathKernels
import Patterns
import Testing

@Suite struct RuleTests {
  private let context = FitContext()

  private func rules(
    _ baskets: Baskets,
    _ asked: AssociationRules = AssociationRules(minimumConfidence: 0, minimumLift: 0, largestQValue: 1)
  ) throws -> [AssociationRule] {
    let sets = try FPGrowth().mine(baskets, ItemsetRequest(minimumCount: 1), context: context)
    return try asked.rules(from: sets, baskets: baskets.count)
  }

  @Test func measuresOfARuleAreThoseOfTheTextbook() throws {
    // 10 baskets: bread in 6, butter in 5, both in 4.
    let baskets = Baskets(
      Array(repeating: ["bread", "butter"], count: 4) + [
        ["bread"], ["bread"], ["butter"], ["tea"], ["tea"], ["tea"],
      ])
    let rule = try #require(try rules(baskets).first { $0.antecedent == [0] && $0.consequent == [1] })
    #expect(rule.support == 0.4 && abs(rule.confidence - 2 / 3) < 1e-12)
    #expect(abs(rule.lift - 4 / 3) < 1e-12 && abs(rule.leverage - 0.1) < 1e-12)
    #expect(abs(rule.conviction - 1.5) < 1e-12)
    // Of C(10, 5) tables with these margins: C(6, 4) C(4, 1) + C(6, 5) C(4, 0).
    #expect(abs(rule.pValue - 66 / 252) < 1e-12)
  }

  @Test func whatIsAlwaysThereIsNeverMissed() throws {
    let rule = try #require(
      try rules(Baskets([["a", "b"], ["a", "b"], ["c"]])).first { $0.antecedent == [0] })
    #expect(rule.conviction == .infinity && rule.confidence == 1)
  }

  @Test func onlyRulesBeyondChanceAreShown() throws {
    var random = RandomSource(seed: 5)
    var baskets = Baskets()
    for _ in 0..<2_000 {
      var basket = (0..<12).filter { _ in Double.random(in: 0..<1, using: &random) < 0.2 }.map { "i\($0)" }
      if basket.contains("i0"), Double.random(in: 0..<1, using: &random) < 0.5 { basket.append("planted") }
      baskets.append(basket)
    }
    let sets = try FPGrowth().mine(
      baskets, ItemsetRequest(minimumCount: 20, maximumLength: 2), context: context)
    let found = try AssociationRules(minimumConfidence: 0).rules(from: sets, baskets: baskets.count)
    let names = found.map { Set(($0.antecedent + $0.consequent).map { baskets.items[$0] }) }
    #expect(names.contains(["i0", "planted"]))
    #expect(names.count { $0 != ["i0", "planted"] } <= 2)
    let tried = RuleValidation.outcomes(of: found, in: baskets)
    #expect(tried.map(\.rule.count) == found.map(\.count))
    let none = RuleValidation.outcomes(of: found, in: Baskets([["else"]]))
    #expect(none.allSatisfy { !$0.holds && $0.confidence == nil })
  }

  @Test func longerConsequentsComeWhenAskedFor() throws {
    let baskets = Baskets([["a", "b", "c"], ["a", "b", "c"], ["d"]])
    let all = AssociationRules(minimumConfidence: 0, minimumLift: 0, longestConsequent: 2, largestQValue: 1)
    let found = try rules(baskets, all)
    #expect(found.contains { $0.antecedent == [0] && $0.consequent == [1, 2] })
    #expect(found.count == 12)
    #expect(throws: PatternError.self) { try rules(baskets, AssociationRules(minimumConfidence: 2)) }
  }

  // Reckoned with scipy.stats.fisher_exact of SciPy 1.17.1.
  @Test(arguments: [
    (8, 10, 12, 40, 0.0002280818719448501, 0.9999926550785434),
    (3, 10, 12, 40, 0.6447388665005762, 0.6625643420310352),
    (0, 30, 50, 100, 1, 1.6045440210140933e-12),
    (500, 2000, 3000, 100_000, 1.07482253271986e-310, 1),
    (20, 2000, 3000, 100_000, 0.9999999996941606, 9.723189841417421e-10),
  ])
  func fishersTestIsThatOfTheReference(
    both: Int, first: Int, second: Int, total: Int, greater: Double, less: Double
  ) {
    for (alternative, expected) in [(HypothesisTests.Alternative.greater, greater), (.less, less)] {
      let p = HypothesisTests.fisherExact(both: both, first: first, second: second, total: total, alternative)
      #expect(abs(p - expected) <= 1e-7 * expected, "\(alternative): \(p)")
    }
  }

  @Test(arguments: [(5, 4, 10, 20), (1, 10, 12, 20), (-1, 3, 3, 9), (0, 0, 0, 0)])
  func anImpossibleTableProvesNothing(both: Int, first: Int, second: Int, total: Int) {
    #expect(
      HypothesisTests.fisherExact(both: both, first: first, second: second, total: total, .greater) == 1)
  }

  @Test func complementsAndSubstitutesAreToldApart() throws {
    // Tea and coffee are both bought with biscuits and sugar, one of them a basket; bread comes with butter.
    var random = RandomSource(seed: 9)
    var baskets = Baskets()
    for _ in 0..<4_000 {
      var basket = (0..<20).filter { _ in Double.random(in: 0..<1, using: &random) < 0.1 }.map { "i\($0)" }
      if Bool.random(using: &random) {
        basket += [Bool.random(using: &random) ? "tea" : "coffee", "biscuits", "sugar"]
      }
      if Double.random(in: 0..<1, using: &random) < 0.2 { basket += ["bread", "butter"] }
      baskets.append(basket)
    }
    let found = try ItemRelations().relations(in: baskets)
    func kind(_ a: String, _ b: String) -> ItemRelations.Relation.Kind? {
      found.first { Set($0.items.map { baskets.items[$0] }) == [a, b] }?.kind
    }
    #expect(kind("tea", "coffee") == .substitutes)
    #expect(kind("bread", "butter") == .complements && kind("tea", "biscuits") == .complements)
    #expect(
      !found.contains {
        $0.kind == .substitutes && Set($0.items.map { baskets.items[$0] }) != ["tea", "coffee"]
      })
  }
}
