import Commerce
import Features
import Foundation
import Learning
import Needs
import Recommendation
import Storage

/// What came of a training.
public struct TrainingReport: Sendable {
  /// How needs are foretold on held-out data; nil when there was too little to learn from.
  public var needs: NeedEvaluation?
  /// How recommenders do on held-out data, the one in use first.
  public var recommenders: [RecommendationEvaluation.Report] = []
  /// What was not trained, and why.
  public var skipped: [String] = []
  /// Seconds in all.
  public var seconds = 0.0

  /// The report as a job's result.
  public var json: JSONValue {
    get throws {
      [
        "needs": try needs.map { try JSONValue(encoding: $0) } ?? nil,
        "recommenders": .array(try recommenders.map { try JSONValue(encoding: $0) }),
        "skipped": JSONValue(skipped),
        "seconds": JSONValue(seconds),
      ]
    }
  }
}

extension Shop {
  /// Queues a training.
  public nonisolated func submitTraining() async throws -> Job {
    try await jobs.submit(.training, input: [:], isShared: true)
  }

  nonisolated func runTraining(
    _ job: Job, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    try await train(progress: progress).json
  }

  /// Trains what the shop serves, measures it on held-out data, takes it into use and mines the needs of all customers.
  ///
  /// - Throws: `ApplicationError.notTrained` when there is too little data for anything; `CancellationError`.
  @concurrent
  public nonisolated func train(
    progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
  ) async throws -> TrainingReport {
    let clock = ContinuousClock()
    let started = clock.now
    let data = try await trainingData()
    var report = TrainingReport()
    do {
      report.recommenders = try await trainRecommender(data, progress: progress)
    } catch let error as LearningError {
      report.skipped.append("recommendation: \(error)")
    } catch let error as RecommendationError {
      report.skipped.append("recommendation: \(error)")
    }
    do {
      report.needs = try await trainNeeds(data, progress: progress)
    } catch let error as NeedError {
      report.skipped.append("needs: \(error)")
    }
    guard report.needs != nil || !report.recommenders.isEmpty else {
      throw ApplicationError.conflict(
        reason: "There is too little data to train anything. " + report.skipped.joined(separator: " "))
    }
    try await readModels()
    do {
      _ = try await sweepModels(keeping: try await currentSettings().modelVersionsKept)
    } catch {
      // What was trained is in use all the same.
      await note(error, in: .housekeeping)
    }
    if report.needs != nil {
      progress(
        JobProgress(stage: "Mining the needs of all customers", step: 4, totalSteps: 4, fraction: 0.95))
      _ = try await currentBoard()
    }
    report.seconds = Double((clock.now - started).components.seconds)
    return report
  }

  /// What a training reads: a snapshot, so that events that arrive meanwhile do not matter.
  struct TrainingData: Sendable {
    let frame: EventFrame
    let catalogue: CatalogueIndex
    let features: FeatureSettings
    let now: Timestamp
  }

  private func trainingData() throws -> TrainingData {
    try requireReady()
    return TrainingData(
      frame: frame, catalogue: states.catalogue, features: FeatureSettings(calendar: calendar), now: clock())
  }

