import Foundation
import MathKernels

/// How good one ranked list is, when what would have been right is known.
///
/// All figures take the ranks of the right items, counted from 1 over all candidates, so that they come from a full ranking
/// and never from a sample of it. An item that is not ranked at all has rank `unranked`.
///
/// ```swift
/// let metrics = RankingMetrics(ranks: [3], relevant: 1, cutoff: 10)
/// metrics.ndcg             // 0.5
/// metrics.reciprocalRank   // 0.333
/// ```
/// Source: Järvelin and Kekäläinen (2002), https://doi.org/10.1145/582415.582418
public struct RankingMetrics: Sendable, Equatable {
  /// The rank of an item that can never be shown.
  public static let unranked = Int.max

  /// 1 when a right item is among the first k, else 0.
  public var hitRate: Double
  /// Discounted gain divided by the best possible one.
  public var ndcg: Double
  /// The share of the right items that is among the first k.
  public var recall: Double
  /// The share of the first k that is right.
  public var precision: Double
  /// One divided by the best rank, 0 beyond k.
  public var reciprocalRank: Double

  /// The figures at one cutoff.
  ///
  /// - Parameters:
  ///   - ranks: the ranks of the right items, in any order.
  ///   - relevant: how many right items there are, ranked or not.
  ///   - cutoff: k.
  public init(ranks: [Int], relevant: Int, cutoff: Int) {
    let hits = ranks.filter { $0 <= cutoff }
    let gain = hits.reduce(0.0) { $0 + 1 / log2(Double($1) + 1) }
    let ideal = (0..<min(relevant, cutoff)).reduce(0.0) { $0 + 1 / log2(Double($1) + 2) }
    hitRate = hits.isEmpty ? 0 : 1
    ndcg = ideal > 0 ? gain / ideal : 0
    recall = relevant > 0 ? Double(hits.count) / Double(relevant) : 0
    precision = cutoff > 0 ? Double(hits.count) / Double(cutoff) : 0
    reciprocalRank = hits.min().map { 1 / Double($0) } ?? 0
  }

  /// The rank of a score among candidates, with ties counted against it: 1 + how many *other* candidates score at least
  /// as much.
  ///
  /// `scores` holds the candidates, the one ranked included; those of −infinity are no candidates. NaN counts as better,
  /// so that a broken model cannot look good.
  public static func pessimisticRank(of score: Float, among scores: UnsafeBufferPointer<Float>) -> Int {
    guard score > -.infinity else { return unranked }
    guard let base = scores.baseAddress else { return unranked }
    return max(1, Vectors.countNotBelow(score, base, scores.count))
  }
}

/// What a whole set of recommendation lists shows of the catalogue.
public struct CatalogueMetrics: Sendable {
  private var shown: [Bool]
  private var surprisal: [Double]
  private var totalSurprisal = 0.0
  private var entries = 0

  /// Starts with how often each item was used in the training data.
  public init(popularity: [Int]) {
    shown = [Bool](repeating: false, count: popularity.count)
    let total = Double(popularity.reduce(0, +))
    // One is added to each count, so that an item never seen has a finite surprise.
    surprisal = popularity.map { -log2((Double($0) + 1) / (total + Double(popularity.count))) }
  }

  /// Adds one list.
  public mutating func add(_ items: some Sequence<Int32>) {
    for item in items {
      shown[Int(item)] = true
      totalSurprisal += surprisal[Int(item)]
      entries += 1
    }
  }

  /// The share of the items that is in at least one list.
  public var coverage: Double {
    shown.isEmpty ? 0 : Double(shown.lazy.filter { $0 }.count) / Double(shown.count)
  }

  /// The mean self-information in bits of the items shown: high for rare ones.
  ///
  /// Source: Vargas and Castells (2011), https://doi.org/10.1145/2043932.2043955
  public var novelty: Double { entries == 0 ? 0 : totalSurprisal / Double(entries) }
}
