import Commerce
import Decisions
import Foundation
import Testing

/// What documents of rules mean.
@Suite struct RuleLanguageTests {
  private func action(_ text: String) throws -> RuleAction {
    try #require(RuleSet(parsing: text).rules.first).action
  }

  private let now = Timestamp(milliseconds: 1_700_000_000_000)

  @Test func readsFilters() throws {
    let apples = Item(itemID: "1", brand: "Apple")
    guard case .filterOut(let out) = try action("filter out where brand = \"apple\"") else {
      Issue.record("no filter out")
      return
    }
    #expect(out.matches(apples, at: now) && !out.matches(Item(itemID: "2", brand: "Pear"), at: now))
    guard case .filterTo(let to) = try action("filter to where brand = \"apple\"") else {
      Issue.record("no filter to")
      return
    }
    #expect(to == out)
  }

  @Test func readsBoostsAndBuries() throws {
    guard case .boost(let up, let liked) = try action("boost 1.3 where price < 5") else {
      Issue.record("no boost")
      return
    }
    guard case .bury(let down, let disliked) = try action("bury 25% where price >= 5") else {
      Issue.record("no bury")
      return
    }
    let cheap = Item(itemID: "1", price: Money(minorUnits: 499, currency: .usd))
    #expect(up == 1.3 && down == 0.25)
    #expect(liked.matches(cheap, at: now) && !disliked.matches(cheap, at: now))
  }

  @Test func readsPinsWithAndWithoutQuotes() throws {
    #expect(try action("pin \"A 1\" at 3") == .pin(item: "A 1", position: 3))
    #expect(try action("pin 0071 at 100") == .pin(item: "0071", position: 100))
  }

  @Test func readsPinnedIdsInComposedForm() throws {
    guard case .pin(let item, _) = try action("pin \"cafe\u{301}\" at 1") else {
      Issue.record("no pin")
      return
    }
    #expect(Array(item.utf8) == Array("caf\u{E9}".utf8))
  }

  @Test func readsQuotas() throws {
    #expect(try action("quota at most 2 per category") == .quotaAtMostPer(2, .category))
    #expect(try action("quota at most 7 per brand") == .quotaAtMostPer(7, .brand))
    guard case .quotaAtMost(2, let most) = try action("quota at most 2 where brand is missing"),
      case .quotaAtLeast(3, let least) = try action("quota at least 3 where brand is missing")
    else {
      Issue.record("no quota")
      return
    }
    #expect(most == least && most.matches(Item(itemID: "1"), at: now))
  }

  @Test(arguments: [
    ("diversify mmr 0.3", RuleAction.diversify(.mmr, strength: 0.3)),
    ("diversify dpp 1", .diversify(.dpp, strength: 1)),
    ("calibrate 50%", .calibrate(0.5)),
    ("explore 10% in 1 slots", .explore(share: 0.1, slots: 1)),
    ("explore 0.5 in 10 slots", .explore(share: 0.5, slots: 10)),
    ("explore 0 in 1 slot", .explore(share: 0, slots: 1)),
    ("fatigue 5 shows in 7 days", .fatigue(shows: 5, days: 7)),
    ("fatigue 1 show in 0.5 days", .fatigue(shows: 1, days: 0.5)),
    ("hold back substitutes", .holdBackSubstitutes),
  ])
  func readsActionsOfThePage(text: String, expected: RuleAction) throws {
    #expect(try action(text) == expected)
  }

