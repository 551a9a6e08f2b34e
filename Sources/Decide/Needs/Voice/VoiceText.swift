import Commerce
import TextAnalysis

/// Something a customer wrote: a review, a message, a question.
public struct VoiceText: Sendable, Codable, Equatable {
  /// The event's id.
  public var eventID: String
  /// What was written.
  public var text: String
  /// Who wrote it.
  public var customerID: String?
  /// What it is about.
  public var itemID: String?
  /// When it was written.
  public var timestamp: Timestamp
  /// The stars that came with it, from 1 to 5.
  public var rating: Double?

  /// A text with its circumstances.
  public init(
    eventID: String, text: String, customerID: String? = nil, itemID: String? = nil, timestamp: Timestamp,
    rating: Double? = nil
  ) {
    (self.eventID, self.text, self.customerID) = (eventID, text, customerID)
    (self.itemID, self.timestamp, self.rating) = (itemID, timestamp, rating)
  }
}

/// A sentence by its event and its place there: how evidence is named across runs.
public struct StatementKey: Sendable, Codable, Hashable, Comparable {
  /// The event's id.
  public var eventID: String
  /// Where the sentence starts in the event's text, in UTF-8 bytes.
  public var start: Int

  /// A place in an event's text.
  public init(eventID: String, start: Int) { (self.eventID, self.start) = (eventID, start) }

  /// By event, then by place.
  public static func < (a: StatementKey, b: StatementKey) -> Bool {
    (a.eventID, a.start) < (b.eventID, b.start)
  }

  private enum CodingKeys: String, CodingKey {
    case eventID = "event_id"
    case start
  }
}

/// A sentence that shows a need: what was written, where, and the words that say so.
public struct VoiceQuote: Sendable, Codable, Equatable {
  /// The event and the place.
  public var key: StatementKey
  /// The sentence as it is written.
  public var text: String
  /// Where it stands in the event's text, in UTF-8 bytes.
  public var range: TextRange
  /// The words that say so, in the event's text; nil where the whole sentence does.
  public var cue: TextRange?
  /// What the sentence does; nil for praise and mere mention.
  public var kind: Statement.Kind?
  /// How good or bad it is, from −1 to 1.
  public var polarity: Double
  /// Who wrote it.
  public var customerID: String?
  /// What it is about.
  public var itemID: String?
  /// When it was written.
  public var timestamp: Timestamp

  private enum CodingKeys: String, CodingKey {
    case key, text, range, cue, kind, polarity, timestamp
    case customerID = "customer_id"
    case itemID = "item_id"
  }
}

/// What mining the voice of customers is done with.
public struct VoiceTools: Sendable {
  /// Finds the words that carry content.
  public var terms: TermExtractor
  /// Turns sentences into vectors; without one, sentences are alike when they share words.
  public var embedder: (any SentenceEmbedder)?
  /// How good or bad a sentence is, from −1 to 1.
  public var polarity: @Sendable (String) -> Double
  /// Splits a sentence into words with their parts of speech; without it, no aspects are found.
  public var tokens: (@Sendable (String) -> [Token])?
  /// The revenue of these customers with these items: what is at stake.
  public var revenue: Revenue?

  /// The revenue of some customers with some items; nil where nothing is known of what they bought.
  public typealias Revenue = @Sendable (_ customers: Set<String>, _ items: Set<String>) -> Money?

  /// Tools; without `polarity`, statements of pain are bad and all others neutral.
  public init(
    terms: TermExtractor, embedder: (any SentenceEmbedder)? = nil,
    polarity: @escaping @Sendable (String) -> Double = { _ in 0 },
    tokens: (@Sendable (String) -> [Token])? = nil,
    revenue: Revenue? = nil
  ) {
    (self.terms, self.embedder) = (terms, embedder)
    (self.polarity, self.tokens, self.revenue) = (polarity, tokens, revenue)
  }
}
