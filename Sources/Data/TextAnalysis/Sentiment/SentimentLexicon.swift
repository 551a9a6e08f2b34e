import Foundation
import Learning
import MathKernels

/// Words with a polarity, words that turn it round and words that strengthen or weaken it, of one language.
///
/// ```swift
/// let lexicon = try SentimentLexicon.chinese(folder: ".cache/data/chinese-lexicons")
/// lexicon.opinions(in: "一点也不好用").map(\.polarity)   // negative: the word is turned round
/// ```
/// The words around an opinion count as in VADER: a negation up to three words (in Chinese six characters) before it
/// turns it round and weakens it, a word of degree scales it; a clause's end stops both.
///
/// Source: Hutto and Gilbert (2014), https://doi.org/10.1609/icwsm.v8i1.14550
public struct SentimentLexicon: Sendable, Equatable {
  /// A word that says how somebody feels about something.
  public struct Opinion: Sendable, Equatable {
    /// Where the word stands, in UTF-8 bytes.
    public var range: TextRange
    /// The word.
    public var word: String
    /// −1…1, after negation and degree.
    public var polarity: Double
    /// Whether a negation turned it round.
    public var isNegated: Bool
  }

  /// The language of the words.
  public let language: TextLanguage
  /// Each word's polarity, −1…1.
  public let polarities: [String: Double]
  /// What words of degree multiply a polarity by.
  public let degrees: [String: Double]
  /// Words that turn the next opinion round.
  public let negations: [String]
  private let matcher: WordMatcher
  private let values: [Double]

  /// A lexicon of given words; without degrees and negations the usual ones of the language are taken.
  public init(
    language: TextLanguage, polarities: [String: Double], degrees: [String: Double]? = nil,
    negations: [String]? = nil
  ) {
    self.language = language
    self.polarities = polarities
    self.degrees = degrees ?? Self.usualDegrees(language)
    self.negations = negations ?? Self.usualNegations(language)
    // A word of degree is kept apart by an offset of 10, a negation by the value 100.
    var all = polarities
    for (word, factor) in self.degrees where all[word] == nil { all[word] = 10 + factor }
    for word in self.negations { all[word] = 100 }
    // In any order: a word's number is only where its value stands.
    let words = Array(all.keys)
    matcher = WordMatcher(words, wholeWords: language == .english)
    values = words.map { all[$0] ?? 0 }
  }

  /// Two lexicons are equal when their words are.
  public static func == (a: Self, b: Self) -> Bool {
    a.language == b.language && a.polarities == b.polarities && a.degrees == b.degrees
      && a.negations == b.negations
  }

  /// HowNet, NTUSD and DUTIR, as `scripts/fetch-data chinese-lexicons` brings them; a word's polarity is the mean vote.
  public static func chinese(folder: String) throws -> SentimentLexicon {
    let path = folder + "/cntext/zh_common_"
    let howNet = try LexiconFile.categories(path + "HowNet.yaml")
    let university = try LexiconFile.categories(path + "NTUSD.yaml")
    let emotions = try LexiconFile.categories(path + "DUTIR.yaml")
    var votes: [String: (sum: Double, count: Double)] = [:]
    func vote(_ words: [String]?, _ value: Double, atLeast length: Int) {
      for word in Set(words ?? []) where word.unicodeScalars.count >= length {
        votes[word, default: (0, 0)].sum += value
        votes[word, default: (0, 0)].count += 1
      }
    }
    vote(howNet["pos"], 1, atLeast: 1)
    vote(howNet["neg"], -1, atLeast: 1)
    // Single characters of the larger lists are parts of other words more often than words.
    vote(university["positive"], 1, atLeast: 2)
    vote(university["negative"], -1, atLeast: 2)
    for name in ["乐", "好"] { vote(emotions[name], 1, atLeast: 2) }
    for name in ["怒", "哀", "惧", "恶"] { vote(emotions[name], -1, atLeast: 2) }
    var degrees = usualDegrees(.chinese)
    for word in howNet["very"] ?? [] { degrees[word] = 1.5 }
    for word in howNet["more"] ?? [] { degrees[word] = 1.25 }
    for word in howNet["ish"] ?? [] where degrees[word] == nil { degrees[word] = 0.7 }
    let polarities = votes.filter { $0.value.sum != 0 }.mapValues { $0.sum / $0.count }
    return SentimentLexicon(language: .chinese, polarities: polarities, degrees: degrees)
  }

