import Commerce
import Demand
import Features
import Foundation

/// Plans of launches as the API shows them, with words for people.
struct LaunchWords {
  let study: LaunchStudy
  let plan: LaunchPlan

  private var snapshot: DemandSnapshot { study.snapshot }
  private var currency: Currency { snapshot.history.currency }

  private func money(_ minorUnits: Double?) -> JSONValue {
    JSONValue(minorUnits.map { Money(minorUnits: Int64($0.rounded()), currency: currency).amount })
  }

  private static func text(_ en: String, _ zh: String) -> JSONValue {
    ["en": .string(en), "zh": .string(zh)]
  }

  func json(_ analogue: LaunchPlan.Analogue) -> JSONValue {
    [
      "item_id": .string(analogue.itemID), "title": .string(snapshot.title(of: analogue.itemID)),
      "similarity": JSONValue(analogue.similarity), "price": money(analogue.price),
      "first_week": JSONValue(analogue.firstWeek.map { snapshot.history.date(ofWeek: $0) }),
      "units_by_week": .array(analogue.units.map { JSONValue($0) }),
      "reasons": .array(analogue.reasons.map { Self.json($0) }),
    ]
  }

  private static func json(_ reason: LaunchReason) -> JSONValue {
    switch reason {
    case .type(let name): text("the same type, \(name)", "同一细类：\(name)")
    case .category(let name): text("the same category, \(name)", "同一品类：\(name)")
    case .department(let name): text("the same department, \(name)", "同一部门：\(name)")
    case .words(let words):
      text("words of the title: \(words.joined(separator: ", "))", "标题共有词：\(words.joined(separator: "、"))")
    case .brand(let name): text("the same brand, \(name)", "同一品牌：\(name)")
    case .attribute(let key, let value): text("the same \(key), \(value)", "\(key) 相同：\(value)")
    case .price: text("about the same price", "价格相近")
    }
  }

  func json(_ window: LaunchPlan.Window) -> JSONValue {
    let percent = Int(((window.index - 1) * 100).rounded())
    let offers = String(format: "%.0f", window.competingPromotions)
    var en =
      "The category sells \(abs(percent))% \(percent < 0 ? "less" : "more") than usual in the eight weeks from then on"
    var zh = "此后八周该品类销量比平常\(percent < 0 ? "低" : "高") \(abs(percent))%"
    en += "; a year before, \(offers) of its items were on offer in a week."
    zh += "；一年前同期每周有 \(offers) 个商品在促销。"
    if !window.isSeasonKnown {
      en += " That is of a single year: with less than two, a season cannot be told from chance."
      zh += "仅依据一年数据：不足两年，无法区分季节与偶然。"
    }
    return [
      "week": .string(snapshot.history.date(ofWeek: window.week)), "index": JSONValue(window.index),
      "competing_promotions": JSONValue(window.competingPromotions),
      "season_known": JSONValue(window.isSeasonKnown), "words": Self.text(en, zh),
    ]
  }

  func json(_ member: LaunchAudience.Member, expected: Double) -> JSONValue {
    var (en, zh): ([String], [String]) = ([], [])
    if let strength = member.strength {
      en.append("needs the category with a chance of \(Wording.percent(strength)) within 28 days")
      zh.append("28 天内购买该品类的概率为 \(Wording.percent(strength))")
    }
    if member.purchases > 0, let day = member.lastDay {
      let date = ShopCalendar.date(ofDay: day)
      en.append(
        "bought what is alike \(member.purchases) \(member.purchases == 1 ? "time" : "times"), last on \(date)"
      )
      zh.append("买过相似商品 \(member.purchases) 次，最近一次 \(date)")
    }
    return [
      "customer_id": .string(member.id), "score": JSONValue(member.score),
      "expected_units": JSONValue(expected),
      "reason": Self.text(en.joined(separator: "; "), zh.joined(separator: "；")),
    ]
  }

  func json(_ band: LaunchPlan.PriceBand?) -> JSONValue {
    guard let band else { return .null }
    return [
      "lower": money(band.lower), "median": money(band.median), "upper": money(band.upper),
      "currency": .string(currency.code),
    ]
  }

  func json(_ item: LaunchPlan.Cannibalised) -> JSONValue {
    [
      "item_id": .string(item.itemID), "title": .string(snapshot.title(of: item.itemID)),
      "units_share": JSONValue(item.unitsShare), "p_value": JSONValue(item.pValue),
      "q_value": JSONValue(item.qValue), "launches": JSONValue(item.launches),
    ]
  }

  func summary(_ plan: LaunchPlan, isKnown: Bool) -> JSONValue {
    func units(_ value: Double) -> String { Int(value.rounded()).grouped }
    let (total, weeks) = (plan.curve.total, plan.curve.weeks.count)
    var en =
      "About \(units(total.mean)) units are to be expected in the first \(weeks) weeks; in four of five cases it will be "
      + "\(units(total.lower)) to \(units(total.upper))."
    var zh =
      "预计前 \(weeks) 周售出约 \(units(total.mean)) 件；五次中有四次在 \(units(total.lower)) 至 \(units(total.upper)) 件之间。"
    if plan.curve.basis == .category {
      en +=
        " The shop has only \(plan.curve.launches) earlier launches to learn from, so this is what an item of the category usually sells."
      zh += "店内仅有 \(plan.curve.launches) 次可供学习的上新，因此以该品类商品的通常销量估计。"
    } else {
      en += " It is learned from \(plan.curve.launches) earlier launches."
      zh += "依据 \(plan.curve.launches) 次以往上新得出。"
    }
    if !isKnown {
      en += " The shop has sold nothing of this category yet."
      zh += "店内尚未售出过该品类。"
    }
    let sure = plan.cannibalised.count { $0.qValue <= 0.05 }
    if plan.neighboursExamined > 0 {
      en +=
        sure > 0
        ? " Earlier launches like it took sales from \(sure) of \(plan.neighboursExamined) neighbours."
        : " No neighbour lost sales to earlier launches like it beyond chance (\(plan.neighboursExamined) looked at)."
      zh +=
        sure > 0
        ? "以往类似上新使 \(plan.neighboursExamined) 个相邻商品中的 \(sure) 个销量下降。"
        : "以往类似上新没有使相邻商品的销量下降超出偶然（共考察 \(plan.neighboursExamined) 个）。"
    }
    return Self.text(en, zh)
  }

  /// What counts as a launch, in words.
  static func definition(_ definition: LaunchDefinition) -> JSONValue {
    text(
      "A first sale after at least \(definition.silentWeeks) full weeks without one, to at least \(definition.leastCustomers) "
        + "customers within \(definition.customerWeeks) weeks, at a pace at which so long a silence would be chance in at most one "
        + "case in \(Int((1 / definition.greatestChance).rounded())).",
      "此前至少 \(definition.silentWeeks) 个整周无销售、\(definition.customerWeeks) 周内至少有 \(definition.leastCustomers) 位客户购买，"
        + "且以其后的速度，如此长的沉默纯属偶然的概率不超过 1/\(Int((1 / definition.greatestChance).rounded()))。")
  }
}
