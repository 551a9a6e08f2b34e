import Decisions
import Testing

/// What merchandisers read about their rules.
@Suite struct RuleWordsTests {
  @Test(arguments: [
    ("filter out where stock = 0", "Hides items whose stock is 0.", "不展示库存为 0 的商品。"),
    (
      "filter out where stock = 0 when context = email", "Hides items whose stock is 0, in e-mails.",
      "邮件中不展示库存为 0 的商品。"
    ),
    (
      "filter to where category = \"TEA\" when context = home and hour < 9",
      "Shows only items whose category is “TEA”, on the home page when the hour is below 9.",
      "首页中，当钟点小于 9 时，只展示品类为“TEA”的商品。"
    ),
    (
      "boost 1.3 where brand = \"Private\" and margin >= 0.2",
      "Ranks higher (score × 1.3) the items whose brand is “Private” and whose margin is at least 0.2.",
      "提升品牌为“Private”且毛利率不小于 0.2 的商品的排名（得分 × 1.3）。"
    ),
    (
      "bury 0.5 where price > 100 or age_days > 365 when channel = \"app\"",
      "Ranks lower (score × 0.5) the items whose price is above 100 or whose age in days is above 365, "
        + "when the channel is “app”.", "当渠道为“app”时，降低价格大于 100 或上架天数大于 365 的商品的排名（得分 × 0.5）。"
    ),
    ("pin \"1029743\" at 3", "Puts item “1029743” in place 3.", "将商品“1029743”固定在第 3 位。"),
    (
      "pin \"红茶\" at 1 when context in (home, item, cart)",
      "Puts item “红茶” in place 1, on the home page, on item pages and on the cart page.",
      "首页、商品页和购物车页中将商品“红茶”固定在第 1 位。"
    ),
    (
      "quota at most 2 per category when context = session",
      "Shows at most 2 items of each category, on session pages.",
      "会话页中每个品类最多展示 2 件商品。"
    ),
    ("quota at most 1 per brand", "Shows at most 1 item of each brand.", "每个品牌最多展示 1 件商品。"),
    (
      "quota at most 1 where title contains \"gift\"", "Shows at most 1 item whose title contains “gift”.",
      "最多展示 1 件标题包含“gift”的商品。"
    ),
    (
      "quota at least 2 where title starts with \"新\"",
      "Shows at least 2 items whose title starts with “新”, as far as there are any.",
      "至少展示 2 件标题以“新”开头的商品（如有足够商品）。"
    ),
    ("diversify mmr 0.3", "Makes the page more varied (MMR, strength 0.3).", "提高页面的多样性（MMR，强度 0.3）。"),
    (
      "diversify dpp 1 when context = category",
      "Makes the page more varied (DPP, strength 1), on category pages.",
      "品类页中提高页面的多样性（DPP，强度 1）。"
    ),
    (
      "calibrate 0.5 when history_size >= 10",
      "Brings the page closer to the customer's own mix of categories (strength 0.5), "
        + "when the number of events in the history is at least 10.",
      "当历史行为数不小于 10 时，使页面的品类构成更接近客户自身的偏好（强度 0.5）。"
    ),
    (
      "explore 10% in 1 slots", "Tries out other items in up to 1 place, with a probability of 10%.",
      "以 10% 的概率在最多 1 个位置试展示其他商品。"
    ),
    (
      "explore 0.125 in 2 slots when weekday in (saturday, sunday)",
      "Tries out other items in up to 2 places, with a probability of 12.5%, when the day is Saturday or Sunday.",
      "当今天为星期六或星期日时，以 12.5% 的概率在最多 2 个位置试展示其他商品。"
    ),
    (
      "fatigue 5 shows in 7 days",
      "Hides items that were shown to the customer 5 times or more in 7 days and not bought.",
      "不展示 7 天内已向客户展示 5 次及以上而未购买的商品。"
    ),
    (
      "fatigue 1 show in 1 day when customer is known",
      "Hides items that were shown to the customer once or more in 1 day and not bought, when the customer is known.",
      "当客户已知时，不展示 1 天内已向客户展示 1 次及以上而未购买的商品。"
    ),
    (
      "hold back substitutes when context = cart",
      "Hides items of the categories that are in the cart already, on the cart page.",
      "购物车页中不展示购物车中已有品类的商品。"
    ),
  ])
  func saysWhatARuleDoes(rule: String, english: String, chinese: String) throws {
    let words = try RuleSet(parsing: rule).rules[0].words
    #expect(words.english == english)
    #expect(words.chinese == chinese)
  }

  @Test(arguments: [
    ("stock != 0", "whose stock is not 0", "库存不为 0"),
    ("not stock = 0", "whose stock is not 0 (or not known)", "库存不为 0（或未知）"),
    ("not item = \"a\"", "whose id is not “a”", "编号不为“a”"),
    ("not brand is missing", "whose brand is known", "品牌已知"),
    ("brand is missing", "whose brand is not known", "品牌未知"),
    ("not price < 5", "whose price is at least 5 (or not known)", "价格不小于 5（或未知）"),
    ("price <= 5", "whose price is at most 5", "价格不超过 5"),
    ("attributes.organic = true", "whose “organic” is true", "“organic”为真"),
    ("brand in (\"A\", \"B\", \"C\")", "whose brand is “A”, “B” or “C”", "品牌为“A”、“B”或“C”"),
    ("brand not in (\"A\", \"B\")", "whose brand is neither “A” nor “B”", "品牌不为“A”或“B”"),
    ("brand in (\"A\")", "whose brand is “A”", "品牌为“A”"),
    (
      "item in (1, 2, 3, 4, 5, 6, 7)", "whose id is one of “1”, “2”, “3”, “4”, “5” and 2 others",
      "编号为“1”、“2”、“3”、“4”、“5”等 7 项之一"
    ),
    ("not title contains \"x\"", "whose title does not contain “x” (or not known)", "标题不包含“x”（或未知）"),
    (
      "price < 5 and (stock > 0 or margin > 1)",
      "whose price is below 5 and (whose stock is above 0 or whose margin is above 1)",
      "价格小于 5 且（库存大于 0 或毛利率大于 1）"
    ),
    (
      "not (price = 5 and stock is known)", "whose price is not 5 (or not known) or whose stock is not known",
      "价格不为 5（或未知）或库存未知"
    ),
  ])
  func saysWhatAConditionMeans(condition: String, english: String, chinese: String) throws {
    let words = try RuleSet(parsing: "filter out where \(condition)").rules[0].words
    #expect(words.english == "Hides items \(english).")
    let gap = chinese.last?.isASCII == true ? " " : ""
    #expect(words.chinese == "不展示\(chinese)\(gap)的商品。")
  }

  @Test(arguments: [
    ("context != home", "when the page is not the home page", "当页面不为首页时"),
    (
      "context = email or customer.tier = \"gold\"",
      "when the page is an e-mail or the customer's “tier” is “gold”", "当页面为邮件或客户的“tier”为“gold”时"
    ),
    (
      "cart_size > 0 and context = cart and channel is missing",
      "on the cart page when the number of items in the cart is above 0 and the channel is not known",
      "购物车页中，当购物车商品数大于 0 且渠道未知时"
    ),
    ("weekday = monday", "when the day is Monday", "当今天为星期一时"),
  ])
  func saysWhenARuleIsActive(condition: String, english: String, chinese: String) throws {
    let words = try RuleSet(parsing: "hold back substitutes when \(condition)").rules[0].words
    #expect(words.english == "Hides items of the categories that are in the cart already, \(english).")
    #expect(words.chinese == "\(chinese)，不展示购物车中已有品类的商品。")
  }
}