  private nonisolated func trainNeeds(
    _ data: TrainingData, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> NeedEvaluation {
    var configuration = NeedMining.Configuration()
    configuration.features = data.features
    let context = FitContext { step in
      let share = step.totalSteps.map { Double(step.step) / Double(max(1, $0)) }
      progress(
        JobProgress(
          stage: "Learning what customers need next", step: 3, totalSteps: 4,
          fraction: share.map { 0.35 + 0.6 * $0 },
          metrics: step.metrics))
    }
    let mined = try await NeedMining(configuration).mine(
      NeedDataset(frame: data.frame, catalogue: data.catalogue), context: context)
    let evaluation = mined.evaluation
    let baselines = evaluation.table.filter { $0.name != NeedEvaluation.boosting }
    let envelope = try ModelEnvelope(
      mined.model, configuration: try JSONValue(encoding: configuration), trainedAt: data.now,
      dataFingerprint: data.frame.fingerprint, metrics: evaluation.learned?.metrics ?? [:],
      report: [
        "baselines": .array(baselines.map { Self.baseline($0.name, $0.metrics) }),
        "calibration": .array(
          evaluation.learned?.calibration.map {
            [
              "predicted": JSONValue($0.meanPrediction), "observed": JSONValue($0.observedRate),
              "count": JSONValue($0.count),
            ]
          } ?? []),
        "seconds": JSONValue(evaluation.seconds["total"]), "notes": .string(evaluation.protocolDescription),
      ])
    let version = try await store.save(envelope, name: ModelName.needs)
    try await store.promote(name: ModelName.needs, version: version)
    return evaluation
  }

  private nonisolated static func baseline(_ name: String, _ metrics: [String: Double]) -> JSONValue {
    ["name": .string(name), "metrics": .object(metrics.mapValues { JSONValue($0) })]
  }

  /// The recommenders that a training chooses from, the simplest first.
  private nonisolated static func candidates() throws -> [RecommendationAlgorithm] {
    var neighbours = try RecommendationAlgorithm.named("ItemKNN")
    try neighbours.set("similarity", to: ["tfidf": [:]])
    try neighbours.set("neighbours", to: 100)
    try neighbours.set("shrink", to: 20)
    return [
      try RecommendationAlgorithm.named("Popularity"), neighbours,
      try RecommendationAlgorithm.named("DecayedTransitions"),
    ]
  }

  /// Chooses the recommender on the 28 days before the last 28, measures all on the last 28, and trains the chosen one on
  /// everything.
  private nonisolated func trainRecommender(
    _ data: TrainingData, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> [RecommendationEvaluation.Report] {
    let interactions = Interactions(data.frame)
    guard let newest = interactions.timestamp.max() else {
      throw LearningError.notEnoughData(needed: "at least one interaction", found: "none")
    }
    func holdOut(_ days: Double) -> Int64 { Timestamp(milliseconds: newest).adding(days: -days).milliseconds }
    let test = interactions.timestamp.filter { $0 >= holdOut(28) }.count
    let known = interactions.selecting(
      interactions.timestamp.indices.filter { interactions.timestamp[$0] < holdOut(28) })
    let validation = known.timestamp.filter { $0 >= holdOut(56) }.count
    guard test > 0, validation > 0, validation < known.count else {
      throw LearningError.notEnoughData(
        needed: "interactions in each of the last two spans of 28 days and before",
        found: "\(interactions.count) in all")
    }
    let candidates = try Self.candidates()
    var best: (algorithm: RecommendationAlgorithm, ndcg: Double)?
    for (index, algorithm) in candidates.enumerated() {
      progress(
        JobProgress(
          stage: "Choosing a recommender: \(algorithm.name)", step: 1, totalSteps: 4,
          fraction: 0.15 * Double(index) / Double(candidates.count)))
      let report = try await Self.evaluate(algorithm, known, share: Double(validation) / Double(known.count))
      let ndcg = report.metrics["ndcg@10"] ?? 0
      if best.map({ ndcg > $0.ndcg }) ?? true { best = (algorithm, ndcg) }
    }
    guard let chosen = best?.algorithm else { return [] }
    var reports: [RecommendationEvaluation.Report] = []
    for (index, algorithm) in candidates.enumerated() {
      progress(
        JobProgress(
          stage: "Measuring \(algorithm.name) on the last 28 days", step: 2, totalSteps: 4,
          fraction: 0.15 + 0.15 * Double(index) / Double(candidates.count)))
      reports.append(
        try await Self.evaluate(algorithm, interactions, share: Double(test) / Double(interactions.count)))
    }
    reports.sort { ($0.name == chosen.name ? 0 : 1, $0.name) < ($1.name == chosen.name ? 0 : 1, $1.name) }
    progress(
      JobProgress(stage: "Training \(chosen.name) on everything", step: 2, totalSteps: 4, fraction: 0.32))
    let model = try await chosen.fit(interactions, context: FitContext())
    try await save(model, chosen, reports, interactions, at: data.now)
    return reports
  }

  private nonisolated static func evaluate(
    _ algorithm: RecommendationAlgorithm, _ data: Interactions, share: Double
  ) async throws -> RecommendationEvaluation.Report {
    try await RecommendationEvaluation(protocol: .temporal(testShare: share), resamples: 200).evaluate(
      algorithm, on: data)
  }

  private nonisolated func save<Model: Recommender>(
    _ model: Model, _ chosen: RecommendationAlgorithm, _ reports: [RecommendationEvaluation.Report],
    _ data: Interactions, at now: Timestamp
  ) async throws {
    let envelope = try ModelEnvelope(
      model, configuration: chosen.configuration, trainedAt: now, dataFingerprint: data.fingerprint,
      metrics: reports.first?.metrics ?? [:],
      report: [
        "baselines": .array(reports.dropFirst().map { Self.baseline($0.name, $0.metrics) }),
        "seconds": JSONValue(reports.first?.seconds),
        "notes":
          """
        Test: what each customer bought in the last 28 days and never before; all items ranked, ties counted against \
        the model. Chosen on the 28 days before. The model that is served is trained again on everything.
        """,
      ])
    let version = try await store.save(envelope, name: ModelName.recommendation)
    try await store.promote(name: ModelName.recommendation, version: version)
  }
}

extension EventFrame {
  /// The same events in the same order give the same fingerprint.
  var fingerprint: String {
    var sum = Checksum()
    sum.update(count)
    for row in stride(from: 0, to: count, by: max(1, count / 10_000)) {
      sum.update(sequence[row])
      sum.update(timestamp[row])
      sum.update(item[row])
    }
    return sum.hexadecimal
  }
}
