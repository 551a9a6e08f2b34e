import Commerce
import CustomerValue
import Customers
import Features
import Foundation

/// What risks say, in words.
enum ChurnWords {
  private static func percent(_ share: Double) -> String {
    String(format: share < 0.1 ? "%.1f" : "%.0f", share * 100)
  }

  private static func days(_ count: Int) -> (en: String, zh: String) {
    count % 7 == 0 ? ("\(count / 7) weeks", "\(count / 7) 周") : ("\(count) days", "\(count) 天")
  }

  /// What counts as a lapse.
  static func definition(_ forecast: LapseForecast) -> BilingualText {
    let (horizon, active) = (
      days(forecast.definition.horizonDays), days(forecast.definition.activeDays)
    )
    return BilingualText(
      en:
        "Churn: a customer who has bought within the last \(active.en) buys nothing in the next \(horizon.en).",
      zh: "流失：近 \(active.zh)内有购买的客户，在接下来的 \(horizon.zh)内没有任何购买。")
  }

  /// All customers together.
  static func summary(_ scene: ChurnScene) -> BilingualText {
    let forecast = scene.forecast
    let (count, lapses) = (forecast.count, Int(scene.expectedLapses.rounded()))
    let stake = ValueWords.money(scene.totalStake, forecast.currency)
    let horizon = days(forecast.definition.horizonDays)
    return BilingualText(
      en:
        "Of \(DemandWords.units(Double(count))) active customers about \(DemandWords.units(Double(lapses))) are expected to buy nothing in the next \(horizon.en); \(stake) of their usual spend is at stake.",
      zh:
        "\(DemandWords.units(Double(count))) 位活跃客户中，预计约 \(DemandWords.units(Double(lapses))) 位在接下来的 \(horizon.zh)内不会购买，涉及日常消费 \(stake)。"
    )
  }

  /// How good risks were.
  static func check(_ result: LapseEvaluation.Result) -> BilingualText {
    let figures = result.figures
    let lift = String(format: "%.1f", figures.lift(at: 0.1))
    let area = String(format: "%.3f", figures.areaUnderROC)
    return BilingualText(
      en:
        "On \(figures.count) customers whose outcome is known (\(figures.leavers) stopped), who stopped ranked above who stayed in \(area) of pairs; of the tenth at most risk \(lift) times as many stopped as of all.",
      zh:
        "在结果已知的 \(figures.count) 位客户中（\(figures.leavers) 位流失），随机一对流失与留存客户的排序正确率为 \(area)；风险最高的十分之一客户的流失率是总体的 \(lift) 倍。"
    )
  }

  /// One customer.
  static func customer(_ customer: LapseForecast.Customer, _ forecast: LapseForecast) -> BilingualText {
    let horizon = days(forecast.definition.horizonDays)
    let stake = ValueWords.money(customer.valueAtStake, forecast.currency)
    return BilingualText(
      en:
        "With a probability of \(percent(customer.risk)) % this customer buys nothing in the next \(horizon.en); \(stake) is at stake.",
      zh: "该客户在接下来的 \(horizon.zh)内不购买的概率为 \(percent(customer.risk))%，涉及金额 \(stake)。")
  }

  /// What a purchase now would change.
  static func counterfactual(from: Double, to: Double) -> BilingualText {
    BilingualText(
      en:
        "Had they just bought as much as usual, the risk would be \(percent(to)) % instead of \(percent(from)) %. That is what the model says of such customers, not what a message or an offer would do.",
      zh:
        "如果客户刚按平常的数量购买过，风险将是 \(percent(to))%，而不是 \(percent(from))%。这是模型对此类客户的判断，并不代表发送消息或优惠的效果。"
    )
  }

  /// A value of a column, in a short sentence.
  static func reason(
    _ column: LapseFeatures.Column, _ value: Double, currency: Currency
  ) -> BilingualText {
    let words = column.words
    guard value.isFinite else {
      return BilingualText(en: "\(words.en): not known yet", zh: "\(words.zh)：尚无数据")
    }
    let text = written(column, value, currency)
    return BilingualText(en: "\(words.en): \(text)", zh: "\(words.zh)：\(text)")
  }

  private static func written(
    _ column: LapseFeatures.Column, _ value: Double, _ currency: Currency
  ) -> String {
    switch column {
    case .spend28, .spend112, .basket: ValueWords.money(value, currency)
    case .trend28, .trend56, .spendTrend, .categoryTrend:
      // The logarithm of a ratio.
      String(format: "%+.0f %%", (exp(value) - 1) * 100)
    case .discountShare, .alive, .weekday: "\(percent(value)) %"
    case .recencyPerGap, .recencyPerLongest, .lastBasket: String(format: "%.1f×", value)
    case .pace, .gapSpread, .lines, .expected: String(format: "%.1f", value)
    default: DemandWords.units(value)
    }
  }
}
