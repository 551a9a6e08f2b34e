import Commerce
import Learning
import MathKernels
import TextAnalysis

/// Mines needs from reviews, messages and questions: what customers want solved, what they miss, what they ask about.
///
/// ```swift
/// var reading = try await VoiceOfCustomer(tools: tools).mine(texts, decisions: decisions, context: FitContext())
/// let board = reading.board(tools)
/// board.needs[0].label            // 隔音 · 房间
/// board.needs[0].quotes[0].text   // with its event and place
/// try reading.add(laterTexts, tools)   // join the needs they are near to at once
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
  ///   - previous: what the last run found, whose ids are kept.
  public func mine(
    _ texts: [VoiceText], decisions: [AnalystDecision] = [], previous: VoiceModel? = nil, context: FitContext
  ) async throws -> VoiceReading {
    guard configuration.groups.map({ $0 > 0 }) ?? true, configuration.trendDays > 0 else {
      throw NeedError.invalidParameter(
        name: "groups, trendDays", value: "\(configuration.groups ?? 0), \(configuration.trendDays)",
        expected: "at least 1 each")
    }
    var seen: Set<String> = []
    let texts = texts.filter { seen.insert($0.eventID).inserted }
    let lexicon = try await aspectLexicon(texts, context)
    try context.checkpoint(step: 1, of: Self.steps)
    let sentences = VoiceSentence.read(texts, tools, lexicon)
    try context.checkpoint(step: 2, of: Self.steps, metrics: ["sentences": Double(sentences.count)])
    let decided = DecidedNeed.applying(decisions)
    let telling = sentences.indices.filter { sentences[$0].tellsOfNeed }
    let told = telling.map { sentences[$0] }
    let space = try VoiceSpace(told, decided, tools, least: configuration.leastCustomers)
    try context.checkpoint(step: 3, of: Self.steps)
    let grouping = VoiceGrouping(
      configuration: configuration, space: space, decided: decided, previous: previous)
    var found = try grouping.groups(told, seed: context.seed)
    VoiceNaming(configuration: configuration, tools: tools, sentences: told, space: space).name(&found.groups)
    try context.checkpoint(step: 4, of: Self.steps, metrics: ["needs": Double(found.groups.count)])
    let topics = try await VoiceTopic.find(in: texts, sentences, configuration, context)
    let model = VoiceModel(
      groups: found.groups.map { VoiceModel.Group($0, told) }, centres: found.centres,
      comparedBy: space.comparedBy, statistics: space.statistics, aspects: lexicon, topics: topics,
      configuration: configuration)
    try context.checkpoint(step: 5, of: Self.steps)
    return VoiceReading(model, decisions: decisions, texts: texts.map(VoiceSource.init), sentences: sentences)
  }

  private static let steps = 5
  private static let mostSentencesForAspects = 40_000

  /// Which aspects are spoken of and how, from a sample of the sentences; nil without parts of speech.
  private func aspectLexicon(_ texts: [VoiceText], _ context: FitContext) async throws -> AspectLexicon? {
    guard let tokens = tools.tokens else { return nil }
    let step = max(1, texts.count * 4 / Self.mostSentencesForAspects)
    let chosen = stride(from: 0, to: texts.count, by: step).map { texts[$0] }
    let sentences = parallelBlocks(chosen.count, blockSize: 32) { block in
      block.flatMap { number in
        let text = TextCleaning().clean(chosen[number].text).text
        return SentenceSplitter().sentences(in: text).map { text.piece($0) }
          .filter { $0.utf8.count <= VoiceSentence.longest }.map(tokens)
      }
    }.flatMap { $0 }
    guard !sentences.isEmpty else { return nil }
    return try await AspectMining().fit(
      .init(sentences: sentences), context: FitContext(seed: context.seed))
  }
}
