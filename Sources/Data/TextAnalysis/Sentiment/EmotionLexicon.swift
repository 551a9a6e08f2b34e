import Foundation

/// Names the emotions that words of a text carry: joy, approval, anger, sadness, fear, disgust, surprise.
///
/// ```swift
/// let emotions = try EmotionLexicon.chinese(folder: ".cache/data/chinese-lexicons")
/// emotions.counts(in: "气死我了，再也不买了")
/// ```
/// Chinese only: seven categories of the DUTIR ontology (Xu et al., 2008). A word right after a negation does not count.
public struct EmotionLexicon: Sendable {
  /// An emotion.
  public enum Emotion: String, Sendable, Codable, CaseIterable {
    /// 乐
    case joy
    /// 好
    case approval
    /// 怒
    case anger
    /// 哀
    case sadness
    /// 惧
    case fear
    /// 恶
    case disgust
    /// 惊
    case surprise
  }

  private let matcher: WordMatcher
  private let emotions: [Emotion?]

  /// A lexicon of given words.
  public init(language: TextLanguage, words: [Emotion: [String]]) {
    var all: [String: Emotion?] = [:]
    for emotion in Emotion.allCases { for word in words[emotion] ?? [] { all[word] = emotion } }
    for word in SentimentLexicon(language: language, polarities: [:]).negations where all[word] == nil {
      all[word] = .some(nil)
    }
    let sorted = all.keys.sorted()
    matcher = WordMatcher(sorted, wholeWords: language == .english)
    emotions = sorted.map { all[$0] ?? nil }
  }

  /// The DUTIR ontology, as `scripts/fetch-data chinese-lexicons` brings it.
  public static func chinese(folder: String) throws -> EmotionLexicon {
    let lists = try LexiconFile.categories(folder + "/cntext/zh_common_DUTIR.yaml")
    let names: [(String, Emotion)] = [
      ("乐", .joy), ("好", .approval), ("怒", .anger), ("哀", .sadness), ("惧", .fear), ("恶", .disgust), ("惊", .surprise),
    ]
    var words: [Emotion: [String]] = [:]
    for (name, emotion) in names { words[emotion] = lists[name] }
    return EmotionLexicon(language: .chinese, words: words)
  }

  /// Where the text's words carry an emotion; the label is the emotion's name.
  public func occurrences(in text: String) -> [LabelledRange] {
    var (found, isNegated) = ([LabelledRange](), false)
    let bytes = Array(text.utf8)
    matcher.forEach(in: text) { event in
      switch event {
      case .boundary, .unknown: isNegated = false
      case .word(let number, let range, _):
        guard let emotion = emotions[number] else {
          isNegated = true
          return
        }
        if !isNegated {
          let word = String(decoding: bytes[range], as: UTF8.self)
          found.append(LabelledRange(label: emotion.rawValue, text: word, range: range))
        }
        isNegated = false
      }
    }
    return found
  }

  /// How many words of a text carry each emotion.
  public func counts(in text: String) -> [Emotion: Int] {
    var counts: [Emotion: Int] = [:]
    for occurrence in occurrences(in: text) {
      if let emotion = Emotion(rawValue: occurrence.label) { counts[emotion, default: 0] += 1 }
    }
    return counts
  }
}
