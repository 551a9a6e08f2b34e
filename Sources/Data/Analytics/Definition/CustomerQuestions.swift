import Commerce

/// How many customers did something how often.
public struct DistributionQuestion: Sendable, Equatable {
  /// What is counted for each customer.
  public enum Measure: String, Sendable, CaseIterable {
    /// Events; local days with one; orders; the sum of a number.
    case events, days, orders, sum
  }

  /// The event.
  public var event: EventSelector
  /// What is counted.
  public var measure: Measure
  /// The number that is summed.
  public var of: AnalyticsProperty.EventNumber
  /// Where bins begin, ascending; nil for edges that suit the figures.
  public var edges: [Double]?

  /// A question.
  public init(
    _ event: EventSelector, _ measure: Measure = .events, of number: AnalyticsProperty.EventNumber = .amount,
    edges: [Double]? = nil
  ) {
    self.event = event
    self.measure = measure
    of = number
    self.edges = edges
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["event", "measure", "of", "edges"])
    let edges = try reader.member("edges").map { list in
      let edges = try list.elements("ascending numbers").map { try $0.number(in: -1e15...1e15) }
      guard (1...100).contains(edges.count), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw list.fault("1 to 100 ascending numbers")
      }
      return edges
    }
    self.init(
      try reader.selector("event", EventSelector([.purchase])), try reader.choice("measure", .events),
      of: try reader.eventNumber("of"), edges: edges)
  }

  var jsonValue: JSONValue {
    var json: JSONValue = [
      "event": event.jsonValue, "measure": .string(measure.rawValue), "of": .string("event.\(of.rawValue)"),
    ]
    json["edges"] = edges.map { JSONValue($0.map { JSONValue.number($0) }) }
    return json
  }
}

/// Visits: how many, how long, how deep.
public struct SessionsQuestion: Sendable, Equatable {
  /// After so many milliseconds without an event a visit is over, where events name none.
  public var inactivity: Int64

  /// A question.
  public init(inactivity: Int64 = 1_800_000) { self.inactivity = inactivity }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["inactivity_seconds"])
    self.init(inactivity: try reader.duration("inactivity", standardSeconds: 1800))
  }

  var jsonValue: JSONValue { ["inactivity_seconds": .number(Double(inactivity) / 1000)] }
}

/// Which touch points conversions are owed to.
public struct AttributionQuestion: Sendable, Equatable {
  /// How a conversion's credit is shared among the touches before it.
  public enum Model: String, Sendable, CaseIterable {
    /// All to the first; all to the last; equal parts; halving with age; 40 % to each end and 20 % between.
    case first, last, linear, timeDecay = "time_decay", position
    /// By what is lost without the touch point in a Markov chain; by its mean contribution to coalitions.
    case markov, shapley
  }

  /// What counts as a conversion; lines of one order are one.
  public var conversion: EventSelector
  /// What counts as a touch.
  public var touch: EventSelector
  /// What touches are told apart by.
  public var by: AnalyticsProperty
  /// How far back touches count, in milliseconds.
  public var lookback: Int64
  /// The models, in the order of the answer.
  public var models: [Model]
  /// After so many milliseconds a touch is worth half, under time decay.
  public var halfLife: Int64
  /// Whether conversions are worth their amount; else all the same.
  public var usesAmount: Bool
  /// How many touch points are told apart; the others are one.
  public var top: Int

  /// A question; times are in milliseconds.
  public init(
    conversion: EventSelector = EventSelector([.purchase]), touch: EventSelector = EventSelector(),
    by: AnalyticsProperty = .word(.channel), lookback: Int64 = 30 * Timestamp.day,
    models: [Model] = Model.allCases, halfLife: Int64 = 7 * Timestamp.day, usesAmount: Bool = true,
    top: Int = 20
  ) {
    self.conversion = conversion
    self.touch = touch
    self.by = by
    self.lookback = lookback
    self.models = models
    self.halfLife = halfLife
    self.usesAmount = usesAmount
    self.top = top
  }

  private enum Worth: String, CaseIterable {
    case amount = "event.amount", none
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers([
      "conversion", "touch", "by", "lookback_days", "lookback_seconds", "models", "half_life_days",
      "half_life_seconds", "value", "top",
    ])
    let models = try reader.member("models").map { list in
      let models = try list.elements("a list of models").map { try $0.oneOf(Model.self) }
      guard !models.isEmpty, Set(models).count == models.count else { throw list.fault("different models") }
      return models
    }
    self.init(
      conversion: try reader.selector("conversion", EventSelector([.purchase])),
      touch: try reader.selector("touch", EventSelector()),
      by: try reader.member("by")?.wordProperty() ?? .word(.channel),
      lookback: try reader.duration("lookback", standardSeconds: 30 * 86_400),
      models: models ?? Model.allCases,
      halfLife: try reader.duration("half_life", standardSeconds: 7 * 86_400),
      usesAmount: try reader.choice("value", Worth.amount) == .amount,
      top: try reader.whole("top", 20, in: 1...60))
  }

  var jsonValue: JSONValue {
    [
      "conversion": conversion.jsonValue, "touch": touch.jsonValue, "by": .string(by.text),
      "lookback_days": .number(Double(lookback) / 86_400_000), "models": JSONValue(models.map(\.rawValue)),
      "half_life_days": .number(Double(halfLife) / 86_400_000),
      "value": .string((usesAmount ? Worth.amount : .none).rawValue), "top": JSONValue(top),
    ]
  }
}

/// What is seen, put in carts, bought and given back.
public struct ProductsQuestion: Sendable, Equatable {
  /// What a row of the list is.
  public enum Level: String, Sendable, CaseIterable {
    /// An item; a category; a brand.
    case item = "event.item", category = "item.category", brand = "item.brand"
  }
  /// What the list is sorted by, the greatest first.
  public enum Order: String, Sendable, CaseIterable {
    /// Money; how often it was seen; how many bought it.
    case revenue, views, buyers
    /// Rates, by the lower ends of their intervals, so that few trials do not lead.
    case viewToCart = "view_to_cart", cartToPurchase = "cart_to_purchase", viewToPurchase =
      "view_to_purchase",
      refundRate = "refund_rate"
  }

  /// What a row of the list is.
  public var level: Level
  /// What the list is sorted by.
  public var order: Order
  /// How many rows it has.
  public var limit: Int

  /// A question.
  public init(by level: Level = .item, order: Order = .revenue, limit: Int = 50) {
    self.level = level
    self.order = order
    self.limit = limit
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["by", "sort", "limit"])
    self.init(
      by: try reader.choice("by", .item), order: try reader.choice("sort", .revenue),
      limit: try reader.whole("limit", 50, in: 1...10_000))
  }

  var jsonValue: JSONValue {
    ["by": .string(level.rawValue), "sort": .string(order.rawValue), "limit": JSONValue(limit)]
  }
}
