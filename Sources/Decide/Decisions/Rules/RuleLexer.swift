/// A word, number, text or sign of a line of rules.
package struct RuleToken: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Letters, digits, - and _, as written.
    case word
    /// A number; the value of "10%" is 0.1.
    case number(Double)
    /// A text, without its quotes and escapes.
    case text(String)
    /// A sign in its ASCII form: ( ) , : . or a comparison.
    case sign
    /// What stands behind the last token.
    case end
  }

  package let kind: Kind
  /// The token as written, but for full-width characters, which are in their ASCII form; the content of a text.
  package let written: String
  package let column: Int

  /// The word in lower case; nil when it is not one.
  package var word: String? { kind == .word ? written.lowercased() : nil }

  /// Whether it could be a name: words, and numbers of digits alone.
  var isName: Bool {
    switch kind {
    case .word: true
    case .number: written.unicodeScalars.allSatisfy(\.isOfName)
    default: false
    }
  }

  /// What to call the token in a message.
  package var shown: String {
    switch kind {
    case .end: "the end of the line"
    case .text(let text): "the text \"\(text.shortened)\""
    default: "'\(written.shortened)'"
    }
  }
}

/// Cuts a line of rules into tokens.
///
/// It goes by Unicode scalars, so that a combining mark cannot hide a quote; columns count characters as readers do.
package struct RuleLexer {
  private let scalars: [Unicode.Scalar]
  private let columns: [Int]
  private var position = 0
  package private(set) var tokens: [RuleToken] = []
  /// What is wrong with the line's characters; the tokens end there.
  package private(set) var issue: (column: Int, message: String)?
  /// The line without comment and surrounding blanks.
  package private(set) var text = ""

  package init(_ line: some StringProtocol) {
    var scalars: [Unicode.Scalar] = []
    var columns: [Int] = []
    for (index, character) in line.enumerated() {
      for scalar in character.unicodeScalars {
        scalars.append(scalar)
        columns.append(index + 1)
      }
    }
    self.scalars = scalars
    self.columns = columns
    while issue == nil, let scalar = skipBlanks() { next(scalar) }
    text = trimmed(scalars[..<position])
    tokens.append(RuleToken(kind: .end, written: "", column: column(after: position)))
  }

  /// The scalar at an offset from the position, full-width forms as ASCII.
  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset].halfWidth : nil
  }

  private func column(after position: Int) -> Int {
    let last = scalars[..<position].lastIndex { !$0.isBlank }
    return last.map { columns[$0] + 1 } ?? 1
  }

  /// Goes to the next token; nil at the end of the line and at its comment.
  private mutating func skipBlanks() -> Unicode.Scalar? {
    while let scalar = peek(), scalar.isBlank { position += 1 }
    return peek() == "#" ? nil : peek()
  }

  private func trimmed(_ part: ArraySlice<Unicode.Scalar>) -> String {
    var part = part.drop { $0.isBlank }
    while part.last?.isBlank == true { part.removeLast() }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: part)
    return String(text)
  }

  private mutating func next(_ scalar: Unicode.Scalar) {
    if let closing = Unicode.Scalar.closingQuotes[scalar] {
      quoted(until: closing)
    } else if scalar.isDigit || scalar == "-" && peek(1)?.isDigit == true {
      number()
    } else if scalar.isOfName {
      word()
    } else {
      sign(scalar)
    }
  }

  private mutating func add(_ kind: RuleToken.Kind, _ written: String, from start: Int) {
    tokens.append(RuleToken(kind: kind, written: written, column: columns[start]))
  }

  private mutating func run(while condition: (Unicode.Scalar) -> Bool) -> String {
    var run = String.UnicodeScalarView()
    while let scalar = peek(), condition(scalar) {
      run.append(scalar)
      position += 1
    }
    return String(run)
  }

  private mutating func word() {
    let start = position
    add(.word, run(while: \.isOfName), from: start)
  }

  /// A number, or a word that begins with digits.
  private mutating func number() {
    let start = position
    var written = run(while: \.isOfName)
    guard written.unicodeScalars.dropFirst().allSatisfy(\.isDigit) else {
      return add(.word, written, from: start)
    }
    if peek() == ".", peek(1)?.isDigit == true {
      position += 1
      written += "." + run(while: \.isDigit)
    }
    var value = Double(written)
    if peek() == "%" {
      position += 1
      value = Double(written + "e-2")
      written += "%"
    }
    guard let value, value.isFinite else {
      return fail(at: start, "the number '\(written.shortened)' is too large")
    }
    add(.number(value), written, from: start)
  }

  private mutating func quoted(until closing: Unicode.Scalar) {
    let start = position
    let opening = scalars[start]
    var content = String.UnicodeScalarView()
    position += 1
    while position < scalars.count {
      let scalar = scalars[position]
      position += 1
      if scalar == closing || scalar == opening && opening.halfWidth == closing {
        return add(.text(String(content)), String(content), from: start)
      } else if scalar == "\\" {
        guard position < scalars.count, scalars[position].isEscapable else {
          let found = position < scalars.count ? scalars[position].shown : "nothing"
          return fail(
            at: position - 1, "expected \" or \\ after a backslash, found \(found); write \\\\ for one \\")
        }
        content.append(scalars[position])
        position += 1
      } else {
        content.append(scalar)
      }
    }
    fail(
      at: start, "the text that begins here has no end; expected \(closing.shown) before the end of the line")
  }

  private mutating func sign(_ scalar: Unicode.Scalar) {
    let start = position
    position += 1
    switch (scalar, peek()) {
    case ("<", ">"), ("!", "="), ("≠", _):
      if scalar != "≠" { position += 1 }
      add(.sign, "!=", from: start)
    case ("=", "="), ("<", "="), (">", "="):
      position += 1
      add(.sign, scalar == "=" ? "=" : "\(scalar)=", from: start)
    case ("≤", _), ("≥", _): add(.sign, scalar == "≤" ? "<=" : ">=", from: start)
    case ("、", _): add(.sign, ",", from: start)
    case ("(", _), (")", _), (",", _), (":", _), (".", _), ("=", _), ("<", _), (">", _):
      add(.sign, String(scalar), from: start)
    default:
      let hints: [Unicode.Scalar: String] = ["!": "not", "&": "and", "|": "or"]
      let hint = hints[scalar].map { "; write '\($0)'" } ?? ""
      fail(
        at: start, "\(scalar.shown) has no meaning here\(hint); expected a word, a number or a text in quotes"
      )
    }
  }

  private mutating func fail(at start: Int, _ message: String) {
    if issue == nil { issue = (columns[start], message) }
  }
}

