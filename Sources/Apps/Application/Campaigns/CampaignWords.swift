import Campaigns
import Commerce
import Foundation
import Marketing

/// What campaigns will show and have shown, in sentences for those who run them.
enum CampaignWords {
  /// What a draft can show.
  static func preview(
    _ campaign: Campaign, treated: Int, held: Int, least: Double?, usual: Double, currency: Currency
  ) -> JSONValue {
    let (all, share) = (treated + held, percent(campaign.holdout))
    guard let least else {
      return [
        "en": .string(
          "Of \(all) customers \(held) would be held out: too few, or too alike, to say what can be seen."),
        "zh": .string("共 \(all) 位客户，留出 \(held) 位作对照：人数太少或差异太小，无法估计能看出多大的效果。"),
      ]
    }
    let figure = amount(least, campaign.goal.kind, currency)
    let base =
      campaign.goal.kind == .amount ? money(usual, currency) : String(format: "%.1f %%", usual * 100)
    let (what, chinese) =
      campaign.goal.kind == .amount
      ? ("spend of a customer in \(campaign.goal.days) days", "每位客户 \(campaign.goal.days) 天内的消费")
      : ("share who buy within \(campaign.goal.days) days", "\(campaign.goal.days) 天内的购买率")
    return [
      "en": .string(
        "With \(all) customers and \(share) held out (\(held)) you can see a difference of \(figure.en) in the \(what), now \(base). A smaller effect will probably go unnoticed."
      ),
      "zh": .string(
        "共 \(all) 位客户、留出 \(share)（\(held) 位）作对照时，能看出\(chinese)相差 \(figure.zh) 的效果（目前为 \(base)）。更小的效果多半看不出来。"),
    ]
  }

  /// What a campaign has shown.
  static func result(
    _ campaign: Campaign, _ result: CampaignResult, days: Double, currency: Currency
  ) -> JSONValue {
    let (effect, kind) = (result.effect, campaign.goal.kind)
    let (lower, upper) = (
      amount(effect.interval.lower, kind, currency), amount(effect.interval.upper, kind, currency)
    )
    let found = amount(effect.difference, kind, currency)
    let (passed, total) = (Int(days.rounded(.down)), campaign.goal.days)
    let isDone = passed >= total
    let progress = (
      en: isDone ? "" : " So far \(passed) of \(total) days are counted.",
      zh: isDone ? "" : "目前统计了 \(total) 天中的 \(passed) 天。"
    )
    let people = (
      en: "\(effect.treated) customers were contacted, \(effect.controls) held out.",
      zh: "触达 \(effect.treated) 位客户，留出 \(effect.controls) 位作对照。"
    )
    let verdict: (en: String, zh: String) =
      switch result.verdict {
      case .more:
        (
          "Contacted customers brought \(found.en) more each than those held out (between \(lower.en) and \(upper.en)).",
          "被触达的客户人均比对照多 \(found.zh)（在 \(lower.zh) 与 \(upper.zh) 之间）。"
        )
      case .less:
        (
          "Contacted customers brought less than those held out: \(found.en) each (between \(lower.en) and \(upper.en)).",
          "被触达的客户人均反而少于对照：\(found.zh)（在 \(lower.zh) 与 \(upper.zh) 之间）。"
        )
      case .unclear:
        (
          "No effect can be told from chance: \(found.en) each, and anything between \(lower.en) and \(upper.en) is possible.",
          "效果与偶然无法区分：人均 \(found.zh)，\(lower.zh) 到 \(upper.zh) 之间都有可能。"
        )
      case .broken:
        (
          "The numbers of contacted customers and of those held out cannot be chance: nothing can be said of the effect.",
          "触达人数与对照人数的比例不可能出于随机：无法判断效果。"
        )
      }
    guard result.verdict != .broken else {
      return ["en": .string("\(people.en) \(verdict.en)"), "zh": .string(people.zh + verdict.zh)]
    }
    let (profit, low, high) = (
      money(result.profit, currency), money(result.profitInterval.lower, currency),
      money(result.profitInterval.upper, currency)
    )
    return [
      "en": .string(
        "\(people.en) \(verdict.en) After \(money(result.cost, currency)) of cost the profit is \(profit) (between \(low) and \(high)).\(progress.en)"
      ),
      "zh": .string(
        "\(people.zh)\(verdict.zh)扣除成本 \(money(result.cost, currency)) 后，利润为 \(profit)（在 \(low) 与 \(high) 之间）。\(progress.zh)"
      ),
    ]
  }

  private static func amount(
    _ value: Double, _ kind: Campaign.Goal.Kind, _ currency: Currency
  ) -> (en: String, zh: String) {
    switch kind {
    case .amount: (money(value, currency), money(value, currency))
    case .purchase:
      (
        String(format: "%.1f percentage points", value * 100), String(format: "%.1f 个百分点", value * 100)
      )
    }
  }

  private static func money(_ value: Double, _ currency: Currency) -> String {
    String(format: "%.2f %@", value, currency.code)
  }

  private static func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
}
