import Commerce
import Foundation
import Learning
import MathKernels

/// Measures recommenders on held-out data: every item is ranked for every user, ties count against the model.
///
/// ```swift
/// let evaluation = RecommendationEvaluation(protocol: .leaveOneOut)
/// let report = try await evaluation.evaluate(.named("DecayedTransitions"), on: interactions)
/// report.metrics["ndcg@10"]
/// ```
public struct RecommendationEvaluation: Sendable {
  /// How data are held out.
  public var `protocol`: EvaluationProtocol
  /// The lengths k of the lists that are judged, the first one guiding tuning.
  public var cutoffs: [Int]
  /// Whether items of the history are ranked.
  public var repeatPurchases: RepeatPurchases
  /// Seeds folds, models and confidence intervals.
  public var seed: UInt64
  /// How many resamples the confidence intervals take; 0 for none.
  public var resamples: Int
  /// How often each test model is fitted, for benchmarks: the median of the times is reported.
  public var fitRuns: Int
  /// Ranks the held-out items among so many others drawn at random instead of all; nil, as should be, ranks all. The names
  /// of the figures then say so, as in `ndcg@10_sampled100`: they cannot be compared with those of full ranking (Krichene
  /// and Rendle 2020, https://doi.org/10.1145/3394486.3403226).
  public var sampledNegatives: Int?
  /// Told in words what is being done.
  public var onProgress: @Sendable (String) -> Void

  /// An evaluation; by default lists of ten without repeats.
  public init(
    protocol: EvaluationProtocol, cutoffs: [Int] = [10], repeatPurchases: RepeatPurchases = .never,
    seed: UInt64 = 42, resamples: Int = 1000, fitRuns: Int = 1, sampledNegatives: Int? = nil,
    onProgress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.protocol = `protocol`
    self.cutoffs = cutoffs
    self.repeatPurchases = repeatPurchases
    self.seed = seed
    self.resamples = resamples
    self.fitRuns = fitRuns
    self.sampledNegatives = sampledNegatives
    self.onProgress = onProgress
  }

  /// The figures of one model.
  public struct Report: Sendable, Codable, Equatable {
    /// The model's name.
    public var name: String
    /// Means over users, by name such as `ndcg@10`; `coverage@k` and `novelty@k` over all lists.
    public var metrics: [String: Double]
    /// Bootstrap intervals of the means over users.
    public var intervals: [String: ConfidenceInterval]
    /// Seconds to fit, all rounds together; the median of several fits when there were several.
    public var seconds: Double
    /// Seconds to rank, all rounds together.
    public var rankingSeconds: Double
    /// The most memory held while fitting and ranking; nil where the system does not tell.
    public var peakMemoryBytes: Int?
    /// How many users were measured.
    public var cases: Int
    /// The settings.
    public var configuration: JSONValue
    /// What tuning tried, with its figure on validation.
    public var tuning: [Trial]
    /// NDCG at the first cutoff of each user measured, to compare models user by user; not part of the saved form.
    public var ndcgByUser: [Double] = []

    enum CodingKeys: String, CodingKey {
      case name, metrics, intervals, seconds, cases, configuration, tuning
      case rankingSeconds = "ranking_seconds"
      case peakMemoryBytes = "peak_memory_bytes"
    }
  }

  /// One setting that tuning tried.
  public struct Trial: Sendable, Codable, Equatable {
    /// The settings.
    public var configuration: JSONValue
    /// NDCG at the first cutoff on validation.
    public var ndcg: Double
  }

  /// Fits on the training part, ranks for the test part and takes the figures.
  ///
  /// - Parameter tune: searches the algorithm's grid on validation first, one setting after the other.
  /// - Throws: `RecommendationError.nothingToEvaluate`, or what fitting throws.
  public func evaluate(
    _ algorithm: RecommendationAlgorithm, on data: Interactions, tune: Bool = false
  ) async throws -> Report {
    var algorithm = algorithm.adapted(to: `protocol`, repeatPurchases)
    let trials = tune ? try await tuned(&algorithm, data) : []
    let memory = MemoryMeter()
    var tally = Tally(cutoffs: cutoffs)
    for round in `protocol`.testRounds(data, repeatPurchases: repeatPurchases, seed: seed) {
      try await measure(algorithm, round, &tally, runs: fitRuns)
    }
    return report(algorithm, tally, trials, memory.peakBytes)
  }

