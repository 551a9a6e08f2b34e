import Features
import Foundation
import Segmentation

extension SegmentFeature {
  /// What it is called.
  public var label: BilingualText {
    switch self {
    case .recencyDays: BilingualText(en: "days since the last purchase", zh: "距上次购买天数")
    case .orders: BilingualText(en: "orders", zh: "订单数")
    case .spend: BilingualText(en: "spend", zh: "消费额")
    case .orderValue: BilingualText(en: "average order value", zh: "客单价")
    case .gapDays: BilingualText(en: "days between visits", zh: "购买间隔天数")
    case .gapVariation: BilingualText(en: "unevenness of the rhythm", zh: "购买节奏波动")
    case .momentum: BilingualText(en: "pace lately against the usual", zh: "近期购买频率（相对平时）")
    case .basketLines: BilingualText(en: "lines an order", zh: "每单商品行数")
    case .basketCategories: BilingualText(en: "categories an order", zh: "每单品类数")
    case .categories: BilingualText(en: "different categories", zh: "购买品类数")
    case .unitPrice: BilingualText(en: "price a unit", zh: "件单价")
    case .promotionShare: BilingualText(en: "share bought on promotion", zh: "促销购买占比")
    case .repeatShare: BilingualText(en: "share of items bought again", zh: "回购商品占比")
    case .weekendShare: BilingualText(en: "share of weekend visits", zh: "周末购买占比")
    case .refundShare: BilingualText(en: "refunds a line", zh: "退货率")
    case .share(let name): BilingualText(en: "share of spend on \(name)", zh: "\(name) 消费占比")
    }
  }

  /// What customers are called who have much of it.
  var high: BilingualText {
    switch self {
    case .recencyDays: BilingualText(en: "long away", zh: "久未购买")
    case .orders: BilingualText(en: "frequent buyers", zh: "购买频繁")
    case .spend: BilingualText(en: "big spenders", zh: "高消费")
    case .orderValue: BilingualText(en: "large orders", zh: "高客单价")
    case .gapDays: BilingualText(en: "long gaps", zh: "购买间隔长")
    case .gapVariation: BilingualText(en: "irregular", zh: "节奏不规律")
    case .momentum: BilingualText(en: "buying more lately", zh: "近期买得更勤")
    case .basketLines: BilingualText(en: "full baskets", zh: "大购物篮")
    case .basketCategories: BilingualText(en: "mixed baskets", zh: "一单多品类")
    case .categories: BilingualText(en: "wide range", zh: "品类广")
    case .unitPrice: BilingualText(en: "pricier goods", zh: "偏爱高价商品")
    case .promotionShare: BilingualText(en: "promotion-led", zh: "偏爱促销")
    case .repeatShare: BilingualText(en: "creatures of habit", zh: "习惯回购")
    case .weekendShare: BilingualText(en: "weekend shoppers", zh: "周末购物")
    case .refundShare: BilingualText(en: "many returns", zh: "退货较多")
    case .share(let name): BilingualText(en: "heavy on \(name)", zh: "偏重 \(name)")
    }
  }

  /// What customers are called who have little of it.
  var low: BilingualText {
    switch self {
    case .recencyDays: BilingualText(en: "here lately", zh: "近期活跃")
    case .orders: BilingualText(en: "rare buyers", zh: "很少购买")
    case .spend: BilingualText(en: "small spenders", zh: "低消费")
    case .orderValue: BilingualText(en: "small orders", zh: "低客单价")
    case .gapDays: BilingualText(en: "short gaps", zh: "购买间隔短")
    case .gapVariation: BilingualText(en: "regular", zh: "节奏规律")
    case .momentum: BilingualText(en: "buying less lately", zh: "近期买得更少")
    case .basketLines: BilingualText(en: "small baskets", zh: "小购物篮")
    case .basketCategories: BilingualText(en: "baskets of one kind", zh: "一单少品类")
    case .categories: BilingualText(en: "narrow range", zh: "品类窄")
    case .unitPrice: BilingualText(en: "cheaper goods", zh: "偏爱低价商品")
    case .promotionShare: BilingualText(en: "full price", zh: "很少买促销")
    case .repeatShare: BilingualText(en: "seldom buy the same twice", zh: "爱尝新")
    case .weekendShare: BilingualText(en: "weekday shoppers", zh: "工作日购物")
    case .refundShare: BilingualText(en: "few returns", zh: "很少退货")
    case .share(let name): BilingualText(en: "little \(name)", zh: "少买 \(name)")
    }
  }

