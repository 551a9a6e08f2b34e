import Commerce
import MathKernels
import TextAnalysis

/// What is thought of an aspect: how often it is spoken of, how well and how badly.
public struct VoiceAspect: Sendable, Codable, Equatable {
  /// A word that says what is thought of it.
  public struct Opinion: Sendable, Codable, Equatable {
    /// The word.
    public var opinion: String
    /// How often it is said of the aspect.
    public var count: Int
    /// Its mean polarity there.
    public var polarity: Double
  }

  /// The mentions of one week.
  public struct Week: Sendable, Codable, Equatable {
    /// Its Monday.
    public var week: String
    /// How many speak well of it.
    public var good: Int
    /// How many speak ill of it.
    public var bad: Int
  }

  /// The aspect.
  public var aspect: String
  /// How many sentences speak of it.
  public var mentions: Int
  /// How many people do.
  public var customers: Int
  /// How many sentences speak well of it.
  public var good: Int
  /// How many speak ill of it.
  public var bad: Int
  /// The mean polarity of what is said of it, from −1 to 1.
  public var sentiment: Double
  /// The mean's confidence interval, by the normal approximation.
  public var sentimentInterval: ConfidenceInterval
  /// The words that say so, most frequent first.
  public var opinions: [Opinion]
  /// Week by week.
  public var series: [Week]

  private enum CodingKeys: String, CodingKey {
    case aspect, mentions, customers, good, bad, sentiment
    case sentimentInterval = "sentiment_interval"
    case opinions, series
  }
}

/// What one aspect comes to for several products.
public struct VoiceComparison: Sendable, Codable, Equatable {
  /// One product's figures.
  public struct Cell: Sendable, Codable, Equatable {
    /// How many sentences speak of it.
    public var mentions: Int
    /// How many speak well of it.
    public var good: Int
    /// How many speak ill of it.
    public var bad: Int
    /// The mean polarity.
    public var sentiment: Double
    /// The mean's confidence interval.
    public var interval: ConfidenceInterval
  }

  /// The aspect.
  public var aspect: String
  /// The figures, in the order of the products; nil where nobody speaks of it.
  public var cells: [Cell?]
  /// The p-value of no difference between the two products that differ most in the share of good mentions, times the number of
  /// pairs (Bonferroni); nil with fewer than two products of five mentions.
  public var pValue: Double?
  /// The p-value adjusted over all aspects (Benjamini and Hochberg).
  public var qValue: Double?

  private enum CodingKeys: String, CodingKey {
    case aspect, cells
    case pValue = "p_value"
    case qValue = "q_value"
  }
}

extension VoiceView {
  /// A sentence that speaks of an aspect.
  private struct Mention {
    var sentence: Int
    var polarity: Double
    var opinions: [AspectOpinion]
  }

  private func mentions(_ items: Set<String>?, _ sentences: [Int]? = nil) -> [String: [Mention]] {
    var result: [String: [Mention]] = [:]
    func note(_ index: Int) {
      let sentence = reading.sentences[index]
      if let items, !(sentence.quote.itemID.map(items.contains) ?? false) { return }
      for (aspect, opinions) in Dictionary(grouping: sentence.aspects, by: \.aspect) {
        let polarity = opinions.reduce(0) { $0 + $1.polarity } / Double(opinions.count)
        result[aspect, default: []].append(
          Mention(sentence: index, polarity: polarity, opinions: opinions))
      }
    }
    if let sentences { sentences.forEach(note) } else { reading.sentences.indices.forEach(note) }
    return result
  }

