import Commerce
import Foundation
import MathKernels

/// A word that customers use.
public struct VoiceWord: Sendable, Codable, Equatable {
  /// The word.
  public var word: String
  /// How many texts it is in.
  public var texts: Int
  /// How many people use it.
  public var customers: Int
  /// The mean polarity of its sentences, from −1 to 1.
  public var sentiment: Double
  /// How much more it is used in bad sentences than in good ones: the z-score of the log-odds with an informative Dirichlet
  /// prior; above 2 or below −2 it is no chance.
  public var liftBad: Double
  /// Whether more or fewer of those who write use it than before; nil when the texts do not reach back far enough.
  public var trend: NeedTrend?

  private enum CodingKeys: String, CodingKey {
    case word, texts, customers, sentiment
    case liftBad = "lift_bad"
    case trend
  }
}

/// A word with the company it keeps.
public struct VoiceWordPortrait: Sendable, Codable, Equatable {
  /// A word that stands in the same sentences.
  public struct Neighbour: Sendable, Codable, Equatable {
    /// The word.
    public var word: String
    /// How many sentences have both.
    public var sentences: Int
    /// Normalised pointwise mutual information, from −1 to 1.
    public var npmi: Double
  }

  /// One week.
  public struct Week: Sendable, Codable, Equatable {
    /// Its Monday.
    public var week: String
    /// How many texts use the word.
    public var texts: Int
    /// How many texts there are.
    public var written: Int
  }

  /// Week by week.
  public var series: [Week]
  /// The words nearest to it.
  public var neighbours: [Neighbour]
}

extension VoiceView {
  /// The words that customers use, most frequent first.
  ///
  /// Which words belong to bad sentences is told by Monroe, Colaresi and Quinn's weighted log-odds (2008),
  /// https://doi.org/10.1093/pan/mpn018, with all words as the prior.
  /// - Complexity: O(words of all sentences).
  public func words() -> [VoiceWord] {
    var (counts, bad, good): ([String: Int], [String: Int], [String: Int]) = ([:], [:], [:])
    var (last, texts, polarity): ([String: Int], [String: Int], [String: Double]) = ([:], [:], [:])
    var places: [String: [Int32]] = [:]
    for (index, sentence) in reading.sentences.enumerated() {
      for word in Set(sentence.terms) {
        counts[word, default: 0] += 1
        polarity[word, default: 0] += sentence.quote.polarity
        if sentence.quote.isBad { bad[word, default: 0] += 1 }
        if sentence.quote.isGood { good[word, default: 0] += 1 }
        if last.updateValue(sentence.text, forKey: word) != sentence.text { texts[word, default: 0] += 1 }
        places[word, default: []].append(Int32(index))
      }
    }
    let (allBad, allGood) = (bad.values.reduce(0, +), good.values.reduce(0, +))
    let all = Double(counts.values.reduce(0, +))
    let trends = WordTrends(reading)
    var words = texts.map { word, texts in
      let prior = 1_000 * Double(counts[word] ?? 0) / all
      func odds(_ count: Int, _ total: Int) -> (log: Double, variance: Double) {
        let (own, rest) = (Double(count) + prior, Double(total) + 1_000 - Double(count) - prior)
        return (log(own / max(1e-9, rest)), 1 / own)
      }
      let (b, g) = (odds(bad[word] ?? 0, allBad), odds(good[word] ?? 0, allGood))
      let own = places[word] ?? []
      return VoiceWord(
        word: word, texts: texts, customers: Set(own.map { reading.sentences[Int($0)].holder }).count,
        sentiment: (polarity[word] ?? 0) / Double(max(1, counts[word] ?? 0)),
        liftBad: (b.log - g.log) / (b.variance + g.variance).squareRoot(), trend: trends.trend(of: own))
    }
    let adjusted = HypothesisTests.benjaminiHochberg(words.compactMap { $0.trend?.pValue })
    for (index, value) in adjusted.enumerated() {
      words[index].trend = words[index].trend.map {
        NeedTrend(change: $0.change, pValue: $0.pValue, qValue: value)
      }
    }
    return words.sorted { ($1.texts, $0.word) < ($0.texts, $1.word) }
  }

  /// A word with its neighbours; nil when nobody uses it.
  /// - Complexity: O(words of all sentences).
  public func portrait(of word: String) -> VoiceWordPortrait? {
    var (counts, together): ([String: Int], [String: Int]) = ([:], [:])
    var own: [Int32] = []
    for (index, sentence) in reading.sentences.enumerated() {
      let terms = Set(sentence.terms)
      let isOwn = terms.contains(word)
      if isOwn { own.append(Int32(index)) }
      for term in terms where term != word {
        counts[term, default: 0] += 1
        if isOwn { together[term, default: 0] += 1 }
      }
    }
    guard !own.isEmpty else { return nil }
    let total = Double(reading.sentences.count)
    let neighbours = together.filter { $0.value >= 2 }.map { term, both in
      let joint = Double(both) / total
      let ratio = joint / (Double(own.count) / total * Double(counts[term] ?? 1) / total)
      // Two words that are in every sentence are as near as two can be.
      return VoiceWordPortrait.Neighbour(
        word: term, sentences: both, npmi: joint < 1 ? log(ratio) / -log(joint) : 1)
    }.sorted { ($1.npmi, $1.sentences, $0.word) < ($0.npmi, $0.sentences, $1.word) }
    let texts = Set(own.map { reading.sentences[Int($0)].text })
    let used = weeks.counts(texts.map { reading.texts[$0].timestamp })
    return VoiceWordPortrait(
      series: weeks.weeks.indices.map {
        .init(week: weeks.weeks[$0].name, texts: used[$0], written: weeks.weeks[$0].count)
      },
      neighbours: Array(neighbours.prefix(20)))
  }
}

/// Compares who used a word in the last days with who did in as many days before.
private struct WordTrends {
  private let reading: VoiceReading
  private let end: Int64
  private let days: Int64
  private var recent = 0
  private var before = 0

  init(_ reading: VoiceReading) {
    self.reading = reading
    days = Int64(reading.model.configuration.trendDays)
    end = Int64(reading.texts.map(\.timestamp.dayNumber).max() ?? 0)
    let writers = holders(reading.texts.map { ($0.timestamp, $0.holder) })
    (recent, before) = (writers.0.count, writers.1.count)
  }

  private func holders(_ said: some Sequence<(Timestamp, String)>) -> (Set<String>, Set<String>) {
    var (recent, before): (Set<String>, Set<String>) = ([], [])
    for (time, holder) in said {
      let age = end - Int64(time.dayNumber)
      if age < days { recent.insert(holder) } else if age < 2 * days { before.insert(holder) }
    }
    return (recent, before)
  }

  func trend(of sentences: [Int32]) -> NeedTrend? {
    guard recent > 0, before > 0 else { return nil }
    let said = holders(
      sentences.lazy.map { index in
        let sentence = reading.sentences[Int(index)]
        return (sentence.quote.timestamp, sentence.holder)
      })
    let test = HypothesisTests.twoProportions(
      successes: said.0.count, of: recent, versus: said.1.count, of: before)
    let (now, then) = (Double(said.0.count) / Double(recent), Double(said.1.count) / Double(before))
    return NeedTrend(
      change: then > 0 ? now / then - 1 : now > 0 ? 1 : 0, pValue: test.pValue, qValue: nil)
  }
}