  /// VADER's words and its emoji, as `scripts/fetch-data english-lexicons` brings them.
  public static func english(folder: String) throws -> SentimentLexicon {
    var polarities: [String: Double] = [:]
    for line in try LexiconFile.lines(folder + "/vader_lexicon.txt") {
      let fields = line.split(separator: "\t")
      if fields.count >= 2, let value = Double(fields[1]) { polarities[String(fields[0])] = value / 4 }
    }
    for line in try LexiconFile.lines(folder + "/emoji_utf8_lexicon.txt") {
      let fields = line.split(separator: "\t")
      guard fields.count == 2 else { continue }
      let value = fields[1].split(separator: " ").reduce(0) { $0 + (polarities[String($1)] ?? 0) }
      if value != 0 { polarities[String(fields[0])] = max(-1, min(1, value)) }
    }
    return SentimentLexicon(language: .english, polarities: polarities)
  }

  /// The opinions in a text, in its order.
  ///
  /// - Complexity: O(length × longest word).
  public func opinions(in text: String) -> [Opinion] {
    var opinions: [Opinion] = []
    let reach = language == .chinese ? 6 : 3
    var (turned, factor, sinceNegation, sinceDegree) = (false, 1.0, Int.max / 2, Int.max / 2)
    matcher.forEach(in: text) { event in
      switch event {
      case .boundary: (sinceNegation, sinceDegree, turned) = (Int.max / 2, Int.max / 2, false)
      case .unknown:
        sinceNegation += 1
        sinceDegree += 1
      case .word(let number, let range, let length):
        let value = values[number]
        if value == 100 {
          turned = sinceNegation <= reach ? !turned : true
          sinceNegation = 0
        } else if value >= 9 {
          (factor, sinceDegree) = (value - 10, 0)
          sinceNegation += language == .chinese ? length : 1
        } else {
          let negated = turned && sinceNegation <= reach
          let scaled = value * (sinceDegree <= 1 ? factor : 1) * (negated ? -0.74 : 1)
          opinions.append(
            Opinion(range: range, word: "", polarity: max(-1, min(1, scaled)), isNegated: negated))
          // One negation turns one opinion round, unless others follow at once.
          sinceNegation += language == .chinese ? length : 1
          sinceDegree = Int.max / 2
        }
      }
    }
    let bytes = Array(text.utf8)
    for index in opinions.indices {
      opinions[index].word = String(decoding: bytes[opinions[index].range], as: UTF8.self)
    }
    return opinions
  }

  /// All opinions of a text in one figure, −1…1: their sum s as s / √(s² + 1).
  public func score(of text: String) -> Double {
    let sum = opinions(in: text).reduce(0) { $0 + $1.polarity }
    return sum / (sum * sum + 1).squareRoot()
  }

  private static func usualNegations(_ language: TextLanguage) -> [String] {
    switch language {
    case .chinese:
      [
        "不", "没", "没有", "无", "非", "别", "未", "勿", "莫", "并非", "不是", "不够", "毫无", "不太", "不算", "谈不上",
        "从不", "绝不", "毫不", "缺乏", "缺少", "不会", "不能", "一点也不", "一点都不",
      ]
    case .english:
      [
        "not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "nowhere", "cannot", "can't",
        "cant",
        "don't", "dont", "doesn't", "doesnt", "didn't", "didnt", "isn't", "isnt", "aren't", "arent", "wasn't",
        "wasnt",
        "weren't", "werent", "won't", "wont", "wouldn't", "wouldnt", "shouldn't", "shouldnt", "couldn't",
        "couldnt",
        "hasn't", "hasnt", "haven't", "havent", "hadn't", "hadnt", "ain't", "aint", "without", "hardly",
        "barely",
        "rarely", "seldom", "lacks", "lack", "lacking",
      ]
    }
  }

