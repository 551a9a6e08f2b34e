import Foundation

extension CustomerInterests {
  /// What the customer stands out by, in a few sentences.
  public var words: CustomerProfile.Sentences {
    let above = points.filter { $0.standing == .above }
    guard !points.isEmpty else {
      return .init(en: ["Nothing is known of what this customer likes yet."], zh: ["还不了解该客户的兴趣。"])
    }
    guard !above.isEmpty else {
      return .init(
        en: [
          "Nothing stands out from what others do: \(events) events on \(days) days are not enough to tell more."
        ],
        zh: ["目前看不出与其他客户的明显不同：共 \(days) 天 \(events) 条事件，还不足以下结论。"])
    }
    var (en, zh): ([String], [String]) = ([], [])
    for (kind, lead) in Self.leads {
      let found = above.filter { $0.point.kind == kind && kind != .attribute }.prefix(3)
      guard !found.isEmpty else { continue }
      en.append("\(lead.en) \(found.map { Self.phrase($0).en }.joined(separator: ", ")).")
      zh.append("\(lead.zh)\(found.map { Self.phrase($0).zh }.joined(separator: "、"))。")
    }
    let growing = points.filter { $0.trend?.direction == .rising }.prefix(3)
    if !growing.isEmpty {
      en.append("Lately more often: \(growing.map(\.point.label.en).joined(separator: ", ")).")
      zh.append("近期增多：\(growing.map(\.point.label.zh).joined(separator: "、"))。")
    }
    if en.isEmpty {
      let names = above.prefix(3).map { "\($0.point.name ?? "") \($0.point.value)" }
      en.append("Stands out by \(names.joined(separator: ", ")).")
      zh.append("突出的偏好：\(names.joined(separator: "、"))。")
    }
    return .init(en: en, zh: zh)
  }

  private static let leads: [(InterestPoint.Kind, BilingualText)] = [
    (.category, BilingualText(en: "Buys more than others do of", zh: "比其他客户更爱买：")),
    (.brand, BilingualText(en: "Prefers the brand", zh: "偏爱品牌：")),
    (.priceBand, BilingualText(en: "Leans towards", zh: "价位偏好：")),
    (.moment, BilingualText(en: "Comes more than others do on", zh: "比其他客户更常在以下时段购物：")),
  ]

  private static func phrase(_ interest: Interest) -> BilingualText {
    let share = String(format: interest.strength < 0.1 ? "%.1f" : "%.0f", interest.strength * 100)
    let lift = interest.lift.map { String(format: "%.1f", $0) } ?? "–"
    let label = interest.point.label
    return BilingualText(
      en: "\(label.en) (\(share)%, \(lift) times the market's share)",
      zh: "\(label.zh)（占 \(share)%，为市场的 \(lift) 倍）")
  }
}
