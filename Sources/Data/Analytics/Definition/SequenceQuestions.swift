import Commerce

/// Steps towards a goal.
public struct FunnelQuestion: Sendable, Equatable {
  /// How steps follow one another.
  public enum Order: String, Sendable, CaseIterable {
    /// With anything in between; with no other event in between.
    case loose, strict
  }
  /// An event that must not come between two steps.
  public struct Exclusion: Sendable, Equatable {
    /// The event.
    public var event: EventSelector
    /// The step, from 1, after which it must not come before the next; nil for all.
    public var afterStep: Int?

    /// An exclusion.
    public init(_ event: EventSelector, afterStep: Int? = nil) {
      self.event = event
      self.afterStep = afterStep
    }
  }

  /// The steps, two to ten.
  public var steps: [EventSelector]
  /// How they follow one another.
  public var order: Order
  /// From the first step to any other at most so many milliseconds.
  public var window: Int64
  /// What must not come in between, at most four.
  public var exclusions: [Exclusion]
  /// What all steps must share, such as the item.
  public var same: AnalyticsProperty.EventWord?

  /// A funnel; the window is in milliseconds.
  public init(
    _ steps: [EventSelector], order: Order = .loose, window: Int64 = 14 * Timestamp.day,
    exclusions: [Exclusion] = [], same: AnalyticsProperty.EventWord? = nil
  ) {
    self.steps = steps
    self.order = order
    self.window = window
    self.exclusions = exclusions
    self.same = same
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["steps", "order", "window_seconds", "window_days", "exclusions", "same"])
    let list = try reader.required("steps", "two to ten events")
    let steps = try list.elements("two to ten events").map { try EventSelector($0) }
    guard (2...10).contains(steps.count) else { throw list.fault("two to ten events") }
    var exclusions: [Exclusion] = []
    if let list = reader.member("exclusions") {
      exclusions = try list.elements("a list of exclusions").map { part in
        try part.requireMembers(["event", "after_step"])
        return Exclusion(
          try EventSelector(try part.required("event", "an event")),
          afterStep: try part.member("after_step")?.whole(in: 1...steps.count - 1))
      }
      guard exclusions.count <= 4 else { throw list.fault("at most four exclusions") }
    }
    self.init(
      steps, order: try reader.choice("order", .loose),
      window: try reader.duration("window", standardSeconds: 14 * 86_400), exclusions: exclusions,
      same: try reader.sameWord("same"))
  }

  var jsonValue: JSONValue {
    var json: JSONValue = [
      "steps": JSONValue(steps.map(\.jsonValue)), "order": .string(order.rawValue),
      "window_seconds": .number(Double(window) / 1000),
    ]
    if !exclusions.isEmpty {
      json["exclusions"] = JSONValue(
        exclusions.map { ["event": $0.event.jsonValue, "after_step": JSONValue($0.afterStep)] })
    }
    json["same"] = same.map { .string("event.\($0.rawValue)") }
    return json
  }
}

extension DefinitionReader {
  func sameWord(_ name: String) throws -> AnalyticsProperty.EventWord? {
    guard let reader = member(name) else { return nil }
    guard case .word(let word) = try reader.property(), word != .kind else {
      throw reader.fault("a word of events: event.item, event.session, event.order, event.channel, …")
    }
    return word
  }
}

/// Who comes back.
public struct RetentionQuestion: Sendable, Equatable {
  /// Which cohorts a customer belongs to.
  public enum Cohorts: String, Sendable, CaseIterable {
    /// That of the first event ever; of the first in the span; of every period with one.
    case first, any, recurring
  }
  /// What counts as having come back.
  public enum Returning: String, Sendable, CaseIterable {
    /// In the period; in the period or a later one.
    case within = "in", onOrAfter = "on_or_after"
  }

  /// The event that makes a customer a member of a cohort.
  public var first: EventSelector
  /// The event that counts as coming back.
  public var returning: EventSelector
  /// Which cohorts a customer belongs to.
  public var cohorts: Cohorts
  /// What counts as having come back.
  public var rule: Returning
  /// How many periods after the cohort's own are looked at.
  public var periods: Int

  /// A question.
  public init(
    first: EventSelector = EventSelector(), returning: EventSelector = EventSelector(),
    cohorts: Cohorts = .first,
    rule: Returning = .within, periods: Int = 12
  ) {
    self.first = first
    self.returning = returning
    self.cohorts = cohorts
    self.rule = rule
    self.periods = periods
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["first", "return", "cohorts", "returning", "periods"])
    self.init(
      first: try reader.selector("first", EventSelector()),
      returning: try reader.selector("return", EventSelector()),
      cohorts: try reader.choice("cohorts", .first), rule: try reader.choice("returning", .within),
      periods: try reader.whole("periods", 12, in: 1...60))
  }

  var jsonValue: JSONValue {
    [
      "first": first.jsonValue, "return": returning.jsonValue, "cohorts": .string(cohorts.rawValue),
      "returning": .string(rule.rawValue), "periods": JSONValue(periods),
    ]
  }
}

