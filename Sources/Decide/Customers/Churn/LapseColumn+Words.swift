import CustomerValue
import Foundation

extension LapseFeatures.Column {
  /// What the column says, for people.
  public var words: (en: String, zh: String) {
    switch self {
    case .recency: ("Days since the last purchase", "距上次购买的天数")
    case .age: ("Days since the first purchase", "距首次购买的天数")
    case .visits28: ("Days with purchases in the last 4 weeks", "近 4 周的购买天数")
    case .visits56: ("Days with purchases in the last 8 weeks", "近 8 周的购买天数")
    case .visits112: ("Days with purchases in the last 16 weeks", "近 16 周的购买天数")
    case .pace: ("Days with purchases per 4 weeks so far", "历来每 4 周的购买天数")
    case .gap: ("Usual days between purchases", "通常的购买间隔（天）")
    case .gapSpread: ("How irregular purchases are", "购买间隔的不规律程度")
    case .recencyPerGap: ("Time away compared with the usual gap", "离开时间与通常间隔之比")
    case .recencyPerLongest: ("Time away compared with the longest gap", "离开时间与最长间隔之比")
    case .trend28: ("Trend of purchases, 4 weeks", "购买次数的 4 周趋势")
    case .trend56: ("Trend of purchases, 8 weeks", "购买次数的 8 周趋势")
    case .spend28: ("Spend of the last 4 weeks", "近 4 周的消费额")
    case .spend112: ("Spend of the last 16 weeks", "近 16 周的消费额")
    case .spendTrend: ("Trend of spend, 8 weeks", "消费额的 8 周趋势")
    case .basket: ("Usual value of a basket", "平均每次消费额")
    case .lines: ("Usual lines in a basket", "平均每次购买的商品行数")
    case .lastBasket: ("Last basket compared with the usual one", "上次消费与平均之比")
    case .categories: ("Categories bought in 8 weeks", "近 8 周购买的品类数")
    case .categoryTrend: ("Trend of categories, 8 weeks", "品类数的 8 周趋势")
    case .discountShare: ("Share of discounts, 16 weeks", "近 16 周的折扣占比")
    case .coupons: ("Coupons redeemed in 16 weeks", "近 16 周使用的优惠券")
    case .weekday: ("How much purchases keep to weekdays", "购买星期的规律性")
    case .refunds: ("Refunds in 16 weeks", "近 16 周的退款")
    case .looks: ("Visits without a purchase in 4 weeks", "近 4 周的浏览")
    case .alive: ("Probability of still being a customer (BG/NBD)", "仍为活跃客户的概率（BG/NBD）")
    case .expected: ("Purchases expected by BG/NBD", "BG/NBD 预期的购买次数")
    }
  }
}
