import Commerce
import Learning
import MathKernels

/// Learns to rank the candidates of several recommenders by gradient boosting.
///
/// ```swift
/// let ranking = LambdaMART(.init(
///   members: [EnsembleMember("PersonalFrequency"), EnsembleMember("EASE")], holdOut: .lastDays(28),
///   repeatPurchases: .allow))
/// let model = try await ranking.fit(interactions, context: FitContext(seed: 7))
/// model.recommend(for: history, count: 10, repeatPurchases: .allow)   // entries with their ages
/// ```
/// What `holdOut` holds out of the data is learned from: the members are fitted on the rest and each names its best
/// `candidates` for every user. A row per candidate holds each member's score and rank, how often and when the user had the
/// item, and how popular and how often bought again the item is. Trees are grown for the order of the held-out items within
/// each user's candidates. Then the members are fitted again on everything.
///
/// The model ranks as it was taught: for `repeatPurchases` as in the settings. Items that are nobody's candidates have no
/// score.
///
/// Sources: Burges (2010), https://www.microsoft.com/en-us/research/publication/from-ranknet-to-lambdarank-to-lambdamart-an-overview/;
/// the trees are XGBoost's `rank:ndcg`.
///
/// - Complexity: that of fitting all members twice and of boosting over users × candidates rows.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, and what the members throw.
public struct LambdaMART: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Where candidates come from.
    public var members: [EnsembleMember]
    /// What is held out to learn from.
    public var holdOut: EvaluationProtocol
    /// Whether items of the history are ranked.
    public var repeatPurchases: RepeatPurchases
    /// How many candidates each member names.
    public var candidates: Int
    /// From how many users the order is learned at most.
    public var users: Int
    /// The settings of the trees.
    public var boosting: GradientBoosting.Configuration

    /// By default candidates of EASE, transitions and popularity, a hundred each.
    public init(
      members: [EnsembleMember] = [
        EnsembleMember("EASE"), EnsembleMember("DecayedTransitions"), EnsembleMember("Popularity"),
      ], holdOut: EvaluationProtocol = .leaveOneOut, repeatPurchases: RepeatPurchases = .never,
      candidates: Int = 100, users: Int = 5000,
      boosting: GradientBoosting.Configuration = .init(
        objective: .ndcgRanking, rounds: 300, learningRate: 0.05, maxDepth: 6, minChildWeight: 1,
        earlyStoppingRounds: 30)
    ) {
      self.members = members
      self.holdOut = holdOut
      self.repeatPurchases = repeatPurchases
      self.candidates = candidates
      self.users = users
      self.boosting = boosting
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns the order and fits the members.
  public func fit(_ data: Interactions, context: FitContext) async throws -> RankedRecommender {
    try SettingCheck.require("number of members", configuration.members.count, 1...100)
    try SettingCheck.require("candidates", configuration.candidates, 1...10_000)
    try SettingCheck.require("users", configuration.users, 1...10_000_000)
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 2)
    let trees = try await learned(data, context)
    try context.checkpoint(step: 1, of: 2)
    let members = try await EnsembleMember.fitted(configuration.members, on: data, context: context)
    try context.checkpoint(step: 2, of: 2)
    return RankedRecommender(configuration, members, trees, ItemStatistics(data))
  }

  /// The trees; nil where nothing can be held out to learn from.
  private func learned(_ data: Interactions, _ context: FitContext) async throws -> GradientBoostingModel? {
    let rounds = configuration.holdOut.testRounds(
      data, repeatPurchases: configuration.repeatPurchases, seed: context.seed)
    guard let round = rounds.first, !round.cases.isEmpty, round.training.weight.contains(where: { $0 > 0 })
    else { return nil }
    let models = try await EnsembleMember.fitted(configuration.members, on: round.training, context: context)
    var random = RandomSource(seed: context.seed)
    let cases = round.cases.indices.shuffled(using: &random).prefix(configuration.users).map {
      round.cases[$0]
    }
    let features = CandidateFeatures(
      members: configuration.members, statistics: ItemStatistics(round.training))
    let groups = groups(cases, models, features)
    // Every fifth user says when to stop.
    let training = rows(groups.enumerated().filter { $0.offset % 5 != 4 }.map(\.element), features)
    let validation = rows(groups.enumerated().filter { $0.offset % 5 == 4 }.map(\.element), features)
    guard let training else { return nil }
    var settings = configuration.boosting
    if validation == nil { settings.earlyStoppingRounds = nil }
    return try await GradientBoosting(settings).fit(
      .init(training: training, validation: validation), context: FitContext(seed: context.seed))
  }

  private struct Group: Sendable {
    var rows: [Float]
    var labels: [Float]
  }

  /// The candidates of each case with whether they were held out; cases without any that was are of no use.
  private func groups(
    _ cases: [EvaluationCase], _ models: [AnyRecommender], _ features: CandidateFeatures
  ) -> [Group] {
    let blocks: [[Group]] = parallelBlocks(cases.count, blockSize: 16) { block in
      let own = block.map { cases[$0] }
      let pools = CandidatePool.block(
        own.map(\.history), models, count: configuration.candidates,
        repeatPurchases: configuration.repeatPurchases, alwaysHistory: true)
      return zip(own, pools).map { entry, pool in
        let targets = Set(entry.targets)
        return Group(
          rows: features.rows(entry.history, pool), labels: pool.items.map { targets.contains($0) ? 1 : 0 })
      }
    }
    return blocks.joined().filter { $0.labels.contains(1) }
  }

  private func rows(_ groups: [Group], _ features: CandidateFeatures) -> GradientBoosting.Rows? {
    guard !groups.isEmpty else { return nil }
    return GradientBoosting.Rows(
      FeatureMatrix(names: features.names, values: groups.flatMap(\.rows)), labels: groups.flatMap(\.labels),
      groups: groups.map { UInt32($0.labels.count) })
  }
}