  @Test func readsKeywordsInAnyCase() throws {
    #expect(
      try action("Filter OUT Where Price < 1 AND NOT (Brand Is Missing)")
        == action("filter out where price < 1 and not (brand is missing)"))
    #expect(
      try RuleSet(parsing: "CALIBRATE 1 WHEN Context = HOME").rules[0].when?.matches(RuleRequest()) == true)
  }

  @Test func namesRulesByTheirNameOrLine() throws {
    let rules = try RuleSet(
      parsing:
        "no-stock: filter out where stock = 0\n\n# a comment\ncalibrate 1\n促销_1：calibrate 0.5\n2024: calibrate 0"
    )
    #expect(rules.rules.map(\.name) == ["no-stock", "line-4", "促销_1", "2024"])
    #expect(rules.rules.map(\.line) == [1, 4, 5, 6])
  }

  @Test func keepsTheTextOfARuleWithoutCommentAndBlanks() throws {
    let rules = try RuleSet(
      parsing: "\u{FEFF}  filter out where title contains \"#1\"\t # not \"this\"\r\n\tcalibrate 1#x")
    #expect(rules.rules.map(\.text) == ["filter out where title contains \"#1\"", "calibrate 1"])
    #expect(rules.rules.map(\.line) == [1, 2])
  }

  @Test func countsLinesByAnyLineBreak() throws {
    #expect(
      try RuleSet(parsing: "calibrate 1\r\ncalibrate 1\rcalibrate 1\ncalibrate 1").rules.map(\.line) == [
        1, 2, 3, 4,
      ])
  }

  @Test func anEmptyDocumentHasNoRules() throws {
    #expect(try RuleSet(parsing: "").rules.isEmpty)
    #expect(try RuleSet(parsing: "\n # nothing\n").rules.isEmpty)
    #expect(RuleSet.empty.rules.isEmpty && RuleSet.empty.text.isEmpty)
    #expect(try RuleSet(parsing: "") == .empty)
  }

  @Test func readsSignsInAllTheirForms() throws {
    let pairs = [
      ("price == 1", "price = 1"), ("price <> 1", "price != 1"), ("price ≠ 1", "price != 1"),
      ("price ≤ 1", "price <= 1"), ("price ≥ 1", "price >= 1"), ("price＞1", "price > 1"),
      ("（price ＝ 10％）", "(price = 0.1)"), ("brand in（“a”，‘b’、「c」）", "brand in (\"a\", 'b', \"c\")"),
      ("brand　=　“a”", "brand = \"a\""), ("brand = ”a”", "brand = \"a\""), ("price < -1", "price < -1.0"),
      ("brand is not missing", "brand is known"), ("not not price = 1", "price = 1"),
    ]
    for (written, plain) in pairs {
      #expect(try action("filter out where \(written)") == action("filter out where \(plain)"), "\(written)")
    }
  }

  @Test func readsQuotesAndBackslashesInTexts() throws {
    guard case .filterOut(let condition) = try action(#"filter out where title = "5\" \\ \” screen’s""#)
    else {
      Issue.record("no filter")
      return
    }
    #expect(condition.matches(Item(itemID: "1", title: #"5" \ ” screen’s"#), at: now))
    #expect(!condition.matches(Item(itemID: "1", title: #"5\" \\ ” screen’s"#), at: now))
  }

  @Test func aRuleIsActiveForTheRequestsOfItsCondition() throws {
    let rules = try RuleSet(parsing: "calibrate 1\ncalibrate 0.5 when context = email and cart_size >= 2")
      .rules
    #expect(rules[0].isActive(for: RuleRequest()) && rules[0].when == nil)
    #expect(!rules[1].isActive(for: RuleRequest(context: "email", cartSize: 1)))
    #expect(!rules[1].isActive(for: RuleRequest(context: "home", cartSize: 2)))
    #expect(rules[1].isActive(for: RuleRequest(context: "email", cartSize: 2)))
  }

  @Test func ofActionsOfThePageTheLastActiveOneCounts() throws {
    let rules = try RuleSet(
      parsing: """
        a: diversify mmr 0.3
        b: calibrate 1
        c: filter out where stock = 0
        d: diversify dpp 0.1 when context = item
        e: filter out where price = 0
        f: hold back substitutes
        g: explore 1% in 1 slots
        h: fatigue 1 show in 1 day
        i: hold back substitutes
        j: fatigue 2 shows in 1 day when context = item
        k: explore 2% in 1 slots when context = email
        l: calibrate 0 when context = email
        m: quota at most 1 per brand
        n: quota at most 2 per brand
        """)
    func names(_ context: String) -> String {
      rules.active(for: RuleRequest(context: context)).map(\.name).joined()
    }
    #expect(names("home") == "abceghimn")
    #expect(names("item") == "bcdegijmn")
    #expect(names("email") == "acehiklmn")
  }

  @Test func readsTheExamplesOfTheGuide() throws {
    let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/guides/rules.md")
    let parts = try String(contentsOf: guide, encoding: .utf8).components(separatedBy: "```")
    let examples = parts.indices.filter { $0 % 2 == 1 && parts[$0].hasPrefix("text\n") }.map {
      parts[$0].dropFirst(5)
    }
    #expect(examples.count >= 2)
    for example in examples {
      #expect(RuleSet.issues(in: String(example)) == [])
      #expect(try !RuleSet(parsing: String(example)).rules.isEmpty)
    }
  }
}
