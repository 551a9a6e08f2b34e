import Commerce
import CustomerValue
import Customers
import Features
import Foundation

/// What values say, in words.
enum ValueWords {
  private static func count(_ value: Int) -> String { DemandWords.units(Double(value)) }

  /// An amount for people: whole where it is large.
  static func money(_ amount: Double, _ currency: Currency) -> String {
    let digits = abs(amount) >= 100 || currency.minorUnitsPerMajor == 1 ? 0 : 2
    let number =
      digits == 0 ? DemandWords.units(amount.rounded()) : String(format: "%.2f", amount)
    return "\(currency.code) \(number)"
  }

  /// A share in Chinese, which has no blank before the sign.
  private static func zhPercent(_ share: Double) -> String { String(format: "%.0f%%", abs(share) * 100) }

  private static func months(_ terms: ValueTerms) -> (en: String, zh: String) {
    let number =
      terms.horizonMonths == terms.horizonMonths.rounded()
      ? String(Int(terms.horizonMonths)) : String(format: "%.1f", terms.horizonMonths)
    return ("\(number) months", "\(number) 个月")
  }

  /// How a condition stands.
  static func gate(_ gate: DataSufficiency.Gate) -> BilingualText {
    let (found, needed) = (count(gate.found), count(gate.needed))
    switch gate.name {
    case "customers":
      return BilingualText(
        en: "Customers who have bought: \(found); \(needed) are needed.",
        zh: "购买过的客户：\(found) 位，至少需要 \(needed) 位。")
    case "history_days":
      return BilingualText(
        en: "Days that the orders go back: \(found); \(needed) are needed.",
        zh: "订单历史：\(found) 天，至少需要 \(needed) 天。")
    case "days_since_last_order":
      return BilingualText(
        en: "Days since the last order: \(found); at most \(needed) are allowed.",
        zh: "距最近一笔订单：\(found) 天，不应超过 \(needed) 天。")
    case "frequent_customers":
      return BilingualText(
        en: "Customers with orders on three days or more: \(found); \(needed) are needed.",
        zh: "在 3 天以上下过单的客户：\(found) 位，至少需要 \(needed) 位。")
    default: return BilingualText(en: gate.description, zh: gate.description)
    }
  }

  /// What all customers are worth.
  static func summary(_ scene: ValueScene) -> BilingualText {
    let valuation = scene.valuation
    guard valuation.isSufficient, let total = valuation.total else { return missing(valuation) }
    let (months, customers) = (months(valuation.terms), count(scene.measure.count))
    let top = topShare(scene)
    let level = DemandWords.percent(valuation.terms.level)
    var (en, zh): (String, String)
    if let value = total.value, let range = total.valueRange {
      let (low, high) = (money(range.lower, valuation.currency), money(range.upper, valuation.currency))
      en = "\(customers) customers are worth \(money(value, valuation.currency)) over the next \(months.en) "
      en +=
        "(\(low) to \(high) with \(level)); the most valuable tenth brings \(DemandWords.percent(top)) of it."
      zh = "\(customers) 位客户未来 \(months.zh)预计带来 \(money(value, valuation.currency))"
      zh += "（\(zhPercent(valuation.terms.level)) 区间 \(low) 至 \(high)）；价值最高的一成客户贡献其中的 \(zhPercent(top))。"
    } else {
      en =
        "\(customers) customers are expected to buy on \(DemandWords.units(total.purchases)) days over the next "
      en += "\(months.en); amounts are not known, so there is no value in money."
      zh = "\(customers) 位客户未来 \(months.zh)预计在 \(DemandWords.units(total.purchases)) 个购买日下单；金额未知，因此没有金额价值。"
    }
    let fading = fading(scene)
    return BilingualText(en: en + " " + fading.en, zh: zh + fading.zh)
  }

  private static func topShare(_ scene: ValueScene) -> Double {
    let total = scene.totalMeasure
    let top = scene.byValue.prefix(scene.byValue.count / 10)
    return total > 0 ? top.reduce(0.0) { $0 + Double(scene.measure[Int($1)]) } / total : 0
  }

