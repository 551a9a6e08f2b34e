import Commerce
import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

@Suite struct EvaluationTests {
  static func file(_ text: String, _ name: String = "data.csv") throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lode-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let url = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  @Test(arguments: [
    "user_id,item_id,timestamp\nann,tea,2024-01-02T00:00:00Z\nann,milk,2024-01-01T00:00:00Z\n",
    "\u{FEFF}item_id:token\tuser_id:token\ttimestamp:float\r\ntea\tann\t1704153600\r\nmilk\tann\t1704067200\r\n",
    "ann tea 1704153600\nann milk 1704067200\n", "ann,tea,5,1704153600000\n\nann,milk,1,1704067200000",
    "\"ann\",\"tea\",1704153600\nann,milk,1704067200\n",
  ])
  func filesOfAnyUsualShapeAreRead(text: String) throws {
    let data = try InteractionFile(path: Self.file(text)).read()
    #expect(data.users.ids == ["ann"])
    #expect(data.item.map { data.items[$0] } == ["milk", "tea"])
    #expect(data.timestamp == [1_704_067_200_000, 1_704_153_600_000])
    #expect(data.weight == [1, 1])
  }

  @Test func badRowsAreNamedByFileLineAndField() throws {
    let badTime = try Self.file("user_id,item_id,timestamp\nann,tea,1\nann,milk,soon\n")
    #expect(
      throws: RecommendationError.malformedRow(
        path: badTime, line: 3, field: "time", expected: "ISO 8601, or seconds or milliseconds since 1970",
        found: "soon")
    ) { try InteractionFile(path: badTime).read() }
    let short = try Self.file("ann tea\nbob\n")
    #expect(
      throws: RecommendationError.malformedRow(
        path: short, line: 2, field: "item", expected: "an id in column 2", found: "end of line")
    ) { try InteractionFile(path: short).read() }
    let other = try Self.file("user_id,thing\nann,tea\n")
    #expect(
      throws: RecommendationError.missingColumn(path: other, column: "item_id", found: ["user_id", "thing"])
    ) { try InteractionFile(path: other).read() }
    #expect(throws: RecommendationError.self) { try InteractionFile(path: "/nowhere").read() }
    #expect(throws: RecommendationError.self) {
      try InteractionFile(path: Self.file("user_id,item_id\n")).read()
    }
    let weighed = try InteractionFile(
      path: Self.file("u,i,w\na,x,2.5\n"), userColumn: "u", itemColumn: "i", ratingColumn: "w"
    )
    .read()
    #expect(weighed.weight == [2.5])
  }

  @Test func leaveOneOutTestsOnTheLastItemAlone() async throws {
    // After a comes b for everyone; the last item c of the fourth user was never seen after anything.
    let data = ModelOracleTests.interactions([
      ["x", "a", "b"], ["y", "a", "b"], ["z", "a", "b"], ["a", "b", "c"], ["a", "b"],
    ])
    let evaluation = RecommendationEvaluation(protocol: .leaveOneOut, cutoffs: [1, 3], resamples: 0)
    let report = try await evaluation.evaluate(.named("DecayedTransitions"), on: data)
    #expect(report.cases == 4)
    // b follows a in the training rows of the last two users only, and leads for the first three users.
    #expect(report.metrics["hr@1"] == 0.75)
    #expect(report.intervals.isEmpty)
  }

  @Test func tiesCountAgainstTheModel() async throws {
    // Every held-out item is as popular as all others: none may be ranked first.
    let data = ModelOracleTests.interactions((0..<10).map { ["a\($0)", "b\($0)", "c\(($0 + 1) % 10)"] })
    let evaluation = RecommendationEvaluation(protocol: .leaveOneOut, cutoffs: [5], resamples: 0)
    let report = try await evaluation.evaluate(.named("Popularity"), on: data)
    #expect(report.metrics["hr@5"] == 0)
  }

  @Test(arguments: [
    EvaluationProtocol.leaveOneOut, .temporal(testShare: 0.3), .kFold(folds: 3), .lastDays(4),
    .stratified(testShare: 0.25), .eightOneOne,
  ])
  func figuresAreConsistentUnderEveryProtocol(holdOut: EvaluationProtocol) async throws {
    let data = RecommenderConformance<ItemKNN>.random(seed: 11)
    for repeats in [RepeatPurchases.never, .allow, .only] {
      let evaluation = RecommendationEvaluation(
        protocol: holdOut, cutoffs: [5, 80], repeatPurchases: repeats, seed: 3, resamples: 50)
      for name in RecommendationAlgorithm.names {
        var algorithm = try RecommendationAlgorithm.named(name)
        if name == "ImplicitALS" || name == "BPR" { try algorithm.set("epochs", to: .number(2)) }
        if name == "LambdaMART" { continue }
        let report = try await evaluation.evaluate(algorithm, on: data)
        let figure = { (metric: String) in report.metrics[metric] ?? .nan }
        #expect(figure("ndcg@5") <= figure("hr@5") + 1e-12)
        #expect(figure("recall@5") <= figure("hr@5") + 1e-12)
        #expect(figure("hr@5") <= figure("hr@80"))
        // 80 is all items: whatever may be recommended at all is found.
        #expect(figure("recall@80") > 0.999)
        let interval = try #require(report.intervals["ndcg@5"])
        #expect(interval.lower <= figure("ndcg@5") && figure("ndcg@5") <= interval.upper)
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func sharesOfEachUserAreDealtOnce(seed: UInt64) {
    let starts = [0, 10, 10, 11, 40]
    let parts = Splits.dealtWithinGroups(starts: starts, shares: [0.1, 0.1], seed: seed)
    #expect(parts.joined().sorted() == Array(0..<40))
    for part in parts { #expect(part == part.sorted()) }
    #expect(parts[0].filter { $0 < 10 }.count == 1)
    #expect(parts[1].filter { $0 >= 11 }.count == 3)
    #expect(parts[2].contains(10))
    #expect(Splits.dealtWithinGroups(starts: starts, shares: [0.1, 0.1], seed: seed) == parts)
  }

  @Test func theLastDaysAreTheTest() async throws {
    let day = Int64(86_400_000)
    // Day 10 is the newest: with three days held out, c and d are looked for, from a history of a and b.
    let data = Interactions(
      [("a", 0), ("b", 6), ("c", 8), ("d", 10)].map {
        Interaction(user: "u", item: $0.0, timestamp: Int64($0.1) * day)
      } + [Interaction(user: "v", item: "d", timestamp: 5 * day)])
    let report = try await RecommendationEvaluation(protocol: .lastDays(3), cutoffs: [1], resamples: 0)
      .evaluate(
        .named("Popularity"), on: data)
    #expect(report.cases == 1)
    #expect(report.metrics["recall@1"] == 0.5)
  }

  @Test func figuresAmongSampledItemsSayThatTheyAre() async throws {
    let data = RecommenderConformance<ItemKNN>.random(seed: 14)
    let full = try await RecommendationEvaluation(protocol: .leaveOneOut, resamples: 0).evaluate(
      .named("Popularity"), on: data)
    let evaluation = RecommendationEvaluation(protocol: .leaveOneOut, resamples: 10, sampledNegatives: 15)
    let sampled = try await evaluation.evaluate(.named("Popularity"), on: data)
    #expect(sampled.metrics["ndcg@10"] == nil)
    #expect(sampled.intervals["hr@10_sampled15"] != nil)
    // Fewer rivals make every figure larger.
    let figure = try #require(sampled.metrics["hr@10_sampled15"])
    #expect(figure > full.metrics["hr@10", default: 1])
    #expect(try await evaluation.evaluate(.named("Popularity"), on: data).metrics == sampled.metrics)
  }

  @Test func theSimplestThatNothingBeatsIsChosen() async throws {
    // Rings of items: transitions know what comes next, and every setting of them does.
    var random = RandomSource(seed: 5)
    let data = ModelOracleTests.interactions(
      (0..<150).map { _ in
        let start = random.index(below: 60)
        return (0..<7).map { "i\((start + $0) % 60)" }
      })
    let algorithms = try ["Popularity", "DecayedTransitions", "SessionKNN"].map(RecommendationAlgorithm.named)
    let tuning = RecommendationTuning(protocol: .leaveOneOut, trials: 9, resamples: 200)
    let report = try await tuning.run(algorithms, on: data)
    #expect(report.chosen.name == "DecayedTransitions")
    #expect(report.finalists.map(\.name).sorted() == ["DecayedTransitions", "Popularity", "SessionKNN"])
    #expect(report.trials.count == 9)
    #expect(report.test.metrics["ndcg@10", default: 0] > 0.5)
    let popular = try #require(report.finalists.first { $0.name == "Popularity" })
    #expect(popular.interval.upper < 0)
    #expect(!report.endedByBudget)
    let again = try await tuning.run(algorithms, on: data)
    #expect(again.trials.map(\.ndcg) == report.trials.map(\.ndcg))
  }

  @Test func aSearchWithoutTimeStillChoosesAmongDefaults() async throws {
    let data = RecommenderConformance<ItemKNN>.random(seed: 15)
    let algorithms = try ["Popularity", "ItemKNN"].map(RecommendationAlgorithm.named)
    let report = try await RecommendationTuning(
      protocol: .leaveOneOut, trials: 20, budgetSeconds: 0, resamples: 50
    )
    .run(algorithms, on: data)
    #expect(report.endedByBudget)
    #expect(report.trials.count == 2)
    await #expect(throws: RecommendationError.self) {
      _ = try await RecommendationTuning(protocol: .leaveOneOut).run([], on: data)
    }
  }

  @Test func tuningLooksAtValidationAndTakesTheBest() async throws {
    let data = RecommenderConformance<ItemKNN>.random(seed: 12)
    let evaluation = RecommendationEvaluation(protocol: .leaveOneOut, resamples: 0)
    let report = try await evaluation.evaluate(.named("DecayedTransitions"), on: data, tune: true)
    #expect(report.tuning.count > 6)
    let best = try #require(report.tuning.map(\.ndcg).max())
    #expect(report.tuning.first { $0.ndcg == best }?.configuration == report.configuration)
  }

  @Test func settingsAreCheckedByNameAndValue() throws {
    var algorithm = try RecommendationAlgorithm.named("itemknn")
    try algorithm.set("similarity", to: .string("tfidf"))
    try algorithm.set("neighbours", to: .number(7))
    #expect(
      algorithm.configuration
        == .object([
          "similarity": .object(["tfidf": .object([:])]), "neighbours": .number(7), "shrink": .number(0),
        ]))
    #expect(throws: RecommendationError.self) { try algorithm.set("neighbors", to: .number(7)) }
    #expect(throws: RecommendationError.self) { try algorithm.set("neighbours", to: .string("many")) }
    #expect(throws: RecommendationError.self) { try RecommendationAlgorithm.named("Oracle") }
  }

  @Test func nobodyToMeasureIsAnError() async throws {
    let data = ModelOracleTests.interactions([["a", "b"], ["c"]])
    let evaluation = RecommendationEvaluation(protocol: .leaveOneOut)
    await #expect(throws: RecommendationError.self) {
      _ = try await evaluation.evaluate(.named("Popularity"), on: data)
    }
  }
}

