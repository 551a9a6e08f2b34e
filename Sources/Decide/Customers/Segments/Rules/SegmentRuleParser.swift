import Decisions

/// Reads a condition by recursive descent of bounded depth, with the words of the rule language.
struct SegmentRuleParser {
  private struct Stop: Error {}

  private let tokens: [RuleToken]
  private var position = 0
  private var comparisons = 0
  private(set) var issues: [RuleIssue] = []

  init(_ text: String) {
    // Over several lines as over one: a line feed separates words.
    let lexer = RuleLexer(
      text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: " "))
    tokens = lexer.tokens
    if let issue = lexer.issue {
      issues.append(RuleIssue(line: 1, column: issue.column, message: issue.message))
    }
  }

  /// The whole text; nil when anything is wrong with it.
  mutating func condition() -> SegmentCondition? {
    guard issues.isEmpty else { return nil }
    do throws(Stop) {
      let condition = try any(depth: 0)
      guard token.kind == .end else { throw expected("'and', 'or' or the end", among: ["and", "or"]) }
      return issues.isEmpty ? condition : nil
    } catch {
      return nil
    }
  }

  private var token: RuleToken { tokens[min(position, tokens.count - 1)] }

  private mutating func note(_ message: String, at token: RuleToken) {
    issues.append(RuleIssue(line: 1, column: token.column, message: message))
  }

  private mutating func expected(_ what: String, among words: [String] = []) -> Stop {
    let hint = token.word.map { RuleVocabulary.hint(for: $0, among: words) } ?? ""
    note("expected \(what), found \(token.shown)\(hint)", at: token)
    return Stop()
  }

  private mutating func accept(word: String) -> Bool {
    guard token.word == word else { return false }
    position += 1
    return true
  }

  private mutating func accept(sign: String) -> Bool {
    guard token.kind == .sign, token.written == sign else { return false }
    position += 1
    return true
  }

  private mutating func require(sign: String) throws(Stop) {
    guard accept(sign: sign) else { throw expected("'\(sign)'") }
  }

  private mutating func any(depth: Int) throws(Stop) -> SegmentCondition {
    var parts = [try all(depth: depth)]
    while accept(word: "or") { parts.append(try all(depth: depth)) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func all(depth: Int) throws(Stop) -> SegmentCondition {
    var parts = [try one(depth: depth)]
    while accept(word: "and") { parts.append(try one(depth: depth)) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func one(depth: Int) throws(Stop) -> SegmentCondition {
    guard depth < SegmentRule.maximumNesting else {
      note("parentheses and 'not' nest deeper than \(SegmentRule.maximumNesting) levels", at: token)
      throw Stop()
    }
    if accept(word: "not") { return .not(try one(depth: depth + 1)) }
    if accept(sign: "(") {
      let inner = try any(depth: depth + 1)
      try require(sign: ")")
      return inner
    }
    return try comparison()
  }

  private mutating func comparison() throws(Stop) -> SegmentCondition {
    comparisons += 1
    guard comparisons <= SegmentRule.maximumComparisons else {
      note("the condition has more than \(SegmentRule.maximumComparisons) comparisons", at: token)
      throw Stop()
    }
    let field = try field()
    if token.word == "in" || (token.word == "not" && tokens[min(position + 1, tokens.count - 1)].word == "in")
    {
      let isIn = !accept(word: "not")
      position += 1
      return .text(field, among: try list(), isIn: isIn)
    }
    guard token.kind == .sign, let comparison = SegmentCondition.Comparison(rawValue: token.written) else {
      throw expected(field.isText ? "=, != or in" : "a comparison (<, <=, >, >=, =, !=)")
    }
    position += 1
    if case .number(let value) = token.kind, !field.isText {
      position += 1
      return .number(field, comparison, value)
    }
    guard takesText(field) else { throw expected("a number") }
    guard comparison == .equal || comparison == .unequal else { throw expected("= or != before a text") }
    return .text(field, among: [try text()], isIn: comparison == .equal)
  }

  private func takesText(_ field: SegmentField) -> Bool {
    if case .attribute = field { return true }
    return field.isText
  }

  private mutating func field() throws(Stop) -> SegmentField {
    let names = SegmentField.names.keys.sorted() + SegmentField.calls.keys.sorted()
    guard let word = token.word else { throw expected("the name of a field") }
    if let call = SegmentField.calls[word] {
      position += 1
      try require(sign: "(")
      let name = try text()
      try require(sign: ")")
      return call(name)
    }
    guard let field = SegmentField.names[word] else { throw expected("the name of a field", among: names) }
    position += 1
    return field
  }

  private mutating func list() throws(Stop) -> Set<String> {
    try require(sign: "(")
    var values: Set<String> = [try text()]
    while accept(sign: ",") { values.insert(try text()) }
    try require(sign: ")")
    return values
  }

  private mutating func text() throws(Stop) -> String {
    guard case .text(let text) = token.kind, !text.isEmpty else { throw expected("a text in quotes") }
    position += 1
    return text
  }
}
