import Commerce
import Learning
import MathKernels

/// Adds up the scores of several recommenders, with weights found on held-out data.
///
/// ```swift
/// let blend = Blend(.init(members: [EnsembleMember("EASE"), EnsembleMember("DecayedTransitions")]))
/// let model = try await blend.fit(interactions, context: FitContext(seed: 7))
/// model.weights                                                  // one per member
/// model.recommend(for: ["tea", "milk"], count: 10)[0].reasons    // add up to the score
/// ```
/// Each member's scores for a history are divided by their largest magnitude (`score`), or replaced by `1 / (60 + rank)`
/// (`rank`), and added with the members' weights. Without given weights, what `holdOut` holds out of the data decides: members
/// are fitted on the rest, weights climb one at a time to the best NDCG@10, and the members are fitted again on everything.
///
/// Sources: linear combination as in Fox and Shaw (1994), https://trec.nist.gov/pubs/trec2/papers/txt/23.txt; reciprocal ranks
/// after Cormack, Clarke and Büttcher (2009), https://doi.org/10.1145/1571941.1572114.
///
/// - Complexity: that of fitting all members twice; O(members × items) to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, and what the members throw.
public struct Blend: Estimator {
  /// How members' scores are made comparable.
  public enum Normalization: String, Sendable, Codable {
    /// By the largest magnitude.
    case score
    /// By reciprocal rank.
    case rank
  }

  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The members.
    public var members: [EnsembleMember]
    /// The members' weights; nil finds them.
    public var weights: [Double]?
    /// How scores are made comparable.
    public var normalization: Normalization
    /// What is held out to find the weights.
    public var holdOut: EvaluationProtocol
    /// Whether items of the history count when weights are found.
    public var repeatPurchases: RepeatPurchases
    /// On how many users weights are found at most.
    public var users: Int

    /// By default EASE, transitions and neighbours, weighed on each user's last item.
    public init(
      members: [EnsembleMember] = [
        EnsembleMember("EASE"), EnsembleMember("DecayedTransitions"), EnsembleMember("ItemKNN"),
      ], weights: [Double]? = nil, normalization: Normalization = .score,
      holdOut: EvaluationProtocol = .leaveOneOut, repeatPurchases: RepeatPurchases = .never, users: Int = 5000
    ) {
      self.members = members
      self.weights = weights
      self.normalization = normalization
      self.holdOut = holdOut
      self.repeatPurchases = repeatPurchases
      self.users = users
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Finds the weights and fits the members.
  public func fit(_ data: Interactions, context: FitContext) async throws -> BlendModel {
    let members = configuration.members
    try SettingCheck.require("number of members", members.count, 1...100)
    if let weights = configuration.weights {
      try SettingCheck.require("number of weights", weights.count, members.count...members.count)
      for weight in weights { try SettingCheck.require("weights", weight, 0...1e6) }
    }
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 2)
    let weights =
      if let given = configuration.weights { given } else { try await found(data, context) }
    try context.checkpoint(step: 1, of: 2)
    let models = try await EnsembleMember.fitted(members, on: data, context: context)
    try context.checkpoint(step: 2, of: 2)
    return BlendModel(configuration, models, weights: weights.map(Float.init))
  }

  private func found(_ data: Interactions, _ context: FitContext) async throws -> [Double] {
    let equal = [Double](repeating: 1, count: configuration.members.count)
    let rounds = configuration.holdOut.testRounds(
      data, repeatPurchases: configuration.repeatPurchases, seed: context.seed)
    // Too few data to hold any out: all members count alike.
    guard let round = rounds.first, !round.cases.isEmpty, round.training.weight.contains(where: { $0 > 0 })
    else { return equal }
    let models = try await EnsembleMember.fitted(configuration.members, on: round.training, context: context)
    var random = RandomSource(seed: context.seed)
    let chosen = round.cases.indices.shuffled(using: &random).prefix(configuration.users).sorted()
    let cases = chosen.map { round.cases[$0] }
    let pools = CandidatePool.pools(
      cases.map(\.history), models, count: 200, repeatPurchases: configuration.repeatPurchases)
    return BlendSearch(cases, pools, configuration.normalization).climbed(from: equal)
  }
}

