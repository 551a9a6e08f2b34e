import Foundation
import Learning
import Testing

@Suite struct GradientBoostingTests {
  /// Rows whose label depends on the first two of three columns; some values are missing.
  static func rows(_ count: Int, seed: UInt64) -> GradientBoosting.Rows {
    var state = seed
    func uniform() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24)
    }
    var table = FeatureMatrix(names: ["a", "b", "noise"])
    var labels: [Float] = []
    for _ in 0..<count {
      let (a, b, noise, luck) = (uniform(), uniform(), uniform(), uniform())
      table.append([uniform() < 0.1 ? .nan : a, b, noise])
      labels.append(luck < (a > 0.5 ? 0.8 : 0.1) * (b > 0.3 ? 1 : 0.4) ? 1 : 0)
    }
    return .init(table, labels: labels)
  }

  static let small = GradientBoosting(.init(rounds: 60, maxDepth: 3, minChildWeight: 1, threads: 2))

  @Test func learnsWhatDecidesTheLabel() async throws {
    let model = try await Self.small.fit(.init(training: Self.rows(4000, seed: 1)), context: FitContext())
    let margins = try model.margins(
      FeatureMatrix(names: ["a", "b", "noise"], values: [0.9, 0.9, 0.5, 0.1, 0.9, 0.5, 0.9, 0.1, 0.5]))
    #expect(abs(1 / (1 + exp(-margins[0])) - 0.8) < 0.08)
    #expect(abs(1 / (1 + exp(-margins[1])) - 0.1) < 0.05)
    #expect(margins[0] > margins[2] && margins[2] > margins[1])
  }

  @Test func contributionsAddUpToTheMargin() async throws {
    let model = try await Self.small.fit(.init(training: Self.rows(2000, seed: 2)), context: FitContext())
    let fresh = Self.rows(200, seed: 3).features
    let margins = try model.margins(fresh)
    let parts = try model.contributions(fresh)
    for (margin, part) in zip(margins, parts) {
      #expect(abs(Double(margin) - part.contributions.reduce(part.base, +)) < 1e-5)
    }
    let shares = (0..<3).map { column in parts.reduce(0) { $0 + abs($1.contributions[column]) } }
    #expect(shares[0] > 5 * shares[2])
  }

  @Test func sameSeedGivesTheSameModelAndAnotherSeedAnother() async throws {
    let data = GradientBoosting.Dataset(training: Self.rows(2000, seed: 4))
    let fresh = Self.rows(300, seed: 5).features
    let first = try await Self.small.fit(data, context: FitContext(seed: 9)).margins(fresh)
    #expect(try await Self.small.fit(data, context: FitContext(seed: 9)).margins(fresh) == first)
    #expect(try await Self.small.fit(data, context: FitContext(seed: 10)).margins(fresh) != first)
  }

  @Test func batchEqualsSingleAlsoFromManyThreads() async throws {
    let model = try await Self.small.fit(.init(training: Self.rows(2000, seed: 6)), context: FitContext())
    let fresh = Self.rows(256, seed: 7).features
    let batch = try model.margins(fresh)
    let parts = try model.contributions(fresh)
    let single = try await withThrowingTaskGroup(of: (Int, Float, [Double]).self) { group in
      for row in 0..<fresh.rowCount {
        group.addTask {
          let one = FeatureMatrix(names: fresh.names, values: Array(fresh.row(row)))
          return (row, try model.margins(one)[0], try model.contributions(one)[0].contributions)
        }
      }
      return try await group.reduce(into: [Int: (Float, [Double])]()) { $0[$1.0] = ($1.1, $1.2) }
    }
    for row in 0..<fresh.rowCount {
      #expect(single[row]?.0 == batch[row])
      #expect(single[row]?.1 == parts[row].contributions)
    }
  }

  @Test func savedAndReloadedPredictsTheSame() async throws {
    let model = try await Self.small.fit(.init(training: Self.rows(1000, seed: 8)), context: FitContext())
    let reloaded = try JSONDecoder().decode(GradientBoostingModel.self, from: JSONEncoder().encode(model))
    let fresh = Self.rows(100, seed: 9).features
    #expect(try reloaded.margins(fresh) == model.margins(fresh))
    #expect(reloaded.featureNames == model.featureNames && reloaded.rounds == model.rounds)
  }

  @Test func stopsEarlyAndKeepsTheBestRounds() async throws {
    var configuration = Self.small.configuration
    configuration.rounds = 400
    configuration.earlyStoppingRounds = 10
    let steps = Steps()
    let model = try await GradientBoosting(configuration).fit(
      .init(training: Self.rows(500, seed: 10), validation: Self.rows(500, seed: 11)),
      context: FitContext(onProgress: { steps.add($0) }))
    let losses = steps.all.compactMap { $0.metrics["validation"] }
    #expect(losses.count < 400)
    #expect(model.rounds == losses.indices.min { losses[$0] < losses[$1] }.map { $0 + 1 })
    #expect(losses.count == model.rounds + 10)
  }

  @Test func ranksWithinGroups() async throws {
    var rows = Self.rows(3000, seed: 12)
    rows.groups = [UInt32](repeating: 30, count: 100)
    let ranking = GradientBoosting(
      .init(objective: .ndcgRanking, rounds: 20, maxDepth: 3, minChildWeight: 0.1))
    let model = try await ranking.fit(.init(training: rows), context: FitContext())
    let margins = try model.margins(
      FeatureMatrix(names: ["a", "b", "noise"], values: [0.9, 0.9, 0.5, 0.1, 0.1, 0.5]))
    #expect(margins[0] > margins[1])
  }

  @Test func weightsCount() async throws {
    var rows = Self.rows(2000, seed: 13)
    let plain = try await Self.small.fit(.init(training: rows), context: FitContext()).margins(rows.features)
    rows.weights = rows.labels.map { $0 == 1 ? 5 : 1 }
    let weighted = try await Self.small.fit(.init(training: rows), context: FitContext()).margins(
      rows.features)
    #expect(weighted.reduce(0, +) > plain.reduce(0, +))
  }

  @Test func cancellationStopsTheFit() async throws {
    let task = Task {
      try await GradientBoosting(.init(rounds: 100_000)).fit(
        .init(training: Self.rows(2000, seed: 14)),
        context: FitContext(onProgress: { if $0.step == 3 { withUnsafeCurrentTask { $0?.cancel() } } }))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func oneRowGivesAModelAndNoRowAnError() async throws {
    let one = Self.rows(1, seed: 15)
    let model = try await Self.small.fit(.init(training: one), context: FitContext())
    #expect(try model.margins(one.features)[0].isFinite)
    #expect(try model.margins(FeatureMatrix(names: one.features.names)) == [])
    await #expect(throws: LearningError.notEnoughData(needed: "at least one training row", found: "none")) {
      try await Self.small.fit(.init(training: Self.rows(0, seed: 1)), context: FitContext())
    }
  }

  @Test func badInputGetsAnErrorThatNamesIt() async throws {
    var rows = Self.rows(10, seed: 16)
    rows.labels[3] = 7
    await #expect(
      throws: LearningError.invalidParameter(name: "labels", value: "out of range", expected: "0 to 1")
    ) {
      try await Self.small.fit(.init(training: rows), context: FitContext())
    }
    await #expect(throws: LearningError.self) {
      try await GradientBoosting(.init(rounds: 0)).fit(
        .init(training: Self.rows(10, seed: 1)), context: FitContext())
    }
    let model = try await Self.small.fit(.init(training: Self.rows(50, seed: 17)), context: FitContext())
    #expect(throws: LearningError.self) {
      try model.margins(FeatureMatrix(names: ["b", "a", "noise"], values: [1, 2, 3]))
    }
    let damaged = Data("{\"not\":\"trees\"}".utf8).base64EncodedString()
    var saved = try JSONSerialization.jsonObject(with: JSONEncoder().encode(model)) as? [String: Any] ?? [:]
    saved["trees"] = damaged
    let bytes = try JSONSerialization.data(withJSONObject: saved)
    #expect(throws: LearningError.self) { try JSONDecoder().decode(GradientBoostingModel.self, from: bytes) }
  }
}

/// Collects progress reports.
final class Steps: @unchecked Sendable {
  // Guarded by the lock.
  private var reports: [FitProgress] = []
  private let lock = NSLock()
  func add(_ report: FitProgress) { lock.withLock { reports.append(report) } }
  var all: [FitProgress] { lock.withLock { reports } }
}
