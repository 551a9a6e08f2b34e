import Foundation

extension BehaviourPattern {
  /// The habit in a sentence, or what was looked for in vain.
  public var words: BilingualText { isFound ? finding : lookedFor }

  private static let chinese = [
    "monday": "周一", "tuesday": "周二", "wednesday": "周三", "thursday": "周四", "friday": "周五",
    "saturday": "周六", "sunday": "周日",
  ]

  private func percent(_ share: Double) -> String { String(format: "%.0f%%", share * 100) }

  private var finding: BilingualText {
    let (seen, usual) = (percent(observed), percent(expected))
    switch kind {
    case .weekday:
      let en = detail.map { "\($0.prefix(1).uppercased())\($0.dropFirst())s" }.joined(separator: " and ")
      let zh = detail.map { Self.chinese[$0] ?? $0 }.joined(separator: "、")
      return BilingualText(
        en: "Comes on \(en): \(seen) of \(ofDays) days of shopping, where others come on \(usual).",
        zh: "习惯在\(zh)购物：\(ofDays) 个购物日中占 \(seen)，其他客户为 \(usual)。")
    case .payday:
      let day = detail.first ?? ""
      return BilingualText(
        en:
          "Shops around day \(day) of the month: \(seen) of \(ofDays) days lie within two and a half days of it, "
          + "where \(usual) would by chance.",
        zh: "集中在每月 \(day) 日前后购物：\(ofDays) 个购物日中有 \(seen) 在前后两天半以内，偶然情况下为 \(usual)。")
    case .stockUpAfterPause, .stockUpOnDiscount: return stockUp
    case .promotion:
      return BilingualText(
        en:
          "Buys mostly on promotion: \(seen) of what was bought on \(ofDays) days, where others buy \(usual) of the "
          + "same categories at a discount.",
        zh: "主要在促销时购买：\(ofDays) 个购物日中 \(seen) 的商品为折扣购买，其他客户在相同品类为 \(usual)。")
    case .giftSeason: return giftSeason
    case .newItems:
      return BilingualText(
        en: "Tries what is new: \(seen) of what was bought had come in within eight weeks, where others buy "
          + "\(usual) of that in the same categories.",
        zh: "乐于尝新：所购商品中 \(seen) 为上新八周以内，其他客户在相同品类为 \(usual)。")
    case .brandLoyalty:
      let (what, name) = (category ?? "", detail.first ?? "")
      return BilingualText(
        en:
          "Loyal to \(name) in \(what): on \(days) of \(ofDays) days, where others choose it \(usual) of the time.",
        zh: "在 \(what) 中认准 \(name)：\(ofDays) 天中有 \(days) 天购买，其他客户选它的占 \(usual)。")
    }
  }

  private static let seasons = [
    "valentines": BilingualText(en: "Valentine's Day", zh: "情人节"),
    "easter": BilingualText(en: "Easter", zh: "复活节"),
    "mothers_day": BilingualText(en: "Mother's Day", zh: "母亲节"),
    "fathers_day": BilingualText(en: "Father's Day", zh: "父亲节"),
    "halloween": BilingualText(en: "Halloween", zh: "万圣节"),
    "christmas": BilingualText(en: "Christmas", zh: "圣诞节"),
    "spring_festival": BilingualText(en: "Spring Festival", zh: "春节"),
    "dragon_boat": BilingualText(en: "Dragon Boat Festival", zh: "端午节"),
    "qixi": BilingualText(en: "Qixi", zh: "七夕"),
    "mid_autumn": BilingualText(en: "Mid-Autumn Festival", zh: "中秋节"),
  ]

  private var giftSeason: BilingualText {
    let what = category ?? ""
    let seasons = detail.prefix(3).map { Self.seasons[$0] ?? BilingualText(en: $0, zh: $0) }
    return BilingualText(
      en:
        "Buys \(what) before holidays (\(seasons.map(\.en).joined(separator: ", "))): \(days) of \(ofDays) days, where "
        + "\(percent(expected)) of all their days lie there.",
      zh: "在节日前购买 \(what)（\(seasons.map(\.zh).joined(separator: "、"))）：\(ofDays) 天中有 \(days) 天，而全部购物日中只有 "
        + "\(percent(expected)) 在节前。")
  }

  private var stockUp: BilingualText {
    let (more, usual) = (String(format: "%.1f", observed), String(format: "%.1f", expected))
    if kind == .stockUpAfterPause {
      let pause = detail.first ?? ""
      return BilingualText(
        en:
          "Stocks up after a pause: \(more) units after \(pause) days or more, else \(usual), over \(ofDays) pauses.",
        zh: "隔久了会囤货：间隔 \(pause) 天以上时购买 \(more) 件，平时 \(usual) 件（共 \(ofDays) 次间隔）。")
    }
    return BilingualText(
      en:
        "Stocks up on discounts: \(more) units a line instead of \(usual), more in \(days) of \(ofDays) categories.",
      zh: "打折时囤货：每行 \(more) 件，平时 \(usual) 件；\(ofDays) 个品类中有 \(days) 个如此。")
  }

  private var lookedFor: BilingualText {
    let what = category.map { " \($0)" } ?? ""
    let names: [Kind: (en: String, zh: String)] = [
      .weekday: ("Certain days of the week", "固定星期几购物"), .payday: ("A part of the month", "每月固定时段购物"),
      .stockUpAfterPause: ("Larger orders after pauses", "间隔后囤货"),
      .stockUpOnDiscount: ("More units at a discount", "打折时囤货"),
      .promotion: ("Mostly on promotion", "主要在促销时购买"),
      .giftSeason: ("Before holidays:\(what)", "节前购买\(what)"),
      .newItems: ("New items", "乐于尝新"), .brandLoyalty: ("One brand of\(what)", "认准品牌\(what)"),
    ]
    let name = names[kind] ?? (kind.rawValue, kind.rawValue)
    return BilingualText(en: "\(name.en): no more than chance.", zh: "\(name.zh)：未超出偶然。")
  }
}
