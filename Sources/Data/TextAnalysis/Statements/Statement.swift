/// A sentence in which a customer says what is needed, what hurts, what is wished for, what is compared or asked.
public struct Statement: Sendable, Codable, Equatable {
  /// What a sentence does.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Says that something is needed or looked for.
    case need
    /// Tells of a problem.
    case pain
    /// Says what would be better.
    case wish
    /// Compares with something else.
    case comparison
    /// Asks.
    case question
  }

  /// What the sentence does.
  public var kind: Kind
  /// The sentence as it is written.
  public var text: String
  /// Where the sentence stands in the whole text, in UTF-8 bytes.
  public var range: TextRange
  /// The words that say so, in the whole text; for a pattern with a gap, from its first word to its last.
  public var cue: TextRange
  /// Whether the words say that it was looked for and not to be had.
  public var isUnmet: Bool
  /// The name of the rule, for explanation.
  public var rule: String
}

/// Finds statements in reviews, queries and chats by rules for Chinese and English.
///
/// ```swift
/// let found = StatementDetector().statements(in: "电池还行，要是能快充就好了。")
/// found.map(\.kind)   // [.wish]
/// ```
/// Each rule is a pattern of words with gaps within one sentence; what follows or precedes may forbid it ("不需要", "希望对大家有帮助",
/// "比较", "no need"). A sentence has at most one statement of each kind: the earliest. Rules are our own.
/// - Complexity: O(n).
public struct StatementDetector: Sendable {
  /// Says how good (above 0) or bad (below 0) a sentence is, from −1 to 1; a bad one without any other statement is a pain.
  public var polarity: (@Sendable (String) -> Double)?
  /// A sentence below this is a pain.
  public var painBelow: Double
  private let splitter = SentenceSplitter()

  /// A detector; `polarity` finds pains that name no problem.
  public init(polarity: (@Sendable (String) -> Double)? = nil, painBelow: Double = -0.6) {
    (self.polarity, self.painBelow) = (polarity, painBelow)
  }

  /// The statements of a text in the order of their sentences.
  public func statements(in text: String) -> [Statement] {
    let bytes = Array(text.utf8)
    return splitter.sentences(in: text).flatMap { statements(bytes, $0) }
  }

  private func statements(_ bytes: [UInt8], _ range: TextRange) -> [Statement] {
    let lowered = bytes[range].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    var found: [Statement.Kind: (cue: TextRange, rule: StatementRule)] = [:]
    StatementRule.visit(lowered) { cue, rule in
      guard let kind = rule.kind else { return }
      if let earlier = found[kind], earlier.cue.lowerBound <= cue.lowerBound { return }
      found[kind] = (cue, rule)
    }
    if found[.question] == nil, let mark = lowered.indices.last(where: { Self.isQuestionMark(lowered, $0) }) {
      found[.question] = (mark..<min(lowered.count, mark + (lowered[mark] == 0x3F ? 1 : 3)), .questionMark)
    }
    let text = String(decoding: bytes[range], as: UTF8.self)
    if found.isEmpty, let polarity, polarity(text) <= painBelow {
      found[.pain] = (0..<range.count, .badSentence)
    }
    return found.sorted {
      ($0.value.cue.lowerBound, $0.key.rawValue) < ($1.value.cue.lowerBound, $1.key.rawValue)
    }.map {
      Statement(
        kind: $0.key, text: text, range: range,
        cue: range.lowerBound + $0.value.cue.lowerBound..<range.lowerBound + $0.value.cue.upperBound,
        isUnmet: $0.value.rule.isUnmet, rule: $0.value.rule.name)
    }
  }

  private static func isQuestionMark(_ bytes: [UInt8], _ place: Int) -> Bool {
    if bytes[place] == 0x3F { return true }
    return place + 2 < bytes.count && bytes[place] == 0xEF && bytes[place + 1] == 0xBC
      && bytes[place + 2] == 0x9F
  }
}
