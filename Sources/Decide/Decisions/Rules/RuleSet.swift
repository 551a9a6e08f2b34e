/// The rules of a document: one a line, as merchandisers write them.
///
/// ```swift
/// let rules = try RuleSet(
///   parsing: """
///     no-stock: filter out where stock = 0
///     boost 1.3 where brand = "Private" and margin >= 20%    # our own brand
///     pin "1029743" at 3 when context = home and history_size < 5
///     """)
/// rules.rules.map(\.name)       // ["no-stock", "line-2", "line-3"]
/// ```
///
/// The grammar, in EBNF. Keywords and fields are read in any case. Outside texts, full-width characters count as their
/// ASCII forms, 、 as a comma, and the signs `==`, `<>`, `≠`, `≤`, `≥` as `=`, `!=`, `!=`, `<=`, `>=`.
///
/// ```
/// document   = [ line ] { newline [ line ] } ;
/// line       = [ rule ] [ "#" anything ] ;
/// rule       = [ name ":" ] action [ "when" condition ] ;
/// action     = "filter" ( "out" | "to" ) "where" condition
///            | ( "boost" | "bury" ) number "where" condition
///            | "pin" value "at" number
///            | "quota" "at" "most" number ( "per" ( "category" | "brand" ) | "where" condition )
///            | "quota" "at" "least" number "where" condition
///            | "diversify" ( "mmr" | "dpp" ) number
///            | "calibrate" number
///            | "explore" number "in" number ( "slot" | "slots" )
///            | "fatigue" number ( "show" | "shows" ) "in" number ( "day" | "days" )
///            | "hold" "back" "substitutes" ;
/// condition  = both { "or" both } ;
/// both       = negation { "and" negation } ;
/// negation   = { "not" } ( "(" condition ")" | comparison ) ;
/// comparison = field ( ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
///                    | [ "not" ] "in" "(" value { "," value } ")"
///                    | ( "contains" | "starts" "with" ) value
///                    | "is" [ "not" ] ( "known" | "missing" ) ) ;
/// field      = item field, after "where" | request field, after "when" ;
/// item field = "item" | "title" | "category" | "brand" | "price" | "age_days" | "stock" | "margin"
///            | "attributes" "." ( name | text ) ;
/// request field = "context" | "customer" | "channel" | "cart_size" | "history_size" | "hour" | "weekday"
///            | "customer" "." ( name | text ) ;
/// value      = number | text | "true" | "false" | a context | a day of the week ;
/// number     = [ "-" ] digit { digit } [ "." digit { digit } ] [ "%" ] ;
/// text       = a quote, any characters, its closing quote: "…" '…' “…” ‘…’ 「…」 『…』 ;
///              a backslash stands before a quote or a backslash that belongs to the text
/// name       = ( letter | digit | "-" | "_" ) { letter | digit | "-" | "_" } ;
/// ```
///
/// - Complexity: reading is linear in the text's length.
public struct RuleSet: Sendable, Equatable {
  /// No rules.
  public static let empty = RuleSet(text: "", rules: [])

  /// The longest document, in bytes of UTF-8.
  public static let maximumBytes = 65_536
  /// The most rules of a document.
  public static let maximumRules = 500
  /// The deepest nesting of parentheses.
  public static let maximumNesting = 20
  /// The most values that the conditions of a document name.
  public static let maximumLiterals = 1_000
  /// The longest name of a rule, in characters.
  public static let maximumNameLength = 64

  /// The document as it was given.
  public let text: String
  /// Its rules, in the order of the lines.
  public let rules: [Rule]
  /// Whether any rule asks how long an item has been on sale.
  public let asksForAge: Bool
  /// How many days of what was shown before the rules look at; 0 when none does.
  public let daysLookedBack: Double
  /// Whether a page depends on nothing but its request, the customer's events, the items and the rules, so that an answer can
  /// be kept.
  public let isStable: Bool

  /// Reads a document.
  ///
  /// - Throws: `RuleError.syntax` with all issues of the document.
  public init(parsing text: String) throws {
    let (rules, issues) = Self.read(text)
    guard issues.isEmpty else { throw RuleError.syntax(issues) }
    self.init(text: text, rules: rules)
  }

