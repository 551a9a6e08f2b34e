import Commerce
import Foundation
import Learning
import MathKernels

/// Searches the settings of several recommenders on validation data, and chooses the simplest that nothing beats.
///
/// ```swift
/// let tuning = RecommendationTuning(protocol: .leaveOneOut, trials: 60, budgetSeconds: 600)
/// let report = try await tuning.run(["ItemKNN", "EASE"].map { try .named($0) }, on: interactions)
/// report.chosen.name          // the simplest that nothing beats significantly
/// report.test.metrics         // measured once, after the choice
/// ```
/// Successive halving: each algorithm starts with its defaults and with settings drawn from its grid. All are fitted on a
/// ninth of the users and measured; the better third goes on to a third of the users, the better third of these to all. The
/// best of each algorithm is always among those that go on, so that algorithms are compared on all data. Then a paired
/// bootstrap over users tells, for each algorithm, whether another one ranks validation items better; the first in the order
/// given, the simplest, that no other beats at `level` is chosen, and the test is measured for it alone.
///
/// With a budget of seconds no new trial starts once they are over, and the report says so; trials alone make a search that
/// gives the same answer for the same seed.
///
/// Source: Jamieson and Talwalkar (2016), https://arxiv.org/abs/1502.07943, with a factor of three.
public struct RecommendationTuning: Sendable {
  /// How data are held out.
  public var `protocol`: EvaluationProtocol
  /// The length of the lists judged.
  public var cutoff: Int
  /// Whether items of the history are ranked.
  public var repeatPurchases: RepeatPurchases
  /// How many settings are tried on the first rung, over all algorithms.
  public var trials: Int
  /// After how many seconds no new trial starts; nil for no limit.
  public var budgetSeconds: Double?
  /// The confidence at which one algorithm beats another.
  public var level: Double
  /// Seeds splits, draws, models and resamples.
  public var seed: UInt64
  /// How many resamples of users comparisons and intervals take.
  public var resamples: Int
  /// Told in words what is being done.
  public var onProgress: @Sendable (String) -> Void

  /// A search; by default of sixty trials without a limit in time.
  public init(
    protocol: EvaluationProtocol, cutoff: Int = 10, repeatPurchases: RepeatPurchases = .never,
    trials: Int = 60,
    budgetSeconds: Double? = nil, level: Double = 0.95, seed: UInt64 = 42, resamples: Int = 1000,
    onProgress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.protocol = `protocol`
    self.cutoff = cutoff
    self.repeatPurchases = repeatPurchases
    self.trials = trials
    self.budgetSeconds = budgetSeconds
    self.level = level
    self.seed = seed
    self.resamples = resamples
    self.onProgress = onProgress
  }

  /// One setting of one algorithm, measured on validation.
  public struct Trial: Sendable, Codable, Equatable {
    /// The algorithm's name.
    public var name: String
    /// The settings.
    public var configuration: JSONValue
    /// The share of the users learned from.
    public var share: Double
    /// NDCG on validation.
    public var ndcg: Double
    /// Seconds to fit and to rank.
    public var seconds: Double
  }

  /// The best setting of one algorithm, compared with the one chosen.
  public struct Finalist: Sendable, Codable, Equatable {
    /// The algorithm's name.
    public var name: String
    /// The settings.
    public var configuration: JSONValue
    /// NDCG on validation, all users learned from.
    public var ndcg: Double
    /// What it is better by than the one chosen, with the interval of the paired bootstrap.
    public var advantage: Double
    /// The interval of `advantage`.
    public var interval: ConfidenceInterval
  }

