import Commerce

/// Which events are meant: conditions on properties of the event, its item and its customer, joined at will.
public indirect enum EventFilter: Sendable, Equatable {
  /// All parts hold; true without parts.
  case all([EventFilter])
  /// At least one part holds; false without parts.
  case any([EventFilter])
  /// The part does not hold.
  case not(EventFilter)
  /// The customer is a member of a cohort.
  case cohort(String)
  /// The property is as the test says. An absent property meets none but `missing`, `isNot` and `notIn`.
  case condition(AnalyticsProperty, FilterTest)
}

/// What a condition asks of a property.
public enum FilterTest: Sendable, Equatable {
  /// One of these values.
  case isIn([String])
  /// None of these values, or absent.
  case notIn([String])
  /// The text is part of it; upper and lower case count as the same.
  case contains(String)
  /// The text is no part of it; also met when it is absent.
  case notContains(String)
  /// A number between bounds, each inclusive or not.
  case range(low: Double, lowInclusive: Bool, high: Double, highInclusive: Bool)
  /// There is a value.
  case exists
  /// There is none.
  case missing
}

/// An event that an analysis looks for: kinds and a filter.
public struct EventSelector: Sendable, Equatable {
  /// The kinds; empty for any.
  public var kinds: [EventKind]
  /// What else must hold.
  public var filter: EventFilter?
  /// What people call it.
  public var label: String

  /// A selector; without a label it is called by its kinds.
  public init(_ kinds: [EventKind] = [], filter: EventFilter? = nil, label: String? = nil) {
    self.kinds = kinds
    self.filter = filter
    self.label = label ?? (kinds.isEmpty ? "any" : kinds.map(\.rawValue).joined(separator: " / "))
  }
}

extension EventSelector {
  init(_ reader: DefinitionReader) throws {
    let expected = "an event: a kind such as \"purchase\", or {\"kind\", \"filter\", \"label\"}"
    if reader.value.string != nil {
      self.init([try Self.kind(reader)])
      return
    }
    guard reader.value.object != nil else { throw reader.fault(expected) }
    try reader.requireMembers(["kind", "filter", "label"])
    var kinds: [EventKind] = []
    if let kind = reader.member("kind") {
      kinds = try kind.value.array == nil ? [Self.kind(kind)] : kind.elements("kinds").map(Self.kind)
    }
    self.init(
      kinds, filter: try reader.member("filter").map { try EventFilter($0) },
      label: try reader.member("label")?.text())
  }

