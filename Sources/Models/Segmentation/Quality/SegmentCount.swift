import Foundation
import Learning
import MathKernels

/// Chooses a number of segments, and says why.
///
/// ```swift
/// let choice = try SegmentCount(2...8).choose(points, by: KMeans(), context: FitContext(seed: 1))
/// print(choice.count, choice.reason.en)
/// ```
/// Among the numbers whose segments are found again when customers are drawn anew (`SegmentStability`) it is the one of the
/// greatest silhouette. When none is stable the most stable one is taken, and the reason says so. The gap statistic is
/// reported beside it. Above `maximumRows` all of this is measured on a sample.
///
/// - Complexity: O(counts × (resamples + references)) segmentations of at most `maximumRows` rows.
public struct SegmentCount: Sendable {
  /// The numbers tried.
  public var counts: ClosedRange<Int>
  /// How many rows are looked at.
  public var maximumRows: Int
  /// The gap statistic.
  public var gap: GapStatistic
  /// The stability.
  public var stability: SegmentStability

  /// The choice.
  public init(
    _ counts: ClosedRange<Int> = 2...8, maximumRows: Int = 2_000, gap: GapStatistic = .init(references: 5),
    stability: SegmentStability = .init(resamples: 10)
  ) {
    (self.counts, self.maximumRows) = (counts, maximumRows)
    (self.gap, self.stability) = (gap, stability)
  }

  /// One number of segments.
  public struct Candidate: Sendable, Codable, Equatable {
    /// How many.
    public var segments: Int
    /// The mean silhouette.
    public var silhouette: Double
    /// The index of Caliński and Harabasz.
    public var calinskiHarabasz: Double
    /// The index of Davies and Bouldin.
    public var daviesBouldin: Double
    /// The gap statistic.
    public var gap: Double
    /// Its standard error.
    public var gapError: Double
    /// The mean similarity of the segments to those found again.
    public var stability: Double
  }

  /// A number of segments, with what it was chosen from.
  public struct Choice: Sendable, Codable, Equatable {
    /// How many.
    public var count: Int
    /// Why.
    public var reason: Wording
    /// All numbers tried.
    public var candidates: [Candidate]
    /// What the gap statistic alone would choose.
    public var countByGap: Int
    /// How many rows were looked at.
    public var rowsMeasured: Int
  }

  /// Chooses.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func choose(_ points: Matrix<Double>, by segmenter: any Segmenter, context: FitContext) throws
    -> Choice
  {
    try Segments.check(points, segments: 2)
    let sample = sample(points, context.seed)
    let last = min(counts.upperBound, sample.rows - 1)
    guard counts.lowerBound >= 2, last >= counts.lowerBound else {
      throw SegmentationError.notEnoughData(needed: counts.lowerBound + 1, found: points.rows)
    }
    let gaps = try gap.gaps(sample, by: segmenter, 1...last, context: context)
    var candidates: [Candidate] = []
    for count in counts.lowerBound...last {
      let labels = try segmenter.segment(sample, into: count, context: FitContext(seed: context.seed))
      // Fewer distinct rows than segments.
      guard Set(labels).count == count else { break }
      let compactness = try Compactness(of: sample, labels)
      candidates.append(
        Candidate(
          segments: count, silhouette: try Silhouette().measure(sample, labels).mean,
          calinskiHarabasz: compactness.calinskiHarabasz, daviesBouldin: compactness.daviesBouldin,
          gap: gaps[count - 1].gap, gapError: gaps[count - 1].error,
          stability: try stability.measure(sample, labels, by: segmenter, context: context).mean))
      try context.checkpoint(step: candidates.count, of: last - counts.lowerBound + 1)
    }
    let byGap = GapStatistic.count(gaps) ?? 1
    return try Self.choice(candidates, byGap, rows: sample.rows)
  }

  private func sample(_ points: Matrix<Double>, _ seed: UInt64) -> Matrix<Double> {
    guard points.rows > maximumRows else { return points }
    var random = RandomSource(seed: seed)
    let rows = Array((0..<points.rows).shuffled(using: &random).prefix(maximumRows)).sorted()
    return Matrix(rows: rows.count, columns: points.columns, rows.flatMap { points.row($0) })
  }

  private static func choice(_ candidates: [Candidate], _ byGap: Int, rows: Int) throws -> Choice {
    let stable = candidates.filter { $0.stability >= SegmentStability.stable }
    guard
      let best = stable.isEmpty
        ? candidates.max(by: { $0.stability < $1.stability })
        : stable.max(by: { $0.silhouette < $1.silhouette })
    else { throw SegmentationError.notEnoughData(needed: 2, found: 1) }
    let (k, silhouette) = (best.segments, String(format: "%.3f", best.silhouette))
    let (again, limit) = (
      String(format: "%.2f", best.stability), String(format: "%.2f", SegmentStability.stable)
    )
    let gapZh = byGap == k ? "间隙统计量也选择 \(k)。" : "间隙统计量则会选择 \(byGap)。"
    let gapEn =
      byGap == k ? "The gap statistic chooses \(k) too." : "The gap statistic would choose \(byGap)."
    let reason =
      stable.isEmpty
      ? Wording(
        zh: "没有一种分群数是稳定的（重抽样后的 Jaccard 相似度都低于 \(limit)）；\(k) 群最接近（\(again)），请谨慎使用。\(gapZh)",
        en:
          "No number of segments is stable (similarity below \(limit) when customers are drawn anew); \(k) comes closest (\(again)), so take the segments with care. \(gapEn)"
      )
      : Wording(
        zh: "在重抽样后仍能重现的分群数中（Jaccard 相似度 \(again)，不低于 \(limit)），\(k) 群的轮廓系数最高（\(silhouette)）。\(gapZh)",
        en:
          "Of the numbers whose segments are found again when customers are drawn anew (similarity \(again), at least \(limit)), \(k) has the greatest silhouette (\(silhouette)). \(gapEn)"
      )
    return Choice(count: k, reason: reason, candidates: candidates, countByGap: byGap, rowsMeasured: rows)
  }
}
