import Analytics
import ArgumentParser
import Commerce

extension AnalyticsCommand {
  struct Attribution: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.attribution
    static let configuration = CommandConfiguration(
      abstract: "Share conversions among the touch points before them.")
    @Option(help: "The event that counts as a conversion.") var conversion = "purchase"
    @Option(help: "The events that count as touches.") var touch = "any"
    @Option(help: "What touches are told apart by.") var by = "event.channel"
    @Option(help: "How far back touches count.") var lookbackDays = 30.0
    @Option(help: "first, last, linear, time_decay, position, markov, shapley, separated by commas; or all.")
    var models = "all"
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      [
        "conversion": AnalyticsCommand.event(conversion), "touch": AnalyticsCommand.event(touch),
        "by": .string(by), "lookback_days": .number(lookbackDays),
        "models": models == "all" ? .null : JSONValue(models.split(separator: ",").map(String.init)),
      ]
    }
  }

  struct Products: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.products
    static let configuration = CommandConfiguration(abstract: "List products from view to cart to purchase.")
    @Option(help: "event.item, item.category or item.brand.") var by = "event.item"
    @Option(
      help: "revenue, views, buyers, view_to_cart, cart_to_purchase, view_to_purchase or refund_rate.")
    var sort = "revenue"
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      ["by": .string(by), "sort": .string(sort), "limit": JSONValue(min(max(common.limit, 1), 10_000))]
    }
  }

  struct RFM: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.rfm
    static let configuration = CommandConfiguration(
      commandName: "rfm", abstract: "Sort customers into fifths by recency and frequency, with their money.")
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] { [:] }
  }

  struct ValueCurves: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.valueCurves
    static let configuration = CommandConfiguration(
      commandName: "value-curves", abstract: "Follow what cohorts of new customers have paid with time.")
    @Option(help: "How many periods are followed.") var periods = 12
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] { ["periods": JSONValue(periods)] }
  }

  struct Live: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.live
    static let configuration = CommandConfiguration(abstract: "Show the last minutes before the data's end.")
    @Option(help: "How many minutes.") var minutes = 30
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] { ["minutes": JSONValue(minutes)] }
  }
}
