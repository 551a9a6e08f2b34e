import Commerce
import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

@Suite struct RatingTests {
  @Test func baselineConforms() async throws {
    try await RatingConformance(
      RatingBaseline(.init(userRegularization: 0.1, itemRegularization: 0.1)), tolerance: 0.05
    ).run()
  }

  @Test(arguments: [true, false])
  func slopeOneConforms(weighted: Bool) async throws {
    try await RatingConformance(SlopeOne(.init(weighted: weighted)), tolerance: 0.05).run()
  }

  @Test func knnBaselineConforms() async throws {
    try await RatingConformance(KNNBaseline(.init(neighbours: 10, shrink: 5))).run()
  }

  @Test func funkSVDConforms() async throws {
    try await RatingConformance(FunkSVD(.init(embeddingSize: 4))).run()
  }

  @Test(arguments: [0, 3])
  func svdPlusPlusConforms(timeSpans: Int) async throws {
    try await RatingConformance(SVDPlusPlus(.init(embeddingSize: 4, timeSpans: timeSpans))).run()
  }

  /// `TrustSVD` learns from ratings and trust; the suite gives it ratings, and a ring of trust is added.
  private struct InARing: Estimator {
    func fit(_ data: Interactions, context: FitContext) async throws -> RatingFactorModel {
      let ids = data.users.ids
      let edges = zip(ids, ids.dropFirst() + ids.prefix(1)).map { TrustNetwork.Edge(from: $0, to: $1) }
      return try await TrustSVD(.init(base: .init(embeddingSize: 4))).fit(
        TrustedRatings(data, trust: TrustNetwork(edges)), context: context)
    }
  }

  @Test func trustSVDConforms() async throws {
    try await RatingConformance(InARing()).run()
  }

  static func ratings(_ rows: [(String, String, Float)]) -> Interactions {
    Interactions(rows.map { Interaction(user: $0.0, item: $0.1, weight: $0.2) })
  }

  @Test func slopeOneAgreesWithItsPaperByHand() async throws {
    // User a rates x 5, y 3, z 2; b rates x 3, y 4; c rates y 2, z 5. The rating of x by c:
    // dev(x, y) = ((5 − 3) + (3 − 4)) / 2 = .5 by two users, dev(x, z) = 3 by one.
    let data = Self.ratings([
      ("a", "x", 5), ("a", "y", 3), ("a", "z", 2), ("b", "x", 3), ("b", "y", 4), ("c", "y", 2), ("c", "z", 5),
    ])
    let plain = try await SlopeOne().fit(data, context: FitContext())
    #expect(abs(plain.rating(user: 2, item: 0, timestamp: nil) - (3.5 + (0.5 + 3) / 2)) < 1e-6)
    // Weighted by users the deviations give (.5 · 2 + 3 · 1) / 3.
    let weighted = try await SlopeOne(.init(weighted: true)).fit(data, context: FitContext())
    #expect(abs(weighted.rating(user: 2, item: 0, timestamp: nil) - (3.5 + (0.5 * 2 + 3) / 3)) < 1e-6)
    #expect(plain.predict(user: "c", item: "x") == 5)
  }

  @Test func baselineAgreesWithOneSweepByHand() async throws {
    let data = Self.ratings([("a", "x", 5), ("a", "y", 3), ("b", "x", 4)])
    let model = try await RatingBaseline(.init(epochs: 1, userRegularization: 1, itemRegularization: 2)).fit(
      data, context: FitContext())
    // μ = 4; b(x) = (1 + 0)/4, b(y) = −1/3; b(a) = (1 − .25 − 1 + 1/3)/3, b(b) = −.25/2.
    #expect(abs(model.predict(user: "b", item: "y") - (4 - 1.0 / 3 - 0.125)) < 1e-6)
    #expect(abs(model.predict(user: "a", item: "x") - (4.25 + (1.0 / 3 - 0.25) / 3)) < 1e-6)
  }

