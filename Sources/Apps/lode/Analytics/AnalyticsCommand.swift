import Analytics
import ArgumentParser
import Commerce

/// `lode analytics`: questions about behaviour on a shop's events.
struct AnalyticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analytics",
    abstract: "Ask how customers behave: trends, funnels, retention, paths and more.",
    discussion: """
      Events are named by kinds, such as view or purchase; several for one step are joined by '+', and 'any' is every event. \
      Definitions as JSON (--definition) take filters for each event and more; docs/guides/analytics.md has them all.
      """,
    subcommands: [
      Trends.self, Funnel.self, Retention.self, Paths.self, Intervals.self, Distribution.self, Sessions.self,
      Attribution.self, Products.self, RFM.self, ValueCurves.self, Live.self,
    ])

  /// An event from the names of its kinds.
  static func event(_ text: String) -> JSONValue {
    if text == "any" { return [:] }
    return ["kind": JSONValue(text.split(separator: "+").map(String.init))]
  }
}

/// One analysis of the command line.
protocol AnalyticsVerb: AsyncParsableCommand {
  static var kind: AnalysisDefinition.Kind { get }
  var common: AnalyticsOptions { get }
  /// The analysis' own part of the definition.
  func question() throws -> [String: JSONValue]
}

extension AnalyticsVerb {
  mutating func run() async throws { try await common.answer(common.chosen(Self.kind, question())) }
}

extension AnalyticsCommand {
  struct Trends: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.trends
    static let configuration = CommandConfiguration(abstract: "Count events, customers and money over time.")
    @Option(help: "The events, separated by commas; each is a line.") var events = "any"
    @Option(help: "events, customers, sessions, orders, sum, mean, median or per_customer.") var measure =
      "events"
    @Option(help: "The number that is summed: event.amount, event.discount, event.quantity or event.rating.")
    var of = "event.amount"
    @Option(help: "none, cumulative or moving_average.") var transform = "none"
    @Option(help: "How many buckets a moving average takes.") var window = 7
    @Option(help: "Compare with none, previous (the span before) or year (364 days before).") var compare =
      "none"
    @Flag(help: "Add the ratio of the first two lines.") var ratio = false
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      let series = events.split(separator: ",").map { event -> JSONValue in
        ["event": AnalyticsCommand.event(String(event)), "measure": .string(measure), "of": .string(of)]
      }
      return [
        "series": JSONValue(series), "transform": .string(transform), "window": JSONValue(window),
        "compare": .string(compare), "ratio": ratio ? [0, 1] : .null,
      ]
    }
  }

  struct Funnel: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.funnel
    static let configuration = CommandConfiguration(abstract: "See how far customers get along steps.")
    @Option(help: "The steps in order, separated by commas.") var steps = "view,cart_add,purchase"
    @Option(help: "Days from the first step to any other.") var windowDays = 14.0
    @Option(help: "loose, or strict: no other event in between.") var order = "loose"
    @Option(help: "What all steps must share, such as event.item.") var same: String?
    @Option(help: "Events that must not come between two steps, separated by commas.") var exclude: String?
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      let exclusions = (exclude ?? "").split(separator: ",").map { event -> JSONValue in
        ["event": AnalyticsCommand.event(String(event))]
      }
      return [
        "steps": JSONValue(steps.split(separator: ",").map { AnalyticsCommand.event(String($0)) }),
        "window_days": .number(windowDays), "order": .string(order), "same": JSONValue(same),
        "exclusions": JSONValue(exclusions),
      ]
    }
  }

  struct Retention: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.retention
    static let configuration = CommandConfiguration(abstract: "See who comes back, cohort by cohort.")
    @Option(help: "The event that makes a customer a member of a cohort.") var first = "any"
    @Option(name: .customLong("return"), help: "The event that counts as coming back.") var returning = "any"
    @Option(help: "first (the first event ever), any (the first in the span) or recurring (every period).")
    var cohorts = "first"
    @Flag(help: "Count who came back in a period or a later one.") var orAfter = false
    @Option(help: "How many periods are followed.") var periods = 12
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      [
        "first": AnalyticsCommand.event(first), "return": AnalyticsCommand.event(returning),
        "cohorts": .string(cohorts), "returning": .string(orAfter ? "on_or_after" : "in"),
        "periods": JSONValue(periods),
      ]
    }
  }

  struct Paths: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.paths
    static let configuration = CommandConfiguration(abstract: "Follow the ways from an event, or to it.")
    @Option(help: "The event at which ways begin, or end with --backward.") var event = "any"
    @Option(help: "Which events are steps.") var events = "any"
    @Flag(help: "Follow ways backwards to the event.") var backward = false
    @Option(help: "What steps are called by, such as event.kind or item.category.") var node = "event.kind"
    @Option(help: "Follow for so many days; without it to the end of the visit.") var windowDays: Double?
    @Option(help: "How many steps are followed.") var maxSteps = 5
    @Option(help: "How many nodes each step shows.") var nodes = 8
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      [
        "event": AnalyticsCommand.event(event), "events": AnalyticsCommand.event(events),
        "direction": backward ? "to" : "from", "node": .string(node), "max_steps": JSONValue(maxSteps),
        "top": JSONValue(nodes), "bound": windowDays == nil ? "session" : "window",
        "window_days": .number(windowDays ?? 1),
      ]
    }
  }

  struct Intervals: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.intervals
    static let configuration = CommandConfiguration(abstract: "Measure the time from one event to another.")
    @Option(name: .customLong("start"), help: "The event that starts the clock.") var first = "purchase"
    @Option(name: .customLong("end"), help: "The event that stops it.") var last = "purchase"
    @Flag(help: "Take time from the last of several starts.") var lastStart = false
    @Option(help: "Leave out longer intervals.") var maxDays: Double?
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      [
        "from": AnalyticsCommand.event(first), "to": AnalyticsCommand.event(last),
        "start": lastStart ? "last" : "first", "max_days": JSONValue(maxDays),
      ]
    }
  }

  struct Distribution: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.distribution
    static let configuration = CommandConfiguration(
      abstract: "See how many customers did something how often.")
    @Option(help: "The event.") var event = "purchase"
    @Option(help: "events, days, orders or sum.") var measure = "events"
    @Option(help: "The number that is summed.") var of = "event.amount"
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] {
      ["event": AnalyticsCommand.event(event), "measure": .string(measure), "of": .string(of)]
    }
  }

  struct Sessions: AnalyticsVerb {
    static let kind = AnalysisDefinition.Kind.sessions
    static let configuration = CommandConfiguration(abstract: "Count visits, their length and depth.")
    @Option(help: "Minutes without an event that end a visit, where events name none.")
    var inactivityMinutes = 30.0
    @OptionGroup var common: AnalyticsOptions

    func question() -> [String: JSONValue] { ["inactivity_seconds": .number(inactivityMinutes * 60)] }
  }
}