  /// What a search found.
  public struct Report: Sendable, Codable, Equatable {
    /// The simplest algorithm that nothing beats, with its settings.
    public var chosen: Finalist
    /// The best of each algorithm, best first.
    public var finalists: [Finalist]
    /// All trials in the order they were made.
    public var trials: [Trial]
    /// The test figures of the one chosen.
    public var test: RecommendationEvaluation.Report
    /// Whether the budget of seconds ended the search early.
    public var endedByBudget: Bool
    /// Seconds of the search, without the test.
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
      case chosen, finalists, trials, test, seconds
      case endedByBudget = "ended_by_budget"
    }
  }

  /// Searches, chooses and measures the choice on the test.
  ///
  /// - Parameter algorithms: the simplest first.
  /// - Throws: `RecommendationError.nothingToEvaluate` without validation users, or what fitting throws.
  public func run(_ algorithms: [RecommendationAlgorithm], on data: Interactions) async throws -> Report {
    guard !algorithms.isEmpty, trials > 0 else {
      throw RecommendationError.nothingToEvaluate(reason: "no algorithm or no trial was asked for")
    }
    var search = try TuningSearch(self, data)
    let started = ContinuousClock().now
    let finalists = try await search.run(algorithms.map { $0.adapted(to: `protocol`, repeatPurchases) })
    let chosen = choose(among: finalists)
    let seconds = started.duration(to: ContinuousClock().now) / .seconds(1)
    onProgress("\(finalists[chosen].algorithm.name): chosen; measuring the test")
    let evaluation = RecommendationEvaluation(
      protocol: `protocol`, cutoffs: [cutoff], repeatPurchases: repeatPurchases, seed: seed,
      resamples: resamples)
    let test = try await evaluation.evaluate(finalists[chosen].algorithm, on: data)
    let compared = finalists.map { described($0, beside: finalists[chosen]) }
    return Report(
      chosen: compared[chosen], finalists: compared.sorted { $0.ndcg > $1.ndcg }, trials: search.trials,
      test: test, endedByBudget: search.endedByBudget, seconds: seconds)
  }

  /// The first that no other beats.
  private func choose(among finalists: [TuningSearch.Measured]) -> Int {
    finalists.indices.first { place in
      !finalists.contains { beats($0, finalists[place]) }
    } ?? 0
  }

  private func beats(_ one: TuningSearch.Measured, _ other: TuningSearch.Measured) -> Bool {
    guard one.ndcg > other.ndcg else { return false }
    return difference(one, other).lower > 0
  }

  private func difference(_ one: TuningSearch.Measured, _ other: TuningSearch.Measured) -> ConfidenceInterval
  {
    Bootstrap.meanInterval(
      of: zip(one.figures, other.figures).map { $0 - $1 }, resamples: resamples, level: level, seed: seed)
  }

  private func described(_ one: TuningSearch.Measured, beside chosen: TuningSearch.Measured) -> Finalist {
    Finalist(
      name: one.algorithm.name, configuration: one.algorithm.configuration, ndcg: one.ndcg,
      advantage: one.ndcg - chosen.ndcg, interval: difference(one, chosen))
  }
}

/// The state of a search.
struct TuningSearch {
  /// A setting measured on all validation users.
  struct Measured: Sendable {
    var algorithm: RecommendationAlgorithm
    /// NDCG of each user.
    var figures: [Double]
    var ndcg: Double { Statistics.mean(figures) }
  }

  private let tuning: RecommendationTuning
  private let round: EvaluationRound
  private let clock = ContinuousClock()
  private let started: ContinuousClock.Instant
  private var random: RandomSource
  private(set) var trials: [RecommendationTuning.Trial] = []
  private(set) var endedByBudget = false

  init(_ tuning: RecommendationTuning, _ data: Interactions) throws {
    self.tuning = tuning
    random = RandomSource(seed: tuning.seed)
    started = clock.now
    round = tuning.protocol.validationRound(
      data, repeatPurchases: tuning.repeatPurchases, seed: tuning.seed)
    guard !round.cases.isEmpty else {
      throw RecommendationError.nothingToEvaluate(reason: "no user has both a history and a validation item")
    }
  }

  /// The best setting of each algorithm, in the order given.
  mutating func run(_ algorithms: [RecommendationAlgorithm]) async throws -> [Measured] {
    var candidates = try drawn(algorithms)
    for share in [1.0 / 9, 1.0 / 3] {
      // So few users say little: with a small shop the first rungs are left out.
      guard Double(round.training.users.count) * share >= 100, candidates.count > algorithms.count else {
        continue
      }
      let measured = try await measure(candidates, share: share)
      candidates = survivors(measured, algorithms)
    }
    let measured = try await measure(candidates, share: 1)
    return algorithms.compactMap { algorithm in
      measured.filter { $0.algorithm.name == algorithm.name }.max { $0.ndcg < $1.ndcg }
    }
  }