/// Looks for the weights that rank held-out items best among the members' candidates.
struct BlendSearch: Sendable {
  private let cases: [EvaluationCase]
  private let values: [[[Float]]]
  private let pools: [CandidatePool]

  init(_ cases: [EvaluationCase], _ pools: [CandidatePool], _ normalization: Blend.Normalization) {
    self.cases = cases
    self.pools = pools
    values = pools.map { pool in
      switch normalization {
      case .score: pool.scores
      case .rank: pool.ranks.map { $0.map { $0 > 0 ? BlendModel.reciprocal(Int($0)) : 0 } }
      }
    }
  }

  /// Climbs one weight at a time, in ever finer steps, until none moves.
  func climbed(from start: [Double]) -> [Double] {
    var weights = start
    guard weights.count > 1 else { return weights }
    var best = ndcg(weights)
    for factors in [[0, 0.25, 0.5, 2, 4], [0, 0.5, 0.7, 1.4, 2], [0.8, 0.9, 1.1, 1.25]] {
      var isMoving = true
      var rounds = 0
      while isMoving, rounds < 6 {
        isMoving = false
        rounds += 1
        for index in weights.indices {
          let base = weights[index] == 0 ? 0.25 : weights[index]
          for factor in factors {
            var candidate = weights
            candidate[index] = base * factor
            guard candidate.contains(where: { $0 > 0 }) else { continue }
            let figure = ndcg(candidate)
            if figure > best + 1e-9 { (best, weights, isMoving) = (figure, candidate, true) }
          }
        }
      }
    }
    let largest = weights.max() ?? 1
    return weights.map { $0 / largest }
  }

  /// Mean NDCG@10 of the candidates in the order of their weighted sums, ties counted against.
  func ndcg(_ weights: [Double]) -> Double {
    let scales = weights.map(Float.init)
    let sums = parallelBlocks(cases.count, blockSize: 256) { block in
      block.reduce(0.0) { $0 + ndcg($1, scales) }
    }
    return sums.reduce(0, +) / Double(max(1, cases.count))
  }

  private func ndcg(_ index: Int, _ weights: [Float]) -> Double {
    let pool = pools[index]
    var sums = [Float](repeating: 0, count: pool.items.count)
    for (values, weight) in zip(values[index], weights) where weight > 0 {
      for place in sums.indices { sums[place] += weight * values[place] }
    }
    let ranks = cases[index].targets.map { target in
      guard let place = pool.items.firstIndex(of: target) else { return RankingMetrics.unranked }
      return max(1, sums.reduce(0) { $0 + ($1 >= sums[place] ? 1 : 0) })
    }
    return RankingMetrics(ranks: ranks, relevant: cases[index].targets.count, cutoff: 10).ndcg
  }
}