  private static func fading(_ scene: ValueScene) -> BilingualText {
    let fading = scene.measure.indices.filter { scene.quadrant(of: $0) == .valuableFading }
    guard !fading.isEmpty else {
      return BilingualText(
        en: "None of the valuable ones seems to have left.", zh: "高价值客户中暂无明显流失迹象。")
    }
    let lost = fading.reduce(0.0) { $0 + Double(scene.atRisk($1)) }
    guard scene.isMoney else {
      return BilingualText(
        en: "Of the fifth who buy most, \(count(fading.count)) may have left already.",
        zh: "购买最多的两成客户中，\(count(fading.count)) 位可能已经流失。")
    }
    let amount = money(lost, scene.valuation.currency)
    return BilingualText(
      en: "Of the fifth worth most, \(count(fading.count)) may have left already: \(amount) are at risk.",
      zh: "价值最高的两成客户中，\(count(fading.count)) 位可能已经流失，涉及 \(amount)。")
  }

  private static func missing(_ valuation: CustomerValuation) -> BilingualText {
    let open = valuation.gates.filter { !$0.isMet }.map(gate)
    return BilingualText(
      en: "There is too little data to say what customers are worth. "
        + open.map(\.en).joined(separator: " "),
      zh: "数据还不足以估算客户价值。" + open.map(\.zh).joined())
  }

  /// What one customer is worth, and whether they still buy.
  static func words(of customer: CustomerValuation.Customer, in scene: ValueScene) -> BilingualText {
    let (currency, months) = (scene.valuation.currency, months(scene.valuation.terms))
    let alive = DemandWords.percent(customer.probabilityAlive)
    let purchases = DemandWords.units((customer.expectedPurchases * 10).rounded() / 10)
    var en =
      "Still buys with a probability of \(alive); about \(purchases) days with purchases are expected in the next \(months.en)"
    var zh = "仍会购买的概率为 \(zhPercent(customer.probabilityAlive))，未来 \(months.zh)预计有 \(purchases) 个购买日"
    if let value = customer.value, let range = customer.valueRange {
      let (low, high) = (money(range.lower, currency), money(range.upper, currency))
      en += ", worth \(money(value, currency)) (\(low) to \(high))"
      zh += "，价值 \(money(value, currency))（\(low) 至 \(high)）"
    }
    return BilingualText(en: en + ".", zh: zh + "。")
  }

  /// What to beware of.
  static func caveats(_ valuation: CustomerValuation) -> [BilingualText] {
    var found = [
      BilingualText(
        en:
          "All purchases of a customer on one day count as one. Refunds are not subtracted. The model knows no seasons, no campaigns and no new customers.",
        zh: "同一客户一天内的购买算作一次；未扣除退款。模型不考虑季节、活动，也不包括新客户。")
    ]
    if let correlation = valuation.spend?.frequencyCorrelation, abs(correlation) > 0.3 {
      found.append(
        BilingualText(
          en: String(
            format:
              "Who buys more often here also spends %@ on a purchase (correlation %.2f), which the model of amounts takes to be unrelated.",
            correlation > 0 ? "more" : "less", correlation),
          zh: String(
            format: "在这里，买得越勤的客户单次金额越%@（相关系数 %.2f），而金额模型假定两者无关。", correlation > 0 ? "高" : "低",
            correlation)))
    }
    if valuation.check == nil, valuation.isSufficient {
      found.append(
        BilingualText(
          en: "The history is too short to look back: how good these forecasts are is not known.",
          zh: "历史太短，无法回看检验：预测的准确程度未知。"))
    }
    if let coverage = valuation.check?.coverage, coverage < valuation.terms.level - 0.05 {
      found.append(
        BilingualText(
          en: String(
            format: "Looking back, the intervals held for %.0f %% of customers only.", 100 * coverage),
          zh: String(format: "回看检验中，区间只覆盖了 %.0f%% 的客户。", 100 * coverage)))
    }
    if valuation.purchases?.report?.agree == false {
      found.append(
        BilingualText(
          en: "The search for the model's parameters ended in different places.", zh: "模型参数的搜索没有收敛到同一处。"))
    }
    if !valuation.gates.allSatisfy(\.isMet) {
      found.append(
        BilingualText(
          en: "The data are fewer than is asked for; values were reckoned all the same.",
          zh: "数据少于要求的最低量，结果仅供参考。"))
    }
    return found
  }
}
