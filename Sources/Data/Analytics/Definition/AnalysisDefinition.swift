import Commerce

/// A question about behaviour: which events, over which time, and what to make of them.
///
/// ```swift
/// let definition = try AnalysisDefinition(json: [
///   "analysis": "funnel", "span": ["last_days": 90],
///   "funnel": ["steps": ["view", "cart_add", "purchase"], "window_days": 7, "same": "event.item"],
/// ])
/// let result = try definition.run(on: data)
/// ```
public struct AnalysisDefinition: Sendable, Equatable {
  /// The analyses there are.
  public enum Kind: String, Sendable, CaseIterable {
    /// Counts and sums over time; steps to a goal; who comes back; ways taken.
    case trends, funnel, retention, paths
    /// Time between events; how often; visits; credit for conversions.
    case intervals, distribution, sessions, attribution
    /// Products; recency × frequency × money; revenue of cohorts; the last minutes.
    case products, rfm, valueCurves = "value_curves", live
  }

  /// Which property splits the answer, and into how many groups beside the rest.
  public struct Breakdown: Sendable, Equatable {
    /// The property.
    public var property: AnalyticsProperty
    /// How many of its values, those with the most events first; the others are one group.
    public var top: Int

    /// A breakdown.
    public init(_ property: AnalyticsProperty, top: Int = 5) {
      self.property = property
      self.top = top
    }
  }

  /// What counts as one event.
  public enum Unit: String, Sendable, CaseIterable {
    /// All lines of one kind and order that follow one another; each line.
    case order, event
  }

  /// What is asked.
  public var question: AnalysisQuestion
  /// Over which time.
  public var span: AnalysisSpan
  /// How time is cut.
  public var interval: AnalysisInterval
  /// Which events are looked at at all.
  public var filter: EventFilter?
  /// What splits the answer.
  public var breakdown: Breakdown?
  /// What counts as one event where sequences are followed.
  public var unit: Unit

  /// A definition; without an interval that of the question: weeks for cohorts, days for the rest. Without a unit orders
  /// where sequences are followed, but lines where the steps of a funnel share a property.
  public init(
    _ question: AnalysisQuestion, span: AnalysisSpan = .everything, interval: AnalysisInterval? = nil,
    filter: EventFilter? = nil, breakdown: Breakdown? = nil, unit: Unit? = nil
  ) {
    self.question = question
    self.span = span
    self.interval = interval ?? question.kind.standardInterval
    self.filter = filter
    self.breakdown = breakdown
    self.unit = unit ?? question.standardUnit
  }

  /// The analysis.
  public var kind: Kind { question.kind }

  /// The cohorts whose members are needed to answer.
  public var cohortIDs: Set<String> {
    question.selectors.reduce(into: filter?.cohortIDs ?? []) { $0.formUnion($1.filter?.cohortIDs ?? []) }
  }
}

extension AnalysisDefinition {
  /// A definition from JSON.
  ///
  /// - Throws: `AnalyticsError.invalid` with the path of the faulty part.
  public init(json: JSONValue) throws {
    let reader = DefinitionReader(json)
    guard json.object != nil else { throw reader.fault("an object") }
    let names = Kind.allCases.map(\.rawValue)
    let kind = try reader.required("analysis", "one of \(names.joined(separator: ", "))").oneOf(Kind.self)
    try reader.requireMembers(
      ["analysis", "span", "interval", "filter", "breakdown", kind.rawValue]
        + (kind.takesUnit ? ["unit"] : []))
    let part = reader.member(kind.rawValue) ?? DefinitionReader([:], path: kind.rawValue)
    let interval = try reader.member("interval")?.oneOf(AnalysisInterval.self)
    if interval == .hour, kind == .retention || kind == .valueCurves {
      throw DefinitionReader("hour", path: "interval").fault("day, week or month")
    }
    self.init(
      try AnalysisQuestion(kind, part),
      span: try reader.member("span").map { try AnalysisSpan($0) } ?? .everything,
      interval: interval, filter: try reader.member("filter").map { try EventFilter($0) },
      breakdown: try reader.member("breakdown").map { try Breakdown($0, of: kind) },
      unit: try reader.member("unit")?.oneOf(Unit.self))
  }

  /// The definition as JSON, with what was left to the defaults.
  public var jsonValue: JSONValue {
    var json: JSONValue = [
      "analysis": .string(kind.rawValue), "interval": .string(interval.rawValue),
      kind.rawValue: question.jsonValue,
    ]
    if kind.takesUnit { json["unit"] = .string(unit.rawValue) }
    json["span"] = span.jsonValue
    json["filter"] = filter?.jsonValue
    json["breakdown"] = breakdown.map {
      ["property": .string($0.property.text), "top": JSONValue($0.top)]
    }
    return json
  }
}

extension AnalysisDefinition.Kind {
  var standardInterval: AnalysisInterval { self == .retention || self == .valueCurves ? .week : .day }

  var takesUnit: Bool {
    switch self {
    case .funnel, .retention, .paths, .intervals, .distribution, .sessions, .attribution: true
    default: false
    }
  }

  /// Whether customers as a whole are split, so that a property of events will not do.
  var splitsCustomers: Bool { self == .distribution }

  var takesBreakdown: Bool {
    switch self {
    case .paths, .attribution, .products, .rfm, .live: false
    default: true
    }
  }
}

extension AnalysisDefinition.Breakdown {
  init(_ reader: DefinitionReader, of kind: AnalysisDefinition.Kind) throws {
    guard kind.takesBreakdown else { throw reader.fault("nothing: \(kind.rawValue) takes no breakdown") }
    try reader.requireMembers(["property", "top"])
    let property = try reader.required("property", AnalyticsProperty.expected)
    self.init(try property.wordProperty(), top: try reader.whole("top", 5, in: 1...50))
    if kind.splitsCustomers, !self.property.isOfCustomer {
      throw property.fault("a property of the customer: customer.id or customer.attribute.NAME")
    }
  }
}

extension AnalysisQuestion {
  fileprivate var standardUnit: AnalysisDefinition.Unit {
    if case .funnel(let question) = self, question.same != nil { return .event }
    return kind.takesUnit ? .order : .event
  }
}
