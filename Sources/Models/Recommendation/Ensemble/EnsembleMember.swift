import Commerce
import Learning
import MathKernels

/// One algorithm of an ensemble: its name and the settings that differ from its defaults.
public struct EnsembleMember: Sendable, Codable, Equatable {
  /// The algorithm's name, as `RecommendationAlgorithm` knows it.
  public var algorithm: String
  /// Settings by name.
  public var settings: [String: JSONValue]

  /// One algorithm and the settings that differ from its defaults.
  public init(_ algorithm: String, _ settings: [String: JSONValue] = [:]) {
    self.algorithm = algorithm
    self.settings = settings
  }

  /// Settings may be left out.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    algorithm = try container.decode(String.self, forKey: .algorithm)
    settings = try container.decodeIfPresent([String: JSONValue].self, forKey: .settings) ?? [:]
  }

  func resolved() throws -> RecommendationAlgorithm {
    var algorithm = try RecommendationAlgorithm.named(algorithm)
    for (setting, value) in settings.sorted(by: { $0.key < $1.key }) { try algorithm.set(setting, to: value) }
    return algorithm
  }

  /// Fits the members one after the other.
  static func fitted(
    _ members: [EnsembleMember], on data: Interactions, context: FitContext
  ) async throws -> [AnyRecommender] {
    var models: [AnyRecommender] = []
    for member in members {
      let quiet = FitContext(seed: context.seed)
      models.append(try AnyRecommender(try await member.resolved().fit(data, context: quiet)))
      try Task.checkCancellation()
    }
    return models
  }
}

/// The candidates that several models have for one history, with each model's score and rank for each.
struct CandidatePool: Sendable {
  /// In ascending order.
  var items: [Int32]
  /// Per model and candidate the score, divided by the largest magnitude of that model's scores; 0 without one.
  var scores: [[Float]]
  /// Per model and candidate the place in the model's list from 1; 0 beyond it.
  var ranks: [[Int32]]

  /// The pools of many histories, on all cores.
  ///
  /// - Parameters:
  ///   - count: how many of each model's best items become candidates.
  ///   - alwaysHistory: whether all items of the history are candidates too.
  static func pools(
    _ histories: [CodedHistory], _ models: [AnyRecommender], count: Int, repeatPurchases: RepeatPurchases,
    alwaysHistory: Bool = false
  ) -> [CandidatePool] {
    parallelBlocks(histories.count, blockSize: 16) { block in
      Self.block(
        block.map { histories[$0] }, models, count: count, repeatPurchases: repeatPurchases,
        alwaysHistory: alwaysHistory)
    }.flatMap { $0 }
  }

  /// The pools of a few histories, on the caller's thread.
  static func block(
    _ histories: [CodedHistory], _ models: [AnyRecommender], count: Int, repeatPurchases: RepeatPurchases,
    alwaysHistory: Bool
  ) -> [CandidatePool] {
    guard let width = models.first?.items.count, width > 0 else { return [] }
    let filter = CandidateFilter(repeatPurchases: repeatPurchases)
    let all = models.map { model in
      model.withScores(of: histories) { rows in rows.flatMap { Array($0) } }
    }
    return histories.enumerated().map { row, history in
      var lists: [[TopK.Entry]] = []
      for scores in all {
        var own = Array(scores[row * width..<(row + 1) * width])
        lists.append(
          own.withUnsafeMutableBufferPointer { own in
            filter.mask(history, own)
            return TopK.select(count, of: UnsafeBufferPointer(own))
          })
      }
      var candidates = Set(lists.joined().map(\.index))
      if alwaysHistory, repeatPurchases != .never {
        for (item, weight) in zip(history.items, history.weights) where weight > 0 { candidates.insert(item) }
      }
      return CandidatePool(
        Array(candidates).sorted(), lists, all.map { $0[row * width..<(row + 1) * width] })
    }
  }

  private init(_ items: [Int32], _ lists: [[TopK.Entry]], _ scores: [ArraySlice<Float>]) {
    self.items = items
    self.scores = []
    ranks = []
    for (list, own) in zip(lists, scores) {
      let largest = ScoreScale.largest(own)
      self.scores.append(
        items.map { item in
          let score = own[own.startIndex + Int(item)]
          return score > -.infinity ? score / largest : 0
        })
      var rankOf: [Int32: Int32] = [:]
      for (rank, entry) in list.enumerated() { rankOf[entry.index] = Int32(rank + 1) }
      ranks.append(items.map { rankOf[$0] ?? 0 })
    }
  }
}

/// What scores are divided by, so that those of several models can be added.
enum ScoreScale {
  /// The largest magnitude of the finite ones, never zero.
  static func largest(_ scores: some Sequence<Float>) -> Float {
    var largest: Float = 0
    for score in scores where score.isFinite { largest = max(largest, abs(score)) }
    return largest > 0 ? largest : 1
  }
}
