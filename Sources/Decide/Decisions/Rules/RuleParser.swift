import Foundation

/// Reads one rule from the tokens of a line, by recursive descent of bounded depth.
///
/// What is wrong with a value or a name is noted, and reading goes on; where the sense of the rest is lost, reading stops.
struct RuleParser {
  /// Reading cannot go on; the issue is noted.
  struct Stop: Error {}

  private let tokens: [RuleToken]
  private let line: Int
  private(set) var position = 0
  private(set) var issues: [RuleIssue] = []
  /// How many values the conditions may still name, in the whole document.
  private(set) var literalsLeft: Int
  /// The name that the rule is given, once it is read.
  private(set) var name: String?

  init(_ tokens: [RuleToken], line: Int, literalsLeft: Int) {
    self.tokens = tokens
    self.line = line
    self.literalsLeft = literalsLeft
  }

  /// The token to read next; the last one is the end of the line.
  var token: RuleToken { tokens[min(position, tokens.count - 1)] }
  var following: RuleToken { tokens[min(position + 1, tokens.count - 1)] }

  /// What was read since a position, as written.
  func written(from start: Int) -> String {
    tokens[start..<min(position, tokens.count)].map(\.written).joined()
  }

  /// Goes on to the next token and returns the one read.
  @discardableResult
  mutating func advance() -> RuleToken {
    defer { position += 1 }
    return token
  }

  mutating func note(_ message: String, at token: RuleToken? = nil) {
    issues.append(RuleIssue(line: line, column: (token ?? self.token).column, message: message))
  }

  /// Notes that something else was expected at the token, with the nearest of the words that would do.
  mutating func expected(_ what: String, among words: [String] = []) -> Stop {
    let hint = token.word.map { RuleVocabulary.hint(for: $0, among: words) } ?? ""
    note("expected \(what), found \(token.shown)\(hint)")
    return Stop()
  }

  mutating func accept(word: String) -> Bool {
    guard token.word == word else { return false }
    position += 1
    return true
  }

  mutating func accept(sign: String) -> Bool {
    guard token.kind == .sign, token.written == sign else { return false }
    position += 1
    return true
  }

  mutating func require(word: String) throws(Stop) {
    guard accept(word: word) else { throw expected("'\(word)'", among: [word]) }
  }

  mutating func require(sign: String) throws(Stop) {
    guard accept(sign: sign) else { throw expected("'\(sign)'") }
  }

  /// Counts a value of a condition.
  mutating func countLiteral() throws(Stop) {
    literalsLeft -= 1
    guard literalsLeft >= 0 else {
      note("the rules name more than \(RuleSet.maximumLiterals) values; expected fewer in their conditions")
      throw Stop()
    }
  }

  /// Reads the whole line; nil when anything is wrong with it.
  mutating func rule(text: String) -> Rule? {
    do throws(Stop) {
      try readName()
      let (action, endings) = try action()
      var when: RequestCondition?
      if accept(word: "when") {
        when = RequestCondition(condition: try condition())
        guard token.kind == .end else { throw expectedEnd(["and", "or"]) }
      }
      guard token.kind == .end else { throw expectedEnd(endings + ["when"]) }
      return issues.isEmpty
        ? Rule(name: name ?? "line-\(line)", line: line, text: text, action: action, when: when) : nil
    } catch {
      return nil
    }
  }

  private mutating func expectedEnd(_ words: [String]) -> Stop {
    expected("\(words.map { "'\($0)'" }.joined(separator: ", ")) or the end of the line", among: words)
  }

  /// The name before a colon.
  private mutating func readName() throws(Stop) {
    guard following.kind == .sign, following.written == ":" else { return }
    guard token.isName else { throw expected("a name of letters, digits, - and _ before the colon") }
    if token.written.count > RuleSet.maximumNameLength {
      note("the name has more than \(RuleSet.maximumNameLength) characters; expected a shorter one")
    }
    let lower = token.written.lowercased()
    if lower.hasPrefix("line-"), Int(lower.dropFirst(5)) != nil {
      note("the name '\(token.written)' is kept for rules without a name; expected another one")
    }
    name = token.written
    position += 2
  }
}

// The actions.
extension RuleParser {
  private static let actions = [
    "filter", "boost", "bury", "pin", "quota", "diversify", "calibrate", "explore", "fatigue", "hold",
  ]

  /// An action, and the words that could still follow it.
  private mutating func action() throws(Stop) -> (RuleAction, endings: [String]) {
    let joins = ["and", "or"]
    switch token.word {
    case "filter": return (try filter(), joins)
    case "boost":
      advance()
      let factor = try number("boost expects a factor from 1 to 100", in: 1...100)
      return (.boost(factor, try itemCondition()), joins)
    case "bury":
      advance()
      let factor = try number("bury expects a factor from 0 to 1", in: 0...1)
      return (.bury(factor, try itemCondition()), joins)
    case "pin": return (try pin(), [])
    case "quota": return try quota()
    case "diversify": return (try diversify(), [])
    case "calibrate":
      advance()
      return (.calibrate(try number("calibrate expects a strength from 0 to 1", in: 0...1)), [])
    case "explore": return (try explore(), [])
    case "fatigue": return (try fatigue(), [])
    case "hold":
      advance()
      try require(word: "back")
      try require(word: "substitutes")
      return (.holdBackSubstitutes, [])
    default:
      throw expected(
        "an action (\(Self.actions.joined(separator: ", ")) back substitutes)", among: Self.actions)
    }
  }