/// Floors on MovieLens 100K, where scripts/fetch-data has brought it.
@Suite struct MovieLensTests {
  static var path: String {
    let cache =
      ProcessInfo.processInfo.environment["LODE_CACHE"]
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent(".cache").path
    return cache + "/data/movielens-100k/ml-100k.inter"
  }
  static var isThere: Bool { FileManager.default.fileExists(atPath: path) }

  /// Leave-one-out NDCG@10 over all items, a tenth below what was measured when the floors were set.
  @Test(
    .enabled(if: isThere, "scripts/fetch-data movielens-100k has not been run"),
    arguments: [
      ("Popularity", 0.039), ("ItemKNN", 0.052), ("ImplicitALS", 0.060), ("DecayedTransitions", 0.092),
      ("SessionKNN", 0.09),
    ])
  func qualityStaysAboveItsFloor(model: String, floor: Double) async throws {
    let data = try InteractionFile(path: Self.path).read()
    var algorithm = try RecommendationAlgorithm.named(model)
    if model == "ImplicitALS" { try algorithm.set("confidence", to: .number(10)) }
    let evaluation = RecommendationEvaluation(protocol: .leaveOneOut, resamples: 0)
    let report = try await evaluation.evaluate(algorithm, on: data)
    #expect(report.cases == 943)
    #expect(report.metrics["ndcg@10", default: 0] >= floor)
  }