/// What `Blend` learned: its members and their weights.
public struct BlendModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: Blend.Configuration
  /// The members, in the order of the settings.
  public let members: [AnyRecommender]
  /// The members' weights, the largest 1.
  public let weights: [Float]

  /// The items known to the members.
  public var items: Vocabulary { members[0].items }
  /// How popular each item is.
  public var popularity: [Float] { members[0].popularity }

  init(_ configuration: Blend.Configuration, _ members: [AnyRecommender], weights: [Float]) {
    self.configuration = configuration
    self.members = members
    self.weights = weights
  }

  static func reciprocal(_ rank: Int) -> Float { 60 / Float(60 + rank) }

  /// What each member adds to the scores of all items for each history; −infinity where it has none.
  private func parts(
    _ histories: [CodedHistory], _ body: (Int, Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    for (index, member) in members.enumerated() where weights[index] > 0 {
      member.model.withNormalizedScores(of: histories, configuration.normalization) { row, scores in
        body(index, row, scores)
      }
    }
  }

  /// Adds up the members' normalized scores; an item that none of them scores has no score.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    scores.update(repeating: -.infinity)
    parts(histories) { index, row, own in
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      let weight = weights[index]
      for item in 0..<width where own[item] > -.infinity {
        sums[item] = (sums[item] > -.infinity ? sums[item] : 0) + weight * own[item]
      }
    }
  }

  /// Each member's contributions, scaled as its scores are.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    var sums = items.map { _ in [Float](repeating: 0, count: history.items.count) }
    for (index, scales) in scales(of: history, to: items) {
      let parts = members[index].contributions(of: history, to: items)
      for place in items.indices where scales[place] != 0 {
        for entry in history.items.indices { sums[place][entry] += scales[place] * parts[place][entry] }
      }
    }
    return sums
  }

  /// Each member's base, scaled as its scores are.
  public func base(of history: CodedHistory, to items: [Int32]) -> [Float] {
    var sums = [Float](repeating: 0, count: items.count)
    for (index, scales) in scales(of: history, to: items) {
      let bases = members[index].base(of: history, to: items)
      let parts = members[index].contributions(of: history, to: items)
      let raw = rawScores(members[index].model, history, items)
      for place in items.indices where scales[place] != 0 {
        // A member that cannot say what its score is made of adds it whole.
        let isSilent = bases[place] == 0 && !parts[place].contains { $0 != 0 }
        sums[place] += scales[place] * (isSilent ? raw[place] : bases[place])
      }
    }
    return sums
  }

  private func rawScores(_ model: any Recommender, _ history: CodedHistory, _ items: [Int32]) -> [Float] {
    model.withScores(of: [history]) { rows in items.map { rows[0][Int($0)] } }
  }

  /// For each member that counts, what its raw score of each item is multiplied with to become a part of the sum.
  private func scales(of history: CodedHistory, to items: [Int32]) -> [(Int, [Float])] {
    var result: [(Int, [Float])] = []
    for (index, member) in members.enumerated() where weights[index] > 0 {
      let raw = rawScores(member.model, history, items)
      member.model.withNormalizedScores(of: [history], configuration.normalization) { _, own in
        result.append(
          (
            index,
            items.indices.map { place in
              let normalized = own[Int(items[place])]
              return normalized > -.infinity && raw[place] != 0 ? weights[index] * normalized / raw[place] : 0
            }
          ))
      }
    }
    return result
  }

  /// The likeness by each member, normalized and weighed.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    scores.update(repeating: -.infinity)
    var own = [Float](repeating: 0, count: scores.count)
    for (member, weight) in zip(members, weights) where weight > 0 {
      own.withUnsafeMutableBufferPointer { member.scoreSimilar(to: item, into: $0) }
      own[Int(item)] = -.infinity
      let largest = ScoreScale.largest(own)
      for index in own.indices where own[index] > -.infinity {
        scores[index] = (scores[index] > -.infinity ? scores[index] : 0) + weight * own[index] / largest
      }
    }
  }
}

extension Recommender {
  /// Calls `body` with the row and the normalized scores of each history.
  func withNormalizedScores(
    of histories: [CodedHistory], _ normalization: Blend.Normalization,
    _ body: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    withScores(of: histories) { rows in
      for (row, scores) in rows.enumerated() {
        switch normalization {
        case .score:
          let largest = ScoreScale.largest(scores)
          for index in scores.indices where scores[index] > -.infinity { scores[index] /= largest }
        case .rank:
          let list = TopK.select(1000, of: UnsafeBufferPointer(scores))
          scores.update(repeating: -.infinity)
          for (rank, entry) in list.enumerated() {
            scores[Int(entry.index)] = BlendModel.reciprocal(rank + 1)
          }
        }
        body(row, scores)
      }
    }
  }
}
