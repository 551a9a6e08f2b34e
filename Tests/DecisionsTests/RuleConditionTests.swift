import Commerce
import Decisions
import Testing

/// Which items and requests conditions match.
@Suite struct RuleConditionTests {
  private static let now = Timestamp(milliseconds: 1_700_000_000_000)

  private static let item = Item(
    itemID: "SKU-1", title: "Grüner Tee 绿茶 50 Bags", category: "Green tea",
    categoryPath: ["Food", "Drinks", "Tea"],
    brand: "House", price: Money(minorUnits: 1234, currency: .usd), availableFrom: now.adding(days: -10),
    attributes: [
      "stock": .number(3), "margin": .number(0.2), "organic": .bool(true), "size": .string("42"),
      "colour": .string("Red"), "tags": .array([.string("New"), .number(7), .string("gift set")]),
      "ean": .number(690_123),
      "nothing": .null, "blank": .string(" "), "none": .array([]), "包装 规格": .string("12 瓶"),
      "vegan": .string("TRUE"),
      "nested": .object(["a": .number(1)]),
    ])

  private func matches(_ condition: String, _ item: Item = item) throws -> Bool {
    guard case .filterOut(let parsed) = try RuleSet(parsing: "filter out where \(condition)").rules[0].action
    else {
      throw RuleError.syntax([])
    }
    return parsed.matches(item, at: Self.now)
  }

  @Test(arguments: [
    ("filter out where stock = 0", true), ("pin \"hour\" at 1", true),
    ("boost 2 where title contains \"weekday\"", true),
    ("boost 2 where brand = \"b\" when cart_size > 2", true),
    ("boost 2 where brand = \"b\" when customer = \"7\"", true),
    ("filter out where not (price > 3 or age_days < 2)", false),
    ("filter out where ａｇｅ_days < 2", false), ("calibrate 0.5 when hour < 9", false),
    ("calibrate 0.5 when not (context = home and weekday = monday)", false),
    ("calibrate 0.5 when customer.tier = \"gold\"", false), ("explore 10% in 1 slots", false),
    ("fatigue 3 shows in 7 days", false),
  ])
  func anAnswerCanBeKeptUnlessARuleAsksForWhatChangesByItself(text: String, isStable: Bool) throws {
    #expect(try RuleSet(parsing: text).isStable == isStable)
  }

  private func active(_ condition: String, _ request: RuleRequest) throws -> Bool {
    try RuleSet(parsing: "calibrate 1 when \(condition)").rules[0].isActive(for: request)
  }

  @Test(arguments: [
    ("item = \"sku-1\"", true), ("item = \"sku\"", false), ("item in (\"x\", \"SKU-1\")", true),
    ("title contains \"tee\"", true), ("title contains \"GRÜNER\"", true),
    ("title contains \"GRU\u{308}N\"", true),
    ("title contains \"绿茶\"", true), ("title contains 「茶 50」", true), ("title contains \"红茶\"", false),
    ("title starts with \"grü\"", true), ("title starts with \"Tee\"", false),
    ("title contains \"bagsx\"", false),
    ("title = \"grüner tee 绿茶 50 bags\"", true), ("title = \"grüner tee\"", false),
    ("title != \"grüner tee\"", true),
    ("category = \"green TEA\"", true), ("category = \"food\"", true), ("category = \"Coffee\"", false),
    ("category != \"Food\"", false), ("category != \"Coffee\"", true), ("category in (\"a\", \"tea\")", true),
    ("category starts with \"dri\"", true), ("category not in (\"a\", \"tea\")", false),
    ("category not in (\"a\", \"b\")", true),
    ("price = 12.34", true), ("price != 12.34", false), ("price < 12.34", false), ("price <= 12.34", true),
    ("price > 12.33", true), ("price >= 12.35", false), ("price in (1, 12.34)", true),
    ("age_days = 10", true), ("age_days < 10", false), ("age_days > 9.5", true),
    ("stock = 3", true), ("stock > 3", false), ("margin >= 20%", true), ("margin < 20 and stock = 3", true),
    ("attributes.stock = 3", true), ("attributes.stock = \"3\"", true), ("attributes.stock = \"3.0\"", true),
    ("attributes.organic = true", true), ("attributes.organic = false", false),
    ("attributes.organic != false", true),
    ("attributes.organic = \"true\"", true), ("attributes.vegan = true", true),
    ("attributes.vegan in (true)", true),
    ("attributes.size = 42", true), ("attributes.size > 41", true), ("attributes.size < 41", false),
    ("attributes.size in (41, 42)", true), ("attributes.stock in (\"3\", \"4\")", true),
    ("attributes.stock in (\"4\", 5)", false), ("attributes.colour = \"red\"", true),
    ("attributes.colour = 42", false),
    ("attributes.colour != 42", true), ("attributes.colour > 1", false), ("attributes.colour <= 1", false),
    ("attributes.Colour is missing", true), ("attributes.\"包装 规格\" contains \"瓶\"", true),
    ("attributes.tags = \"new\"", true), ("attributes.tags = 7", true), ("attributes.tags = 8", false),
    ("attributes.tags != \"new\"", false), ("attributes.tags != \"old\"", true),
    ("attributes.tags > 6", true),
    ("attributes.tags contains \"GIFT\"", true), ("attributes.tags contains \"sale\"", false),
    ("attributes.ean starts with \"690\"", true), ("attributes.ean starts with 691", false),
    ("attributes.ean contains 12", true),
    ("attributes.nested = 1", false), ("attributes.nested != 1", true), ("attributes.nested is known", true),
  ])
  func comparesFields(condition: String, expected: Bool) throws {
    #expect(try matches(condition) == expected)
  }

