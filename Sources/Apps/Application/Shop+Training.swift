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
      let found = try await trainRecommender(data, progress: progress)
      report.recommenders = found.reports
      if let reason = found.heldBack { report.skipped.append("recommendation: \(reason)") }
    } catch let error as LearningError {
      report.skipped.append("recommendation: \(error)")
    } catch let error as RecommendationError {
      report.skipped.append("recommendation: \(error)")
    }
    do {
      try await trainComplements(data, progress: progress)
    } catch let error as LearningError {
      report.skipped.append("complements: \(error)")
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

  nonisolated static func baseline(_ name: String, _ metrics: [String: Double]) -> JSONValue {
    ["name": .string(name), "metrics": .object(metrics.mapValues { JSONValue($0) })]
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
