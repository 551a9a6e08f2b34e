extension Rule {
  /// What the rule does, in a plain sentence for each language.
  ///
  /// ```swift
  /// let rule = try RuleSet(parsing: "filter out where stock = 0 when context = email").rules[0]
  /// rule.words.english      // "Hides items whose stock is 0, in e-mails."
  /// rule.words.chinese      // "邮件中不展示库存为 0 的商品。"
  /// ```
  public var words: (english: String, chinese: String) {
    let action = action.words
    let (places, clause) = when?.words ?? (nil, nil)
    var english = action.english
    if let places { english += ", \(places.english)" }
    if let clause { english += (places == nil ? ", when " : " when ") + clause.english }
    // In Chinese the circumstances come first.
    var chinese = Phrase("", "")
    if let places { chinese = places + Phrase("", clause == nil ? "中" : "中，") }
    if let clause { chinese = chinese + Phrase("", "当") + clause + Phrase("", "时，") }
    chinese = chinese + action + Phrase("", "。")
    return (english + ".", chinese.chinese)
  }
}

extension RuleAction {
  /// What the action does, without the end of the sentence.
  fileprivate var words: Phrase {
    switch self {
    case .filterOut(let condition): Phrase("Hides items ", "不展示") + condition.words
    case .filterTo(let condition): Phrase("Shows only items ", "只展示") + condition.words
    case .boost(let factor, let condition): ranking("higher", "提升", factor, condition)
    case .bury(let factor, let condition): ranking("lower", "降低", factor, condition)
    case .pin(let item, let position):
      Phrase("Puts item ", "将商品") + .quoted(item)
        + Phrase(" in place \(position)", "固定在第 \(position) 位")
    case .quotaAtMostPer(let number, let group):
      Phrase(
        "Shows at most \(items(number)) of each \(group.rawValue)",
        "每个\(group == .brand ? "品牌" : "品类")最多展示 \(number) 件商品")
    case .quotaAtMost(let number, let condition):
      Phrase("Shows at most \(items(number)) ", "最多展示 \(number) 件") + condition.words
    case .quotaAtLeast(let number, let condition):
      Phrase("Shows at least \(items(number)) ", "至少展示 \(number) 件") + condition.words
        + Phrase(", as far as there are any", "（如有足够商品）")
    default: pageWords
    }
  }

  /// Those that are about the page as a whole.
  private var pageWords: Phrase {
    switch self {
    case .diversify(let method, let strength):
      let name = method.rawValue.uppercased()
      return Phrase("Makes the page more varied (\(name), strength ", "提高页面的多样性（\(name)，强度 ")
        + .number(strength)
        + Phrase(")", "）")
    case .calibrate(let strength):
      return Phrase(
        "Brings the page closer to the customer's own mix of categories (strength ", "使页面的品类构成更接近客户自身的偏好（强度 ")
        + .number(strength) + Phrase(")", "）")
    case .explore(let share, let slots):
      let percent = Phrase.number((share * 1e6).rounded() / 1e4)
      let places = slots == 1 ? "1 place" : "\(slots) places"
      return Phrase("Tries out other items in up to \(places), with a probability of ", "以") + percent
        + Phrase("%", "% 的概率在最多 \(slots) 个位置试展示其他商品")
    case .fatigue(let shows, let days):
      let times = shows == 1 ? "once" : "\(shows) times"
      return Phrase("Hides items that were shown to the customer \(times) or more in ", "不展示")
        + .number(days)
        + Phrase(
          days == 1 ? " day and not bought" : " days and not bought", "天内已向客户展示 \(shows) 次及以上而未购买的商品")
    default: return Phrase("Hides items of the categories that are in the cart already", "不展示购物车中已有品类的商品")
    }
  }

  /// "Ranks higher (score × 1.3) the items …": the factor stands before the condition, whose end it would blur.
  private func ranking(_ english: String, _ chinese: String, _ factor: Double, _ condition: ItemCondition)
    -> Phrase
  {
    let factor = Phrase.number(factor).english
    return Phrase("Ranks \(english) (score × \(factor)) the items ", chinese) + condition.words
      + Phrase("", "的排名（得分 × \(factor)）")
  }

  private func items(_ number: Int) -> String { number == 1 ? "1 item" : "\(number) items" }
}

extension ItemCondition {
  /// The items that match, behind "items" in English and with 商品 in Chinese.
  fileprivate var words: Phrase {
    condition.words(lead: Phrase("whose ", "")) + Phrase("", "的商品")
  }
}
