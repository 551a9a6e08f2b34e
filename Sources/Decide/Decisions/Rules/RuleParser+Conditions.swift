// The conditions after `where` and `when`.
extension RuleParser {
  /// A condition up to the end of what can belong to it.
  mutating func condition<Field>() throws(Stop) -> Condition<Field> { try alternatives(depth: 0) }

  private mutating func alternatives<Field>(depth: Int) throws(Stop) -> Condition<Field> {
    var parts: [Condition<Field>] = [try conjunction(depth: depth)]
    while accept(word: "or") { parts.append(try conjunction(depth: depth)) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func conjunction<Field>(depth: Int) throws(Stop) -> Condition<Field> {
    var parts: [Condition<Field>] = [try negation(depth: depth)]
    while accept(word: "and") { parts.append(try negation(depth: depth)) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  /// Any number of `not`s counts as one or none, so that they add no depth.
  private mutating func negation<Field>(depth: Int) throws(Stop) -> Condition<Field> {
    var isNegated = false
    while accept(word: "not") { isNegated.toggle() }
    let inner: Condition<Field> = try primary(depth: depth)
    return isNegated ? .not(inner) : inner
  }

  private mutating func primary<Field>(depth: Int) throws(Stop) -> Condition<Field> {
    let opening = token
    guard accept(sign: "(") else { return try comparison() }
    guard depth < RuleSet.maximumNesting else {
      note(
        "the condition is nested deeper than \(RuleSet.maximumNesting) levels; expected fewer", at: opening)
      throw Stop()
    }
    let inner: Condition<Field> = try alternatives(depth: depth + 1)
    guard accept(sign: ")") else {
      throw expected(
        "'and', 'or' or ')' for the parenthesis at column \(opening.column)", among: ["and", "or"])
    }
    return inner
  }

  private mutating func comparison<Field>() throws(Stop) -> Condition<Field> {
    let start = position
    let field: Field? = try field()
    let name = written(from: start)
    let test = try test(of: name, kind: field?.kind ?? .unknown)
    return .compare(field ?? .attribute(""), test)
  }

  /// A field; nil for one that is not known, which is noted.
  private mutating func field<Field: ConditionField>() throws(Stop) -> Field? {
    guard let word = token.word else { throw expected("a field such as \(Field.names.last ?? "")") }
    if following.kind == .sign, following.written == "." { return try attribute(word) }
    if let field = Field(name: word) {
      advance()
      return field
    }
    if word == Field.attributePrefix {
      note("expected a name after '\(word)', as in \(word).colour")
    } else if let message = Field.misplaced(word) {
      note(message)
    } else {
      let hint = RuleVocabulary.hint(for: word, among: Field.names)
      note(
        "expected a field (\(Field.names.joined(separator: ", ")), \(Field.attributePrefix).NAME), "
          + "found \(token.shown)\(hint)")
    }
    advance()
    return nil
  }

  private mutating func attribute<Field: ConditionField>(_ prefix: String) throws(Stop) -> Field? {
    let isKnown = prefix == Field.attributePrefix
    if !isKnown {
      let hint = RuleVocabulary.hint(for: prefix, among: [Field.attributePrefix])
      note(
        Field.misplaced(prefix)
          ?? "expected '\(Field.attributePrefix)' before the dot, found \(token.shown)\(hint)")
    }
    advance()
    advance()
    var name = token.isName ? token.written : nil
    if case .text(let text) = token.kind, !text.isBlank { name = text }
    guard let name else { throw expected("the name of an attribute after the dot") }
    advance()
    return isKnown ? .attribute(name) : nil
  }

  private static var operators: [String] { ["in", "contains", "starts", "is", "not"] }

  private mutating func test(of field: String, kind: FieldKind) throws(Stop) -> ValueTest {
    if accept(sign: "=") { return .equals(try literal(of: field, kind)) }
    if accept(sign: "!=") { return .differs(try literal(of: field, kind)) }
    if token.kind == .sign, let ordering = Ordering(rawValue: token.written) {
      return try order(ordering, of: field, kind)
    }
    if accept(word: "is") {
      let isNegated = accept(word: "not")
      if accept(word: "known") { return isNegated ? .missing : .known }
      if accept(word: "missing") { return isNegated ? .known : .missing }
      throw expected("'known' or 'missing' after 'is'", among: ["known", "missing"])
    }
    if accept(word: "not") {
      try require(word: "in")
      return .noneOf(try list(of: field, kind))
    }
    if accept(word: "in") { return .oneOf(try list(of: field, kind)) }
    if token.word == "contains" || token.word == "starts" { return try textTest(of: field, kind) }
    throw expected(
      "a comparison (=, !=, <, <=, >, >=, in, contains, starts with, is known, is missing)",
      among: Self.operators
    )
  }

  private mutating func order(_ ordering: Ordering, of field: String, _ kind: FieldKind) throws(Stop)
    -> ValueTest
  {
    if [.text, .context, .weekday].contains(kind) {
      let others = kind == .text ? "=, !=, in, contains or starts with" : "=, != or in"
      note("'\(ordering.rawValue)' compares numbers, and \(field) is none; expected \(others)")
      advance()
      try countLiteral()
      advance()
      return .known
    }
    advance()
    guard case .number(let bound) = try literal(of: field, kind == .anything ? .number : kind) else {
      return .known
    }
    return .ordered(ordering, bound)
  }

  private mutating func textTest(of field: String, _ kind: FieldKind) throws(Stop) -> ValueTest {
    let isContains = token.word == "contains"
    if ![.text, .anything, .unknown].contains(kind) {
      let others = kind == .context || kind == .weekday ? "=, != or in" : "a comparison with a number"
      note("'\(token.written)' compares texts, and \(field) is none; expected \(others)")
    }
    advance()
    if !isContains { try require(word: "with") }
    guard case .text(let text) = try literal(of: field, kind == .unknown ? kind : .text) else {
      return .known
    }
    return isContains ? .contains(text) : .starts(text)
  }

  private mutating func list(of field: String, _ kind: FieldKind) throws(Stop) -> LiteralList {
    try require(sign: "(")
    var literals: [RuleLiteral] = [try literal(of: field, kind)]
    while accept(sign: ",") { literals.append(try literal(of: field, kind)) }
    guard accept(sign: ")") else { throw expected("',' or ')'") }
    return LiteralList(literals)
  }
}

// The values that fields are compared with.
extension RuleParser {
  private static var weekdays: [String] {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
  }

  /// A value that fits the kind of field; one that does not is noted and read over.
  private mutating func literal(of field: String, _ kind: FieldKind) throws(Stop) -> RuleLiteral {
    switch token.kind {
    case .end, .sign: throw expected("\(wanted(kind)) for \(field)")
    default: try countLiteral()
    }
    let literal: RuleLiteral? =
      switch kind {
      case .number, .count, .hour: number(kind)
      case .text: plainText()
      case .context: choice(of: RuleRequest.contexts).map { .text(FoldedText($0.word)) }
      case .weekday: choice(of: Self.weekdays).map { .number(Double($0.place)) }
      case .anything: anything()
      case .unknown: anything() ?? .truth(false)
      }
    if literal == nil { noteMismatch(of: field, kind) }
    advance()
    return literal ?? .truth(false)
  }

  private func wanted(_ kind: FieldKind) -> String {
    switch kind {
    case .text: "a text in quotes"
    case .number: "a number without quotes"
    case .count: "a whole number from 0"
    case .hour: "a whole number from 0 to 23"
    case .context: "one of \(RuleRequest.contexts.joined(separator: ", "))"
    case .weekday: "a day, monday to sunday,"
    case .anything, .unknown: "a number, a text in quotes, true or false"
    }
  }

  private mutating func noteMismatch(of field: String, _ kind: FieldKind) {
    var hint = ""
    switch (kind, token.word) {
    case (.text, _?), (.anything, _?): hint = "; write \"\(token.written.shortened)\""
    case (.context, _):
      hint = RuleVocabulary.hint(for: text(token) ?? token.written, among: RuleRequest.contexts)
    case (.weekday, _): hint = RuleVocabulary.hint(for: text(token) ?? token.written, among: Self.weekdays)
    default: break
    }
    if case .text(let text) = token.kind, text.isBlank, kind == .text || kind == .anything {
      return note("expected a text that is not empty for \(field); 'is missing' finds empty ones")
    }
    note("expected \(wanted(kind)) for \(field), found \(token.shown)\(hint)")
  }

  private func number(_ kind: FieldKind) -> RuleLiteral? {
    guard case .number(let value) = token.kind else { return nil }
    if kind != .number, value < 0 || value != value.rounded() || kind == .hour && value > 23 { return nil }
    return .number(value)
  }

  private func plainText() -> RuleLiteral? {
    text(token).flatMap { $0.isBlank ? nil : .text(FoldedText($0)) }
  }

  private func anything() -> RuleLiteral? {
    switch (token.kind, token.word) {
    case (.number(let value), _): .number(value)
    case (_, "true"): .truth(true)
    case (_, "false"): .truth(false)
    default: plainText()
    }
  }

  /// One of some words, in quotes or not, and its place from 1.
  private func choice(of words: [String]) -> (word: String, place: Int)? {
    let found = (token.word ?? text(token))?.lowercased()
    return words.firstIndex { $0 == found }.map { (words[$0], $0 + 1) }
  }
}
