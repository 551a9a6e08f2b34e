import Foundation
import Learning

/// An aspect of a product with what is thought of it.
public struct AspectOpinion: Sendable, Codable, Equatable {
  /// The aspect as it is counted: base forms, in small letters.
  public var aspect: String
  /// Where the aspect stands, in UTF-8 bytes.
  public var aspectRange: TextRange
  /// The opinion as it is counted.
  public var opinion: String
  /// Where the opinion stands, together with the words that turn or strengthen it.
  public var opinionRange: TextRange
  /// How good (above 0) or bad (below 0) it is, from −1 to 1, negation applied.
  public var polarity: Double
  /// Whether a negation turned it.
  public var isNegated: Bool
}

/// Learns from a corpus itself which things are spoken of (aspects) and with which words (opinions): double propagation.
///
/// ```swift
/// let lexicon = try await AspectMining().fit(.init(sentences: taggedSentences), context: FitContext())
/// lexicon.aspectOpinions(in: taggedSentence)   // 质量 × 好 → +1
/// ```
/// Known opinion words name new aspects that they describe, known aspects name new opinion words that describe them, and both
/// name their like that stand beside them with "and"; this goes on until nothing new is found. A new opinion word has the
/// polarity of the company it keeps. Source: Qiu, Liu, Bu and Chen (2011), https://doi.org/10.1162/coli_a_00034. Where the
/// original follows a parser's relations, we follow parts of speech within a clause: adjective before noun (also with 的
/// between), noun before (copula, adverbs and) adjective. Nouns that stand together often enough are one aspect.
/// - Complexity: O(words × rounds).
/// - Throws: `TextError.notEnoughData`, `TextError.invalidParameter`, `CancellationError`.
public struct AspectMining: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// An aspect has to be described so often.
    public var leastAspectCount: Int
    /// A new opinion word has to be used so often.
    public var leastOpinionCount: Int
    /// At most so many rounds of propagation.
    public var epochs: Int
    /// Two nouns are one aspect when they stand together so often.
    public var leastCompoundCount: Int

    /// Settings.
    public init(
      leastAspectCount: Int = 3, leastOpinionCount: Int = 3, epochs: Int = 5, leastCompoundCount: Int = 3
    ) {
      (self.leastAspectCount, self.leastOpinionCount) = (leastAspectCount, leastOpinionCount)
      (self.epochs, self.leastCompoundCount) = (epochs, leastCompoundCount)
    }
  }

  /// Sentences whose words carry parts of speech, and opinion words known beforehand.
  public struct Corpus: Sendable {
    /// The sentences; tags of the Penn Treebank or of the People's Daily.
    public var sentences: [[Token]]
    /// Opinion words with their polarity, from −1 to 1.
    public var seeds: [String: Double]

    /// A corpus; without seeds, the few every shopper uses.
    public init(sentences: [[Token]], seeds: [String: Double] = AspectMining.essentialSeeds) {
      (self.sentences, self.seeds) = (sentences, seeds)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns aspects and opinion words.
  public func fit(_ data: Corpus, context: FitContext) async throws -> AspectLexicon {
    guard configuration.epochs > 0 else {
      throw TextError.invalidParameter(
        name: "epochs", value: "\(configuration.epochs)", expected: "at least 1")
    }
    guard !data.sentences.isEmpty, !data.seeds.isEmpty else {
      throw TextError.notEnoughData(what: "sentences and opinion words", needed: 1, found: 0)
    }
    let compounds = Self.compounds(data.sentences, least: configuration.leastCompoundCount)
    let pairs = data.sentences.map {
      AspectPatterns(compounds: compounds).relations(in: AspectWord.words($0))
    }
    var known = Propagation(opinions: data.seeds)
    for round in 1...configuration.epochs {
      let before = known.size
      known.spread(pairs, configuration)
      try context.checkpoint(step: round, of: configuration.epochs, metrics: ["words": Double(known.size)])
      if known.size == before { break }
    }
    return AspectLexicon(aspects: known.aspects, opinions: known.opinions, compounds: compounds)
  }

  /// Runs of two or three nouns that stand together often enough.
  private static func compounds(_ sentences: [[Token]], least: Int) -> Set<String> {
    var counts: [String: Int] = [:]
    for sentence in sentences {
      let words = AspectWord.words(sentence)
      for start in words.indices where words[start].kind == .noun {
        for length in 2...3 where start + length <= words.count {
          let run = words[start..<start + length]
          guard run.allSatisfy({ $0.kind == .noun }) else { break }
          counts[run.map(\.term).joined(separator: " "), default: 0] += 1
        }
      }
    }
    return Set(counts.filter { $0.value >= max(2, least) }.keys)
  }

  /// Opinion words that every shopper uses, with their polarity.
  public static let essentialSeeds: [String: Double] = {
    let good = """
      好 不错 快 漂亮 舒服 满意 便宜 实惠 完美 精美 清晰 干净 方便 划算 值得 喜欢 优秀 流畅 结实 耐用 实用 精致 热情 周到 安静 新鲜 好用 好看 好吃 正品 合适
      good great nice excellent perfect amazing awesome beautiful comfortable easy fast quick cheap sturdy durable fantastic
      wonderful lovely best reliable quiet bright clear smooth helpful friendly solid happy love impressive accurate
      """
    let bad = """
      差 慢 贵 坏 难看 失望 糟糕 粗糙 模糊 脏 吵 破 烂 难吃 难用 麻烦 恶劣 不好 垃圾 薄 旧 卡 烫 臭 假 冷淡 差劲 简陋 陈旧 嘈杂
      bad poor terrible horrible awful slow expensive broken cheap-looking flimsy noisy loud uncomfortable hard useless worst
      disappointing defective dirty rude blurry weak heavy annoying difficult unreliable fragile dim late
      """
    let words = EnglishWords.words(good).map { ($0, 1.0) } + EnglishWords.words(bad).map { ($0, -1.0) }
    return Dictionary(words, uniquingKeysWith: { first, _ in first })
  }()
}

/// What is known so far, and its growth.
private struct Propagation {
  var aspects: [String: Int] = [:]
  var opinions: [String: Double]

  var size: Int { aspects.count + opinions.count }

  init(opinions: [String: Double]) { self.opinions = opinions }

  mutating func spread(_ sentences: [AspectPatterns.Relations], _ settings: AspectMining.Configuration) {
    var aspectCounts: [String: Int] = [:]
    var companies: [String: (sum: Double, count: Int)] = [:]
    for relations in sentences {
      for pair in relations.pairs where opinions[pair.opinion] != nil {
        aspectCounts[pair.aspect, default: 0] += 1
      }
    }
    aspects = aspectCounts.filter { $0.value >= settings.leastAspectCount }
    for relations in sentences {
      for (first, second) in relations.likeAspects {
        if aspects[first] != nil, aspects[second] == nil { aspectCounts[second, default: 0] += 1 }
        if aspects[second] != nil, aspects[first] == nil { aspectCounts[first, default: 0] += 1 }
      }
      let mood = relations.pairs.reduce(0) { $0 + (opinions[$1.opinion] ?? 0) * ($1.isNegated ? -1 : 1) }
      for pair in relations.pairs where opinions[pair.opinion] == nil && aspects[pair.aspect] != nil {
        // A word among good ones is taken for good, more so the more of them there are.
        companies[pair.opinion, default: (0, 0)].sum +=
          (mood > 0 ? 1 : mood < 0 ? -1 : 0) * (pair.isNegated ? -1 : 1)
        companies[pair.opinion, default: (0, 0)].count += 1
      }
      for (first, second) in relations.likeOpinions {
        if let polarity = opinions[first], opinions[second] == nil { add(polarity, second, &companies) }
        if let polarity = opinions[second], opinions[first] == nil { add(polarity, first, &companies) }
      }
    }
    aspects = aspectCounts.filter { $0.value >= settings.leastAspectCount }
    for (word, company) in companies where company.count >= settings.leastOpinionCount {
      // Shrunk towards neutral: little company says little.
      opinions[word] = max(-1, min(1, company.sum / (Double(company.count) + 2)))
    }
  }

  private func add(_ polarity: Double, _ word: String, _ companies: inout [String: (sum: Double, count: Int)])
  {
    companies[word, default: (0, 0)].sum += 2 * (polarity > 0 ? 1 : polarity < 0 ? -1 : 0)
    companies[word, default: (0, 0)].count += 1
  }
}

/// The aspects and opinion words of a domain.
public struct AspectLexicon: FittedModel, Equatable {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// How often each aspect is described.
  public let aspects: [String: Int]
  /// The polarity of each opinion word, from −1 to 1.
  public let opinions: [String: Double]
  private let compounds: Set<String>

  private enum CodingKeys: String, CodingKey { case aspects, opinions, compounds }

  init(aspects: [String: Int], opinions: [String: Double], compounds: Set<String>) {
    (self.aspects, self.opinions, self.compounds) = (aspects, opinions, compounds)
  }

  /// Saves the lexicon, compounds in alphabetical order.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(aspects, forKey: .aspects)
    try container.encode(opinions, forKey: .opinions)
    try container.encode(compounds.sorted(), forKey: .compounds)
  }

  /// The aspects, most described first.
  public var rankedAspects: [(aspect: String, count: Int)] {
    aspects.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// The aspects of a sentence with what is thought of them.
  ///
  /// Words with no clear polarity are left out, unless "too" or 太 before them says that there is too much of it.
  /// - Parameter sentence: words with parts of speech.
  public func aspectOpinions(in sentence: [Token]) -> [AspectOpinion] {
    let words = AspectWord.words(sentence)
    return AspectPatterns(compounds: compounds).relations(in: words).pairs.compactMap { pair in
      guard aspects[pair.aspect] != nil, let base = opinions[pair.opinion] else { return nil }
      let isClear = abs(base) >= 0.2
      guard isClear || pair.isExcessive else { return nil }
      let strength = min(1, (isClear ? base : -0.6) * pair.strength * (pair.isNegated ? -0.8 : 1))
      // "too good" stays good; "too big", "too thin" are bad.
      let polarity = pair.isExcessive && isClear && abs(base) < 0.5 ? -abs(strength) : strength
      return AspectOpinion(
        aspect: pair.aspect, aspectRange: pair.aspectRange, opinion: pair.opinion,
        opinionRange: pair.opinionRange,
        polarity: max(-1, polarity), isNegated: pair.isNegated)
    }
  }
}
