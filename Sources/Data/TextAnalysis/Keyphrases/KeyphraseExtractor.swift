import Foundation

/// A phrase that says what a text is about.
public struct Keyphrase: Sendable, Codable, Equatable {
  /// The phrase as it is first written.
  public var text: String
  /// Its weight; comparable within one answer.
  public var score: Double
  /// Where it stands, in UTF-8 bytes; empty for phrases of a corpus.
  public var ranges: [TextRange]
  /// How many texts hold it.
  public var documents: Int
}

/// Finds the phrases that say what a text, or a whole corpus, is about.
///
/// ```swift
/// let extractor = KeyphraseExtractor(terms: TermExtractor(tokenizer: tokenizer), statistics: statistics)
/// extractor.keyphrases(in: "电池续航很好，屏幕也清晰")
/// ```
/// Candidates are runs of content words; where words carry parts of speech, of nouns and of adjectives before them. They are weighed by one of:
/// - TF-IDF: the sum of the words' TF-IDF over the square root of their number (needs `statistics`; else all are equally rare);
/// - TextRank: PageRank over the words that stand near each other, Mihalcea and Tarau (2004), https://aclanthology.org/W04-3252;
///   a phrase has the sum of its words over the square root of their number, where the original sums them;
/// - RAKE: degree over frequency of each word, summed, Rose et al. (2010), https://doi.org/10.1002/9780470689646.ch1; where the
///   original lets phrases be as long as they are, ours have at most `longestPhrase` words.
///
/// - Complexity: O(n) per text; TextRank O(words × window × 30).
public struct KeyphraseExtractor: Sendable {
  /// How candidates are weighed.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Frequent here, rare elsewhere.
    case tfIDF = "tf-idf"
    /// Central among the words around.
    case textRank = "textrank"
    /// Part of longer phrases more than alone.
    case rake
  }

  /// What are words, and which carry content.
  public var terms: TermExtractor
  /// How rare words are; nil when nothing is known of other texts.
  public var statistics: TermStatisticsModel?
  /// How candidates are weighed.
  public var method: Method
  /// The most words of a phrase.
  public var longestPhrase: Int

  /// An extractor with these parts.
  public init(
    terms: TermExtractor, statistics: TermStatisticsModel? = nil, method: Method = .tfIDF,
    longestPhrase: Int = 3
  ) {
    (self.terms, self.statistics, self.method) = (terms, statistics, method)
    self.longestPhrase = max(1, longestPhrase)
  }

  /// The best phrases of one text, best first. A phrase within a better one is left out.
  public func keyphrases(in text: String, count: Int = 10) -> [Keyphrase] {
    let candidates = candidates(in: text)
    let weights = wordWeights(candidates)
    var found: [[String]: Keyphrase] = [:]
    for candidate in candidates {
      for phrase in subphrases(candidate) {
        let (key, range) = (phrase.words, phrase.range)
        let scale = method == .rake ? 1 : Double(key.count).squareRoot()
        let score = key.reduce(0) { $0 + (weights[$1] ?? 0) } / scale
        found[key, default: Keyphrase(text: text.piece(range), score: score, ranges: [], documents: 1)].ranges
          .append(range)
      }
    }
    let parts = parts(found)
    return best(found.filter { !parts.contains($0.key) }, count)
  }

  /// The best phrases of a corpus: those in many texts that say much, best first.
  ///
  /// The weight is the logarithm of the phrase's length plus one, times the texts that hold it and no longer phrase around
  /// it: the C-value of Frantzi et al. (2000), https://doi.org/10.1007/s007999900023, counted in texts instead of mentions.
  /// With `statistics` of other texts, words that are common there weigh less.
  public func keyphrases(inCorpus texts: [String], count: Int = 30) -> [Keyphrase] {
    var documents: [[String]: Int] = [:]
    var written: [[String]: String] = [:]
    var longer: [[String]: (texts: Int, kinds: Int)] = [:]
    for text in texts {
      var seen: Set<[String]> = []
      for candidate in candidates(in: text) {
        for phrase in subphrases(candidate) where seen.insert(phrase.words).inserted {
          documents[phrase.words, default: 0] += 1
          if written[phrase.words] == nil { written[phrase.words] = text.piece(phrase.range) }
        }
      }
    }
    for (words, held) in documents where words.count > 1 && held > 1 {
      for length in 1..<words.count {
        for start in 0...words.count - length {
          longer[Array(words[start..<start + length]), default: (0, 0)].texts += held
          longer[Array(words[start..<start + length]), default: (0, 0)].kinds += 1
        }
      }
    }
    let scored = documents.filter { $0.value > 1 || texts.count < 3 }.map { words, held in
      let nested = longer[words].map { Double($0.texts) / Double($0.kinds) } ?? 0
      let rarity = statistics.map { model in
        words.reduce(0) { $0 + model.inverseDocumentFrequency(of: $1) } / Double(words.count)
      }
      let score = log2(Double(words.count) + 1) * (Double(held) - nested) * (rarity ?? 1)
      return (words, Keyphrase(text: written[words] ?? "", score: score, ranges: [], documents: held))
    }
    return best(Dictionary(uniqueKeysWithValues: scored), count)
  }

  private struct Word {
    var term: String
    var range: TextRange
    var isNoun: Bool
  }

  /// Whether a part of speech of the Penn Treebank or the People's Daily names things, and whether it may stand before one.
  private static func kind(_ tag: String?) -> (isNoun: Bool, belongs: Bool) {
    guard let tag, let first = tag.unicodeScalars.first, !["x", "w", "eng"].contains(tag) else {
      return (true, true)
    }
    let isNoun =
      tag.hasPrefix("NN") || first == "n" || tag == "vn" || tag == "an" || first == "j" || first == "l"
      || first == "i"
    return (isNoun, isNoun || tag.hasPrefix("JJ") || first == "a" || first == "b" || tag == "z")
  }

  /// Runs of content words with nothing but blanks between them.
  private func candidates(in text: String) -> [[Word]] {
    var (result, run): ([[Word]], [Word]) = ([], [])
    for token in terms.tokenizer.tokens(of: text) {
      let (isNoun, belongs) = Self.kind(token.tag)
      if belongs, let term = terms.term(of: token.text) {
        run.append(Word(term: term, range: token.range, isNoun: isNoun))
      } else if !run.isEmpty {
        result.append(run)
        run = []
      }
    }
    if !run.isEmpty { result.append(run) }
    return result
  }

  private func subphrases(_ words: [Word]) -> [(words: [String], range: TextRange)] {
    words.indices.flatMap { start in
      (start..<min(words.count, start + longestPhrase)).filter { words[$0].isNoun }.map { end in
        (words[start...end].map(\.term), words[start].range.lowerBound..<words[end].range.upperBound)
      }
    }
  }

  /// Phrases of several words that stand in the same longer company every time.
  private func parts(_ found: [[String]: Keyphrase]) -> Set<[String]> {
    var result: Set<[String]> = []
    for (words, phrase) in found where words.count > 2 {
      for part in [Array(words.dropFirst()), Array(words.dropLast())] {
        let own = found[part]?.ranges.count ?? 0
        if own > 1, phrase.ranges.count >= own { result.insert(part) }
      }
    }
    return result
  }

  private func best(_ found: [[String]: Keyphrase], _ count: Int) -> [Keyphrase] {
    let sorted = found.sorted {
      ($1.value.score, $0.key.joined(separator: " ")) < ($0.value.score, $1.key.joined(separator: " "))
    }
    var kept: [([String], Keyphrase)] = []
    for (words, phrase) in sorted where phrase.score > 0 {
      guard kept.count < count else { break }
      let overlaps = kept.contains { Set($0.0).isSuperset(of: words) || Set(words).isSuperset(of: $0.0) }
      if !overlaps { kept.append((words, phrase)) }
    }
    return kept.map(\.1)
  }

  private func wordWeights(_ candidates: [[Word]]) -> [String: Double] {
    switch method {
    case .tfIDF:
      var counts: [String: Double] = [:]
      for word in candidates.joined() { counts[word.term, default: 0] += 1 }
      return statistics.map { model in
        counts.reduce(into: [:]) { $0[$1.key] = $1.value * model.inverseDocumentFrequency(of: $1.key) }
      } ?? counts
    case .textRank: return TextRank.weights(candidates.joined().map(\.term))
    case .rake:
      var (frequency, degree): ([String: Double], [String: Double]) = ([:], [:])
      for run in candidates {
        for part in stride(from: 0, to: run.count, by: longestPhrase) {
          let phrase = run[part..<min(run.count, part + longestPhrase)]
          for word in phrase {
            frequency[word.term, default: 0] += 1
            degree[word.term, default: 0] += Double(phrase.count)
          }
        }
      }
      return degree.reduce(into: [:]) { $0[$1.key] = $1.value / (frequency[$1.key] ?? 1) }
    }
  }
}

/// PageRank over words that stand near each other.
enum TextRank {
  /// The weight of each word; they sum to the number of words.
  static func weights(_ terms: [String], window: Int = 4, damping: Double = 0.85, rounds: Int = 30)
    -> [String: Double]
  {
    var ids: [String: Int] = [:]
    var sequence: [Int] = []
    for term in terms {
      let id = ids[term] ?? ids.count
      ids[term] = id
      sequence.append(id)
    }
    var edges: [[Int: Double]] = Array(repeating: [:], count: ids.count)
    for (place, word) in sequence.enumerated() {
      for other in sequence[(place + 1)...].prefix(window - 1) where other != word {
        edges[word][other, default: 0] += 1
        edges[other][word, default: 0] += 1
      }
    }
    let neighbours = edges.map { $0.sorted { $0.key < $1.key } }
    let strength = neighbours.map { $0.reduce(0) { $0 + $1.value } }
    var ranks = [Double](repeating: 1, count: ids.count)
    for _ in 0..<rounds {
      ranks = neighbours.indices.map { word in
        1 - damping + damping
          * neighbours[word].reduce(0) { $0 + $1.value / strength[$1.key] * ranks[$1.key] }
      }
    }
    return ids.mapValues { ranks[$0] }
  }
}
