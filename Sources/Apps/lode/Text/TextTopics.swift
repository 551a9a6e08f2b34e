import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import TextAnalysis

/// `lode text topics`: what a set of texts is about.
struct TextTopics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topics",
    abstract: "Find the topics of a set of texts.",
    discussion: """
      By latent Dirichlet allocation every text is a mixture of topics; by embedding texts of near meaning are grouped and \
      named by the words that are theirs alone. With --assign each text is answered by its topics instead.
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable { case lda, embedding }

  @OptionGroup var options: TextOptions
  @Option(help: "How topics are found.") var method = Method.embedding
  @Option(help: "How many topics; by embedding chosen by silhouette unless given, by LDA 10.") var topics:
    Int?
  @Option(help: "How many words name a topic.") var words = 10
  @Option(help: "Seeds the search.") var seed: UInt64 = 42
  @Flag(help: "Answer each text by its topics.") var assign = false

  func validate() throws {
    if words < 1 { throw ValidationError("--words is at least 1.") }
    if let topics, topics < 2 { throw ValidationError("--topics is at least 2.") }
  }

  func run() async throws {
    let models = try options.textModels()
    let texts = try options.lines().all()
    let terms = try models.termExtractor()
    let documents = texts.map(terms.terms)
    switch method {
    case .lda: try await allocate(texts, documents)
    case .embedding: try group(texts, documents, models)
    }
  }

  private func allocate(_ texts: [String], _ documents: [[String]]) async throws {
    let algorithm = LatentDirichletAllocation(configuration: .init(topics: topics ?? 10))
    let model = try await algorithm.fit(
      documents,
      context: FitContext(seed: seed) { step in
        Console.progress(
          "learning topics", fraction: step.totalSteps.map { Double(step.step) / Double($0) })
      })
    Console.clearProgress()
    let mixtures = documents.map(model.mixture)
    if assign { return mixtures.forEach(show(mixture:)) }
    for topic in 0..<model.topics {
      let share = mixtures.reduce(0) { $0 + $1[topic] } / Double(max(1, texts.count))
      let best = texts.indices.sorted { (mixtures[$1][topic], $0) < (mixtures[$0][topic], $1) }.prefix(3)
      show(
        topic, share: share, words: model.topWords(of: topic, count: words).map(\.term),
        quotes: best.map { texts[$0] })
    }
  }

  private func group(_ texts: [String], _ documents: [[String]], _ models: TextModels) throws {
    let vectors = try models.embedder().vectors(of: texts)
    let found = try EmbeddingTopics(configuration: .init(topics: topics, words: words))
      .topics(vectors: vectors, terms: documents, seed: seed)
    if assign {
      var own = [Int](repeating: 0, count: texts.count)
      for (number, topic) in found.enumerated() { for text in topic.members { own[text] = number } }
      return own.forEach { print(options.json ? #"{"topic":\#($0 + 1)}"# : "\($0 + 1)") }
    }
    for (number, topic) in found.enumerated() {
      show(
        number, share: Double(topic.members.count) / Double(texts.count), words: topic.words.map(\.term),
        quotes: topic.representatives.map { texts[$0] })
    }
  }

  private func show(mixture: [Double]) {
    if options.json { return print(JSONValue(mixture.map { JSONValue($0) }).json) }
    let best = mixture.indices.max { mixture[$0] < mixture[$1] } ?? 0
    print("\(best + 1)\t\(String(format: "%.3f", mixture[best]))")
  }

  private func show(_ topic: Int, share: Double, words: [String], quotes: [String]) {
    if options.json {
      let value: JSONValue = [
        "topic": JSONValue(topic + 1), "share": JSONValue(share), "words": JSONValue(words),
        "quotes": JSONValue(quotes),
      ]
      return print(value.json)
    }
    print("\(topic + 1). \(String(format: "%.1f", 100 * share)) %  \(words.joined(separator: " "))")
    for quote in quotes.prefix(3) { print("     “\(quote.onOneLine.prefix(120))”") }
  }
}
