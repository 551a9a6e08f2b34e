import Commerce
import MathKernels
import TextAnalysis

/// A sentence that a customer wrote, with what is known of it.
public struct VoiceSentence: Sendable {
  /// Which of the texts it is in.
  public let text: Int
  /// The sentence with its place.
  public let quote: VoiceQuote
  /// Whether it asks for what is not to be had.
  public let isUnmet: Bool
  /// The words that carry content.
  public let terms: [String]
  /// The aspects it speaks of, with what it thinks of them; places are within the sentence, in UTF-8 bytes.
  public let aspects: [AspectOpinion]

  /// Whether it states a need, rather than praising or mentioning.
  public var isStatement: Bool { quote.kind != nil }
  /// Whether it speaks well of something.
  public var isPraise: Bool { quote.isGood }
  /// Whether it tells of a need: states one, or speaks well of what it is about.
  var tellsOfNeed: Bool { isStatement || isPraise }
  /// Whoever wrote it; each text of an unknown customer is one of its own.
  public var holder: String { quote.customerID ?? "\u{0}" + quote.key.eventID }

  /// The longest sentence that is read, in bytes: what is longer is no sentence but a pasted page.
  static let longest = 1_200

  /// The sentences of texts that say something, cleaned, with places in the original.
  ///
  /// - Parameter first: the number of the first text.
  static func read(
    _ texts: [VoiceText], _ tools: VoiceTools, _ aspects: AspectLexicon?, first: Int = 0
  ) -> [VoiceSentence] {
    parallelBlocks(texts.count, blockSize: 32) { block in
      block.flatMap { read(texts[$0], first + $0, tools, aspects) }
    }.flatMap { $0 }
  }

  private static func read(
    _ source: VoiceText, _ number: Int, _ tools: VoiceTools, _ lexicon: AspectLexicon?
  ) -> [VoiceSentence] {
    let cleaned = TextCleaning().clean(source.text)
    var statements: [Int: [Statement]] = [:]
    for statement in StatementDetector(polarity: tools.polarity).statements(in: cleaned.text) {
      statements[statement.range.lowerBound, default: []].append(statement)
    }
    return SentenceSplitter().sentences(in: cleaned.text).compactMap { range in
      let text = cleaned.text.piece(range)
      guard text.utf8.count <= longest else { return nil }
      let terms = EvaluativeWords.content(of: tools.terms.terms(of: text))
      guard !terms.isEmpty else { return nil }
      let found = best(statements[range.lowerBound] ?? [])
      let given = max(-1, min(1, tools.polarity(text)))
      let place = cleaned.originalRange(of: range)
      let quote = VoiceQuote(
        key: StatementKey(eventID: source.eventID, start: place.lowerBound), text: source.text.piece(place),
        range: place, cue: found.map { cleaned.originalRange(of: $0.cue) }, kind: found?.kind,
        polarity: given == 0 && found?.kind == .pain ? -0.5 : given,
        customerID: source.customerID, itemID: source.itemID, timestamp: source.timestamp)
      var opinions: [AspectOpinion] = []
      if let lexicon, let tokens = tools.tokens { opinions = lexicon.aspectOpinions(in: tokens(quote.text)) }
      return VoiceSentence(
        text: number, quote: quote, isUnmet: found?.isUnmet ?? false, terms: terms, aspects: opinions)
    }
  }

  /// The statement that says most of a need.
  private static func best(_ statements: [Statement]) -> Statement? {
    let order: [Statement.Kind] = [.wish, .need, .pain, .question, .comparison]
    return statements.first(where: \.isUnmet)
      ?? order.lazy.compactMap { kind in statements.first { $0.kind == kind } }.first
  }
}

/// A text without its words: who wrote it, about what, and how it sounds.
public struct VoiceSource: Sendable {
  /// The event's id.
  public let eventID: String
  /// Who wrote it.
  public let customerID: String?
  /// What it is about.
  public let itemID: String?
  /// When it was written.
  public let timestamp: Timestamp
  /// The stars that came with it, from 1 to 5.
  public let rating: Double?

  init(_ text: VoiceText) {
    (eventID, customerID, itemID) = (text.eventID, text.customerID, text.itemID)
    (timestamp, rating) = (text.timestamp, text.rating)
  }

  /// Whoever wrote it; each text of an unknown customer is one of its own.
  public var holder: String { customerID ?? "\u{0}" + eventID }
}

extension VoiceQuote {
  /// Whether it speaks well of something.
  public var isGood: Bool { polarity > 0.2 }
  /// Whether it speaks ill of something.
  public var isBad: Bool { polarity < 0 }
}
