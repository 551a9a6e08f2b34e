import MathKernels

/// A sentence of a text.
public struct TextSentence: Sendable, Codable, Equatable {
  /// The number of the text it is from.
  public var document: Int
  /// Where it stands in that text, in UTF-8 bytes.
  public var range: TextRange
  /// The sentence.
  public var text: String

  /// A sentence at a place.
  public init(document: Int, range: TextRange, text: String) {
    (self.document, self.range, self.text) = (document, range, text)
  }
}

/// Keeps the sentences that may tell of a need, and picks few that say different things: what a person should read of a corpus.
///
/// ```swift
/// let kept = InformativeSentences(terms: extractor).informative(in: reviews)
/// let sample = try InformativeSentences.sample(kept, vectors: embedder.vectors(of: kept.map(\.text)), count: 100, seed: 42)
/// ```
/// The pipeline of Timoshenko and Hauser (2019), https://doi.org/10.1287/mksc.2018.1123: keep informative sentences, embed them,
/// cluster the vectors, read one sentence of each cluster. Where the original trains a network on sentences labelled by people,
/// a sentence here is informative when it is a statement (`StatementDetector`) or names enough content, is neither very short
/// nor very long, and is not a copy of an earlier one.
/// - Complexity: O(n) for the first step; that of `SphericalKMeans` for the second.
public struct InformativeSentences: Sendable {
  /// What carries content.
  public var terms: TermExtractor
  /// Finds statements.
  public var detector: StatementDetector
  /// Without a statement, a sentence needs so many different content words.
  public var leastTerms: Int
  /// How many letters and characters a sentence may have.
  public var lengths: ClosedRange<Int>

  /// A filter with these parts.
  public init(
    terms: TermExtractor, detector: StatementDetector = .init(), leastTerms: Int = 3,
    lengths: ClosedRange<Int> = 4...300
  ) {
    (self.terms, self.detector) = (terms, detector)
    (self.leastTerms, self.lengths) = (leastTerms, lengths)
  }

  /// The informative sentences of texts, without copies.
  public func informative(in texts: [String]) -> [TextSentence] {
    let splitter = SentenceSplitter()
    let found = parallelBlocks(texts.count, blockSize: 64) { block in
      block.flatMap { index in
        splitter.sentences(in: texts[index]).compactMap { range -> TextSentence? in
          let sentence = TextSentence(document: index, range: range, text: texts[index].piece(range))
          return isInformative(sentence.text) ? sentence : nil
        }
      }
    }
    var seen: Set<String> = []
    return found.joined().filter { sentence in
      seen.insert(
        String(sentence.text.unicodeScalars.filter { $0.isLetter || $0.isDigit }.map(Character.init))
          .lowercased()
      ).inserted
    }
  }

  /// Whether a sentence may tell of a need.
  public func isInformative(_ sentence: String) -> Bool {
    guard lengths.contains(sentence.unicodeScalars.count) else { return false }
    if !detector.statements(in: sentence).isEmpty { return true }
    return Set(terms.terms(of: sentence)).count >= leastTerms
  }

  /// Sentences that say different things: the one nearest to the centre of each of `count` clusters, the largest cluster first.
  ///
  /// - Parameter vectors: one row for each sentence.
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData`.
  public static func sample(
    _ sentences: [TextSentence], vectors: Matrix<Float>, count: Int, seed: UInt64
  ) throws -> [TextSentence] {
    guard vectors.rows == sentences.count else {
      throw TextError.invalidParameter(
        name: "vectors", value: "\(vectors.rows) rows", expected: "as many as sentences, \(sentences.count)")
    }
    let found = try SphericalKMeans(configuration: .init(clusters: count, epochs: 20, starts: 1)).cluster(
      vectors, seed: seed)
    var best: [Int: Int] = [:]
    var sizes: [Int: Int] = [:]
    for row in sentences.indices {
      let cluster = found.assignments[row]
      sizes[cluster, default: 0] += 1
      if best[cluster].map({ found.similarities[row] > found.similarities[$0] }) ?? true {
        best[cluster] = row
      }
    }
    return best.sorted { (sizes[$1.key] ?? 0, $0.key) < (sizes[$0.key] ?? 0, $1.key) }.map {
      sentences[$0.value]
    }
  }
}