  private static func kind(_ reader: DefinitionReader) throws -> EventKind {
    guard let kind = reader.value.string.flatMap(EventKind.init(name:)) else {
      throw reader.fault("a kind: \(EventKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return kind
  }

  /// The selector as JSON.
  public var jsonValue: JSONValue {
    var json: JSONValue = ["label": .string(label)]
    if !kinds.isEmpty { json["kind"] = JSONValue(kinds.map(\.rawValue)) }
    if let filter { json["filter"] = filter.jsonValue }
    return json
  }
}

extension EventFilter {
  private static let operators = [
    "is", "is_not", "in", "not_in", "contains", "not_contains", "at_least", "at_most", "above", "below",
    "between", "exists", "missing",
  ]

  init(_ reader: DefinitionReader) throws { self = try Self.read(reader, depth: 0) }

  private static func read(_ reader: DefinitionReader, depth: Int) throws -> EventFilter {
    guard depth < 16 else { throw reader.fault("filters nested at most 16 deep") }
    if let parts = reader.member("all") {
      try reader.requireMembers(["all"])
      return .all(try parts.elements("filters").map { try read($0, depth: depth + 1) })
    }
    if let parts = reader.member("any") {
      try reader.requireMembers(["any"])
      return .any(try parts.elements("filters").map { try read($0, depth: depth + 1) })
    }
    if let part = reader.member("not") {
      try reader.requireMembers(["not"])
      return .not(try read(part, depth: depth + 1))
    }
    if let cohort = reader.member("cohort") {
      try reader.requireMembers(["cohort"])
      return .cohort(try cohort.text("a cohort's id"))
    }
    try reader.requireMembers(["property", "op", "value"])
    let property = try reader.required("property", AnalyticsProperty.expected).property()
    return .condition(property, try test(reader, of: property))
  }

  private static func test(_ reader: DefinitionReader, of property: AnalyticsProperty) throws -> FilterTest {
    let expected = "one of \(operators.joined(separator: ", "))"
    let op = try reader.required("op", expected)
    func value(_ what: String) throws -> DefinitionReader { try reader.required("value", what) }
    func number() throws -> Double { try value("a number").number(in: -1e15...1e15) }
    switch try op.text(expected) {
    case "exists": return .exists
    case "missing": return .missing
    case "is": return .isIn([try word(value("a value"), property)])
    case "is_not": return .notIn([try word(value("a value"), property)])
    case "in": return .isIn(try value("a list").elements("a list").map { try word($0, property) })
    case "not_in": return .notIn(try value("a list").elements("a list").map { try word($0, property) })
    case "contains": return .contains(try value("a text").text())
    case "not_contains": return .notContains(try value("a text").text())
    case "at_least":
      return .range(low: try number(), lowInclusive: true, high: .infinity, highInclusive: true)
    case "above": return .range(low: try number(), lowInclusive: false, high: .infinity, highInclusive: true)
    case "at_most":
      return .range(low: -.infinity, lowInclusive: true, high: try number(), highInclusive: true)
    case "below": return .range(low: -.infinity, lowInclusive: true, high: try number(), highInclusive: false)
    case "between":
      let ends = try value("[low, high]").elements("[low, high]")
      guard ends.count == 2 else { throw try value("[low, high]").fault("[low, high]") }
      return .range(
        low: try ends[0].number(in: -1e15...1e15), lowInclusive: true,
        high: try ends[1].number(in: -1e15...1e15),
        highInclusive: true)
    default: throw op.fault(expected)
    }
  }

  /// A value to compare with, as the text that labels are compared by.
  private static func word(_ reader: DefinitionReader, _ property: AnalyticsProperty) throws -> String {
    switch reader.value {
    case .string(let text):
      guard property == .word(.kind) else { return text }
      guard let kind = EventKind(name: text) else { throw reader.fault("a kind of event") }
      return kind.rawValue
    case .number, .bool: return reader.value.json
    default: throw reader.fault("a text or a number")
    }
  }

  /// The cohorts that the filter names.
  public var cohortIDs: Set<String> {
    switch self {
    case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.cohortIDs) }
    case .not(let part): part.cohortIDs
    case .cohort(let id): [id]
    case .condition: []
    }
  }

  /// The filter as JSON.
  public var jsonValue: JSONValue {
    switch self {
    case .all(let parts): ["all": JSONValue(parts.map(\.jsonValue))]
    case .any(let parts): ["any": JSONValue(parts.map(\.jsonValue))]
    case .not(let part): ["not": part.jsonValue]
    case .cohort(let id): ["cohort": .string(id)]
    case .condition(let property, let test):
      JSONValue.object(["property": .string(property.text)]).merging(test.members)
    }
  }
}

extension FilterTest {
  fileprivate var members: [String: JSONValue] {
    switch self {
    case .isIn(let words):
      words.count == 1 ? ["op": "is", "value": .string(words[0])] : ["op": "in", "value": JSONValue(words)]
    case .notIn(let words):
      words.count == 1
        ? ["op": "is_not", "value": .string(words[0])] : ["op": "not_in", "value": JSONValue(words)]
    case .contains(let text): ["op": "contains", "value": .string(text)]
    case .notContains(let text): ["op": "not_contains", "value": .string(text)]
    case .exists: ["op": "exists"]
    case .missing: ["op": "missing"]
    case .range(let low, let lowInclusive, let high, let highInclusive):
      if low == -.infinity {
        ["op": highInclusive ? "at_most" : "below", "value": .number(high)]
      } else if high == .infinity {
        ["op": lowInclusive ? "at_least" : "above", "value": .number(low)]
      } else {
        ["op": "between", "value": [.number(low), .number(high)]]
      }
    }
  }
}

extension JSONValue {
  /// The object with more members.
  func merging(_ members: [String: JSONValue]) -> JSONValue {
    guard case .object(let object) = self else { return self }
    return .object(object.merging(members) { $1 })
  }
}
