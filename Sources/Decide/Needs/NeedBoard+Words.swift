import Features
import Foundation

extension NeedBoard {
  /// What rises and falls, in a few sentences.
  static func findings(_ rows: [Row]) -> BilingualText {
    let rising = rows.filter { $0.trend.base.direction == .rising }
      .sorted {
        $0.trend.recentShare - $0.trend.previousShare > $1.trend.recentShare - $1.trend.previousShare
      }
    let falling = rows.filter { $0.trend.base.direction == .falling }
      .sorted {
        $0.trend.recentShare - $0.trend.previousShare < $1.trend.recentShare - $1.trend.previousShare
      }
    guard !rising.isEmpty || !falling.isEmpty else {
      return BilingualText(
        en: "No category gained or lost customers beyond chance in the last 28 days.",
        zh: "最近 28 天没有品类的顾客数出现显著变化。")
    }
    func shares(_ row: Row) -> String {
      String(
        format: "%@ (%.1f%% → %.1f%%)", row.subject.label, row.trend.previousShare * 100,
        row.trend.recentShare * 100)
    }
    func list(_ rows: [Row], _ separator: String) -> String {
      rows.prefix(3).map(shares).joined(separator: separator)
    }
    var (en, zh): ([String], [String]) = ([], [])
    if !rising.isEmpty {
      en.append(
        "\(rising.count) \(rising.count == 1 ? "need rises" : "needs rise"), most of all \(list(rising, ", "))."
      )
      zh.append("\(rising.count) 个需求上升，最明显的是\(list(rising, "、"))。")
    }
    if !falling.isEmpty {
      en.append(
        "\(falling.count) \(falling.count == 1 ? "falls" : "fall"), most of all \(list(falling, ", ")).")
      zh.append("\(falling.count) 个需求下降，最明显的是\(list(falling, "、"))。")
    }
    en.append(
      "Shares of customers in the last 28 days against the 28 before; at most one finding in ten is expected to be chance."
    )
    zh.append("比较最近 28 天与之前 28 天的购买顾客占比；预计误报不超过十分之一。")
    return BilingualText(en: en.joined(separator: " "), zh: zh.joined())
  }

  /// What one row says, in words.
  public static func sentences(_ row: Row, horizonDays: Int = NeedMining.horizonDays) -> (
    en: [String], zh: [String]
  ) {
    let name = row.subject.label
    let count = Int(row.expectedCustomers.rounded())
    let share = String(format: "%.1f%%", row.shareOfCustomers * 100)
    let money = String(format: "%.0f %@", row.atStake.amount, row.atStake.currency.code)
    let change = String(format: "%.1f%% → %.1f%%", row.trend.previousShare * 100, row.trend.recentShare * 100)
    let (en, zh) =
      switch row.trend.base.direction {
      case .rising: ("More customers buy it than four weeks before (\(change)).", "购买顾客较四周前增加（\(change)）。")
      case .falling: ("Fewer customers buy it than four weeks before (\(change)).", "购买顾客较四周前减少（\(change)）。")
      case .steady: ("The share of customers who buy it is steady (\(change)).", "购买顾客占比平稳（\(change)）。")
      }
    return (
      [
        "\(count) customers (\(share)) are expected to buy \(name) within \(horizonDays) days, for \(money).",
        "\(row.dueWithin7Days) of them within a week; \(row.overdue) are later than their usual pace.", en,
      ],
      [
        "预计 \(count) 位顾客（\(share)）将在 \(horizonDays) 天内购买 \(name)，金额约 \(money)。",
        "其中 \(row.dueWithin7Days) 位在一周内；\(row.overdue) 位已超过惯常购买间隔。", zh,
      ]
    )
  }
}
