import Foundation
import Inventory
import MathKernels

/// How wrong the forecasts of alike subjects were, each error over its subject's usual one.
///
/// What fifty weeks of one item cannot promise of the twentieth part of its weeks, a hundred alike items can: errors of forecasts
/// made from what was known before, pooled, give intervals that held as often as they say. They are the errors of the choice
/// itself, made anew at each origin. Source: Vovk, Gammerman and Shafer (2005), https://doi.org/10.1007/b106715, for split
/// conformal intervals; we take both tails apart, for demand is skewed.
public struct DemandErrorGroup: Sendable, Codable, Equatable {
  /// Its name: the level and, of items, the class of their demand.
  public var name: String
  /// How many errors of the first week it was made of.
  public var count: Int
  /// Of each week ahead, the quantiles of value less forecast over scale, from the smallest to the largest at even distances.
  public var byWeek: [[Double]]
  /// The same of so many weeks together, over scale times the root of their number.
  public var together: [[Double]]

  /// How many quantiles stand for a group.
  static let points = 101
  /// Of fewer errors than this none promises a level of 95 percent.
  static let fewest = 60

  /// Errors by step; each list is sorted here.
  init(name: String, byWeek: [[Double]], together: [[Double]]) {
    self.name = name
    count = byWeek.first?.count ?? 0
    self.byWeek = byWeek.map(Self.condensed)
    self.together = together.map(Self.condensed)
  }

  /// Quantiles at even distances; those of a normal spread where there are too few errors to go by.
  private static func condensed(_ errors: [Double]) -> [Double] {
    guard errors.count >= fewest else {
      return (0..<points).map { 1.2 * NormalDistribution.quantile((Double($0) + 0.5) / Double(points)) }
    }
    let sorted = errors.sorted()
    return (0..<points).map { Statistics.quantile(ofSorted: sorted, at: Double($0) / Double(points - 1)) }
  }

  /// How far below and above its forecast a week's value lies with a probability, over the scale.
  func interval(step: Int, level: Double) -> (lower: Double, upper: Double) {
    guard let quantiles = byWeek.indices.contains(step) ? byWeek[step] : byWeek.last else { return (0, 0) }
    // A finite number of errors promises a little less than their share.
    let outside = (1 - level) / 2 * max(0, 1 - 1 / Double(max(1, count)))
    return (
      min(0, Statistics.quantile(ofSorted: quantiles, at: outside)),
      max(0, Statistics.quantile(ofSorted: quantiles, at: 1 - outside))
    )
  }

  /// The errors of so many weeks together, over the scale; weeks may be broken.
  func together(weeks: Double) -> [Double] {
    guard let last = together.last else { return [] }
    let root = max(0, weeks).squareRoot()
    guard weeks < Double(together.count) else { return last.map { $0 * root } }
    let low = min(together.count - 1, max(0, Int(weeks.rounded(.down)) - 1))
    let high = min(together.count - 1, max(0, Int(weeks.rounded(.up)) - 1))
    let share = weeks - weeks.rounded(.down)
    return zip(together[low], together[high]).map { root * ($0 * (1 - share) + $1 * share) }
  }
}

extension DemandForecasts {
  /// The demand of a stretch of weeks to come: as likely one of its values as another; nil without a forecast.
  ///
  /// - Parameters:
  ///   - weeks: how long it is; beyond the horizon the mean of the forecast goes on.
  ///   - from: how many weeks after the end of the history it begins.
  public func demand(of outlook: DemandOutlook, weeks: Double, from: Double = 0) -> DemandDistribution? {
    guard let group = group(of: outlook), weeks > 0,
      let mean = expected(of: outlook, from: from, weeks: weeks)
    else { return nil }
    let errors = group.together(weeks: weeks)
    // Centred on the forecast's mean, which is what costs are reckoned of.
    return .empirical(errors.map { max(0, mean + $0 * outlook.scale) })
  }

  /// The units expected of a stretch of weeks to come, which may begin and end within one.
  public func expected(of outlook: DemandOutlook, from: Double, weeks: Double) -> Double? {
    guard let mean = outlook.mean, !mean.isEmpty else { return nil }
    let usual = Statistics.mean(mean)
    func total(_ end: Double) -> Double {
      let whole = Int(max(0, end).rounded(.down))
      let full = mean.prefix(whole).reduce(0, +) + usual * Double(max(0, whole - mean.count))
      return full + (max(0, end) - Double(whole)) * (whole < mean.count ? mean[whole] : usual)
    }
    return total(from + weeks) - total(from)
  }
}
