import Commerce
import Features
import Foundation
import Learning
import Recommendation
import Storage

/// Training what pages are made of: the recommender, behind a gate, and the model of what goes together in one order.
extension Shop {
  /// What came of training the recommender.
  struct TrainedRecommender: Sendable {
    /// How recommenders do on held-out data, the one chosen first.
    var reports: [RecommendationEvaluation.Report]
    /// Why the new version did not go live; nil when it did.
    var heldBack: String?
  }

  private static var testDays: Double { 28 }

  /// The recommenders that a training chooses from, the simplest first.
  private nonisolated static func candidates() throws -> [RecommendationAlgorithm] {
    var neighbours = try RecommendationAlgorithm.named("ItemKNN")
    try neighbours.set("similarity", to: ["tfidf": [:]])
    try neighbours.set("neighbours", to: 100)
    try neighbours.set("shrink", to: 20)
    var factors = try RecommendationAlgorithm.named("PureSVD")
    try factors.set("embeddingSize", to: 32)
    return [
      try RecommendationAlgorithm.named("Popularity"), factors, neighbours,
      try RecommendationAlgorithm.named("DecayedTransitions"),
    ]
  }

  /// Chooses the recommender on the 28 days before the last 28, measures all on the last 28, and trains the chosen one on
  /// everything. The new version goes live only when the gate lets it.
  nonisolated func trainRecommender(
    _ data: TrainingData, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> TrainedRecommender {
    let interactions = Interactions(data.frame)
    let known = try Self.known(interactions)
    var candidates = try Self.candidates()
    let live = try await liveAlgorithm()
    // What is live is measured beside the others, whatever it is.
    if let live, !candidates.contains(where: { $0.isSame(as: live) }) { candidates.append(live) }
    var best: (algorithm: RecommendationAlgorithm, ndcg: Double)?
    for (index, algorithm) in candidates.enumerated() {
      progress(
        JobProgress(
          stage: "Choosing a recommender: \(algorithm.name)", step: 1, totalSteps: 4,
          fraction: 0.15 * Double(index) / Double(candidates.count)))
      let ndcg = try await Self.evaluate(algorithm, known).metrics["ndcg@10"] ?? 0
      if best.map({ ndcg > $0.ndcg }) ?? true { best = (algorithm, ndcg) }
    }
    guard let chosen = best?.algorithm else { return TrainedRecommender(reports: []) }
    var measured: [(algorithm: RecommendationAlgorithm, report: RecommendationEvaluation.Report)] = []
    for (index, algorithm) in candidates.enumerated() {
      progress(
        JobProgress(
          stage: "Measuring \(algorithm.name) on the last 28 days", step: 2, totalSteps: 4,
          fraction: 0.15 + 0.15 * Double(index) / Double(candidates.count)))
      measured.append((algorithm, try await Self.evaluate(algorithm, interactions)))
    }
    measured.sort {
      ($0.algorithm.isSame(as: chosen) ? 0 : 1, $0.report.name) < (
        $1.algorithm.isSame(as: chosen) ? 0 : 1, $1.report.name
      )
    }
    progress(
      JobProgress(stage: "Training \(chosen.name) on everything", step: 2, totalSteps: 4, fraction: 0.32))
    let model = try await chosen.fit(interactions, context: FitContext())
    let liveReport = measured.first { entry in live.map { entry.algorithm.isSame(as: $0) } ?? false }?.report
    let verdict = PromotionGate().verdict(
      on: PromotionGate.Figures(measured[0].report), against: liveReport.map(PromotionGate.Figures.init),
      floor: measured.first { $0.report.name == "Popularity" }.map { PromotionGate.Figures($0.report) })
    let reports = measured.map(\.report)
    try await save(model, chosen, reports, interactions, verdict, at: data.now)
    return TrainedRecommender(reports: reports, heldBack: verdict.isPassed ? nil : verdict.reason)
  }

  /// What is not held out as a test.
  private nonisolated static func known(_ interactions: Interactions) throws -> Interactions {
    guard let newest = interactions.timestamp.max() else {
      throw LearningError.notEnoughData(needed: "at least one interaction", found: "none")
    }
    func start(_ days: Double) -> Int64 { Timestamp(milliseconds: newest).adding(days: -days).milliseconds }
    let known = interactions.selecting(
      interactions.timestamp.indices.filter { interactions.timestamp[$0] < start(testDays) })
    let validation = known.timestamp.filter { $0 >= start(2 * testDays) }.count
    guard known.count < interactions.count, validation > 0, validation < known.count else {
      throw LearningError.notEnoughData(
        needed: "interactions in each of the last two spans of 28 days and before",
        found: "\(interactions.count) in all")
    }
    return known
  }

  private nonisolated static func evaluate(
    _ algorithm: RecommendationAlgorithm, _ data: Interactions
  ) async throws -> RecommendationEvaluation.Report {
    try await RecommendationEvaluation(protocol: .lastDays(testDays), resamples: 200).evaluate(
      algorithm, on: data)
  }

  /// The algorithm of the live version, with its settings; nil when there is none or this build does not know it.
  private nonisolated func liveAlgorithm() async throws -> RecommendationAlgorithm? {
    let record = try await store.modelRecords().first {
      $0.name == ModelName.recommendation && $0.state == .live && $0.fault == nil
    }
    guard let record, let name = record.header.report["algorithm"]?.string,
      var algorithm = try? RecommendationAlgorithm.named(name)
    else { return nil }
    for (setting, value) in record.header.configuration.object ?? [:] {
      guard (try? algorithm.set(setting, to: value)) != nil else { return nil }
    }
    return algorithm
  }

  private nonisolated func save<Model: Recommender>(
    _ model: Model, _ chosen: RecommendationAlgorithm, _ reports: [RecommendationEvaluation.Report],
    _ data: Interactions, _ verdict: PromotionGate.Verdict, at now: Timestamp
  ) async throws {
    let intervals = reports.first?.intervals ?? [:]
    let envelope = try ModelEnvelope(
      model, configuration: chosen.configuration, trainedAt: now, dataFingerprint: data.fingerprint,
      metrics: reports.first?.metrics ?? [:],
      report: [
        "algorithm": .string(chosen.name), "events": JSONValue(data.count),
        "gate": ["passed": .bool(verdict.isPassed), "reason": .string(verdict.reason)],
        "intervals": try JSONValue(encoding: intervals),
        "baselines": .array(reports.dropFirst().map { Self.baseline($0.name, $0.metrics) }),
        "seconds": JSONValue(reports.first?.seconds),
        "notes":
          """
        Test: what each customer bought in the last 28 days and never before; all items ranked, ties counted against \
        the model. Chosen on the 28 days before. The model that is served is trained again on everything.
        """,
      ])
    let version = try await store.save(envelope, name: ModelName.recommendation)
    if verdict.isPassed { try await store.promote(name: ModelName.recommendation, version: version) }
  }

  /// Learns what goes together in one order, and takes it into use. A shop without orders of several items has none.
  nonisolated func trainComplements(
    _ data: TrainingData, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws {
    let orders = Interactions(ordersIn: data.frame)
    guard orders.count > 0 else { return }
    progress(
      JobProgress(stage: "Learning what goes into one order", step: 2, totalSteps: 4, fraction: 0.33))
    let algorithm = ItemKNN(.init(similarity: .cosine, neighbours: 100, shrink: 20))
    let model = try await algorithm.fit(orders, context: FitContext())
    let envelope = try ModelEnvelope(
      model, configuration: try JSONValue(encoding: algorithm.configuration), trainedAt: data.now,
      dataFingerprint: orders.fingerprint, metrics: [:],
      report: [
        "algorithm": "ItemKNN", "events": JSONValue(orders.count),
        "notes": "Items that are bought in the same order, by the cosine over orders.",
      ])
    let version = try await store.save(envelope, name: ModelName.complements)
    try await store.promote(name: ModelName.complements, version: version)
  }
}

extension RecommendationAlgorithm {
  /// Whether both would learn the same.
  fileprivate func isSame(as other: RecommendationAlgorithm) -> Bool {
    name == other.name && configuration == other.configuration
  }
}
