import Commerce
import Customers
import Decisions
import Features
import Testing

/// Conditions that name segments: what they mean, and what is wrong with them where.
@Suite struct SegmentRuleTests {
  private static let start = Timestamp(rfc3339: "2024-01-01T10:00:00Z")!

  /// Ann bought tea and nappies lately, Bob tea long ago, Cem only looked.
  private static func reading(
    known: @escaping @Sendable (String, SegmentField) -> SegmentFacts.Value? = { _, _ in nil }
  ) -> SegmentRuleReading {
    var frame = EventFrame(currency: .usd)
    var sequence: Int64 = 0
    func add(_ customer: String, _ kind: EventKind, _ item: String, day: Int, order: String?, amount: Int64) {
      sequence += 1
      frame.append(
        EventFrame.Row(
          sequence: sequence, kind: kind, customerID: customer, sessionID: nil, itemID: item, orderID: order,
          timestamp: start.adding(days: Double(day)), quantity: 1,
          amount: Money(minorUnits: amount, currency: .usd), discount: nil, rating: nil))
    }
    for week in 0..<10 { add("ann", .purchase, "tea", day: 7 * week, order: "a\(week)", amount: 1_000) }
    add("ann", .purchase, "nappies", day: 60, order: "a-last", amount: 5_000)
    add("bob", .purchase, "tea", day: 3, order: nil, amount: 2_500)
    add("cem", .view, "tea", day: 64, order: nil, amount: 0)
    let items = [
      Item(itemID: "tea", category: "TEA", categoryPath: ["DRINKS", "TEA"]),
      Item(itemID: "nappies", category: "BABY", categoryPath: ["BABY"]),
    ]
    return SegmentRuleReading(
      ledger: SegmentLedger(frame, catalogue: CatalogueIndex(items), calendar: .utc),
      asOf: start.adding(days: 65), known: known)
  }

  private func found(_ text: String, _ reading: SegmentRuleReading = Self.reading()) throws -> [String] {
    try reading.customers(meeting: SegmentRule(parsing: text)).map { reading.ledger.frame.customers[$0] }
  }

  @Test(arguments: [
    ("recency_days < 30", ["ann"]), ("recency_days >= 30", ["bob"]), ("orders_365 = 11", ["ann"]),
    ("spend_all > 24 and spend_all <= 25", ["bob"]), ("orders_28 >= 4 and category(\"BABY\") > 0", ["ann"]),
    ("category(\"baby\") = 0", ["bob", "cem"]), ("department(\"DRINKS\") > 5", ["ann"]),
    ("not recency_days < 30", ["bob"]), ("orders_365 = 0", ["cem"]),
    ("tenure_days > 64 or orders_all = 1", ["ann", "bob"]),
    ("(recency_days > 1 or recency_days < 1) and order_value < 20", ["ann"]),
    ("promotion_share = 0%", ["ann", "bob"]),
  ])
  func conditionsMeanWhatTheySay(text: String, expected: [String]) throws {
    #expect(try found(text) == expected)
  }

  @Test func whatIsKnownBesidePurchasesCanBeAsked() throws {
    let reading = Self.reading { customer, field in
      switch field {
      case .segment: customer == "bob" ? .text("c2") : .text("c1")
      case .attribute("age"): customer == "ann" ? .number(41) : customer == "bob" ? .text("unknown") : nil
      case .need("TEA"): customer == "cem" ? .number(0.7) : .number(0.2)
      default: nil
      }
    }
    #expect(try found("segment = \"c1\"", reading) == ["ann", "cem"])
    #expect(try found("segment not in (\"c1\", \"c3\")", reading) == ["bob"])
    #expect(try found("attribute(\"age\") > 40", reading) == ["ann"])
    #expect(try found("attribute(\"age\") = \"unknown\"", reading) == ["bob"])
    // Of Cem no age is known: the comparison is not true, nor is its opposite.
    #expect(try found("attribute(\"age\") != \"unknown\"", reading) == ["ann"])
    #expect(try found("need(\"TEA\") > 50%", reading) == ["cem"])
  }

  @Test(arguments: [
    ("recncy_days < 30", 1, "recency_days"), ("recency_days < ", 15, "a number"),
    ("recency_days 30", 14, "a comparison"), ("recency_days < 30 and", 22, "the name of a field"),
    ("(orders_28 > 1", 15, "')'"), ("segment > \"c1\"", 11, "= or !="), ("orders_28 > 1 &", 15, "and"),
    ("category(BABY) > 0", 10, "a text in quotes"), ("orders_28 = \"many\"", 13, "a number"),
    ("", 1, "the name"),
  ])
  func whatIsWrongIsNamedWithItsColumn(text: String, column: Int, part: String) throws {
    do {
      _ = try SegmentRule(parsing: text)
      Issue.record("'\(text)' was read")
    } catch RuleError.syntax(let issues) {
      let issue = try #require(issues.first)
      #expect(issue.column == column && issue.message.contains(part), "\(issue)")
    }
  }

  @Test func aCategoryThatTheShopDoesNotHaveIsNamed() throws {
    do {
      _ = try found("orders_28 > 0 and category(\"BABBY\") > 0")
      Issue.record("an unknown category was taken")
    } catch RuleError.syntax(let issues) {
      #expect(issues.first?.column == 29)
      #expect(issues.first?.message.contains("BABBY") == true)
    }
  }

  @Test func lengthDepthAndNumberOfComparisonsAreBounded() {
    let deep = String(repeating: "(", count: 30) + "orders_28 > 1" + String(repeating: ")", count: 30)
    let many = Array(repeating: "orders_28 > 1", count: 101).joined(separator: " or ")
    let long = "orders_28 > 1" + String(repeating: " ", count: 2_000)
    for text in [deep, many, long, String(repeating: "not ", count: 400) + "orders_28 > 1"] {
      #expect(throws: RuleError.self) { try SegmentRule(parsing: text) }
    }
  }
}