extension Unicode.Scalar {
  /// What ends a text that begins with a quote. A closing quote may open too: some keyboards have only that one.
  fileprivate static let closingQuotes: [Unicode.Scalar: Unicode.Scalar] = [
    "\"": "\"", "'": "'", "“": "”", "”": "”", "‘": "’", "’": "’", "「": "」", "『": "』",
  ]

  /// The ASCII form of a full-width character, else the character.
  fileprivate var halfWidth: Unicode.Scalar {
    (0xFF01...0xFF5E).contains(value) ? Unicode.Scalar(value - 0xFEE0) ?? self : self
  }

  fileprivate var isDigit: Bool { (48...57).contains(value) }

  /// White space, and the marks of no width that copied text brings along.
  fileprivate var isBlank: Bool { properties.isWhitespace || value == 0xFEFF || value == 0x200B }

  /// Whether it can stand in a name: letters and digits of any script with their marks, - and _.
  fileprivate var isOfName: Bool {
    if value < 0x80 {
      return isDigit || (65...90).contains(value) || (97...122).contains(value) || self == "-" || self == "_"
    }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
      return true
    default: return false
    }
  }

  fileprivate var isEscapable: Bool { self == "\\" || "\"'“”‘’「」『』＂＇".unicodeScalars.contains(self) }

  /// The character for a message; those that cannot be seen by their number.
  fileprivate var shown: String {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
      let digits = String(value, radix: 16, uppercase: true)
      return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    default: return "'\(Character(self))'"
    }
  }
}

extension String {
  /// At most 30 characters of the text, for messages.
  var shortened: String { count > 30 ? prefix(29) + "…" : self }
}
