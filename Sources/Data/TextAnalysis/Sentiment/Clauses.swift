/// Divides texts into sentences and clauses, and finds where a contrast turns the argument.
enum Clauses {
  /// Whether a character ends a clause.
  static func endsClause(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x0A, 0x0D, 0x2C, 0x3B, 0x3A, 0x3001, 0xFF0C, 0xFF1B, 0xFF1A: true
    default: endsSentence(scalar)
    }
  }

  /// Whether a character ends a sentence.
  static func endsSentence(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x0A, 0x0D, 0x21, 0x2E, 0x3F, 0x2026, 0x3002, 0xFF01, 0xFF1F, 0xFF0E: true
    default: false
    }
  }

  /// The sentences of a text as ranges of UTF-8 bytes, with the marks that end them.
  static func sentences(of text: String) -> [TextRange] { pieces(of: text, endsSentence) }

  /// The clauses of a text as ranges of UTF-8 bytes, with the marks that end them.
  static func clauses(of text: String) -> [TextRange] { pieces(of: text, endsClause) }

  private static func pieces(of text: String, _ isEnd: (UInt32) -> Bool) -> [TextRange] {
    var (ranges, start, offset, hasContent, isEnding) = ([TextRange](), 0, 0, false, false)
    var previous: UInt32 = 0
    let scalars = text.unicodeScalars
    var index = scalars.startIndex
    while index < scalars.endIndex {
      let value = scalars[index].value
      let after = scalars.index(after: index)
      let next = after < scalars.endIndex ? scalars[after].value : 0
      // A point or comma between digits is part of a number.
      let isNumeric = (value == 0x2E || value == 0x2C) && isDigit(previous) && isDigit(next)
      let ends = isEnd(value) && !isNumeric
      if isEnding, !ends, hasContent {
        ranges.append(start..<offset)
        (start, hasContent) = (offset, false)
      }
      isEnding = ends
      let kind = TextCharacter.kind(value)
      if !ends, kind != .blank { hasContent = true }
      offset += UTF8.width(scalars[index])
      previous = value
      index = after
    }
    if hasContent { ranges.append(start..<offset) }
    return ranges
  }

  private static func isDigit(_ value: UInt32) -> Bool { (0x30...0x39).contains(value) }

  /// What stands before and after words of contrast, and the share of the text's bytes in the sentences that have one.
  struct Contrast {
    var before: String
    var after: String
    var share: Double
  }

  /// The contrast in a text: for each sentence with a word of contrast what stands before its last one, and after it. A
  /// word that opens its sentence contrasts it with the sentence before. Nil when nothing is contrasted.
  static func contrast(in text: String, _ language: TextLanguage) -> Contrast? {
    let matcher = language == .chinese ? chineseContrasts : englishContrasts
    let bytes = Array(text.utf8)
    func string(_ range: TextRange) -> String { String(decoding: bytes[range], as: UTF8.self) }
    var (before, after, covered, previous) = ([String](), [String](), 0, 0..<0)
    for sentence in sentences(of: text) {
      defer { previous = sentence }
      var last: TextRange?
      matcher.forEach(in: string(sentence)) { event in if case .word(_, let range, _) = event { last = range } }
      guard let last else { continue }
      let middle = sentence.lowerBound + last.lowerBound
      let isOpening = last.lowerBound < 4
      before.append(string(isOpening ? previous : sentence.lowerBound..<middle))
      after.append(string(sentence.lowerBound + last.upperBound..<sentence.upperBound))
      covered += sentence.count + (isOpening ? previous.count : 0)
    }
    guard !after.isEmpty else { return nil }
    return Contrast(
      before: before.joined(separator: " "), after: after.joined(separator: " "),
      share: min(1, Double(covered) / Double(bytes.count)))
  }

  private static let chineseContrasts = WordMatcher(
    ["但", "但是", "可是", "然而", "不过", "只是", "可惜", "却", "遗憾的是", "美中不足", "唯一不足"], wholeWords: false)
  private static let englishContrasts = WordMatcher(
    ["but", "however", "yet", "nevertheless", "nonetheless", "unfortunately", "except"], wholeWords: true)
}
