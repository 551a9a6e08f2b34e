import Commerce
import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

@Suite struct RecommenderTests {
  @Test(arguments: [nil, 30.0])
  func popularityConforms(halfLifeDays: Double?) async throws {
    try await RecommenderConformance(Popularity(.init(halfLifeDays: halfLifeDays)), isPersonal: false).run()
  }

  @Test(arguments: [ItemKNN.Similarity.cosine, .tfidf, .bm25(k1: 100, b: 0.8)])
  func itemKNNConforms(similarity: ItemKNN.Similarity) async throws {
    // On the checkerboard TF-IDF and BM25 need more users than each has items; fifty are enough.
    try await RecommenderConformance(ItemKNN(.init(similarity: similarity, neighbours: 60, shrink: 1))).run()
  }

  @Test(arguments: [ImplicitALS.Solver.cholesky, .conjugateGradient(steps: 3)])
  func implicitALSConforms(solver: ImplicitALS.Solver) async throws {
    // The checkerboard has rank two; a third factor would only fit what is withheld.
    try await RecommenderConformance(
      ImplicitALS(.init(embeddingSize: 2, epochs: 20, regularization: 0.1, confidence: 2, solver: solver))
    ).run()
  }

  @Test func implicitALSWithFrequencyScalingConforms() async throws {
    try await RecommenderConformance(
      ImplicitALS(
        .init(embeddingSize: 2, epochs: 20, regularization: 0.1, confidence: 5, frequencyScaling: 1))
    ).run()
  }

  @Test func personalFrequencyConforms() async throws {
    try await RecommenderConformance(PersonalFrequency(.init(halfLifeDays: 30)), isPersonal: false).run()
  }

  @Test(arguments: InteractionWeighting.allCases)
  func easeConforms(weighting: InteractionWeighting) async throws {
    try await RecommenderConformance(EASE(.init(regularization: 5, weighting: weighting))).run()
  }

  @Test func easeOfNeighbourhoodsConforms() async throws {
    try await RecommenderConformance(EASE(.init(regularization: 5, exactLimit: 0, neighbours: 24))).run()
  }

  @Test(arguments: [2000, 24])
  func slimConforms(candidates: Int) async throws {
    try await RecommenderConformance(SLIM(.init(l1: 0.01, l2: 1, candidates: candidates))).run()
  }

  @Test(arguments: [0.0, 0.5])
  func rp3BetaConforms(beta: Double) async throws {
    try await RecommenderConformance(RP3Beta(.init(beta: beta, neighbours: 60))).run()
  }

  @Test(arguments: [true, false])
  func userKNNConforms(inverseFrequency: Bool) async throws {
    try await RecommenderConformance(UserKNN(.init(neighbours: 30, inverseFrequency: inverseFrequency))).run()
  }

  @Test func pureSVDConforms() async throws {
    try await RecommenderConformance(PureSVD(.init(embeddingSize: 2))).run()
  }

  @Test func sessionKNNConforms() async throws {
    var configuration = SessionKNN.Configuration()
    configuration.historyLength = 60
    configuration.historyDecay = 1
    configuration.distanceDecay = 1
    // The checkerboard has no order: with all of a sequence shared, only those of one's own colour are neighbours.
    configuration.neighbours = 25
    try await RecommenderConformance(SessionKNN(configuration)).run()
  }

  @Test func bprConforms() async throws {
    try await RecommenderConformance(
      BPR(.init(embeddingSize: 4, epochs: 60, learningRate: 0.1, regularization: 0.01))
    ).run()
  }

  @Test(arguments: [Blend.Normalization.score, .rank])
  func blendConforms(normalization: Blend.Normalization) async throws {
    let members = [
      EnsembleMember("EASE", ["regularization": 5]), EnsembleMember("ItemKNN", ["similarity": "cosine"]),
      EnsembleMember("Popularity"),
    ]
    try await RecommenderConformance(Blend(.init(members: members, normalization: normalization))).run()
  }

  @Test func decayedTransitionsConform() async throws {
    var configuration = DecayedTransitions.Configuration()
    // Without decays each user's whole sequence is one window: the checkerboard has no order to learn.
    configuration.window = 60
    configuration.historyLength = 60
    configuration.distanceDecay = 1
    configuration.historyDecay = 1
    configuration.backwardWeight = 1
    try await RecommenderConformance(DecayedTransitions(configuration)).run()
  }

  @Test func settingsOutsideTheirRangeAreRefused() async {
    let data = Interactions([Interaction(user: "a", item: "x"), Interaction(user: "a", item: "y")])
    var transitions = DecayedTransitions.Configuration()
    transitions.window = 0
    let wrong: [any Sendable & RefusesBadSettings] = [
      Refusal { _ = try await Popularity(.init(halfLifeDays: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await ItemKNN(.init(neighbours: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await ItemKNN(.init(shrink: -1)).fit(data, context: FitContext()) },
      Refusal {
        _ = try await ItemKNN(.init(similarity: .bm25(k1: .nan, b: 0.5))).fit(data, context: FitContext())
      },
      Refusal { _ = try await ImplicitALS(.init(embeddingSize: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await ImplicitALS(.init(regularization: .nan)).fit(data, context: FitContext()) },
      Refusal { _ = try await EASE(.init(regularization: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await SLIM(.init(l2: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await RP3Beta(.init(alpha: .nan)).fit(data, context: FitContext()) },
      Refusal { _ = try await UserKNN(.init(neighbours: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await PureSVD(.init(embeddingSize: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await SessionKNN(.init(historyDecay: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await BPR(.init(epochs: 0)).fit(data, context: FitContext()) },
      Refusal { _ = try await PersonalFrequency(.init(halfLifeDays: -1)).fit(data, context: FitContext()) },
      Refusal { _ = try await Blend(.init(members: [])).fit(data, context: FitContext()) },
      Refusal { _ = try await Blend(.init(weights: [1])).fit(data, context: FitContext()) },
      Refusal { [transitions] in
        _ = try await DecayedTransitions(transitions).fit(data, context: FitContext())
      },
    ]
    for attempt in wrong {
      await #expect(throws: LearningError.self) { try await attempt.run() }
    }
  }
}

protocol RefusesBadSettings { func run() async throws }

struct Refusal: RefusesBadSettings, Sendable {
  let body: @Sendable () async throws -> Void
  init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }
  func run() async throws { try await body() }
}