  /// All that is wrong with a document, in the order of the text; nothing when it can be used.
  public static func issues(in text: String) -> [RuleIssue] { read(text).issues }

  /// The rules that take part in a page for this request, in the order of the lines.
  ///
  /// Of `diversify`, `calibrate`, `explore`, `fatigue` and `hold back substitutes` only the last active one of each.
  ///
  /// ```swift
  /// let rules = try RuleSet(parsing: "diversify mmr 0.3\ndiversify mmr 0.1 when context = item")
  /// rules.active(for: RuleRequest(context: "item")).map(\.name)      // ["line-2"]
  /// ```
  public func active(for request: RuleRequest) -> [Rule] {
    var taken: Set<RuleAction.Sole> = []
    var active: [Rule] = []
    for rule in rules.reversed() where rule.isActive(for: request) {
      if let sole = rule.action.sole, !taken.insert(sole).inserted { continue }
      active.append(rule)
    }
    return active.reversed()
  }

  /// Whether any rule looks at what was shown before.
  public var looksBack: Bool { daysLookedBack > 0 }

  private init(text: String, rules: [Rule]) {
    self.text = text
    self.rules = rules
    asksForAge = rules.contains { $0.action.condition?.condition.asks { $0 == .age } ?? false }
    daysLookedBack = rules.reduce(0) { longest, rule in
      if case .fatigue(_, let days) = rule.action { max(longest, days) } else { longest }
    }
    let explores = rules.contains { $0.action.sole == .explore }
    let asksWhenOrWho = rules.contains { $0.when?.condition.asks { $0.changesByItself } ?? false }
    isStable = !asksForAge && daysLookedBack == 0 && !explores && !asksWhenOrWho
  }

  private static func read(_ text: String) -> (rules: [Rule], issues: [RuleIssue]) {
    guard text.utf8.count <= maximumBytes else {
      let message =
        "the document has \(text.utf8.count) bytes; expected at most \(maximumBytes) (64 KB)"
      return ([], [RuleIssue(line: 1, column: 1, message: message)])
    }
    var reader = DocumentReader()
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.endsLine).enumerated()
    {
      guard reader.read(line, number: index + 1) else { break }
    }
    return (reader.rules, reader.issues)
  }
}

/// Reads a document line by line, and keeps what its rules share: their names and limits.
private struct DocumentReader {
  var rules: [Rule] = []
  var issues: [RuleIssue] = []
  private var found = 0
  private var literalsLeft = RuleSet.maximumLiterals
  private var lines: [String: Int] = [:]

  /// Reads a line; false when a limit is passed and the rest is of no interest.
  mutating func read(_ line: Substring, number: Int) -> Bool {
    let lexer = RuleLexer(line)
    guard lexer.tokens.count > 1 || lexer.issue != nil else { return true }
    let column = lexer.tokens[0].column
    found += 1
    guard found <= RuleSet.maximumRules else {
      let message = "the document has more than \(RuleSet.maximumRules) rules; expected fewer"
      issues.append(RuleIssue(line: number, column: column, message: message))
      return false
    }
    if let issue = lexer.issue {
      issues.append(RuleIssue(line: number, column: issue.column, message: issue.message))
      return true
    }
    var parser = RuleParser(lexer.tokens, line: number, literalsLeft: literalsLeft)
    let rule = parser.rule(text: lexer.text)
    literalsLeft = parser.literalsLeft
    if let name = parser.name { claim(name, line: number, column: column) }
    issues += parser.issues
    if let rule { rules.append(rule) }
    return literalsLeft >= 0
  }

  /// Notes when the name of a rule is taken. Those of rules without one cannot be given.
  private mutating func claim(_ name: String, line: Int, column: Int) {
    let key = FoldedText.fold(name)
    if let other = lines[key] {
      let message = "the name '\(name.shortened)' is taken by line \(other); expected another one"
      issues.append(RuleIssue(line: line, column: column, message: message))
    }
    lines[key] = line
  }
}

extension Character {
  /// Whether it ends a line in editors; other separators of Unicode count as blanks.
  fileprivate var endsLine: Bool { self == "\n" || self == "\r\n" || self == "\r" }
}
