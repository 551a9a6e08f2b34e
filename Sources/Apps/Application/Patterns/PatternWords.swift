import Commerce
import Customers
import Features
import Foundation

/// What patterns say, in words.
enum PatternWords {
  private static func count(_ value: Int) -> String { DemandWords.units(Double(value)) }
  private static func zhPercent(_ share: Double) -> String { String(format: "%.0f%%", abs(share) * 100) }

  /// How many patterns were found, and how many of them hold.
  static func summary(_ scene: PatternScene) -> BilingualText {
    let patterns = scene.patterns
    let (rules, holding) = (patterns.rules.count, patterns.rules.count(where: \.holds))
    let complements = patterns.relations.count { $0.kind == .complements && $0.holds }
    let substitutes = patterns.relations.count { $0.kind == .substitutes && $0.holds }
    guard rules + patterns.relations.count + patterns.sequences.count > 0 else {
      return BilingualText(
        en:
          "In \(count(patterns.earlierOrders)) orders nothing is bought together more often than by chance.",
        zh: "在 \(count(patterns.earlierOrders)) 笔订单中，没有发现高于随机的关联。")
    }
    let tried = count(patterns.laterOrders)
    var en =
      "\(count(holding)) of \(count(rules)) rules found in \(count(patterns.earlierOrders)) orders hold "
    en +=
      "in the \(tried) later ones. \(count(complements)) pairs go together and \(count(substitutes)) stand in for "
    en += "each other there too. They say what goes together, not what causes it."
    var zh = "在 \(count(patterns.earlierOrders)) 笔订单中发现的 \(count(rules)) 条规则里，"
    zh += "\(count(holding)) 条在之后的 \(tried) 笔订单中依然成立。"
    zh += "\(count(complements)) 对互补、\(count(substitutes)) 对互相替代的关系也得到验证。这些说明什么会一起出现，而不是因果。"
    return BilingualText(en: en, zh: zh)
  }

  private static func names(_ names: [String], _ level: OrderTable.Level, _ scene: PatternScene) -> (
    en: String, zh: String
  ) {
    let labels = names.map { scene.label($0, level) }
    return (labels.joined(separator: " and "), labels.joined(separator: "、"))
  }

  /// A rule in a sentence.
  static func words(of rule: ShopPatterns.Rule, in scene: PatternScene) -> BilingualText {
    let first = names(rule.antecedent, rule.level, scene)
    let then = names(rule.consequent, rule.level, scene)
    let (share, lift) = (rule.earlier.confidence ?? 0, rule.earlier.lift ?? 0)
    let times = String(format: "%.1f", lift)
    return BilingualText(
      en:
        "\(DemandWords.percent(share)) of orders with \(first.en) also have \(then.en), \(times) times as many as of all orders.",
      zh: "含\(first.zh)的订单中有 \(zhPercent(share)) 也含\(then.zh)，是全部订单的 \(times) 倍。")
  }

  /// What is bought next, in a sentence.
  static func words(of sequence: ShopPatterns.Sequence, in scene: PatternScene) -> BilingualText {
    let first = scene.label(sequence.first, sequence.level)
    let next = scene.label(sequence.next, sequence.level)
    let days = scene.patterns.windowDays
    let points = String(format: "%.0f", max(1, 100 * sequence.meanDifference))
    return BilingualText(
      en:
        "After \(first), \(DemandWords.percent(sequence.share)) buy \(next) within \(days) days, half of them within \(sequence.medianDays); the same customers do so \(points) points less often after other orders.",
      zh:
        "买过\(first)后，\(zhPercent(sequence.share)) 会在 \(days) 天内购买\(next)，一半在 \(sequence.medianDays) 天内；同一批客户在其他订单之后的比例低 \(points) 个百分点。"
    )
  }

  /// What a bundle would bring, and how far that can be trusted.
  static func words(of offer: BundleOffer, in scene: PatternScene) -> BilingualText {
    let rest = names(Array(offer.items.dropLast()), .item, scene)
    let last = names(Array(offer.items.suffix(1)), .item, scene)
    guard let confidence = offer.confidence, let lift = offer.lift, let range = offer.economics.extraRange
    else {
      return BilingualText(
        en: "\(rest.en) was not ordered in the last weeks, so nothing can be said of it.",
        zh: "最近几周没有\(rest.zh)的订单，无法判断。")
    }
    let (weeks, times) = (Int(offer.weeks.rounded()), String(format: "%.1f", lift))
    if lift <= 1 || range.lower <= 0 {
      return BilingualText(
        en:
          "In the last \(weeks) weeks \(count(offer.together)) orders had all of these: no more than chance would bring.",
        zh: "最近 \(weeks) 周有 \(count(offer.together)) 笔订单同时包含它们，不高于随机水平。")
    }
    let (low, high) = (
      DemandWords.units((range.lower * 4).rounded()), DemandWords.units((range.upper * 4).rounded())
    )
    var en =
      "\(DemandWords.percent(confidence)) of orders with \(rest.en) have \(last.en) too, \(times) times as many as of all orders: "
    en +=
      "\(low) to \(high) units in 4 weeks go along beyond chance. Whether a bundle would add to that only a test can show."
    var zh = "含\(rest.zh)的订单中 \(zhPercent(confidence)) 也含\(last.zh)，是全部订单的 \(times) 倍："
    zh += "每 4 周有 \(low) 至 \(high) 件超出随机水平。组合销售能否带来更多，只有试验才知道。"
    return BilingualText(en: en, zh: zh)
  }

  /// What is not known for the discount.
  static func missing(_ offer: BundleOffer, in scene: PatternScene) -> [BilingualText] {
    var found: [BilingualText] = []
    if offer.economics.price == nil {
      found.append(
        BilingualText(
          en: "An item has no price and was not sold for money lately.", zh: "有商品没有价格，近期也没有销售金额。"))
    }
    if offer.economics.cost == nil || offer.isCostAssumed {
      found.append(
        BilingualText(
          en: "Costs are not in the catalogue (unit_cost).", zh: "商品目录中没有成本（unit_cost）。"))
    }
    if offer.items.contains(where: { scene.stock($0) == nil }) {
      found.append(
        BilingualText(en: "Stock is not in the catalogue (stock).", zh: "商品目录中没有库存（stock）。"))
    }
    return found
  }
}