  @Test func knnBaselineAgreesWithTheDefinitionByHand() async throws {
    // With biases shrunk to nothing the residuals are r − μ. x and y agree for users a, b, c; z is alone.
    var rows: [(String, String, Float)] = [("a", "x", 5), ("a", "y", 5), ("b", "x", 1), ("b", "y", 1)]
    rows += [("c", "x", 4), ("c", "y", 2), ("d", "y", 5)]
    let data = Self.ratings(rows)
    let model = try await KNNBaseline(.init(neighbours: 5, shrink: 2)).fit(data, context: FitContext())
    let baseline = try await RatingBaseline().fit(data, context: FitContext())
    let usual = baseline.rating(user: 3, item: 0, timestamp: nil)
    // One neighbour: its similarity cancels, and the residual of y is added in full.
    let residual = 5 - baseline.rating(user: 3, item: 1, timestamp: nil)
    #expect(abs(model.rating(user: 3, item: 0, timestamp: nil) - usual - residual) < 1e-5)
    #expect(
      model.rating(user: nil, item: 0, timestamp: nil) == baseline.rating(user: nil, item: 0, timestamp: nil))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func timeAwareBiasesFollowAnItemThatChanges(seed: UInt64) async throws {
    // Item "late" is rated 1 in the first half and 5 in the second, by users without habits.
    var random = RandomSource(seed: seed)
    let day = Int64(86_400_000)
    let data = Interactions(
      (0..<400).map { row in
        let isLate = row % 2 == 0
        let time = Int64(random.index(below: 100)) * day
        let rating: Float = isLate ? (time < 50 * day ? 1 : 5) : 3
        return Interaction(
          user: "u\(row)", item: isLate ? "late" : "i\(row % 5)", timestamp: time, weight: rating)
      })
    let settings = SVDPlusPlus.Configuration(embeddingSize: 2, timeSpans: 4, timeRegularization: 0.05)
    let model = try await SVDPlusPlus(settings).fit(data, context: FitContext(seed: seed))
    #expect(model.predict(user: "new", item: "late", timestamp: 10 * day) < 2)
    #expect(model.predict(user: "new", item: "late", timestamp: 90 * day) > 4)
    let flat = try await SVDPlusPlus(.init(embeddingSize: 2)).fit(data, context: FitContext(seed: seed))
    #expect(
      flat.predict(user: "new", item: "late", timestamp: 10 * day)
        == flat.predict(user: "new", item: "late", timestamp: 90 * day))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func trustTellsTwoTastesApart(seed: UInt64) async throws {
    // Two camps rate "divisive" items 5 and 1. Newcomers rated one plain item alone, and trust members of one camp.
    var random = RandomSource(seed: seed)
    var rows: [Interaction] = []
    var edges: [TrustNetwork.Edge] = []
    for user in 0..<60 {
      for item in 0..<12 where random.uniform() < 0.8 {
        let likes = (user % 2 == 0) == (item % 2 == 0)
        rows.append(Interaction(user: "u\(user)", item: "i\(item)", weight: likes ? 5 : 1))
      }
      edges += (1...5).map { .init(from: "u\(user)", to: "u\((user + 2 * $0) % 60)") }
    }
    rows.append(Interaction(user: "newcomer", item: "plain", weight: 3))
    rows.append(Interaction(user: "u0", item: "plain", weight: 3))
    edges += [0, 2, 4, 6, 8].map { .init(from: "newcomer", to: "u\($0)") }
    edges.append(.init(from: "newcomer", to: "nobody"))
    let data = TrustedRatings(Interactions(rows), trust: TrustNetwork(edges))
    let model = try await TrustSVD(.init(base: .init(embeddingSize: 4))).fit(
      data, context: FitContext(seed: seed))
    #expect(
      model.predict(user: "newcomer", item: "i0") > model.predict(user: "newcomer", item: "i1") + 0.5)
  }

  @Test func trustReadFromAFileIsLearnedFromInEveryFold() async throws {
    let path = try EvaluationTests.file("truster,trustee,score\nann,bob,1\nbob,cid,1\n", "trust.csv")
    let trust = try TrustNetwork(path: path)
    #expect(trust.edges == [.init(from: "ann", to: "bob"), .init(from: "bob", to: "cid")])
    let short = try EvaluationTests.file("ann bob\nbob\n")
    #expect(
      throws: RecommendationError.malformedRow(
        path: short, line: 2, field: "trustee", expected: "an id", found: "end of line")
    ) { try TrustNetwork(path: short) }
    let (data, _) = RatingConformance<SlopeOne>.additive(seed: 6)
    let ring = TrustNetwork(
      data.users.ids.indices.map {
        .init(from: data.users.ids[$0], to: data.users.ids[($0 + 1) % data.users.count])
      })
    let evaluation = RatingEvaluation(folds: 2, resamples: 0)
    let with = try await evaluation.evaluate(.trustSVD(ring), on: data)
    let without = try await evaluation.evaluate(.trustSVD(TrustNetwork([])), on: data)
    #expect(with.cases == data.count)
    #expect(with.metrics["rmse"] != without.metrics["rmse"])
    #expect(with.name == "TrustSVD")
  }

  @Test func evaluationMeasuresEachRatingOnce() async throws {
    let (data, _) = RatingConformance<SlopeOne>.additive(seed: 6)
    for name in RatingAlgorithm.names {
      var algorithm = try RatingAlgorithm.named(name)
      if name.contains("SVD") { try algorithm.set("epochs", to: .number(3)) }
      let report = try await RatingEvaluation(folds: 3, resamples: 50).evaluate(algorithm, on: data)
      #expect(report.cases == data.count)
      let rmse = try #require(report.metrics["rmse"])
      #expect(try #require(report.metrics["mae"]) <= rmse)
      #expect(abs(report.folds.reduce(0, +) / 3 - rmse) < 1e-12)
      let interval = try #require(report.intervals["rmse"])
      #expect(interval.lower < rmse + 0.02 && rmse - 0.02 < interval.upper)
    }
    await #expect(throws: RecommendationError.self) {
      _ = try await RatingEvaluation(folds: 5).evaluate(
        .named("SlopeOne"), on: Interactions([Interaction(user: "a", item: "x")]))
    }
  }

  @Test func tuningOfRatingsTakesTheBestOnValidation() async throws {
    let (data, _) = RatingConformance<SlopeOne>.additive(seed: 7)
    let report = try await RatingEvaluation(folds: 3, resamples: 0).evaluate(
      .named("RatingBaseline"), on: data, tune: true)
    let best = try #require(report.tuning.map(\.rmse).min())
    #expect(report.tuning.count >= 5)
    #expect(report.tuning.first { $0.rmse == best }?.configuration == report.configuration)
  }

  @Test func settingsOfRatingModelsOutsideTheirRangeAreRefused() async {
    let data = Self.ratings([("a", "x", 5), ("a", "y", 3)])
    let wrong: [@Sendable () async throws -> Void] = [
      { _ = try await RatingBaseline(.init(epochs: 0)).fit(data, context: FitContext()) },
      { _ = try await KNNBaseline(.init(neighbours: 0)).fit(data, context: FitContext()) },
      { _ = try await FunkSVD(.init(learningRate: 0)).fit(data, context: FitContext()) },
      { _ = try await FunkSVD(.init(regularization: .nan)).fit(data, context: FitContext()) },
      { _ = try await SVDPlusPlus(.init(timeSpans: -1)).fit(data, context: FitContext()) },
      {
        _ = try await TrustSVD(.init(trustStrength: -1)).fit(
          TrustedRatings(data, trust: TrustNetwork([])), context: FitContext())
      },
    ]
    for attempt in wrong { await #expect(throws: LearningError.self) { try await attempt() } }
  }

  /// RMSE over two folds of MovieLens 100K, where it is; ceilings a little above what was measured when they were set.
  @Test(
    .enabled(if: MovieLensTests.isThere, "scripts/fetch-data movielens-100k has not been run"),
    arguments: [("RatingBaseline", 0.955), ("SlopeOne", 0.96), ("KNNBaseline", 0.96)])
  func errorStaysBelowItsCeilingOnMovieLens(model: String, ceiling: Double) async throws {
    let data = try InteractionFile(path: MovieLensTests.path, ratingColumn: "rating").read()
    let report = try await RatingEvaluation(folds: 2, resamples: 0).evaluate(.named(model), on: data)
    #expect(report.metrics["rmse", default: .nan] <= ceiling)
  }

  /// One fold in five, the gates of the published figures: SVD .936, SVD++ .919.
  @Test(
    .enabled(if: MovieLensTests.isThere, "scripts/fetch-data movielens-100k has not been run"),
    arguments: [("FunkSVD", 0.936), ("SVDPlusPlus", 0.919)])
  func factorizationsReachSurpriseOnMovieLens(model: String, ceiling: Double) async throws {
    let data = try InteractionFile(path: MovieLensTests.path, ratingColumn: "rating").read()
    let split = Splits.kFold(count: data.count, folds: 5, seed: 7)[0]
    let fitted = try await RatingAlgorithm.named(model).fit(
      data.selecting(split.training), context: FitContext(seed: 7))
    let held = data.selecting(split.test)
    var squares = 0.0
    for user in 0..<held.users.count {
      for row in held.rows(ofUser: user) {
        let rating = fitted.predict(user: held.users.ids[user], item: held.items[held.item[row]])
        squares += pow(rating - Double(held.weight[row]), 2)
      }
    }
    #expect((squares / Double(held.count)).squareRoot() <= ceiling)
  }
}