  @Test(arguments: [
    "title", "category", "brand", "price", "age_days", "stock", "attributes.nothing", "attributes.blank",
    "attributes.none",
  ])
  func aComparisonWithAMissingValueIsFalse(field: String) throws {
    var item = Item(itemID: "1", title: "", categoryPath: [""])
    item.attributes = Self.item.attributes.filter { ["nothing", "blank", "none"].contains($0.key) }
    let value = field == "price" || field == "age_days" ? "0" : "\"0\""
    for condition in [
      "\(field) = \(value)", "\(field) != \(value)", "\(field) in (\(value))", "\(field) not in (\(value))",
    ] {
      #expect(try !matches(condition, item), "\(condition)")
      #expect(try matches("not \(condition)", item), "not \(condition)")
    }
    #expect(try matches("\(field) is missing", item) && !matches("\(field) is known", item))
    #expect(try !matches("\(field) is not missing", item) && matches("\(field) is not known", item))
  }

  @Test func orderingAMissingNumberIsFalse() throws {
    let item = Item(itemID: "1")
    for sign in ["<", "<=", ">", ">="] {
      for field in ["price", "age_days", "stock", "margin"] {
        #expect(try !matches("\(field) \(sign) 0", item))
      }
    }
  }

  /// What conditions of a, b and c say for each of their eight states, written out by hand: a is the highest bit.
  @Test(arguments: [
    ("A and B or C", 0b1110_1010), ("A or B and C", 0b1111_1000), ("(A or B) and C", 0b1010_1000),
    ("not A and B", 0b0000_1100), ("not (A and B)", 0b0011_1111), ("not A or B", 0b1100_1111),
    ("not not A", 0b1111_0000), ("not (A or B) or C", 0b1010_1011), ("A and not (B or C)", 0b0001_0000),
    ("A or not B and not C", 0b1111_0001), ("((A))", 0b1111_0000), ("not A and not B and not C", 0b0000_0001),
  ])
  func bindsNotBeforeAndBeforeOr(formula: String, table: Int) throws {
    let condition = ["A": "stock = 1", "B": "margin = 1", "C": "attributes.c = 1"].reduce(formula) {
      $0.replacing($1.key, with: $1.value)
    }
    for state in 0..<8 {
      let item = Item(
        itemID: "1",
        attributes: [
          "stock": .number(Double(state >> 2 & 1)), "margin": .number(Double(state >> 1 & 1)),
          "c": .number(Double(state & 1)),
        ])
      #expect(try matches(condition, item) == (table >> state & 1 == 1), "state \(state)")
    }
  }

  @Test(arguments: [
    ("context = email", true), ("context = \"Email\"", true), ("context != home", true),
    ("context in (home, item)", false),
    ("customer = \"C7\"", true), ("customer is known", true), ("channel = \"app\"", false),
    ("channel != \"app\"", false),
    ("channel is missing", true), ("cart_size = 2", true), ("cart_size < 2", false),
    ("history_size >= 30", true),
    ("hour >= 18", true), ("hour in (18, 19)", true), ("hour < 18", false), ("weekday = saturday", true),
    ("weekday in (\"Saturday\", sunday)", true), ("weekday != Friday", true), ("weekday = sunday", false),
    ("customer.tier = \"Gold\"", true), ("customer.tier in (\"silver\")", false),
    ("customer.age >= 30", true),
    ("customer.\"城市\" = “上海”", true), ("customer.city is missing", true), ("customer.city != \"x\"", false),
  ])
  func comparesRequests(condition: String, expected: Bool) throws {
    let request = RuleRequest(
      context: "email", customerID: "c7", cartSize: 2, historySize: 30, hour: 18, weekday: 6,
      customer: ["tier": .string("gold"), "age": .string("31"), "城市": .string("上海")])
    #expect(try active(condition, request) == expected)
  }

  @Test func aVisitorWithoutAnIdIsMissing() throws {
    #expect(try active("customer is missing", RuleRequest()) && !active("customer != \"c7\"", RuleRequest()))
  }

  @Test func longListsMatchTheirLastValue() throws {
    let ids = (0..<900).map { "\"id\($0)\"" }.joined(separator: ", ")
    #expect(try matches("item in (\(ids))", Item(itemID: "ID899")))
    #expect(try !matches("item in (\(ids))", Item(itemID: "id900")))
  }
}
