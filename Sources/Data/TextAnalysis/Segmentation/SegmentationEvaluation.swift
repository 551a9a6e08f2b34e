/// How well words were found, as the SIGHAN bakeoffs score it.
///
/// A word is right when both its ends are. Source: Emerson (2005), https://aclanthology.org/I05-3017
public struct SegmentationEvaluation: Sendable, Codable, Equatable {
  /// Words in the gold text.
  public private(set) var goldWords = 0
  /// Words that were found.
  public private(set) var foundWords = 0
  /// Found words that are right.
  public private(set) var correctWords = 0
  /// Gold words that the vocabulary lacks.
  public private(set) var unknownWords = 0
  /// Those of them that were found.
  public private(set) var correctUnknownWords = 0
  private let vocabulary: Set<String>

  /// Nothing counted yet; words outside of `vocabulary`, that of the training text, are the unknown ones.
  public init(vocabulary: Set<String>) { self.vocabulary = vocabulary }

  /// The shares.
  public var precision: Double { share(correctWords, foundWords) }
  /// Found gold words among all gold words.
  public var recall: Double { share(correctWords, goldWords) }
  /// The harmonic mean of precision and recall.
  public var f1: Double { share(2 * correctWords, goldWords + foundWords) }
  /// Recall of the words that the vocabulary lacks.
  public var unknownRecall: Double { share(correctUnknownWords, unknownWords) }
  /// Recall of the words that are in the vocabulary.
  public var knownRecall: Double { share(correctWords - correctUnknownWords, goldWords - unknownWords) }
  /// The share of gold words that the vocabulary lacks.
  public var unknownShare: Double { share(unknownWords, goldWords) }

  private func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

  /// Counts a sentence; both are lists of words that make up the same text, but for blanks.
  ///
  /// - Throws: `TextError.malformedLine` when the texts differ; `file` and `line` name the place.
  public mutating func add(gold: [String], found: [String], file: String = "gold", line: Int = 0) throws {
    let foundEnds = Self.ends(found)
    let goldEnds = Self.ends(gold)
    guard foundEnds.last == goldEnds.last else {
      throw TextError.malformedLine(
        file: file, line: line, expected: "a text of \(goldEnds.last ?? 0) bytes as in the gold file",
        found: "\(foundEnds.last ?? 0) bytes")
    }
    goldWords += gold.count
    foundWords += found.count
    var (place, goldStart, foundStart) = (0, 0, 0)
    for (index, end) in goldEnds.enumerated() {
      while place < foundEnds.count, foundEnds[place] < end {
        foundStart = foundEnds[place]
        place += 1
      }
      let right = place < foundEnds.count && foundEnds[place] == end && foundStart == goldStart
      let unknown = !vocabulary.contains(gold[index])
      correctWords += right ? 1 : 0
      unknownWords += unknown ? 1 : 0
      correctUnknownWords += right && unknown ? 1 : 0
      goldStart = end
    }
  }

  private static func ends(_ words: [String]) -> [Int] {
    var place = 0
    return words.map { word in
      place += word.utf8.count
      return place
    }
  }
}