  /// The aspects that are spoken of, most mentioned first.
  ///
  /// - Parameters:
  ///   - items: only of these items.
  ///   - sentences: only in these sentences.
  /// - Complexity: O(sentences).
  public func aspects(of items: Set<String>? = nil, in sentences: [Int]? = nil) -> [VoiceAspect] {
    mentions(items, sentences).map { aspect, mentions in
      let polarities = mentions.map(\.polarity)
      let (mean, interval) = Self.mean(polarities)
      let times = mentions.map { reading.sentences[$0.sentence].quote.timestamp }
      let good = weeks.counts(zip(times, polarities).filter { $0.1 > 0 }.map(\.0))
      let bad = weeks.counts(zip(times, polarities).filter { $0.1 < 0 }.map(\.0))
      return VoiceAspect(
        aspect: aspect, mentions: mentions.count,
        customers: Set(mentions.map { reading.sentences[$0.sentence].holder }).count,
        good: polarities.count { $0 > 0 }, bad: polarities.count { $0 < 0 }, sentiment: mean,
        sentimentInterval: interval, opinions: Self.opinions(mentions.flatMap(\.opinions)),
        series: weeks.weeks.indices.map { .init(week: weeks.weeks[$0].name, good: good[$0], bad: bad[$0]) })
    }.sorted { ($1.mentions, $0.aspect) < ($0.mentions, $1.aspect) }
  }

  private static func opinions(_ mentions: [AspectOpinion]) -> [VoiceAspect.Opinion] {
    Dictionary(grouping: mentions, by: \.opinion).map {
      VoiceAspect.Opinion(
        opinion: $0, count: $1.count, polarity: $1.reduce(0) { $0 + $1.polarity } / Double($1.count))
    }
    .sorted { ($1.count, $0.opinion) < ($0.count, $1.opinion) }.prefix(6).map { $0 }
  }

  private static func mean(_ values: [Double]) -> (Double, ConfidenceInterval) {
    let mean = Statistics.mean(values)
    // One mention says nothing of the spread: the interval is as wide as the scale.
    let error =
      values.count > 1 ? Statistics.standardDeviation(values) / Double(values.count).squareRoot() : 2
    let width = NormalDistribution.quantile(0.975) * error
    return (
      mean, ConfidenceInterval(lower: max(-1, mean - width), upper: min(1, mean + width), level: 0.95)
    )
  }

  /// What is thought of products, aspect by aspect; what differs most first, then what is spoken of most.
  ///
  /// - Parameter subjects: the items of each product or category.
  public func comparison(of subjects: [Set<String>]) -> [VoiceComparison] {
    let found = subjects.map { mentions($0) }
    var rows = Set(found.flatMap(\.keys)).map { aspect in
      VoiceComparison(
        aspect: aspect,
        cells: found.map { mentions in
          mentions[aspect].map { mentions in
            let polarities = mentions.map(\.polarity)
            let (mean, interval) = Self.mean(polarities)
            return .init(
              mentions: mentions.count, good: polarities.count { $0 > 0 }, bad: polarities.count { $0 < 0 },
              sentiment: mean, interval: interval)
          }
        })
    }
    for index in rows.indices { rows[index].pValue = Self.difference(rows[index].cells.compactMap { $0 }) }
    let tested = rows.indices.filter { rows[$0].pValue != nil }
    let adjusted = HypothesisTests.benjaminiHochberg(tested.compactMap { rows[$0].pValue })
    for (index, value) in zip(tested, adjusted) { rows[index].qValue = value }
    func order(_ row: VoiceComparison) -> (Double, Int) {
      let isSignificant = (row.qValue ?? 1) <= 0.05
      return (
        isSignificant ? row.qValue ?? 1 : 1, -row.cells.reduce(0) { $0 + ($1?.mentions ?? 0) }
      )
    }
    rows.sort { order($0) == order($1) ? $0.aspect < $1.aspect : order($0) < order($1) }
    return rows
  }

  private static func difference(_ cells: [VoiceComparison.Cell]) -> Double? {
    let cells = cells.filter { $0.mentions >= 5 }
    guard cells.count >= 2 else { return nil }
    var least = 1.0
    for first in cells.indices {
      for second in cells.indices where second > first {
        let test = HypothesisTests.twoProportions(
          successes: cells[first].good, of: cells[first].mentions, versus: cells[second].good,
          of: cells[second].mentions)
        least = min(least, test.pValue)
      }
    }
    return min(1, least * Double(cells.count * (cells.count - 1) / 2))
  }
}
