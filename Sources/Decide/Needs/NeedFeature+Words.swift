import Features
import Foundation

extension NeedFeature {
  /// What the feature's value says, in plain words.
  func words(_ value: Float, currency: String) -> BilingualText {
    guard value.isFinite else { return unknownWords }
    let x = Double(value)
    let whole = String(Int(x.rounded()))
    let one = String(format: "%.1f", x)
    let share = String(format: "%.1f%%", min(max(x, 0), 1) * 100)
    let change = String(format: "%+.0f%%", (exp(x) - 1) * 100)
    let money = String(format: "%.2f %@", x, currency)
    func text(_ en: String, _ zh: String) -> BilingualText { BilingualText(en: en, zh: zh) }
    func days(_ n: String) -> String { n == "1" ? "1 day" : "\(n) days" }
    switch self {
    case .nextWindow:
      return text("With this shopping history, \(share) buy it next month", "有此购物历史的客户下月购买的比例为 \(share)")
    case .pace120: return text("Own pace: \(one) purchases in 28 days", "按自身节奏 28 天内约购买 \(one) 次")
    case .cellRate:
      return text(
        "\(share) of customers with the same count and pause bought again", "次数与间隔相同的客户中 \(share) 再次购买")
    case .affinity:
      return text(
        "Fits the customer's taste: \(String(format: "%.2f", x))", "与购物偏好的契合度 \(String(format: "%.2f", x))")
    case .decayed120: return text("Bought often lately: weight \(one)", "近几个月购买热度 \(one)")
    case .decayed30: return text("Bought in the last weeks: weight \(one)", "近几周购买热度 \(one)")
    case .purchases:
      return x == 0 ? text("Never bought", "从未购买") : text("Bought on \(days(whole))", "曾在 \(whole) 天购买")
    case .recency: return text("Last bought \(days(whole)) ago", "上次购买在 \(whole) 天前")
    case .meanGap: return text("Usually \(days(whole)) between purchases", "通常每 \(whole) 天购买一次")
    case .gapVariation: return text("Regularity of purchases: spread \(one)", "购买间隔波动 \(one)")
    case .overdue: return text("Pause is \(one) times the usual one", "距上次购买为通常间隔的 \(one) 倍")
    case .resumption: return text("After such a pause \(share) came back", "类似停顿后回购比例 \(share)")
    case .sinceFirst: return text("First bought \(days(whole)) ago", "首次购买在 \(whole) 天前")
    case .spendPerPurchase: return text("Spends \(money) each time", "每次花费 \(money)")
    case .groupAffinity: return text("Buys related categories: weight \(one)", "购买相关品类热度 \(one)")
    case .interest:
      return x == 0
        ? text("Not looked at lately", "近期未浏览") : text("Looked at it lately: weight \(one)", "近期浏览热度 \(one)")
    case .customerCategories112:
      return text("\(whole) categories bought in 112 days", "112 天内购买 \(whole) 个品类")
    case .customerCategories28: return text("\(whole) categories bought in 28 days", "28 天内购买 \(whole) 个品类")
    case .customerNew28:
      return text("\(whole) categories bought for the first time in 28 days", "28 天内首次购买 \(whole) 个品类")
    case .customerTenure: return text("Customer for \(days(whole))", "成为客户 \(whole) 天")
    case .customerOverdue: return text("Away \(one) times as long as usual", "离店时长为通常的 \(one) 倍")
    case .customerRecency: return text("Last visit \(days(whole)) ago", "上次到店在 \(whole) 天前")
    case .customerGap: return text("Visits every \(one) days", "平均每 \(one) 天到店一次")
    case .customerVisits14: return text("\(whole) visits in 14 days", "14 天内到店 \(whole) 次")
    case .customerVisits28: return text("\(whole) visits in 28 days", "28 天内到店 \(whole) 次")
    case .customerDecayedVisits: return text("Visits often lately: weight \(one)", "近几个月到店热度 \(one)")
    case .customerSpend28: return text("Spent \(money) in 28 days", "28 天内消费 \(money)")
    case .customerActivity:
      return text("Buys \(one) times as many categories as expected", "近期购买品类数为预期的 \(one) 倍")
    case .popularity7: return text("\(share) of customers bought it in 7 days", "7 天内 \(share) 的客户购买")
    case .popularity28: return text("\(share) of customers bought it in 28 days", "28 天内 \(share) 的客户购买")
    case .trend: return text("Category \(change) on the month before", "品类客户数较上月 \(change)")
    case .newShare: return text("\(share) try it for the first time in a month", "每月 \(share) 的客户首次尝试")
    case .repeatShare: return text("\(share) buy it again the next month", "\(share) 的客户次月复购")
    case .categoryGap: return text("Customers buy it every \(days(whole))", "客户平均每 \(whole) 天购买一次")
    }
  }

  private var unknownWords: BilingualText {
    switch self {
    case .recency, .sinceFirst, .overdue, .resumption, .spendPerPurchase:
      BilingualText(en: "Never bought", zh: "从未购买")
    case .meanGap: BilingualText(en: "Bought less than twice", zh: "购买不足两次")
    case .gapVariation: BilingualText(en: "Bought less than three times", zh: "购买不足三次")
    default: BilingualText(en: "Not known", zh: "未知")
    }
  }
}
