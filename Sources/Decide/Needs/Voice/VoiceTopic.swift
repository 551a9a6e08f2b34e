import Commerce
import Learning
import MathKernels
import TextAnalysis

/// What many texts are about, found by the words that go together in them.
public struct VoiceTopic: Sendable, Codable, Equatable {
  /// A word with its share of the topic.
  public struct Word: Sendable, Codable, Equatable {
    /// The word.
    public let word: String
    /// How probable it is within the topic.
    public let weight: Double
  }

  /// A topic's share of one week's texts.
  public struct Week: Sendable, Codable, Equatable {
    /// Its Monday.
    public let week: String
    /// The share of the week's texts that the topic makes up.
    public let share: Double
    /// How many texts were written.
    public let texts: Int
  }

  /// Its words, most probable first.
  public let words: [Word]
  /// How many texts it makes up the largest part of.
  public let texts: Int
  /// Its share of all texts.
  public let share: Double
  /// The mean polarity of the sentences of those texts, from −1 to 1.
  public let sentiment: Double
  /// Its share of each week's texts.
  public let series: [Week]
  /// Sentences of texts that are about little else.
  public let quotes: [StatementKey]

  private static let mostTexts = 20_000
  private static let leastTexts = 50

  /// The topics of texts, largest first: latent Dirichlet allocation over the words of a sample of them; none for fewer than 50.
  static func find(
    in texts: [VoiceText], _ sentences: [VoiceSentence], _ settings: VoiceOfCustomer.Configuration,
    _ context: FitContext
  ) async throws -> [VoiceTopic] {
    var sentencesOfText: [[Int]] = Array(repeating: [], count: texts.count)
    for (index, sentence) in sentences.enumerated() { sentencesOfText[sentence.text].append(index) }
    let telling = texts.indices.filter { !sentencesOfText[$0].isEmpty }
    guard telling.count >= leastTexts else { return [] }
    let step = (telling.count + mostTexts - 1) / mostTexts
    let chosen = stride(from: 0, to: telling.count, by: step).map { telling[$0] }
    let documents = chosen.map { text in sentencesOfText[text].flatMap { sentences[$0].terms } }
    let count = max(4, min(16, chosen.count / 100))
    let allocation = LatentDirichletAllocation(
      configuration: .init(topics: count, epochs: 90, starts: 1, leastDocuments: max(3, chosen.count / 2_000))
    )
    guard let model = try? await allocation.fit(documents, context: FitContext(seed: context.seed)) else {
      try Task.checkCancellation()
      return []
    }
    let mixtures = parallelBlocks(documents.count, blockSize: 64) { block in
      block.map { model.mixture(of: documents[$0]) }
    }.flatMap { $0 }
    let calendar = VoiceWeeks(chosen.map { texts[$0].timestamp }, most: settings.weeks)
    return (0..<model.topics).map { topic in
      let own = chosen.indices.filter { place in
        mixtures[place][topic] == mixtures[place].max() && !documents[place].isEmpty
      }
      let polarities = own.flatMap { sentencesOfText[chosen[$0]] }.map { sentences[$0].quote.polarity }
      let purest = own.sorted { (mixtures[$1][topic], $0) < (mixtures[$0][topic], $1) }.prefix(3)
      let shares = calendar.sums(chosen.indices.map { (texts[chosen[$0]].timestamp, mixtures[$0][topic]) })
      return VoiceTopic(
        words: model.topWords(of: topic, count: 12).map { Word(word: $0.term, weight: $0.share) },
        texts: own.count, share: mixtures.reduce(0) { $0 + $1[topic] } / Double(chosen.count),
        sentiment: polarities.isEmpty ? 0 : Statistics.mean(polarities),
        series: zip(calendar.weeks, shares).map { week, share in
          Week(week: week.name, share: week.count > 0 ? share / Double(week.count) : 0, texts: week.count)
        },
        quotes: purest.compactMap { sentencesOfText[chosen[$0]].first.map { sentences[$0].quote.key } })
    }.sorted { $0.share > $1.share }
  }
}

/// The last weeks of a number of moments, each with how many fall into it.
struct VoiceWeeks {
  private(set) var weeks: [(name: String, count: Int)] = []
  private var first: Int64 = 0

  init(_ moments: [Timestamp], most: Int) {
    guard let newest = moments.max(), let oldest = moments.min() else { return }
    let last = Self.number(newest)
    first = max(last - Int64(most) + 1, Self.number(oldest))
    weeks = (first...last).map { (Self.name($0), 0) }
    for moment in moments { if let place = place(of: moment) { weeks[place].count += 1 } }
  }

  /// Which of the weeks a moment falls into; nil before the first.
  func place(of moment: Timestamp) -> Int? {
    let place = Int(Self.number(moment) - first)
    return weeks.indices.contains(place) ? place : nil
  }

  /// The sum of each week's amounts.
  func sums(_ amounts: some Sequence<(Timestamp, Double)>) -> [Double] {
    var sums = [Double](repeating: 0, count: weeks.count)
    for (moment, amount) in amounts { if let place = place(of: moment) { sums[place] += amount } }
    return sums
  }

  /// How many of the moments fall into each week.
  func counts(_ moments: some Sequence<Timestamp>) -> [Int] {
    var counts = [Int](repeating: 0, count: weeks.count)
    for moment in moments { if let place = place(of: moment) { counts[place] += 1 } }
    return counts
  }

  /// Weeks begin on Mondays; that of 1970-01-01, a Thursday, is number 0.
  private static func number(_ moment: Timestamp) -> Int64 {
    let day = Int64(moment.dayNumber) + 3
    return day >= 0 ? day / 7 : (day - 6) / 7
  }

  private static func name(_ number: Int64) -> String {
    String(Timestamp(milliseconds: (number * 7 - 3) * Timestamp.day).description.prefix(10))
  }
}
