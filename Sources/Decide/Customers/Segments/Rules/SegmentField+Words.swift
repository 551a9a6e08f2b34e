import Features

extension SegmentField {
  /// What it is called.
  public var label: BilingualText {
    switch self {
    case .recencyDays: SegmentFeature.recencyDays.label
    case .tenureDays: BilingualText(en: "days since the first purchase", zh: "距首次购买天数")
    case .orders(let days?): BilingualText(en: "orders in \(days) days", zh: "最近 \(days) 天订单数")
    case .orders(days: nil): BilingualText(en: "orders in all", zh: "累计订单数")
    case .spend(let days?): BilingualText(en: "spend in \(days) days", zh: "最近 \(days) 天消费额")
    case .spend(days: nil): BilingualText(en: "spend in all", zh: "累计消费额")
    case .feature(let feature): feature.label
    case .category(let name): BilingualText(en: "orders with \(name)", zh: "含 \(name) 的订单数")
    case .department(let name): BilingualText(en: "orders with \(name)", zh: "含 \(name) 的订单数")
    case .need(let name): BilingualText(en: "strength of the need of \(name)", zh: "\(name) 需求强度")
    case .segment: BilingualText(en: "segment", zh: "所在分群")
    case .group: BilingualText(en: "group by recency, frequency and spend", zh: "RFM 分群")
    case .attribute(let name): BilingualText(en: name, zh: name)
    }
  }

  /// How its values are written: a unit, or `text`.
  public var kind: String {
    switch self {
    case .recencyDays, .tenureDays: SegmentFeature.Unit.days.rawValue
    case .orders, .category, .department: SegmentFeature.Unit.count.rawValue
    case .spend: SegmentFeature.Unit.money.rawValue
    case .feature(let feature): feature.unit.rawValue
    case .need: SegmentFeature.Unit.share.rawValue
    case .segment, .group, .attribute: "text"
    }
  }
}
