import Commerce
import Learning
import MathKernels

/// Measures how well items are ranked that nobody has dealt with yet: a share of the items loses all its interactions, and is
/// then ranked for each user who had any of them.
///
/// ```swift
/// let evaluation = ColdStartEvaluation(share: 0.1, seed: 42)
/// let report = try await evaluation.evaluate(.named("ContentSimilarity"), on: knowledge)
/// report.metrics["ndcg@10"]
/// ```
/// The cold items are drawn at random among those with interactions. A user counts who has both interactions with other items,
/// which are the history, and with cold ones, which are looked for among all cold items. Time does not count: what is held out
/// may be older than the history. Ties count against the model. Tuning draws other cold items among what is learned from.
///
/// Source: the item cold-start protocol of Schein, Popescul, Ungar and Pennock (2002),
/// https://doi.org/10.1145/564376.564421.
public struct ColdStartEvaluation: Sendable {
  /// The share of the items that loses its interactions.
  public var share: Double
  /// The lengths k of the lists that are judged, the first one guiding tuning.
  public var cutoffs: [Int]
  /// Seeds the draw of items, models and intervals.
  public var seed: UInt64
  /// How many resamples the confidence intervals take; 0 for none.
  public var resamples: Int
  /// Told in words what is being done.
  public var onProgress: @Sendable (String) -> Void

  /// An evaluation; by default a tenth of the items is cold and lists have ten places.
  public init(
    share: Double = 0.1, cutoffs: [Int] = [10], seed: UInt64 = 42, resamples: Int = 1000,
    onProgress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.share = share
    self.cutoffs = cutoffs
    self.seed = seed
    self.resamples = resamples
    self.onProgress = onProgress
  }

  /// The figures of one model.
  public struct Report: Sendable, Codable, Equatable {
    /// The model's name.
    public var name: String
    /// `ndcg@k`, `hr@k`, `recall@k`: means over users.
    public var metrics: [String: Double]
    /// Bootstrap intervals of the means over users.
    public var intervals: [String: ConfidenceInterval]
    /// Seconds to fit.
    public var seconds: Double
    /// How many users were measured.
    public var cases: Int
    /// How many items were ranked for each.
    public var coldItems: Int
    /// The settings.
    public var configuration: JSONValue
    /// What tuning tried, with its figure on validation.
    public var tuning: [RecommendationEvaluation.Trial]

    enum CodingKeys: String, CodingKey {
      case name, metrics, intervals, seconds, cases, configuration, tuning
      case coldItems = "cold_items"
    }
  }

  /// Fits without the cold items' interactions, ranks the cold items and takes the figures.
  ///
  /// - Parameter tune: searches the algorithm's settings first, on other cold items drawn from the training part.
  /// - Throws: `RecommendationError.nothingToEvaluate` or `missingKnowledge`, or what fitting throws.
  public func evaluate(
    _ algorithm: ColdStartAlgorithm, on data: ItemKnowledge, tune: Bool = false
  ) async throws -> Report {
    try SettingCheck.require("share", share, 1e-6...0.9)
    var algorithm = algorithm
    let round = round(data.interactions, seed: seed)
    let trials = tune ? try await tuned(&algorithm, data, round) : []
    let found = try await measure(algorithm, data, round)
    let names = found.figures.keys.sorted()
    let columns = names.map { found.figures[$0] ?? [] }
    var report = Report(
      name: algorithm.name, metrics: [:], intervals: [:], seconds: found.seconds, cases: round.cases.count,
      coldItems: round.candidates?.count ?? 0, configuration: algorithm.configuration, tuning: trials)
    for (name, column) in zip(names, columns) { report.metrics[name] = Statistics.mean(column) }
    if resamples > 0 {
      let intervals = Bootstrap.meanIntervals(of: columns, resamples: resamples, seed: seed)
      for (name, interval) in zip(names, intervals) { report.intervals[name] = interval }
    }
    return report
  }

  /// The data without the interactions of a share of the items, and the users who had any of these.
  func round(_ data: Interactions, seed: UInt64) -> EvaluationRound {
    var random = RandomSource(seed: seed)
    let known = data.itemCounts.indices.filter { data.itemCounts[$0] > 0 }.shuffled(using: &random)
    let cold = known.prefix(Int((Double(known.count) * share).rounded())).map { Int32($0) }.sorted()
    var isCold = [Bool](repeating: false, count: data.items.count)
    for item in cold { isCold[Int(item)] = true }
    let training = data.selecting((0..<data.count).filter { !isCold[Int(data.item[$0])] })
    var cases: [EvaluationCase] = []
    for user in 0..<data.users.count {
      var targets: [Int32] = []
      for row in data.rows(ofUser: user) where isCold[Int(data.item[row])] && data.weight[row] > 0 {
        if !targets.contains(data.item[row]) { targets.append(data.item[row]) }
      }
      let newest = data.rows(ofUser: user).last.map { data.timestamp[$0] } ?? 0
      let history = training.history(ofUser: user, at: newest)
      if !targets.isEmpty, !history.isEmpty {
        cases.append(EvaluationCase(history: history, targets: targets))
      }
    }
    return EvaluationRound(training: training, cases: cases, candidates: cold)
  }

  private func measure(
    _ algorithm: ColdStartAlgorithm, _ data: ItemKnowledge, _ round: EvaluationRound
  ) async throws -> (figures: [String: [Double]], seconds: Double) {
    guard !round.cases.isEmpty else {
      throw RecommendationError.nothingToEvaluate(
        reason: "no user has interactions both with cold items and with others")
    }
    onProgress("\(algorithm.name): fitting on \(round.training.count) interactions")
    var data = data
    data.interactions = round.training
    let clock = ContinuousClock()
    let started = clock.now
    let model = try await algorithm.fit(data, context: FitContext(seed: seed))
    let seconds = started.duration(to: clock.now) / .seconds(1)
    let results = CaseRanker(cutoffs: cutoffs, repeatPurchases: .never).rank(round, with: model)
    var figures: [String: [Double]] = [:]
    for cutoff in cutoffs {
      let metrics = results.map { RankingMetrics(ranks: $0.ranks, relevant: $0.relevant, cutoff: cutoff) }
      figures["ndcg@\(cutoff)"] = metrics.map(\.ndcg)
      figures["hr@\(cutoff)"] = metrics.map(\.hitRate)
      figures["recall@\(cutoff)"] = metrics.map(\.recall)
    }
    return (figures, seconds)
  }

  private func tuned(
    _ algorithm: inout ColdStartAlgorithm, _ data: ItemKnowledge, _ test: EvaluationRound
  ) async throws -> [RecommendationEvaluation.Trial] {
    let round = round(test.training, seed: seed &+ 1)
    var trials: [RecommendationEvaluation.Trial] = []
    func figure(_ candidate: ColdStartAlgorithm) async throws -> Double {
      if let known = trials.first(where: { $0.configuration == candidate.configuration }) {
        return known.ndcg
      }
      let figures = try await measure(candidate, data, round).figures
      let ndcg = Statistics.mean(figures["ndcg@\(cutoffs[0])"] ?? [])
      trials.append(.init(configuration: candidate.configuration, ndcg: ndcg))
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
}