  /// Stratified 75/25 nDCG@10, ten percent and more below what was measured when the floors were set.
  @Test(
    .enabled(if: isThere, "scripts/fetch-data movielens-100k has not been run"),
    arguments: [("EASE", 0.44), ("RP3Beta", 0.39), ("UserKNN", 0.39), ("PureSVD", 0.35)])
  func qualityOfListsStaysAboveItsFloor(model: String, floor: Double) async throws {
    let data = try InteractionFile(path: Self.path).read()
    let evaluation = RecommendationEvaluation(protocol: .stratified(testShare: 0.25), resamples: 0)
    let report = try await evaluation.evaluate(.named(model), on: data)
    #expect(report.metrics["ndcg@10", default: 0] >= floor)
  }

  @Test(
    .enabled(if: isThere, "scripts/fetch-data movielens-100k has not been run"),
    arguments: [("SLIM", "sweeps", 5, 0.43), ("BPR", "epochs", 30, 0.40)])
  func qualityOfShortRunsStaysAboveItsFloor(model: String, setting: String, value: Double, floor: Double)
    async throws
  {
    let data = try InteractionFile(path: Self.path).read()
    var algorithm = try RecommendationAlgorithm.named(model)
    try algorithm.set(setting, to: .number(value))
    let evaluation = RecommendationEvaluation(protocol: .stratified(testShare: 0.25), resamples: 0)
    let report = try await evaluation.evaluate(algorithm, on: data)
    #expect(report.metrics["ndcg@10", default: 0] >= floor)
  }
}
