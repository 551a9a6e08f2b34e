import Commerce
import Learning
import MathKernels
import TextAnalysis

/// Mines needs from reviews, messages and questions: what customers want solved, what they miss, what they ask about.
///
/// ```swift
/// let board = try VoiceOfCustomer(tools: tools).mine(texts, decisions: decisions, previous: lastBoard, context: FitContext())
/// board.needs[0].label            // 隔音 · 房间
/// board.needs[0].quotes[0].text   // with its event and place
/// ```
/// The pipeline of Timoshenko and Hauser (2019), https://doi.org/10.1287/mksc.2018.1123: sentences that state something
/// (`StatementDetector`) are compared by meaning and grouped (`SphericalKMeans`), or without an embedder by the word that says
/// most of each; where the original has a person read and name
/// the groups, each is named by the words that are its alone (class-based TF-IDF), and a person corrects. Sentences of praise
/// join the group they are nearest to, for satisfaction is told by both. A sentence that only judges ("失望", "terrible product")
/// tells of no need and is left out.
///
/// Decisions come first: sentences a person placed stay there; other sentences near a decided need join it; only the rest is
/// grouped anew, and a new group that shares most of its sentences with one of the previous board keeps its id. So a decided need is
/// on the board, or among the rejected, in every later run, even when no new text speaks of it.
/// - Complexity: that of embedding and of `SphericalKMeans` over all statements.
/// - Throws: `NeedError`, `TextError`, what the embedder throws, `CancellationError`.
public struct VoiceOfCustomer: Sendable {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How many new groups at most; nil takes the square root of the statements, from 2 to 60.
    public var groups: Int?
    /// A group of fewer customers is no need.
    public var leastCustomers: Int
    /// A group of a smaller share of those who state or praise something is no need: among many texts, few meet by chance.
    public var leastShare: Double
    /// A sentence less like its group than this belongs to none.
    public var leastSimilarity: Double
    /// A sentence at least so like a decided need belongs to it.
    public var joinSimilarity: Double
    /// How many sentences show a need.
    public var quotes: Int
    /// The trend compares the last so many days with as many before.
    public var trendDays: Int
    /// At most so many weeks are shown.
    public var weeks: Int

    /// Settings.
    public init(
      groups: Int? = nil, leastCustomers: Int = 3, leastShare: Double = 0.004, leastSimilarity: Double = 0.4,
      joinSimilarity: Double = 0.6,
      quotes: Int = 5, trendDays: Int = 28, weeks: Int = 26
    ) {
      (self.groups, self.leastCustomers, self.leastShare) = (groups, leastCustomers, leastShare)
      self.leastSimilarity = leastSimilarity
      (self.joinSimilarity, self.quotes) = (joinSimilarity, quotes)
      (self.trendDays, self.weeks) = (trendDays, weeks)
    }
  }

  /// The settings.
  public var configuration: Configuration
  /// What it works with.
  public var tools: VoiceTools

  /// Mining with these settings and tools.
  public init(configuration: Configuration = .init(), tools: VoiceTools) {
    (self.configuration, self.tools) = (configuration, tools)
  }

  /// The needs in texts, after what people decided.
  ///
  /// - Parameters:
  ///   - texts: what customers wrote; a text whose event id was already there is left out.
  ///   - decisions: what people decided, oldest first.
  ///   - previous: the last board, whose ids are kept.
  public func mine(
    _ texts: [VoiceText], decisions: [AnalystDecision] = [], previous: VoiceBoard? = nil, context: FitContext
  ) throws -> VoiceBoard {
    guard configuration.groups.map({ $0 > 0 }) ?? true, configuration.trendDays > 0 else {
      throw NeedError.invalidParameter(
        name: "groups, trendDays", value: "\(configuration.groups ?? 0), \(configuration.trendDays)",
        expected: "at least 1 each")
    }
    var seen: Set<String> = []
    let texts = texts.filter { seen.insert($0.eventID).inserted }
    let sentences = VoiceSentence.read(texts, tools)
    try context.checkpoint(step: 1, of: 3, metrics: ["sentences": Double(sentences.count)])
    let decided = DecidedNeed.applying(decisions)
    let space = try VoiceSpace(sentences, decided, tools, least: configuration.leastCustomers)
    try context.checkpoint(step: 2, of: 3)
    let groups = try VoiceGrouping(
      configuration: configuration, space: space, decided: decided, previous: previous
    )
    .groups(sentences, seed: context.seed)
    let board = VoiceReport(
      configuration: configuration, tools: tools, texts: texts, sentences: sentences, space: space
    ).board(groups)
    try context.checkpoint(step: 3, of: 3, metrics: ["needs": Double(board.needs.count)])
    return board
  }
}

/// A sentence with what is known of it.
struct VoiceSentence: Sendable {
  var document: Int
  var quote: VoiceQuote
  var isUnmet: Bool
  var terms: [String]

  /// Whether it states a need, rather than praising or mentioning.
  var isStatement: Bool { quote.kind != nil }

  /// All sentences that state something or speak well, from cleaned texts, with places in the original.
  static func read(_ texts: [VoiceText], _ tools: VoiceTools) -> [VoiceSentence] {
    parallelBlocks(texts.count, blockSize: 32) { block in
      block.flatMap { read(texts[$0], $0, tools) }
    }.flatMap { $0 }
  }

  private static func read(_ source: VoiceText, _ document: Int, _ tools: VoiceTools) -> [VoiceSentence] {
    let cleaned = TextCleaning().clean(source.text)
    let detector = StatementDetector(polarity: tools.polarity)
    var statements: [Int: [Statement]] = [:]
    for statement in detector.statements(in: cleaned.text) {
      statements[statement.range.lowerBound, default: []].append(statement)
    }
    return SentenceSplitter().sentences(in: cleaned.text).compactMap { range in
      let text = cleaned.text.piece(range)
      let terms = EvaluativeWords.content(of: tools.terms.terms(of: text))
      guard !terms.isEmpty, text.utf8.count <= 1_200 else { return nil }
      let found = best(statements[range.lowerBound] ?? [])
      let given = max(-1, min(1, tools.polarity(text)))
      let polarity = given == 0 && found?.kind == .pain ? -0.5 : given
      guard found != nil || polarity > 0.2 else { return nil }
      let place = cleaned.originalRange(of: range)
      return VoiceSentence(
        document: document,
        quote: VoiceQuote(
          key: StatementKey(eventID: source.eventID, start: place.lowerBound), text: source.text.piece(place),
          range: place,
          cue: found.map { cleaned.originalRange(of: $0.cue) }, kind: found?.kind, polarity: polarity,
          customerID: source.customerID, itemID: source.itemID, timestamp: source.timestamp),
        isUnmet: found?.isUnmet ?? false, terms: terms)
    }
  }

  /// The statement that says most of a need.
  private static func best(_ statements: [Statement]) -> Statement? {
    let order: [Statement.Kind] = [.wish, .need, .pain, .question, .comparison]
    return statements.first(where: \.isUnmet)
      ?? order.lazy.compactMap { kind in statements.first { $0.kind == kind } }.first
  }
}