/// What `LambdaMART` learned: trees over the candidates of its members.
public struct RankedRecommender: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: LambdaMART.Configuration
  /// Where candidates come from.
  public let members: [AnyRecommender]
  private let trees: GradientBoostingModel?
  private let statistics: ItemStatistics

  /// The items known to the members.
  public var items: Vocabulary { members[0].items }
  /// How popular each item is.
  public var popularity: [Float] { members[0].popularity }

  init(
    _ configuration: LambdaMART.Configuration, _ members: [AnyRecommender], _ trees: GradientBoostingModel?,
    _ statistics: ItemStatistics
  ) {
    self.configuration = configuration
    self.members = members
    self.trees = trees
    self.statistics = statistics
  }

  private func pools(_ histories: [CodedHistory]) -> [CandidatePool] {
    CandidatePool.block(
      histories, members, count: configuration.candidates, repeatPurchases: configuration.repeatPurchases,
      alwaysHistory: true)
  }

  /// The margins of the trees for each history's candidates; where no order could be learned, the first member's scores.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    guard let trees else { return members[0].score(histories, into: scores) }
    let width = items.count
    scores.update(repeating: -.infinity)
    let features = CandidateFeatures(members: configuration.members, statistics: statistics)
    for (row, pool) in pools(histories).enumerated() where !pool.items.isEmpty {
      let rows = features.rows(histories[row], pool)
      // Without margins the list is filled by popularity, and says so.
      guard let margins = rows.withUnsafeBufferPointer({ try? trees.margins(rows: $0) }) else { continue }
      for (item, margin) in zip(pool.items, margins) { scores[row * width + Int(item)] = margin }
    }
  }

  /// The trees speak of features, not of single entries: see `explain`. Without trees the first member's contributions.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    guard trees != nil else { return members[0].contributions(of: history, to: items) }
    return items.map { _ in [Float](repeating: 0, count: history.items.count) }
  }

  /// Without trees the first member's base.
  public func base(of history: CodedHistory, to items: [Int32]) -> [Float] {
    guard trees != nil else { return members[0].base(of: history, to: items) }
    return [Float](repeating: 0, count: items.count)
  }

  /// The likeness by the first member.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    members[0].scoreSimilar(to: item, into: scores)
  }

  /// What each feature adds to an item's score for a history; nil for an item that is nobody's candidate.
  public func explain(_ item: String, for history: [HistoryItem]) throws -> Explanation? {
    let coded = coded(history)
    guard let trees, let index = items.index(of: item), let pool = pools([coded]).first,
      let place = pool.items.firstIndex(of: index)
    else { return nil }
    let features = CandidateFeatures(members: configuration.members, statistics: statistics)
    let width = features.names.count
    let row = Array(features.rows(coded, pool)[place * width..<(place + 1) * width])
    let found = try trees.contributions(FeatureMatrix(names: features.names, values: row))[0]
    return Explanation(
      base: found.base,
      contributions: zip(features.names, zip(row, found.contributions)).map { name, entry in
        Explanation.Contribution(
          feature: name, value: entry.0.isNaN ? nil : Double(entry.0), contribution: entry.1)
      }, unit: "margin")
  }
}