  /// Each algorithm's defaults, and settings drawn from the grids in turn.
  private mutating func drawn(_ algorithms: [RecommendationAlgorithm]) throws -> [RecommendationAlgorithm] {
    var candidates = algorithms
    var misses = 0
    var next = 0
    while candidates.count < tuning.trials, misses < 20 * algorithms.count {
      let algorithm = algorithms[next % algorithms.count]
      next += 1
      var candidate = algorithm
      for axis in algorithm.axes {
        try candidate.set(axis.setting, to: axis.values[random.index(below: axis.values.count)])
      }
      let isKnown = candidates.contains {
        $0.name == candidate.name && $0.configuration == candidate.configuration
      }
      if isKnown { misses += 1 } else { candidates.append(candidate) }
    }
    return candidates
  }

  /// The better third, and the best of each algorithm.
  private func survivors(
    _ measured: [Measured], _ algorithms: [RecommendationAlgorithm]
  ) -> [RecommendationAlgorithm] {
    let order = measured.indices.sorted { (-measured[$0].ndcg, $0) < (-measured[$1].ndcg, $1) }
    var kept = Set(order.prefix((measured.count + 2) / 3))
    for algorithm in algorithms {
      if let best = order.first(where: { measured[$0].algorithm.name == algorithm.name }) {
        kept.insert(best)
      }
    }
    return kept.sorted().map { measured[$0].algorithm }
  }

  private mutating func measure(
    _ candidates: [RecommendationAlgorithm], share: Double
  ) async throws -> [Measured] {
    let part = round.limited(toShare: share)
    var measured: [Measured] = []
    var seen: Set<String> = []
    for candidate in candidates {
      let elapsed = started.duration(to: clock.now) / .seconds(1)
      // Past the budget only the first setting of each algorithm is still measured, so that there is a choice at all.
      if let budget = tuning.budgetSeconds, elapsed > budget, seen.contains(candidate.name) {
        endedByBudget = true
        continue
      }
      seen.insert(candidate.name)
      let begun = clock.now
      let model = try await candidate.fit(part.training, context: FitContext(seed: tuning.seed))
      let ranker = CaseRanker(cutoffs: [tuning.cutoff], repeatPurchases: tuning.repeatPurchases)
      let figures = ranker.rank(part, with: model).map {
        RankingMetrics(ranks: $0.ranks, relevant: $0.relevant, cutoff: tuning.cutoff).ndcg
      }
      let result = Measured(algorithm: candidate, figures: figures)
      measured.append(result)
      trials.append(
        RecommendationTuning.Trial(
          name: candidate.name, configuration: candidate.configuration, share: share, ndcg: result.ndcg,
          seconds: begun.duration(to: clock.now) / .seconds(1)))
      tuning.onProgress(
        "\(candidate.name): validation NDCG@\(tuning.cutoff) \(result.ndcg), \(Int(share * 100)) % of the users, "
          + candidate.configuration.text)
    }
    return measured
  }
}

extension EvaluationRound {
  /// The round with every so-manieth user learned from, and as many measured.
  func limited(toShare share: Double) -> EvaluationRound {
    guard share < 1 else { return self }
    let step = Int((1 / share).rounded())
    let rows = (0..<training.users.count).filter { $0 % step == 0 }.flatMap {
      Array(training.rows(ofUser: $0))
    }
    return EvaluationRound(
      training: training.selecting(rows),
      cases: cases.enumerated().filter { $0.offset % step == 0 }.map(\.element))
  }
}

extension RecommendationAlgorithm {
  /// Ensembles learn from data held out in the way they are measured, unless told otherwise.
  func adapted(to holdOut: EvaluationProtocol, _ repeatPurchases: RepeatPurchases) -> RecommendationAlgorithm
  {
    guard case .object(let settings) = configuration,
      let usual = try? JSONValue(encoding: EvaluationProtocol.leaveOneOut), settings["holdOut"] == usual,
      let encoded = try? JSONValue(encoding: holdOut)
    else { return self }
    var copy = self
    try? copy.set("holdOut", to: encoded)
    try? copy.set("repeatPurchases", to: .string(repeatPurchases.rawValue))
    return copy
  }
}
