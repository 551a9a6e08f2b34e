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
        zh: "最近 28 天，没有哪个品类的购买客户数出现显著变化。")
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
      zh.append("\(rising.count) 个需求上升，最明显的是 \(list(rising, "、"))。")
    }
    if !falling.isEmpty {
      en.append(
        "\(falling.count) \(falling.count == 1 ? "falls" : "fall"), most of all \(list(falling, ", ")).")
      zh.append("\(falling.count) 个需求下降，最明显的是 \(list(falling, "、"))。")
    }
    en.append(
      "In brackets: the share of customers who bought it in the 28 days before and in the last 28. At most one finding in ten is expected to be chance."
    )
    zh.append("括号内为购买客户占比，从此前 28 天到最近 28 天；预计误报不超过一成。")
    return BilingualText(en: en.joined(separator: " "), zh: zh.joined())
  }

  /// What one row says, in words.
  public static func sentences(_ row: Row, horizonDays: Int = NeedMining.horizonDays) -> (
    en: [String], zh: [String]
  ) {
    let name = row.subject.label
    let count = Int(row.expectedCustomers.rounded()).grouped
    let share = String(format: "%.1f%%", row.shareOfCustomers * 100)
    let (money, soon, late) = (row.atStake.written, row.dueWithin7Days.grouped, row.overdue.grouped)
    let change = String(format: "%.1f%% → %.1f%%", row.trend.previousShare * 100, row.trend.recentShare * 100)
    let (en, zh) =
      switch row.trend.base.direction {
      case .rising:
        (
          "A larger share of customers bought it in the last four weeks than in the four before (\(change)).",
          "购买客户占比较前四周上升（\(change)）。"
        )
      case .falling:
        (
          "A smaller share of customers bought it in the last four weeks than in the four before (\(change)).",
          "购买客户占比较前四周下降（\(change)）。"
        )
      case .steady:
        (
          "The share of customers who bought it in four weeks is steady (\(change)).",
          "购买客户占比与前四周持平（\(change)）。"
        )
      }
    return (
      [
        "\(count) customers (\(share)) are expected to buy \(name) within \(horizonDays) days, for \(money).",
        "\(soon) of them within a week. \(late) customers are later than their usual pace.", en,
      ],
      [
        "预计 \(count) 位客户（\(share)）会在 \(horizonDays) 天内购买 \(name)，金额约 \(money)。",
        "其中 \(soon) 位会在一周内购买；另有 \(late) 位客户已超过平时的购买间隔。", zh,
      ]
    )
  }
}
