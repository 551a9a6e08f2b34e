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
