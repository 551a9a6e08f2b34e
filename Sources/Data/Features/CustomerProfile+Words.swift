import Commerce
import Foundation

extension CustomerProfile {
  /// The profile in a few sentences.
  func words() -> Sentences {
    guard let recencyDays, orders > 0 else {
      return Sentences(en: ["Has not bought anything yet."], zh: ["尚未购买任何商品。"])
    }
    var (en, zh): ([String], [String]) = ([], [])
    let last = recencyDays == 0 ? "today" : recencyDays == 1 ? "yesterday" : "\(recencyDays) days ago"
    let lastZh = recencyDays == 0 ? "今天" : recencyDays == 1 ? "昨天" : "\(recencyDays) 天前"
    let money = averageOrderValue.written
    if orders > 1, tenureDays > 0 {
      let gap = Double(tenureDays - recencyDays) / Double(orders - 1)
      let every = gap < 1.5 ? "about every day" : String(format: "about every %.0f days", gap)
      en.append("Shops \(every), last \(last); an order comes to \(money).")
      let everyZh = gap < 1.5 ? "几乎每天都来购物" : String(format: "平均每 %.0f 天购物一次", gap)
      zh.append("\(everyZh)，最近一次是\(lastZh)；每单约 \(money)。")
    } else {
      en.append("Ordered once, \(last), for \(money).")
      zh.append("只在\(lastZh)下过 1 单，金额 \(money)。")
    }
    if !categories.isEmpty {
      let names = categories.prefix(3).map(\.category)
      en.append("Buys \(names.joined(separator: ", ")) most often.")
      zh.append("最常购买 \(names.joined(separator: "、"))。")
    }
    if let discountShare {
      let share = String(format: "%.0f%%", discountShare * 100)
      en.append("Buys \(share) of all lines at a discount\(priceWords.en).")
      zh.append("\(share) 的商品是在打折时购买的\(priceWords.zh)。")
    }
    appendTimes(&en, &zh)
    if let due = categories.first(where: { $0.orders >= 3 && ($0.dueInDays ?? 1) <= 0 && !$0.isLapsed }) {
      en.append(
        "\(due.category) is due: bought about every \(Int((due.cycleDays ?? 0).rounded())) days, last \(due.daysSince) days ago."
      )
      zh.append(
        "\(due.category) 该补货了：约每 \(Int((due.cycleDays ?? 0).rounded())) 天购买一次，上次购买是 \(due.daysSince) 天前。")
    }
    return Sentences(en: en, zh: zh)
  }

  private var priceWords: BilingualText {
    guard let priceLevel, abs(priceLevel - 1) >= 0.05 else { return BilingualText(en: "", zh: "") }
    let share = String(format: "%.0f%%", abs(priceLevel - 1) * 100)
    return priceLevel > 1
      ? BilingualText(
        en: " and pays \(share) more per unit than others do in the same categories",
        zh: "，同品类单价比其他客户高 \(share)")
      : BilingualText(
        en: " and pays \(share) less per unit than others do in the same categories",
        zh: "，同品类单价比其他客户低 \(share)")
  }

  private func appendTimes(_ en: inout [String], _ zh: inout [String]) {
    guard orders >= 5, let day = weekdays.indices.max(by: { weekdays[$0] < weekdays[$1] }),
      let hour = hours.indices.max(by: { hours[$0] < hours[$1] })
    else { return }
    let names = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"]
    let namesZh = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
    en.append("Comes most on \(names[day]) and around \(hour):00.")
    zh.append("多在\(namesZh[day])和 \(hour) 点前后购物。")
  }
}
