import Commerce

/// Which requests a rule is for: the condition after `when`.
///
/// ```swift
/// let rules = try RuleSet(parsing: "calibrate 0.5 when context = home and weekday in (saturday, sunday)")
/// rules.rules[0].when?.matches(RuleRequest(context: "home", weekday: 6))      // true
/// ```
///
/// Missing values and case are treated as in `ItemCondition`.
public struct RequestCondition: Sendable, Equatable {
  let condition: Condition<RequestField>

  /// Whether a request matches.
  public func matches(_ request: RuleRequest) -> Bool {
    condition.holds { field, test in test.holds { field.anyValue(of: request, $0) } }
  }
}

/// The fields of requests.
enum RequestField: ConditionField {
  case context, customer, channel, cartSize, historySize, hour, weekday
  case attribute(String)

  static let names = ["context", "customer", "channel", "cart_size", "history_size", "hour", "weekday"]
  static let attributePrefix = "customer"

  /// Whether it may have another value when the same customer asks for the same again without anything having been done.
  var changesByItself: Bool {
    switch self {
    case .hour, .weekday, .attribute: true
    case .context, .customer, .channel, .cartSize, .historySize: false
    }
  }

  static func misplaced(_ name: String) -> String? {
    ItemField(name: name) == nil && name != ItemField.attributePrefix
      ? nil : "'\(name)' is a field of items; expected it after 'where', not after 'when'"
  }

  init?(name: String) {
    switch name {
    case "context": self = .context
    case "customer": self = .customer
    case "channel": self = .channel
    case "cart_size": self = .cartSize
    case "history_size": self = .historySize
    case "hour": self = .hour
    case "weekday": self = .weekday
    default: return nil
    }
  }

  var kind: FieldKind {
    switch self {
    case .context: .context
    case .customer, .channel: .text
    case .cartSize, .historySize: .count
    case .hour: .hour
    case .weekday: .weekday
    case .attribute: .anything
    }
  }

  var isAlwaysKnown: Bool {
    switch self {
    case .customer, .channel, .attribute: false
    default: true
    }
  }

  /// Whether any of the request's values of this field passes; nil when it has none.
  func anyValue(of request: RuleRequest, _ passes: (JSONValue) -> Bool) -> Bool? {
    switch self {
    case .context: passes(.string(request.context))
    case .customer: request.customerID?.value(passes)
    case .channel: request.channel?.value(passes)
    case .cartSize: passes(.number(Double(request.cartSize)))
    case .historySize: passes(.number(Double(request.historySize)))
    case .hour: passes(.number(Double(request.hour)))
    case .weekday: passes(.number(Double(request.weekday)))
    case .attribute(let name): request.customer[name]?.anyValue(passes)
    }
  }
}
