/// How well parts of speech were found.
///
/// A word is right when it stands where the gold text has it and has the same tag; with the gold text's own words, precision and
/// recall are both the accuracy.
public struct TaggingEvaluation: Sendable, Codable, Equatable {
  /// Words in the gold text.
  public private(set) var goldWords = 0
  /// Words that were found.
  public private(set) var foundWords = 0
  /// Found words that are right with their tags.
  public private(set) var correctWords = 0

  /// Nothing counted yet.
  public init() {}

  /// The share of found words that are right.
  public var precision: Double { foundWords > 0 ? Double(correctWords) / Double(foundWords) : 0 }
  /// The share of gold words that were found.
  public var recall: Double { goldWords > 0 ? Double(correctWords) / Double(goldWords) : 0 }
  /// The harmonic mean of both.
  public var f1: Double {
    goldWords + foundWords > 0 ? 2 * Double(correctWords) / Double(goldWords + foundWords) : 0
  }

  /// Counts a sentence with tags against found words and tags of the same text.
  public mutating func add(gold: AnnotatedSentence, words: [String], tags: [String]) {
    let goldTags = gold.tags ?? []
    var expected: [Range<Int>: String] = [:]
    for (range, tag) in zip(Self.ranges(gold.words), goldTags) { expected[range] = tag }
    goldWords += gold.words.count
    foundWords += words.count
    for (range, tag) in zip(Self.ranges(words), tags) where expected[range] == tag { correctWords += 1 }
  }

  private static func ranges(_ words: [String]) -> [Range<Int>] {
    var start = 0
    return words.map { word in
      defer { start += word.utf8.count }
      return start..<start + word.utf8.count
    }
  }
}
