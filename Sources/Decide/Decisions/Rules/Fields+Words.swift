// What fields and their values are called in sentences.

extension ItemField {
  var subject: Phrase {
    switch self {
    case .item: Phrase("id", "编号")
    case .title: Phrase("title", "标题")
    case .category: Phrase("category", "品类")
    case .brand: Phrase("brand", "品牌")
    case .price: Phrase("price", "价格")
    case .age: Phrase("age in days", "上架天数")
    case .attribute("stock"): Phrase("stock", "库存")
    case .attribute("margin"): Phrase("margin", "毛利率")
    case .attribute(let name): Phrase("“\(name)”", "“\(name)”")
    }
  }
}

extension RequestField {
  var subject: Phrase {
    switch self {
    case .context: Phrase("the page", "页面")
    case .customer: Phrase("the customer", "客户")
    case .channel: Phrase("the channel", "渠道")
    case .cartSize: Phrase("the number of items in the cart", "购物车商品数")
    case .historySize: Phrase("the number of events in the history", "历史行为数")
    case .hour: Phrase("the hour", "钟点")
    case .weekday: Phrase("the day", "今天")
    case .attribute(let name): Phrase("the customer's “\(name)”", "客户的“\(name)”")
    }
  }
}

extension Phrase {
  /// A day, 1 for Monday.
  static func weekday(_ day: Int) -> Phrase {
    let english = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    let chinese = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"]
    return english.indices.contains(day - 1)
      ? Phrase(english[day - 1], chinese[day - 1]) : .number(Double(day))
  }

  /// What kind of page a context is, behind "the page is".
  static func page(_ context: String) -> Phrase {
    switch context {
    case "home": Phrase("the home page", "首页")
    case "item": Phrase("an item page", "商品页")
    case "cart": Phrase("the cart page", "购物车页")
    case "session": Phrase("a session page", "会话页")
    case "category": Phrase("a category page", "品类页")
    case "email": Phrase("an e-mail", "邮件")
    default: .quoted(context)
    }
  }

  /// Where a context's page is, behind "Hides items …, ".
  static func place(_ context: String) -> Phrase {
    switch context {
    case "home": Phrase("on the home page", "首页")
    case "item": Phrase("on item pages", "商品页")
    case "cart": Phrase("on the cart page", "购物车页")
    case "session": Phrase("on session pages", "会话页")
    case "category": Phrase("on category pages", "品类页")
    case "email": Phrase("in e-mails", "邮件")
    default: .quoted(context)
    }
  }
}

extension RequestCondition {
  /// The contexts that the condition names on its own, "on the home page", and the rest of it as a clause.
  ///
  /// Only comparisons that must all hold are taken apart.
  var words: (places: Phrase?, clause: Phrase?) {
    var parts = [condition]
    if case .all(let all) = condition { parts = all }
    let index = parts.firstIndex { $0.contexts != nil }
    let contexts = index.flatMap { parts.remove(at: $0).contexts }
    let places = contexts.map {
      Phrase.list($0.map(Phrase.place), between: Phrase(", ", "、"), last: Phrase(" and ", "和"))
    }
    guard let first = parts.first else { return (places, nil) }
    let rest = parts.count == 1 ? first : .all(parts)
    return (places, rest.words(lead: Phrase("", "")))
  }
}

extension Condition<RequestField> {
  /// The contexts of `context = …` and `context in (…)`.
  fileprivate var contexts: [String]? {
    switch self {
    case .compare(.context, .equals(.text(let text))): [text.written]
    case .compare(.context, .oneOf(let list)):
      list.literals.compactMap { if case .text(let text) = $0 { text.written } else { nil } }
    default: nil
    }
  }
}