/// The ways taken from an event or to one.
public struct PathsQuestion: Sendable, Equatable {
  /// Which way ways are followed.
  public enum Direction: String, Sendable, CaseIterable {
    /// Onwards from the event; backwards from it.
    case from, to
  }
  /// Where a way ends.
  public enum Bound: String, Sendable, CaseIterable {
    /// With the visit; after some time.
    case session, window
  }

  /// Which way ways are followed.
  public var direction: Direction
  /// The event at which they begin or end.
  public var event: EventSelector
  /// Which events are steps of a way.
  public var events: EventSelector
  /// What steps are called by.
  public var node: AnalyticsProperty
  /// Where a way ends.
  public var bound: Bound
  /// How long a way is followed, in milliseconds, when time bounds it.
  public var window: Int64
  /// After so many milliseconds without an event a visit is over, where events name none.
  public var inactivity: Int64
  /// How many steps are followed.
  public var maxSteps: Int
  /// How many nodes each level shows; the others are one.
  public var top: Int
  /// Whether a step that repeats the one before is passed over.
  public var collapse: Bool

  /// A question; times are in milliseconds.
  public init(
    _ direction: Direction = .from, _ event: EventSelector, events: EventSelector = EventSelector(),
    node: AnalyticsProperty = .word(.kind), bound: Bound = .session, window: Int64 = Timestamp.day,
    inactivity: Int64 = 1_800_000, maxSteps: Int = 5, top: Int = 8, collapse: Bool = true
  ) {
    self.direction = direction
    self.event = event
    self.events = events
    self.node = node
    self.bound = bound
    self.window = window
    self.inactivity = inactivity
    self.maxSteps = maxSteps
    self.top = top
    self.collapse = collapse
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers([
      "direction", "event", "events", "node", "bound", "window_seconds", "window_days", "inactivity_seconds",
      "max_steps", "top", "collapse",
    ])
    self.init(
      try reader.choice("direction", .from), try reader.selector("event", EventSelector()),
      events: try reader.selector("events", EventSelector()),
      node: try reader.member("node")?.wordProperty() ?? .word(.kind),
      bound: try reader.choice("bound", .session),
      window: try reader.duration("window", standardSeconds: 86_400),
      inactivity: try reader.duration("inactivity", standardSeconds: 1800),
      maxSteps: try reader.whole("max_steps", 5, in: 1...12), top: try reader.whole("top", 8, in: 1...50),
      collapse: try reader.member("collapse")?.flag() ?? true)
  }

  var jsonValue: JSONValue {
    [
      "direction": .string(direction.rawValue), "event": event.jsonValue, "events": events.jsonValue,
      "node": .string(node.text), "bound": .string(bound.rawValue),
      "window_seconds": .number(Double(window) / 1000),
      "inactivity_seconds": .number(Double(inactivity) / 1000),
      "max_steps": JSONValue(maxSteps), "top": JSONValue(top), "collapse": .bool(collapse),
    ]
  }
}

/// The time between two events.
public struct IntervalsQuestion: Sendable, Equatable {
  /// From which of several starts time is taken.
  public enum Start: String, Sendable, CaseIterable {
    /// The first since the last pair; the last before the end.
    case first, last
  }

  /// The event that starts the clock.
  public var from: EventSelector
  /// The event that stops it.
  public var to: EventSelector
  /// From which of several starts time is taken.
  public var start: Start
  /// Longer intervals are left out; in milliseconds.
  public var longest: Int64?

  /// A question.
  public init(from: EventSelector, to: EventSelector, start: Start = .first, longest: Int64? = nil) {
    self.from = from
    self.to = to
    self.start = start
    self.longest = longest
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["from", "to", "start", "max_days"])
    self.init(
      from: try reader.selector("from", EventSelector([.purchase])),
      to: try reader.selector("to", EventSelector([.purchase])), start: try reader.choice("start", .first),
      longest: try reader.member("max_days").map {
        Int64((try $0.number(in: 0.00001...36_500) * 86_400_000).rounded())
      })
  }

  var jsonValue: JSONValue {
    var json: JSONValue = ["from": from.jsonValue, "to": to.jsonValue, "start": .string(start.rawValue)]
    json["max_days"] = longest.map { .number(Double($0) / 86_400_000) }
    return json
  }
}
