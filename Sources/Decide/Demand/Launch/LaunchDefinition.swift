import Foundation

/// What counts as the launch of a product.
///
/// A shop's log seldom says when something went on sale, and a product bought twice a year "first appears" whenever chance
/// has it. A first sale counts as a launch when nothing was sold for many weeks before, when several customers bought in the
/// first weeks, and when at the pace of its first weeks so long a silence before would hardly be chance. Only the first weeks
/// decide, so that a launch is known to be one as soon as they are over.
public struct LaunchDefinition: Sendable, Equatable, Codable {
  /// So many full weeks of the history lie before the first sale, at least.
  public var silentWeeks = 12
  /// The weeks from the first sale on that decide.
  public var decidingWeeks = 8
  /// The weeks within which customers are counted.
  public var customerWeeks = 4
  /// So many different customers bought in those, at least.
  public var leastCustomers = 5
  /// The greatest probability of the silence at the later pace: e to the minus pace times silent weeks, where the pace is
  /// the order lines after the first by the deciding weeks.
  public var greatestChance = 1e-4

  /// The definition that plans and backtests take unless told otherwise.
  public init() {}

  /// Whether a first sale is a launch.
  ///
  /// - Parameters:
  ///   - firstWeek: the week of the first sale; that many silent ones lie before.
  ///   - lines: order lines within the deciding weeks, or as many of them as were seen.
  ///   - customers: different customers within the customer weeks.
  ///   - weeks: how many of the deciding weeks were seen.
  public func isLaunch(firstWeek: Int, lines: Int, customers: Int, weeks: Int) -> Bool {
    firstWeek >= silentWeeks && customers >= leastCustomers
      && chance(firstWeek: firstWeek, lines: lines, weeks: weeks) <= greatestChance
  }

  /// The probability that something bought at this pace was not bought once in all weeks before.
  public func chance(firstWeek: Int, lines: Int, weeks: Int) -> Double {
    exp(-Double(max(0, lines - 1)) / Double(max(1, min(weeks, decidingWeeks))) * Double(firstWeek))
  }
}