  private func measure(
    _ algorithm: RecommendationAlgorithm, _ round: EvaluationRound, _ tally: inout Tally, runs: Int = 1
  ) async throws {
    guard !round.cases.isEmpty else {
      throw RecommendationError.nothingToEvaluate(reason: "no user has both a history and a held-out item")
    }
    onProgress("\(algorithm.name): fitting on \(round.training.count) interactions")
    let clock = ContinuousClock()
    let started = clock.now
    var model = try await algorithm.fit(round.training, context: FitContext(seed: seed))
    var fitTimes = [started.duration(to: clock.now)]
    for _ in 1..<max(1, runs) {
      let again = clock.now
      model = try await algorithm.fit(round.training, context: FitContext(seed: seed))
      fitTimes.append(again.duration(to: clock.now))
    }
    let fitted = clock.now
    onProgress(
      "\(algorithm.name): ranking \(round.training.items.count) items for \(round.cases.count) users")
    let ranker = CaseRanker(
      cutoffs: cutoffs, repeatPurchases: repeatPurchases, sampledNegatives: sampledNegatives, seed: seed)
    let results = ranker.rank(round, with: model)
    tally.seconds += Statistics.median(fitTimes.map(Self.seconds))
    tally.rankingSeconds += Self.seconds(fitted.duration(to: clock.now))
    tally.add(results, itemCounts: round.training.itemCounts)
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  // MARK: Tuning

  private func tuned(_ algorithm: inout RecommendationAlgorithm, _ data: Interactions) async throws -> [Trial]
  {
    let round = `protocol`.validationRound(data, repeatPurchases: repeatPurchases, seed: seed)
    var trials: [Trial] = []
    func figure(_ candidate: RecommendationAlgorithm) async throws -> Double {
      if let known = trials.first(where: { $0.configuration == candidate.configuration }) {
        return known.ndcg
      }
      var tally = Tally(cutoffs: [cutoffs[0]])
      try await measure(candidate, round, &tally)
      let ndcg = Statistics.mean(tally.figures["ndcg@\(cutoffs[0])"] ?? [])
      trials.append(Trial(configuration: candidate.configuration, ndcg: ndcg))
      onProgress(
        "\(candidate.name): validation NDCG@\(cutoffs[0]) \(ndcg) with \(candidate.configuration.text)")
      return ndcg
    }
    var best = try await figure(algorithm)
    for axis in algorithm.axes {
      let start = algorithm
      for value in axis.values {
        var candidate = start
        try candidate.set(axis.setting, to: value)
        let ndcg = try await figure(candidate)
        if ndcg > best { (best, algorithm) = (ndcg, candidate) }
      }
    }
    return trials
  }

  // MARK: Figures

  private func report(
    _ algorithm: RecommendationAlgorithm, _ tally: Tally, _ trials: [Trial], _ peak: Int?
  ) -> Report {
    let suffix = sampledNegatives.map { "_sampled\($0)" } ?? ""
    let plain = tally.figures.keys.sorted()
    let names = plain.map { $0 + suffix }
    let columns = plain.map { tally.figures[$0] ?? [] }
    var metrics: [String: Double] = [:]
    for (name, value) in tally.listFigures { metrics[name + suffix] = value }
    for (name, column) in zip(names, columns) { metrics[name] = Statistics.mean(column) }
    var intervals: [String: ConfidenceInterval] = [:]
    if resamples > 0 {
      let found = Bootstrap.meanIntervals(of: columns, resamples: resamples, seed: seed)
      for (name, interval) in zip(names, found) { intervals[name] = interval }
    }
    return Report(
      name: algorithm.name, metrics: metrics, intervals: intervals, seconds: tally.seconds,
      rankingSeconds: tally.rankingSeconds, peakMemoryBytes: peak, cases: columns.first?.count ?? 0,
      configuration: algorithm.configuration, tuning: trials,
      ndcgByUser: tally.figures["ndcg@\(cutoffs[0])"] ?? [])
  }
}

extension JSONValue {
  /// The value as JSON on one line, its keys in order.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// Figures collected over rounds.
struct Tally {
  let cutoffs: [Int]
  var seconds = 0.0
  var rankingSeconds = 0.0
  /// Per name one figure for each user measured.
  var figures: [String: [Double]] = [:]
  /// Figures of all lists of a round, averaged over rounds.
  var listFigures: [String: Double] = [:]
  private var rounds = 0.0

  init(cutoffs: [Int]) { self.cutoffs = cutoffs }

  mutating func add(_ results: [RankedCase], itemCounts: [Int]) {
    rounds += 1
    for cutoff in cutoffs {
      let metrics = results.map { RankingMetrics(ranks: $0.ranks, relevant: $0.relevant, cutoff: cutoff) }
      figures["hr@\(cutoff)", default: []] += metrics.map(\.hitRate)
      figures["ndcg@\(cutoff)", default: []] += metrics.map(\.ndcg)
      figures["recall@\(cutoff)", default: []] += metrics.map(\.recall)
      figures["precision@\(cutoff)", default: []] += metrics.map(\.precision)
      figures["mrr@\(cutoff)", default: []] += metrics.map(\.reciprocalRank)
      var catalogue = CatalogueMetrics(popularity: itemCounts)
      for result in results { catalogue.add(result.list.prefix(cutoff)) }
      average("coverage@\(cutoff)", catalogue.coverage)
      average("novelty@\(cutoff)", catalogue.novelty)
    }
  }

  private mutating func average(_ name: String, _ value: Double) {
    listFigures[name, default: 0] += (value - listFigures[name, default: 0]) / rounds
  }
}

/// The most memory this process held since the meter was made, as Linux counts it.
struct MemoryMeter {
  /// Starts anew where the system allows it.
  init() { try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs")) }

  /// The peak in bytes; nil where the system does not tell.
  var peakBytes: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kibibytes * 1024
  }
}
