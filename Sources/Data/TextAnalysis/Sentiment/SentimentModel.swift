import Foundation
import Learning
import MathKernels

/// How positive a text is, and why.
public struct Sentiment: Sendable, Codable, Equatable {
  /// A word that decided, and what it adds to the log-odds of "positive".
  public struct Reason: Sendable, Codable, Equatable {
    /// The word or phrase.
    public var text: String
    /// Where it stands, in UTF-8 bytes.
    public var range: TextRange
    /// What it adds to the log-odds of "positive".
    public var contribution: Double
  }

  /// One sentence of the text.
  public struct Sentence: Sendable, Codable, Equatable {
    /// Where it stands, in UTF-8 bytes.
    public var range: TextRange
    /// The probability that it is positive.
    public var probability: Double
  }

  /// The probability that the text is positive.
  public var probability: Double
  /// Its sentences, in order.
  public var sentences: [Sentence]
  /// The words that decided, strongest first, ten at most.
  public var reasons: [Reason]

  /// `positive` or `negative`, by which is likelier.
  public var label: String { probability >= 0.5 ? SentimentClassifier.positive : "negative" }
}

/// Says how positive texts of one language are. It is a value and may be used from any thread.
public struct SentimentModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The words with a known polarity.
  public let lexicon: SentimentLexicon
  /// The linear model of n-grams.
  public let linear: LinearTextModel
  let stack: SentimentStack
  private var reader: SentimentReader { SentimentReader(linear: linear, lexicon: lexicon) }

  /// The language it understands.
  public var language: TextLanguage { lexicon.language }

  /// What a unit of each part adds to the log-odds: the margin of the whole, the contrast, the words that are turned
  /// round, the lexicon's score.
  public var partWeights: [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(["whole", "contrast", "turned", "lexicon", "intercept"], stack.weights))
  }

  init(linear: LinearTextModel, lexicon: SentimentLexicon, stack: SentimentStack) {
    (self.linear, self.lexicon, self.stack) = (linear, lexicon, stack)
  }

  /// The probabilities that texts are positive, on all cores.
  public func probabilities(of texts: [String]) -> [Double] {
    parallelBlocks(texts.count, blockSize: 64) { block in block.map { probability(of: texts[$0]) } }
      .flatMap { $0 }
  }

  /// The probability that a text is positive; that of no information for an empty one.
  public func probability(of text: String) -> Double {
    1 / (1 + exp(-stack.logOdds(reader.parts(of: text))))
  }

  /// How positive a text and its sentences are, and the words that decided.
  ///
  /// - Complexity: O(n-grams of the text).
  public func sentiment(of text: String) -> Sentiment {
    let bytes = Array(text.utf8)
    let sentences = Clauses.sentences(of: text).map { range in
      Sentiment.Sentence(
        range: range, probability: probability(of: String(decoding: bytes[range], as: UTF8.self)))
    }
    return Sentiment(probability: probability(of: text), sentences: sentences, reasons: reasons(in: text, bytes))
  }

  /// How positive what is said in a piece of a text is, such as the words about one aspect.
  ///
  /// The clause around the piece counts, or several clauses when the piece reaches over them, the words in the piece's own
  /// clause only: what the rest of the text says is left out.
  /// - Throws: `TextError.invalidParameter` when the range is not inside the text.
  public func polarity(of range: TextRange, in text: String) throws -> Sentiment {
    let bytes = Array(text.utf8)
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
      throw TextError.invalidParameter(
        name: "range", value: "\(range)", expected: "a part of 0..<\(bytes.count)")
    }
    let clauses = Clauses.clauses(of: text).filter {
      range.isEmpty ? $0.contains(range.lowerBound) : $0.overlaps(range)
    }
    let start = clauses.first?.lowerBound ?? range.lowerBound
    let end = clauses.last?.upperBound ?? range.upperBound
    var result = sentiment(of: String(decoding: bytes[start..<end], as: UTF8.self))
    for index in result.reasons.indices { result.reasons[index].range = result.reasons[index].range.shifted(start) }
    for index in result.sentences.indices {
      result.sentences[index].range = result.sentences[index].range.shifted(start)
    }
    return result
  }

  /// Words with what they add to the log-odds: their bytes' share of the n-grams around them, and the lexicon's polarity.
  private func reasons(in text: String, _ bytes: [UInt8]) -> [Sentiment.Reason] {
    let shares = linear.contributions(ofBytesIn: text)
    let opinions = lexicon.opinions(in: text)
    let sum = opinions.reduce(0) { $0 + $1.polarity }
    let scale = stack.weights[3] / (sum * sum + 1).squareRoot()
    var (reasons, next) = ([Sentiment.Reason](), 0)
    func add(_ range: TextRange, _ extra: Double) {
      let share = Double(shares[range].reduce(0, +)) * stack.weights[0]
      let word = String(decoding: bytes[range], as: UTF8.self)
      reasons.append(.init(text: word, range: range, contribution: share + extra))
    }
    for token in ScriptTokenizer().tokens(of: text) {
      while next < opinions.count, opinions[next].range.upperBound <= token.range.lowerBound { next += 1 }
      if next < opinions.count, opinions[next].range.overlaps(token.range) {
        let opinion = opinions[next].range
        if reasons.last?.range != opinion { add(opinion, opinions[next].polarity * scale) }
      } else {
        add(token.range, 0)
      }
    }
    return Self.merged(reasons, bytes).sorted { abs($0.contribution) > abs($1.contribution) }.prefix(10)
      .filter { abs($0.contribution) > 0.01 }
  }

  /// Neighbouring Chinese characters that pull the same way become one phrase of up to four characters.
  private static func merged(_ reasons: [Sentiment.Reason], _ bytes: [UInt8]) -> [Sentiment.Reason] {
    var result: [Sentiment.Reason] = []
    for reason in reasons {
      if let last = result.last, last.range.upperBound == reason.range.lowerBound,
        bytes[reason.range.lowerBound] >= 0xE4, bytes[last.range.lowerBound] >= 0xE4,
        (last.contribution > 0) == (reason.contribution > 0), last.range.count + reason.range.count <= 12
      {
        let range = last.range.lowerBound..<reason.range.upperBound
        result[result.count - 1] = .init(
          text: String(decoding: bytes[range], as: UTF8.self), range: range,
          contribution: last.contribution + reason.contribution)
      } else {
        result.append(reason)
      }
    }
    return result
  }
}

extension TextRange {
  fileprivate func shifted(_ distance: Int) -> TextRange { lowerBound + distance..<upperBound + distance }
}
