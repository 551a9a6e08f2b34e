import Commerce

/// What an analysis asks, beside the events it looks at.
public enum AnalysisQuestion: Sendable, Equatable {
  /// Counts and sums over time.
  case trends(TrendsQuestion)
  /// Steps to a goal.
  case funnel(FunnelQuestion)
  /// Who comes back.
  case retention(RetentionQuestion)
  /// The ways taken from an event or to one.
  case paths(PathsQuestion)
  /// The time between two events.
  case intervals(IntervalsQuestion)
  /// How many customers did something how often.
  case distribution(DistributionQuestion)
  /// Visits: how many, how long, how deep.
  case sessions(SessionsQuestion)
  /// Which touch points conversions are owed to.
  case attribution(AttributionQuestion)
  /// What is seen, put in carts, bought and given back.
  case products(ProductsQuestion)
  /// Customers by recency, frequency and money.
  case rfm
  /// What cohorts have paid with time.
  case valueCurves(periods: Int)
  /// The last minutes.
  case live(minutes: Int)

  /// The analysis.
  public var kind: AnalysisDefinition.Kind {
    switch self {
    case .trends: .trends
    case .funnel: .funnel
    case .retention: .retention
    case .paths: .paths
    case .intervals: .intervals
    case .distribution: .distribution
    case .sessions: .sessions
    case .attribution: .attribution
    case .products: .products
    case .rfm: .rfm
    case .valueCurves: .valueCurves
    case .live: .live
    }
  }

  /// The events that are looked for.
  var selectors: [EventSelector] {
    switch self {
    case .trends(let question): question.series.map(\.event)
    case .funnel(let question): question.steps + question.exclusions.map(\.event)
    case .retention(let question): [question.first, question.returning]
    case .paths(let question): [question.event, question.events]
    case .intervals(let question): [question.from, question.to]
    case .distribution(let question): [question.event]
    case .attribution(let question): [question.conversion, question.touch]
    case .sessions, .products, .rfm, .valueCurves, .live: []
    }
  }

  init(_ kind: AnalysisDefinition.Kind, _ reader: DefinitionReader) throws {
    switch kind {
    case .trends: self = .trends(try TrendsQuestion(reader))
    case .funnel: self = .funnel(try FunnelQuestion(reader))
    case .retention: self = .retention(try RetentionQuestion(reader))
    case .paths: self = .paths(try PathsQuestion(reader))
    case .intervals: self = .intervals(try IntervalsQuestion(reader))
    case .distribution: self = .distribution(try DistributionQuestion(reader))
    case .sessions: self = .sessions(try SessionsQuestion(reader))
    case .attribution: self = .attribution(try AttributionQuestion(reader))
    case .products: self = .products(try ProductsQuestion(reader))
    case .rfm:
      try reader.requireMembers([])
      self = .rfm
    case .valueCurves:
      try reader.requireMembers(["periods"])
      self = .valueCurves(periods: try reader.whole("periods", 12, in: 1...60))
    case .live:
      try reader.requireMembers(["minutes"])
      self = .live(minutes: try reader.whole("minutes", 30, in: 1...1440))
    }
  }

  /// The question as JSON.
  public var jsonValue: JSONValue {
    switch self {
    case .trends(let question): question.jsonValue
    case .funnel(let question): question.jsonValue
    case .retention(let question): question.jsonValue
    case .paths(let question): question.jsonValue
    case .intervals(let question): question.jsonValue
    case .distribution(let question): question.jsonValue
    case .sessions(let question): question.jsonValue
    case .attribution(let question): question.jsonValue
    case .products(let question): question.jsonValue
    case .rfm: [:]
    case .valueCurves(let periods): ["periods": JSONValue(periods)]
    case .live(let minutes): ["minutes": JSONValue(minutes)]
    }
  }
}