  /// Features of one family say nearly the same: a name takes one of each.
  var family: Int {
    switch self {
    case .orders, .spend, .categories, .gapDays: 0
    case .orderValue, .basketLines, .basketCategories: 1
    case .recencyDays, .momentum: 2
    case .gapVariation, .weekendShare: 3
    case .unitPrice, .promotionShare: 4
    case .repeatShare, .refundShare: 5
    case .share: 6
    }
  }

  /// A value in words, without its name.
  public func words(_ value: Double, currency: String) -> BilingualText {
    let number: String
    switch unit {
    case .days: return BilingualText(en: Self.format(value, 1) + " days", zh: Self.format(value, 1) + " 天")
    case .money: number = Self.format(value, 2) + " " + currency
    case .share: number = Self.format(100 * value, value < 0.1 ? 1 : 0) + " %"
    case .count: number = Self.format(value, value < 100 ? 1 : 0)
    case .ratio: number = Self.format(value, 2)
    }
    return BilingualText(en: number, zh: number)
  }

  private static func format(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}

/// Names and descriptions of segments, by what sets each apart.
enum SegmentWords {
  typealias Trait = ShopSegments.Trait

  /// A name for each segment: its greatest trait, and the greatest of another family; where two would have the same name, a
  /// third trait or a number tells them apart.
  static func names(_ traits: [[Trait]]) -> [BilingualText] {
    var names = traits.map { name($0, 2) }
    for (index, own) in names.enumerated() where names.count(where: { $0 == own }) > 1 {
      names[index] = name(traits[index], 3)
    }
    let taken = names
    var seen: [String: Int] = [:]
    for index in names.indices where taken.count(where: { $0 == taken[index] }) > 1 {
      seen[taken[index].en, default: 0] += 1
      names[index].zh += " \(seen[taken[index].en] ?? 1)"
      names[index].en += " \(seen[taken[index].en] ?? 1)"
    }
    return names
  }

  private static func name(_ traits: [Trait], _ count: Int) -> BilingualText {
    var families: Set<Int> = []
    var chosen: [BilingualText] = []
    for trait in traits where chosen.count < count {
      guard let feature = SegmentFeature(column: trait.feature), families.insert(feature.family).inserted
      else { continue }
      chosen.append(trait.effect > 0 ? feature.high : feature.low)
    }
    guard !chosen.isEmpty else { return BilingualText(en: "Average customers", zh: "普通客户") }
    let english = chosen.map(\.en).joined(separator: ", ")
    return BilingualText(
      en: english.prefix(1).uppercased() + english.dropFirst(), zh: chosen.map(\.zh).joined(separator: "·"))
  }

  /// What sets a segment apart, in a sentence.
  static func description(_ traits: [Trait], currency: String) -> BilingualText {
    let parts = traits.prefix(4).compactMap { trait -> (zh: String, en: String)? in
      guard let feature = SegmentFeature(column: trait.feature) else { return nil }
      let (own, others) = (
        feature.words(trait.inside, currency: currency), feature.words(trait.outside, currency: currency)
      )
      return (
        "\(feature.label.zh) \(own.zh)（其他客户 \(others.zh)）",
        "\(feature.label.en) \(own.en) (others \(others.en))"
      )
    }
    guard !parts.isEmpty else {
      return BilingualText(
        en: "In no measure do they differ much from the other customers.", zh: "在所有指标上都与其他客户相差不大。")
    }
    let english = parts.map(\.en).joined(separator: "; ")
    return BilingualText(
      en: english.prefix(1).uppercased() + english.dropFirst() + ".",
      zh: parts.map(\.zh).joined(separator: "；") + "。")
  }
}
