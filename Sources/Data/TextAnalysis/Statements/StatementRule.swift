/// A pattern of words that makes a sentence a statement.
struct StatementRule: Sendable {
  /// What the sentence is; nil for a pattern that only takes words away from others.
  var kind: Statement.Kind?
  var isUnmet = false
  /// The pattern as it is written in the table.
  var name: String
  /// Its pieces in UTF-8, between which there may be gaps.
  private var pieces: [[UInt8]]

  static let questionMark = StatementRule(kind: .question, name: "?", pieces: [])
  static let badSentence = StatementRule(kind: .pain, name: "polarity", pieces: [])

  /// The longest gap, in bytes.
  private static let longestGap = 90

  /// Calls `body` for each pattern found in a sentence of small letters.
  static func visit(_ sentence: [UInt8], _ body: (TextRange, StatementRule) -> Void) {
    var blocked = 0
    var place = 0
    while place + 2 < sentence.count {
      if place >= blocked, isStart(sentence, place), let candidates = table[key(sentence, place)] {
        // The longest first piece wins; a pattern without a kind blocks the others that start within it.
        let matches = candidates.compactMap { rule in rule.match(sentence, place).map { ($0, rule) } }
        if let blocker = matches.filter({ $0.1.kind == nil }).map(\.0.upperBound).max() {
          blocked = blocker
        } else {
          for (range, rule) in matches { body(range, rule) }
        }
      }
      place += 1
    }
  }

  private func match(_ sentence: [UInt8], _ start: Int) -> TextRange? {
    var place = start
    for (index, piece) in pieces.enumerated() {
      var end: Int?
      let last = index == 0 ? place : min(sentence.count, place + Self.longestGap)
      while place <= last {
        // Only a wish goes on behind a comma: 要是能快充，就好了.
        if index > 0, kind != .wish, Self.isComma(sentence, place) { return nil }
        if Self.starts(sentence, place, piece) {
          end = place + piece.count
          break
        }
        place += 1
      }
      guard let end else { return nil }
      place = end
    }
    return start..<place
  }

  private static func starts(_ sentence: [UInt8], _ place: Int, _ piece: [UInt8]) -> Bool {
    guard place + piece.count <= sentence.count else { return false }
    for offset in piece.indices where sentence[place + offset] != piece[offset] { return false }
    guard isLetter(piece[0]) ? isStart(sentence, place) : true else { return false }
    let end = place + piece.count
    return !(isLetter(piece[piece.count - 1]) && end < sentence.count && isLetter(sentence[end]))
  }

  /// Whether a word may start here: not within an English word.
  private static func isStart(_ sentence: [UInt8], _ place: Int) -> Bool {
    place == 0 || !isLetter(sentence[place]) || !isLetter(sentence[place - 1])
  }

  private static func isComma(_ sentence: [UInt8], _ place: Int) -> Bool {
    guard place < sentence.count else { return false }
    if sentence[place] == 0x2C { return true }
    return place + 2 < sentence.count && sentence[place] == 0xEF && sentence[place + 1] == 0xBC
      && sentence[place + 2] == 0x8C
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

  private static func key(_ bytes: [UInt8], _ place: Int) -> UInt32 {
    UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2])
  }

  private static let table: [UInt32: [StatementRule]] = {
    var table: [UInt32: [StatementRule]] = [:]
    for (kind, isUnmet, patterns) in StatementPatterns.all {
      for pattern in patterns.split(whereSeparator: { $0 == "|" || $0 == "\n" }) {
        let name = pattern.trimmingPrefix { $0 == " " }
        let pieces = String(name).split(separator: "…").map { Array(String($0).trimmed.utf8) }
        guard let first = pieces.first, first.count > 2 else { continue }
        table[key(first, 0), default: []].append(
          StatementRule(kind: kind, isUnmet: isUnmet, name: String(name).trimmed, pieces: pieces))
      }
    }
    return table
  }()
}

extension String {
  /// Without blanks at either end.
  fileprivate var trimmed: String {
    var view = Substring(self)
    while view.first == " " { view.removeFirst() }
    while view.last == " " { view.removeLast() }
    return String(view)
  }
}
