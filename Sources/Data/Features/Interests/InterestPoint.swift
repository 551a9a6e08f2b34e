import Commerce

/// One thing an interest can be in: a category, a brand, a value of an attribute, a price band, or a time of the week.
public struct InterestPoint: Sendable, Codable, Hashable {
  /// What sort of thing a point is.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The category of an item.
    case category
    /// The brand of an item.
    case brand
    /// A value of one of the catalogue's attributes.
    case attribute
    /// Cheap, usual or dear for the item's category.
    case priceBand = "price_band"
    /// A day of the week with a part of the day.
    case moment
  }

  /// What sort of thing it is.
  public var kind: Kind
  /// The attribute's name; nil for the other kinds.
  public var name: String?
  /// The category, brand or value; `low`, `middle` or `high`; or a moment such as `saturday-evening`.
  public var value: String

  /// A point.
  public init(_ kind: Kind, name: String? = nil, value: String) {
    (self.kind, self.name, self.value) = (kind, name, value)
  }

  /// The three price bands, cheapest first.
  static let priceBands = ["low", "middle", "high"].map { InterestPoint(.priceBand, value: $0) }

  /// The 28 moments of a week: Monday's night, morning, afternoon, evening, and so on.
  static let moments = weekdays.flatMap { day in
    partsOfDay.map { InterestPoint(.moment, value: "\(day)-\($0)") }
  }

  private static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]
  private static let partsOfDay = ["night", "morning", "afternoon", "evening"]

  /// The number of the moment of an hour on a weekday, Monday being 0; each part of the day has six hours.
  static func moment(weekday: Int, hour: Int) -> Int { weekday * 4 + hour / 6 }

  /// What people call it.
  public var label: BilingualText {
    switch kind {
    case .category, .brand, .attribute: return BilingualText(en: value, zh: value)
    case .priceBand:
      let words = [
        "low": ("Cheaper than usual", "低价位"), "middle": ("Usual prices", "中等价位"),
        "high": ("Dearer than usual", "高价位"),
      ]
      return words[value].map { BilingualText(en: $0.0, zh: $0.1) } ?? BilingualText(en: value, zh: value)
    case .moment: return Self.momentLabel(value)
    }
  }

  private static func momentLabel(_ value: String) -> BilingualText {
    let parts = value.split(separator: "-").map(String.init)
    let chinese = [
      "monday": "周一", "tuesday": "周二", "wednesday": "周三", "thursday": "周四", "friday": "周五",
      "saturday": "周六", "sunday": "周日", "night": "凌晨", "morning": "上午", "afternoon": "下午",
      "evening": "晚上",
    ]
    return BilingualText(
      en: parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.first.map {
        ([String($0)] + parts.dropFirst()).joined(separator: " ")
      } ?? value,
      zh: parts.map { chinese[$0] ?? $0 }.joined())
  }
}
