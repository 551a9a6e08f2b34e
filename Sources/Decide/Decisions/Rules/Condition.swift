import Commerce

/// A field that conditions can ask about: of an item, or of a request.
protocol ConditionField: Sendable, Equatable {
  /// The fields' names, those with attributes after a dot left out.
  static var names: [String] { get }
  /// The word before the dot of an attribute.
  static var attributePrefix: String { get }
  /// What to say of a name that is a field of the other kind; nil when it is none.
  static func misplaced(_ name: String) -> String?
  /// The field of an attribute.
  static func attribute(_ name: String) -> Self
  /// The field of a name in lower case.
  init?(name: String)
  /// What its values are.
  var kind: FieldKind { get }
  /// Whether every item or request has it.
  var isAlwaysKnown: Bool { get }
  /// What it is called in a sentence.
  var subject: Phrase { get }
}

/// What the values of a field are, and so what it can be compared with.
enum FieldKind: Sendable, Equatable {
  case text, number, count, hour, context, weekday, anything
  /// Of a field that is not known: whatever it is compared with, there is no more to say.
  case unknown
}

/// Comparisons joined by and, or, not. Its depth is bounded by the parser, so that recursion over it is safe.
indirect enum Condition<Field: ConditionField>: Sendable, Equatable {
  case compare(Field, ValueTest)
  case not(Condition)
  case all([Condition])
  case any([Condition])

  func holds(_ compare: (Field, ValueTest) -> Bool) -> Bool {
    switch self {
    case .compare(let field, let test): compare(field, test)
    case .not(let inner): !inner.holds(compare)
    case .all(let parts): parts.allSatisfy { $0.holds(compare) }
    case .any(let parts): parts.contains { $0.holds(compare) }
    }
  }

  /// Whether it asks about a field that passes.
  func asks(about passes: (Field) -> Bool) -> Bool {
    switch self {
    case .compare(let field, _): passes(field)
    case .not(let inner): inner.asks(about: passes)
    case .all(let parts), .any(let parts): parts.contains { $0.asks(about: passes) }
    }
  }
}

/// What a comparison asks of a field's values.
enum ValueTest: Sendable, Equatable {
  case equals(RuleLiteral)
  case differs(RuleLiteral)
  case ordered(Ordering, Double)
  case oneOf(LiteralList)
  case noneOf(LiteralList)
  case contains(FoldedText)
  case starts(FoldedText)
  case known
  case missing

  /// Whether the test holds.
  ///
  /// - Parameter anyValue: whether any of the field's values passes; nil when the field has none, where every comparison
  ///   is false.
  func holds(_ anyValue: ((JSONValue) -> Bool) -> Bool?) -> Bool {
    switch self {
    case .known: anyValue { _ in true } != nil
    case .missing: anyValue { _ in true } == nil
    case .equals(let literal): anyValue(literal.matches) ?? false
    case .differs(let literal): anyValue(literal.matches).map(!) ?? false
    case .oneOf(let list): anyValue(list.matches) ?? false
    case .noneOf(let list): anyValue(list.matches).map(!) ?? false
    case .ordered(let ordering, let bound):
      anyValue { value in value.comparableNumber.map { ordering.holds($0, bound) } ?? false } ?? false
    case .contains(let text): anyValue { $0.withText(text.isContained(in:)) } ?? false
    case .starts(let text): anyValue { $0.withText(text.starts) } ?? false
    }
  }
}

/// The comparisons that put numbers in order.
enum Ordering: String, Sendable, Equatable {
  case less = "<"
  case atMost = "<="
  case more = ">"
  case atLeast = ">="

  func holds(_ value: Double, _ bound: Double) -> Bool {
    switch self {
    case .less: value < bound
    case .atMost: value <= bound
    case .more: value > bound
    case .atLeast: value >= bound
    }
  }
}

/// A value that a rule names.
enum RuleLiteral: Sendable, Equatable {
  case number(Double)
  case text(FoldedText)
  case truth(Bool)

  /// Whether a value is this one. Files give numbers and truths as texts, so that these count as what they say.
  func matches(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.number(let number), _): value.comparableNumber == number
    case (.text(let text), .string(let other)): text.equals(other)
    case (.text(let text), .number(let other)): text.number == other
    case (.text(let text), .bool(let other)): text.equals(String(other))
    case (.truth(let truth), .bool(let other)): truth == other
    case (.truth(let truth), .string(let other)): FoldedText.fold(other) == String(truth)
    default: false
    }
  }
}

/// The values of `in (…)`, found by hashing rather than one after the other.
struct LiteralList: Sendable, Equatable {
  let literals: [RuleLiteral]
  private var numbers: Set<Double> = []
  private var texts: Set<String> = []
  private var numbersOfTexts: Set<Double> = []

  init(_ literals: [RuleLiteral]) {
    self.literals = literals
    for literal in literals {
      switch literal {
      case .number(let number): numbers.insert(number)
      case .truth(let truth): texts.insert(String(truth))
      case .text(let text):
        texts.insert(FoldedText.fold(text.written))
        if let number = text.number { numbersOfTexts.insert(number) }
      }
    }
  }

  func matches(_ value: JSONValue) -> Bool {
    switch value {
    case .string(let text):
      !texts.isEmpty && texts.contains(FoldedText.fold(text))
        || !numbers.isEmpty && value.comparableNumber.map(numbers.contains) ?? false
    case .number(let number): numbers.contains(number) || numbersOfTexts.contains(number)
    case .bool(let truth): texts.contains(String(truth))
    default: false
    }
  }
}

extension JSONValue {
  /// The number that a value is, or that its text says.
  fileprivate var comparableNumber: Double? {
    switch self {
    case .number(let number): number
    case .string(let text): FoldedText.number(in: text)
    default: nil
    }
  }

  /// Asks about the value's text: a whole number's are its digits.
  fileprivate func withText(_ body: (String) -> Bool) -> Bool {
    switch self {
    case .string(let text): body(text)
    case .number(let number): body(Int64(exactly: number).map(String.init) ?? String(number))
    default: false
    }
  }

  /// Whether any of an attribute's values passes: of an array each element is one. Nil for null and for what is empty.
  func anyValue(_ passes: (JSONValue) -> Bool) -> Bool? {
    switch self {
    case .null: nil
    case .string(let text): text.isBlank ? nil : passes(self)
    case .array(let values): values.isEmpty ? nil : values.contains(where: passes)
    default: passes(self)
    }
  }
}

extension String {
  /// Whether there is nothing but spaces in it.
  var isBlank: Bool { utf8.allSatisfy { $0 == 32 || $0 == 9 } }

  /// Whether the text passes; nil for one that is empty.
  func value(_ passes: (JSONValue) -> Bool) -> Bool? { isBlank ? nil : passes(.string(self)) }
}
