import Features
import Foundation
import MathKernels

/// When needs of a given strength are met, as seen in the last window: the median day and the share met within a week.
public struct TimingCurve: Sendable, Codable, Equatable {
  /// The strengths at which the curve is known, ascending.
  public let strengths: [Double]
  /// The median number of days until the purchase at each of them.
  public let medianDays: [Double]
  /// The share met within seven days at each of them.
  public let withinWeek: [Double]

  /// Learns the curve from strengths and the days on which purchases came.
  ///
  /// Within a group of like strength the median is read off where half have bought; where fewer than half buy within the
  /// window, purchases are taken to go on at the window's mean pace.
  init(strengths: [Double], firstDays: [UInt8], groups: Int = 40) {
    let order = strengths.indices.sorted { strengths[$0] < strengths[$1] }
    var (middles, medians, weeks): ([Double], [Double], [Double]) = ([], [], [])
    // Strong needs are few, so groups are of equal expected purchases rather than of equal size.
    let total = strengths.reduce(0, +)
    var (group, sum): ([Int], Double) = ([], 0)
    for index in order {
      group.append(index)
      sum += strengths[index]
      guard sum >= total / Double(groups) || index == order.last else { continue }
      let days = group.compactMap { firstDays[$0] == PurchaseOutcomes.never ? nil : Double(firstDays[$0]) + 0.5 }.sorted()
      let share = Double(days.count) / Double(group.count)
      middles.append(sum / Double(group.count))
      weeks.append(Double(days.lazy.filter { $0 < 7 }.count) / Double(group.count))
      let half = group.count / 2
      medians.append(
        half < days.count ? days[half] : min(365, log(2) * 28 / max(1e-4, -log1p(-min(share, 0.999)))))
      (group, sum) = ([], 0)
    }
    // Stronger needs are met sooner: what contradicts that is chance, and is pooled.
    self.strengths = middles
    medianDays = Self.monotone(middles, medians.map { -$0 }).map { -$0 }
    withinWeek = Self.monotone(middles, weeks)
  }

  private static func monotone(_ scores: [Double], _ values: [Double]) -> [Double] {
    guard let curve = try? IsotonicRegression(scores: scores, labels: values) else { return values }
    return scores.map { curve($0) }
  }

  /// The median number of days until a need of this strength is met; nil when nothing is known.
  public func days(strength: Double) -> Double? { interpolated(medianDays, at: strength) }

  /// The share of needs of this strength met within a week.
  public func weekShare(strength: Double) -> Double { interpolated(withinWeek, at: strength) ?? 0 }

  private func interpolated(_ values: [Double], at strength: Double) -> Double? {
    guard let first = strengths.first, let last = strengths.last else { return nil }
    if strength <= first { return values[0] }
    if strength >= last { return values[values.count - 1] }
    let high = strengths.firstIndex { $0 > strength } ?? strengths.count - 1
    let low = high - 1
    let share = (strength - strengths[low]) / max(1e-12, strengths[high] - strengths[low])
    return values[low] + share * (values[high] - values[low])
  }
}
