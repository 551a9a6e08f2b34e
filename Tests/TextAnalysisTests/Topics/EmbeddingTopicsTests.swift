import MathKernels
import Testing
import TextAnalysis

@Suite struct EmbeddingTopicsTests {
  /// Vectors around four directions, with words that tell them.
  static func planted(seed: UInt64, noise: Double = 0.25) -> (
    vectors: Matrix<Float>, terms: [[String]], truth: [Int]
  ) {
    var random = RandomSource(seed: seed)
    var (elements, terms, truth): ([Float], [[String]], [Int]) = ([], [], [])
    for index in 0..<120 {
      let topic = index % 4
      for column in 0..<16 { elements.append(Float((column == topic ? 1 : 0) + noise * random.normal())) }
      terms.append(["all", "topic\(topic)", "topic\(topic)", "word\(random.index(below: 30))"])
      truth.append(topic)
    }
    return (Matrix(rows: 120, columns: 16, elements), terms, truth)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func findsPlantedTopicsAndTheirNumber(seed: UInt64) throws {
    let (vectors, terms, truth) = Self.planted(seed: seed, noise: 0.15)
    let topics = try EmbeddingTopics(configuration: .init(candidates: [2, 3, 4, 5, 6, 8])).topics(
      vectors: vectors, terms: terms, seed: seed)
    #expect(topics.count == 4)
    for topic in topics {
      #expect(Set(topic.members.map { truth[$0] }).count == 1)
      #expect(topic.words.first?.term == "topic\(truth[topic.members[0]])")
      #expect(topic.representatives.count == 5 && Set(topic.representatives).isSubset(of: topic.members))
    }
    #expect(topics.flatMap(\.members).sorted() == Array(0..<120))
  }

  @Test func choosesRepresentativesUnlikeEachOther() throws {
    // Five copies of one text near the centre, and two others beside it.
    let rows: [[Float]] = [
      [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [0.8, 0.6, 0], [0.8, 0, 0.6],
    ]
    let topics = try EmbeddingTopics(configuration: .init(topics: 1, representatives: 3, relevance: 0.3))
      .topics(
        vectors: Matrix(rows: 7, columns: 3, rows.flatMap { $0 }), terms: Array(repeating: ["a"], count: 7),
        seed: 1)
    #expect(Set(topics[0].representatives.map { $0 < 5 ? 0 : $0 }) == [0, 5, 6])
  }

  @Test(arguments: [1, 2] as [UInt64])
  func isTheSameForTheSameSeed(seed: UInt64) throws {
    let (vectors, terms, _) = Self.planted(seed: seed)
    let configuration = EmbeddingTopics.Configuration(topics: 6)
    let first = try EmbeddingTopics(configuration: configuration).topics(
      vectors: vectors, terms: terms, seed: seed)
    #expect(
      try EmbeddingTopics(configuration: configuration).topics(vectors: vectors, terms: terms, seed: seed)
        == first)
  }

  @Test func acceptsFewRowsZerosAndWhatIsNoNumber() throws {
    let vectors = Matrix<Float>(rows: 3, columns: 2, [0, 0, .nan, 1, 1, 0])
    let found = try SphericalKMeans(configuration: .init(clusters: 8)).cluster(vectors, seed: 1)
    #expect(found.assignments.count == 3 && found.centres.elements.allSatisfy(\.isFinite))
    #expect(try EmbeddingTopics().topics(vectors: vectors, terms: [[], [], []], seed: 1).count == 1)
    #expect(throws: TextError.self) {
      try EmbeddingTopics().topics(vectors: Matrix(rows: 0, columns: 2), terms: [], seed: 1)
    }
    #expect(throws: TextError.self) { try EmbeddingTopics().topics(vectors: vectors, terms: [], seed: 1) }
  }

  @Test func agreesWithScikitLearnOnAgreement() {
    // sklearn.metrics: homogeneity .6667, completeness .4206, v .5158, adjusted_rand .2424 for these labels.
    let agreement = TopicMeasures.agreement(of: [0, 0, 1, 2, 1, 2], with: [0, 0, 0, 1, 1, 1])
    #expect(abs(agreement.homogeneity - 0.6667) < 1e-4)
    #expect(abs(agreement.completeness - 0.4206) < 1e-4)
    #expect(abs(agreement.vMeasure - 0.5158) < 1e-4)
    #expect(abs(agreement.adjustedRand - 0.2424) < 1e-4)
    #expect(TopicMeasures.agreement(of: [1, 1, 2], with: [5, 5, 6]).vMeasure == 1)
  }
}