  private static func usualDegrees(_ language: TextLanguage) -> [String: Double] {
    switch language {
    case .chinese:
      [
        "很": 1.3, "非常": 1.5, "太": 1.4, "特别": 1.4, "十分": 1.4, "极": 1.5, "超": 1.4, "挺": 1.1, "有点": 0.7,
        "稍微": 0.6,
      ]
    case .english:
      [
        "very": 1.3, "really": 1.3, "extremely": 1.5, "so": 1.2, "too": 1.2, "absolutely": 1.5,
        "totally": 1.4,
        "incredibly": 1.5, "quite": 1.1, "super": 1.4, "most": 1.3, "slightly": 0.6, "somewhat": 0.7,
        "a bit": 0.7,
        "kind of": 0.7, "sort of": 0.7, "fairly": 0.9, "a little": 0.7,
      ]
    }
  }
}

extension SentimentLexicon: Codable {
  private enum CodingKeys: String, CodingKey { case language, words, polarities, degrees, negations }

  /// Decodes what `encode` has written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let words = try container.decode(String.self, forKey: .words).split(separator: "\n").map(String.init)
    let polarities = try container.decode(Packed<Double>.self, forKey: .polarities).wrappedValue
    guard words.count == polarities.count else {
      throw LearningError.corruptModel(
        reason: "it has \(polarities.count) polarities for \(words.count) words")
    }
    self.init(
      language: try container.decode(TextLanguage.self, forKey: .language),
      polarities: Dictionary(
        zip(words, polarities), uniquingKeysWith: { first, _ in first }),
      degrees: try container.decode([String: Double].self, forKey: .degrees),
      negations: try container.decode([String].self, forKey: .negations))
  }

  /// Encodes the words as one string and their polarities as one array.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let words = polarities.keys.filter { !$0.isEmpty && !$0.contains("\n") }.sorted()
    try container.encode(language, forKey: .language)
    try container.encode(words.joined(separator: "\n"), forKey: .words)
    try container.encode(
      Packed(wrappedValue: words.map { polarities[$0] ?? 0 }), forKey: .polarities)
    try container.encode(degrees, forKey: .degrees)
    try container.encode(negations, forKey: .negations)
  }
}

/// Reads the files of word lists.
enum LexiconFile {
  /// The lines of a file.
  static func lines(_ path: String) throws -> [Substring] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TextError.missingFile(path: path, hint: "scripts/fetch-data brings the lexicons")
    }
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
  }

  /// The lists of a file in the form of cntext: `Dictionary:`, then names with a colon, then words after a dash.
  static func categories(_ path: String) throws -> [String: [String]] {
    var (categories, name, isInside) = ([String: [String]](), "", false)
    for (number, line) in try lines(path).enumerated() {
      let text = line.trimmingCharacters(in: .whitespaces)
      if line.hasPrefix("Dictionary:") {
        isInside = true
      } else if !isInside || text.isEmpty {
        continue
      } else if text.hasPrefix("- ") {
        let word = text.dropFirst(2).trimmingCharacters(in: CharacterSet(charactersIn: "'\" "))
        if !word.isEmpty { categories[name, default: []].append(word) }
      } else if text.hasSuffix(":") {
        name = String(text.dropLast()).trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
      } else if text != "-" {
        throw TextError.malformedLine(
          file: path, line: number + 1, expected: "a name with a colon or a word after a dash", found: text)
      }
    }
    guard !categories.isEmpty else {
      throw TextError.damagedFile(path: path, reason: "it has no list of words after Dictionary:")
    }
    return categories
  }
}
