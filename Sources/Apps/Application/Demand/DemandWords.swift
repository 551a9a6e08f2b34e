import Commerce
import Demand
import Features
import Forecasting
import Foundation

/// What forecasts say, in words.
enum DemandWords {
  /// A number of units for people: whole above ten, else with one digit.
  static func units(_ value: Double) -> String {
    abs(value) >= 10 || value == value.rounded()
      ? grouped(value.rounded()) : String(format: "%.1f", value)
  }

  private static func grouped(_ value: Double) -> String {
    guard abs(value) < 1e15 else { return String(format: "%.3g", value) }
    let digits = Array(String(Int(abs(value))))
    let parts = stride(from: digits.count, to: 0, by: -3).map { String(digits[max(0, $0 - 3)..<$0]) }
    return (value < 0 ? "−" : "") + parts.reversed().joined(separator: ",")
  }

  static func percent(_ share: Double) -> String { String(format: "%.0f %%", abs(share) * 100) }

  /// Why there is no forecast; nil when there is one.
  static func problem(of outlook: DemandOutlook) -> BilingualText? {
    guard outlook.mean == nil else { return nil }
    return BilingualText(
      en: "Sold in \(outlook.weeksWithSales) weeks so far: too few to forecast from.",
      zh: "至今只有 \(outlook.weeksWithSales) 周有销量，不足以预测。")
  }

  /// What would make a forecast better.
  static func missing(of outlook: DemandOutlook, weeks: Int) -> [BilingualText] {
    var found: [BilingualText] = []
    let own = weeks - outlook.firstWeek
    if outlook.mean == nil {
      found.append(
        BilingualText(
          en:
            "A forecast needs 12 weeks on sale and 6 with sales; there are \(max(0, own)) and \(outlook.weeksWithSales).",
          zh: "预测至少需要上架 12 周、其中 6 周有销量；目前为 \(max(0, own)) 周和 \(outlook.weeksWithSales) 周。"))
    }
    if own < 105 {
      found.append(
        BilingualText(
          en: "The season of the year can only be learned from two years; there are \(max(0, own)) weeks.",
          zh: "一年的季节性至少要两年的数据才能学到；目前只有 \(max(0, own)) 周。"))
    }
    if outlook.drivers.isEmpty, outlook.mean != nil {
      found.append(
        BilingualText(
          en: "Prices moved too little, or it sold in too few weeks, to see what a price does.",
          zh: "价格变化太小或有销量的周太少，看不出价格的作用。"))
    }
    if !outlook.soldOut.isEmpty {
      found.append(
        BilingualText(
          en: "In \(outlook.soldOut.count) weeks it seems to have been sold out; they are left out.",
          zh: "有 \(outlook.soldOut.count) 周疑似缺货，已不计入。"))
    }
    return found
  }

  static func label(of kind: DemandDriver.Kind) -> BilingualText {
    switch kind {
    case .price: BilingualText(en: "Price 10 % lower", zh: "定价低 10%")
    case .discount: BilingualText(en: "10 points more discount", zh: "折扣多 10 个百分点")
    }
  }

  /// What is expected of one subject, against what was, and how far that can be trusted.
  static func words(of outlook: DemandOutlook, in scene: DemandScene) -> BilingualText {
    guard let next = outlook.expected(4), let range = scene.forecasts.range(of: outlook, weeks: 4, level: 0.8)
    else { return problem(of: outlook) ?? BilingualText(en: "", zh: "") }
    var en =
      "\(units(next)) units expected in the next 4 weeks (\(units(range.lower)) to \(units(range.upper)) with 80 %)"
    var zh = "未来 4 周预计售出 \(units(next)) 件（80% 区间 \(units(range.lower)) 至 \(units(range.upper))）"
    if let change = outlook.change, abs(change) >= 0.005 {
      en += ", \(percent(change)) \(change > 0 ? "more" : "less") than in the last 4"
      zh += "，比前 4 周\(change > 0 ? "多" : "少") \(percent(change))"
    }
    (en, zh) = (en + ".", zh + "。")
    if let test = outlook.backtest, let own = test.mase, let base = test.baselineMASE, base > 0 {
      let gain = 1 - own / base
      en +=
        " Looking back from \(test.origins) weeks, its error was \(percent(gain)) \(gain >= 0 ? "below" : "above") that of repeating the last week."
      zh += "回看 \(test.origins) 个起点，误差比照搬上周\(gain >= 0 ? "低" : "高") \(percent(gain))。"
    }
    if let needs = scene.needs(of: outlook), needs.differs {
      en +=
        " What customers need points to \(units(needs.byNeeds)) units, \(needs.byNeeds > needs.bySeries ? "more" : "fewer") than sales do: something is changing."
      zh +=
        "按客户需求推算为 \(units(needs.byNeeds)) 件，\(needs.byNeeds > needs.bySeries ? "高于" : "低于")按销量推算的数：这里正在变化。"
    }
    return BilingualText(en: en, zh: zh)
  }

  /// What is expected of the whole shop.
  static func summary(_ scene: DemandScene) -> BilingualText {
    let outlooks = scene.forecasts.outlooks
    let categories = outlooks.filter { $0.subject.level == .category && $0.mean != nil }
    // Only changes that lie outside their own 80 percent.
    func beyond(_ isUp: Bool) -> Int {
      categories.count { outlook in
        guard let range = scene.forecasts.range(of: outlook, weeks: 4, level: 0.8) else { return false }
        return isUp ? outlook.recent(4) < range.lower : outlook.recent(4) > range.upper
      }
    }
    let (up, down) = (beyond(true), beyond(false))
    let differing = scene.forecasts.needs?.rows.count(where: \.differs) ?? 0
    var en = scene.outlook(of: .shop).map { words(of: $0, in: scene).en + " " } ?? ""
    var zh = scene.outlook(of: .shop).map { words(of: $0, in: scene).zh } ?? ""
    en += "Clearly more than lately is expected of \(up) categories, clearly less of \(down)."
    zh += "\(up) 个品类预计明显多于近期，\(down) 个明显少于近期。"
    if differing > 0 {
      en += " In \(differing) categories what customers need says something else than sales."
      zh += "有 \(differing) 个品类客户需求与销量的说法不一致。"
    }
    return BilingualText(en: en, zh: zh)
  }
}
