import Commerce
import Decisions

/// A segment that a person named by a condition.
///
/// ```swift
/// let rule = try SegmentRule(parsing: #"recency_days < 30 and spend_365 > 200 and category("BABY") > 0"#)
/// rule.matches(facts)
/// ```
/// A condition compares what is known of a customer with numbers and texts, joined by `and`, `or`, `not` and parentheses. It is
/// data: nothing of it is run, and its length, depth and number of comparisons are bounded. What is not known of a customer
/// makes a comparison false, also its opposite.
///
/// | name | what |
/// |---|---|
/// | `recency_days`, `tenure_days` | days since the last and the first purchase |
/// | `orders_28`, `_90`, `_182`, `_365`, `_all`; `spend_28`, … | orders and money of the last days |
/// | `order_value`, `gap_days`, … | the features of segments, over 365 days |
/// | `category("X")`, `department("X")` | orders with the category in 365 days |
/// | `need("X")` | the strength of a need, 0 to 1 |
/// | `segment`, `rfm` | the id of the segment and of the group: `segment = "c1"`, `rfm in ("champions", "loyal")` |
/// | `attribute("X")` | what the shop says of the customer |
public struct SegmentRule: Sendable, Equatable {
  /// How long a condition may be, in characters.
  public static let maximumLength = 2_000
  /// How deep parentheses may nest.
  public static let maximumNesting = 20
  /// How many comparisons a condition may have.
  public static let maximumComparisons = 100

  /// The condition as written.
  public let text: String
  let condition: SegmentCondition

  /// Reads a condition.
  ///
  /// - Throws: `RuleError.syntax` with all that is wrong, by column.
  public init(parsing text: String) throws {
    guard text.unicodeScalars.count <= Self.maximumLength else {
      throw RuleError.syntax([
        RuleIssue(
          line: 1, column: 1,
          message: "the condition is longer than \(Self.maximumLength) characters; expected a shorter one")
      ])
    }
    var parser = SegmentRuleParser(text)
    let condition = parser.condition()
    guard parser.issues.isEmpty, let condition else { throw RuleError.syntax(parser.issues) }
    self.text = text
    self.condition = condition
  }

  /// Whether a customer meets the condition.
  public func matches(_ facts: SegmentFacts) -> Bool { condition.truth(facts) ?? false }

  /// What the condition asks for.
  public var fields: Set<SegmentField> { condition.fields }
}

/// What a condition can ask of a customer.
public enum SegmentField: Sendable, Hashable {
  /// Days since the last purchase.
  case recencyDays
  /// Days since the first purchase.
  case tenureDays
  /// Orders of the last days; nil for all.
  case orders(days: Int?)
  /// Money of the last days, in major units; nil for all.
  case spend(days: Int?)
  /// A feature of segments, over 365 days.
  case feature(SegmentFeature)
  /// Orders with a category in 365 days.
  case category(String)
  /// Orders with a department in 365 days.
  case department(String)
  /// The strength of a need.
  case need(String)
  /// The id of the segment.
  case segment
  /// The id of the group of recency, frequency and money.
  case group
  /// What the shop says of the customer.
  case attribute(String)

  /// The days that features count.
  public static let days = 365
  static let spans: [Int] = [28, 90, 182, 365]
  private static let plain: [SegmentFeature] = SegmentFeature.common.filter {
    ![.recencyDays, .orders, .spend].contains($0)
  }

  /// The fields that a bare name stands for.
  public static let names: [String: SegmentField] = {
    var names: [String: SegmentField] = [
      "recency_days": .recencyDays, "tenure_days": .tenureDays, "segment": .segment, "rfm": .group,
      "orders_all": .orders(days: nil), "spend_all": .spend(days: nil),
    ]
    for span in spans {
      names["orders_\(span)"] = .orders(days: span)
      names["spend_\(span)"] = .spend(days: span)
    }
    for feature in plain { names[feature.column] = .feature(feature) }
    return names
  }()

  /// The fields that take a name in parentheses.
  static let calls: [String: @Sendable (String) -> SegmentField] = [
    "category": { .category($0) }, "department": { .department($0) }, "need": { .need($0) },
    "attribute": { .attribute($0) },
  ]

  /// Whether it is compared with texts.
  var isText: Bool { self == .segment || self == .group }
}

/// A condition as a tree.
indirect enum SegmentCondition: Sendable, Equatable {
  enum Comparison: String, Sendable {
    case less = "<", atMost = "<=", more = ">", atLeast = ">=", equal = "=", unequal = "!="
  }

  case all([SegmentCondition])
  case any([SegmentCondition])
  case not(SegmentCondition)
  case number(SegmentField, Comparison, Double)
  case text(SegmentField, among: Set<String>, isIn: Bool)

  /// Whether it holds; nil where that is not known.
  func truth(_ facts: SegmentFacts) -> Bool? {
    switch self {
    case .all(let parts):
      let found = parts.map { $0.truth(facts) }
      return found.contains(false) ? false : found.contains(nil) ? nil : true
    case .any(let parts):
      let found = parts.map { $0.truth(facts) }
      return found.contains(true) ? true : found.contains(nil) ? nil : false
    case .not(let part): return part.truth(facts).map { !$0 }
    case .number(let field, let comparison, let limit):
      return facts.numbers[field].flatMap { $0.isFinite ? comparison.holds($0, limit) : nil }
    case .text(let field, let among, let isIn): return facts.texts[field].map { among.contains($0) == isIn }
    }
  }

  var fields: Set<SegmentField> {
    switch self {
    case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.fields) }
    case .not(let part): part.fields
    case .number(let field, _, _), .text(let field, _, _): [field]
    }
  }
}

extension SegmentCondition.Comparison {
  func holds(_ value: Double, _ limit: Double) -> Bool {
    switch self {
    case .less: value < limit
    case .atMost: value <= limit
    case .more: value > limit
    case .atLeast: value >= limit
    case .equal: value == limit
    case .unequal: value != limit
    }
  }
}

/// What a condition is told of one customer: only the fields it asks for.
public struct SegmentFacts: Sendable {
  /// Numbers by field.
  public var numbers: [SegmentField: Double] = [:]
  /// Texts by field.
  public var texts: [SegmentField: String] = [:]

  /// Nothing yet.
  public init() {}
}
