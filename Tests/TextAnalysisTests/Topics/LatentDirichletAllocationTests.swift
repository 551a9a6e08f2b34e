import Learning
import MathKernels
import Testing
import TextAnalysis

@Suite struct LatentDirichletAllocationTests {
  /// Documents drawn from three topics with words of their own, mixed at random, and some words of all.
  static func planted(_ count: Int, seed: UInt64) -> (documents: [[String]], mixtures: [[Double]]) {
    var random = RandomSource(seed: seed)
    var (documents, mixtures): ([[String]], [[Double]]) = ([], [])
    for index in 0..<count {
      var mixture = (0..<3).map { _ in 0.05 + 0.1 * random.uniform() }
      mixture[index % 3] += 1
      let sum = mixture.reduce(0, +)
      mixture = mixture.map { $0 / sum }
      documents.append(
        (0..<40).map { _ in
          if random.uniform() < 0.15 { return "common\(random.index(below: 5))" }
          let drawn = random.uniform()
          let topic = drawn < mixture[0] ? 0 : drawn < mixture[0] + mixture[1] ? 1 : 2
          return "t\(topic)w\(random.index(below: 12))"
        })
      mixtures.append(mixture)
    }
    return (documents, mixtures)
  }

  static let algorithm = LatentDirichletAllocation(
    configuration: .init(topics: 3, epochs: 120, alpha: 0.3, greatestShare: 1))

  @Test(arguments: [1, 2, 3] as [UInt64])
  func recoversPlantedTopics(seed: UInt64) async throws {
    let (documents, mixtures) = Self.planted(240, seed: seed)
    let model = try await Self.algorithm.fit(documents, context: FitContext(seed: seed))
    let names = (0..<3).map { topic in Set(model.topWords(of: topic, count: 8).map { $0.term.prefix(2) }) }
    #expect(names.allSatisfy { $0.count == 1 } && Set(names).count == 3, "\(names)")
    let order = names.map { name in Int(String(name.first?.dropFirst() ?? "")) ?? -1 }
    var error = 0.0
    for (document, truth) in zip(documents, mixtures) {
      let mixture = model.mixture(of: document)
      #expect(abs(mixture.reduce(0, +) - 1) < 1e-9)
      for topic in 0..<3 { error += abs(mixture[topic] - truth[order[topic]]) / 3 / Double(documents.count) }
    }
    #expect(error < 0.07, "\(error)")
  }

  @Test func isLessSurprisedByHeldOutTextThanOneTopicIs() async throws {
    let (documents, _) = Self.planted(200, seed: 5)
    let (training, test) = (Array(documents[..<150]), Array(documents[150...]))
    let three = try await Self.algorithm.fit(training, context: FitContext())
    let one = try await LatentDirichletAllocation(
      configuration: .init(topics: 1, epochs: 5, greatestShare: 1)
    )
    .fit(training, context: FitContext())
    // Twelve words of a topic and five of all: with its topic known, a word is one of about 21 equal ones.
    #expect(three.perplexity(of: test) < 28)
    #expect(one.perplexity(of: test) > 36)
    #expect(three.perplexity(of: []).isNaN)
    let coherences = (0..<3).map {
      TopicMeasures.coherence(of: three.topWords(of: $0, count: 5).map(\.term), in: test)
    }
    #expect(coherences.allSatisfy { $0 > 0.05 }, "\(coherences)")
    #expect(TopicMeasures.coherence(of: ["t0w1", "t1w1", "t2w1"], in: test) < 0)
  }

  @Test func isTheSameForTheSameSeedAndAfterLoading() async throws {
    let (documents, _) = Self.planted(60, seed: 4)
    let first = try await Self.algorithm.fit(documents, context: FitContext(seed: 9))
    #expect(try await Self.algorithm.fit(documents, context: FitContext(seed: 9)) == first)
    #expect(try await Self.algorithm.fit(documents, context: FitContext(seed: 10)) != first)
    #expect(
      try PackedPayload.decode(LatentDirichletAllocationModel.self, from: PackedPayload.encode(first))
        == first)
    let even = [Double](repeating: 1 / 3, count: 3)
    #expect(first.mixture(of: ["unknown"]) == even)
  }

  @Test func refusesWhatItCannotLearnFrom() async {
    await #expect(throws: TextError.self) { try await Self.algorithm.fit([], context: FitContext()) }
    await #expect(throws: TextError.self) {
      try await Self.algorithm.fit([[], ["once"]], context: FitContext())
    }
    await #expect(throws: TextError.self) {
      try await LatentDirichletAllocation(configuration: .init(topics: 0)).fit([["a"]], context: FitContext())
    }
  }

  @Test func stopsWhenItsTaskIsCancelled() async {
    let (documents, _) = Self.planted(60, seed: 4)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await Self.algorithm.fit(documents, context: FitContext())
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