  private mutating func filter() throws(Stop) -> RuleAction {
    advance()
    if accept(word: "out") { return .filterOut(try itemCondition()) }
    guard accept(word: "to") else { throw expected("'out' or 'to' after filter", among: ["out", "to"]) }
    return .filterTo(try itemCondition())
  }

  private mutating func pin() throws(Stop) -> RuleAction {
    advance()
    guard let item = text(token) else { throw expected("the id of an item in quotes, such as \"1029743\"") }
    if item.isBlank { note("the id of the item is empty; expected one such as \"1029743\"") }
    advance()
    try require(word: "at")
    let position = try count("pin expects a position from 1 to 100", in: 1...100)
    // Ids are kept in composed form wherever they enter.
    return .pin(item: item.precomposedStringWithCanonicalMapping, position: position)
  }

  private mutating func quota() throws(Stop) -> (RuleAction, endings: [String]) {
    advance()
    try require(word: "at")
    let isMost = accept(word: "most")
    guard isMost || accept(word: "least") else {
      throw expected("'most' or 'least' after 'quota at'", among: ["most", "least"])
    }
    let number = try count("quota expects a number of items from 1 to 100", in: 1...100)
    guard isMost, token.word != "where" else {
      let condition = try itemCondition()
      return (isMost ? .quotaAtMost(number, condition) : .quotaAtLeast(number, condition), ["and", "or"])
    }
    guard accept(word: "per") else { throw expected("'per' or 'where'", among: ["per", "where"]) }
    guard let group = token.word.flatMap(ItemGroup.init) else {
      throw expected("'category' or 'brand'", among: ItemGroup.allCases.map(\.rawValue))
    }
    advance()
    return (.quotaAtMostPer(number, group), [])
  }

  private mutating func diversify() throws(Stop) -> RuleAction {
    advance()
    guard let method = token.word.flatMap(DiversityMethod.init) else {
      throw expected("'mmr' or 'dpp'", among: DiversityMethod.allCases.map(\.rawValue))
    }
    advance()
    return .diversify(method, strength: try number("diversify expects a strength from 0 to 1", in: 0...1))
  }

  private mutating func explore() throws(Stop) -> RuleAction {
    advance()
    let share = try number("explore expects a share from 0 to 0.5, such as 10%", in: 0...0.5)
    try require(word: "in")
    let slots = try count("explore expects 1 to 10 slots", in: 1...10)
    try require(oneOf: ["slots", "slot"])
    return .explore(share: share, slots: slots)
  }

  private mutating func fatigue() throws(Stop) -> RuleAction {
    advance()
    let shows = try count("fatigue expects 1 to 30 shows", in: 1...30)
    try require(oneOf: ["shows", "show"])
    try require(word: "in")
    let days = try number(
      "fatigue expects a number of days above 0, at most 90", in: Double.leastNonzeroMagnitude...90)
    try require(oneOf: ["days", "day"])
    return .fatigue(shows: shows, days: days)
  }

  private mutating func require(oneOf words: [String]) throws(Stop) {
    guard let word = token.word, words.contains(word) else { throw expected("'\(words[0])'", among: words) }
    advance()
  }

  private mutating func itemCondition() throws(Stop) -> ItemCondition {
    try require(word: "where")
    return ItemCondition(condition: try condition())
  }

  /// A number in a range; one outside it is noted with what is expected.
  private mutating func number(_ expectation: String, in range: ClosedRange<Double>) throws(Stop) -> Double {
    guard case .number(let value) = token.kind else {
      note("\(expectation), found \(token.shown)")
      throw Stop()
    }
    if !range.contains(value) { note("\(expectation), found \(token.shown)") }
    advance()
    return value
  }

  private mutating func count(_ expectation: String, in range: ClosedRange<Int>) throws(Stop) -> Int {
    guard case .number(let value) = token.kind, let whole = Int(exactly: value), range.contains(whole) else {
      let isFraction = if case .number(let value) = token.kind { value != value.rounded() } else { false }
      note("\(expectation)\(isFraction ? ", a whole number" : ""), found \(token.shown)")
      guard case .number = token.kind else { throw Stop() }
      advance()
      return range.lowerBound
    }
    advance()
    return whole
  }

  /// The text that a token is; of a number what is written, so that ids of digits need no quotes.
  func text(_ token: RuleToken) -> String? {
    switch token.kind {
    case .text(let text): text
    case .number: token.written
    default: nil
    }
  }
}
