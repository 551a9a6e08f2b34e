import Foundation
import MathKernels

/// How well launches would have been foretold, each from what was known in the week before it.
///
/// ```swift
/// let backtest = try LaunchBacktest(LaunchForecaster(library))
/// print(backtest.mase, backtest.baselines["category_mean"]!.mase, backtest.improvement.value)
/// ```
/// The error of a launch is the mean absolute distance of the foretold medians from the units sold, over as many of its first
/// twelve weeks as were seen (at least eight), divided by the mean absolute change from week to week of the same weeks, the
/// first one from zero: a new product has no earlier weeks to be scaled by. So 1 is what someone makes who knows each week's
/// sales a week before. The errors of all launches are averaged.
///
/// The average curve of the category is what is usually done instead: the mean curve of the earlier launches of its category
/// when there are three at least, else of its department, else of the shop. Since absolute errors reward the median and a mean
/// is drawn up by the few great successes, the median curve of the same launches stands beside it, and so do the median of
/// all the shop's launches and what an established item of the category sells.
///
/// Intervals are of resampled categories, so that launches of one range do not pass for independent ones.
///
/// Source of the scaled error: Hyndman and Koehler (2006), https://doi.org/10.1016/j.ijforecast.2006.03.001
///
/// - Complexity: O(launches²).
public struct LaunchBacktest: Sendable {
  /// What the forecasts are compared with.
  public enum Baseline: String, Sendable, CaseIterable {
    /// The mean curve of the category's earlier launches.
    case categoryMean = "category_mean"
    /// The median curve of the category's earlier launches.
    case categoryMedian = "category_median"
    /// The median curve of all earlier launches.
    case shopMedian = "shop_median"
    /// The usual weekly units of an established item of the category.
    case establishedItem = "established_item"
  }

  /// A share by which errors are smaller, with its interval.
  public struct Improvement: Sendable, Equatable {
    /// One less the ratio of mean errors.
    public var value: Double
    /// Where it lies with 95 % confidence.
    public var interval: ConfidenceInterval
  }

  /// What one way of forecasting made of the launches.
  public struct Result: Sendable, Equatable {
    /// The mean scaled error.
    public var mase: Double
    /// How much smaller the errors of the plan's medians are.
    public var improvement: Improvement
  }

  /// One launch as it was foretold.
  public struct Case: Sendable, Equatable {
    /// The item.
    public var itemID: String
    /// The category.
    public var category: String?
    /// The week of the first sale.
    public var firstWeek: Int
    /// Units sold in each week.
    public var sold: [Double]
    /// What was foretold for those.
    public var foretold: LaunchCurve
    /// The scaled error of the medians.
    public var error: Double
    /// The scaled errors of the baselines.
    public var baselines: [Baseline: Double]
  }

  /// The launches.
  public let cases: [Case]
  /// Launches that were too early to be foretold from others.
  public let skipped: Int
  /// The mean scaled error of the medians.
  public let mase: Double
  /// The baselines.
  public let baselines: [Baseline: Result]
  /// The share of weeks that lay within their intervals.
  public let coverage: Double
  /// The share of totals that lay within their intervals.
  public let totalCoverage: Double
  /// The sum of expected totals by the sum of sold ones, less one.
  public let bias: Double
  /// How large a part of the launches' levels was foretold: one less the squared error of log levels by their variance.
  public let explained: Double

  /// So many launches make a backtest.
  public static let leastCases = 20
  private static let horizon = 12
  private static let leastInGroup = 3

  /// How much smaller the errors are than those of the category's average curve.
  public var improvement: Improvement {
    baselines[.categoryMean]?.improvement
      ?? Improvement(value: 0, interval: ConfidenceInterval(lower: 0, upper: 0, level: 0.95))
  }

  /// Foretells each launch from those before it.
  ///
  /// - Throws: `DemandError.notEnoughLaunches`; `CancellationError`.
  public init(_ forecaster: LaunchForecaster, seed: UInt64 = 42) throws {
    let launches = forecaster.library.launches
    try Task.checkCancellation()
    let found = parallelBlocks(launches.count, blockSize: 8) { block in
      block.compactMap { Self.foretell($0, forecaster) }
    }.flatMap { $0 }
    try Task.checkCancellation()
    guard found.count >= Self.leastCases else {
      throw DemandError.notEnoughLaunches(needed: Self.leastCases, found: found.count)
    }
    cases = found
    skipped = launches.count - found.count
    mase = Statistics.mean(found.map(\.error))
    let draws = Self.draws(found, seed: seed)
    var results: [Baseline: Result] = [:]
    for baseline in Baseline.allCases {
      let errors = found.map { $0.baselines[baseline] ?? .nan }
      results[baseline] = Result(
        mase: Statistics.mean(errors), improvement: Self.improvement(found.map(\.error), errors, draws))
    }
    baselines = results
    let inside = found.map { one in
      zip(one.sold, one.foretold.weeks).count { $0 >= $1.lower && $0 <= $1.upper }
    }
    coverage = Double(inside.reduce(0, +)) / Double(found.reduce(0) { $0 + $1.sold.count })
    let totals = found.map { ($0.sold.reduce(0, +), $0.foretold.total) }
    totalCoverage =
      Double(totals.count { $0.0 >= $0.1.lower && $0.0 <= $0.1.upper }) / Double(found.count)
    bias = totals.reduce(0) { $0 + $1.1.mean } / max(1e-9, totals.reduce(0) { $0 + $1.0 }) - 1
    let logs = totals.map { (log($0.0 + 1), log($0.1.median + 1)) }
    let spread = Statistics.variance(logs.map(\.0), degreesOfFreedomLost: 0)
    explained = spread > 0 ? 1 - Statistics.mean(logs.map { ($0.0 - $0.1) * ($0.0 - $0.1) }) / spread : 0
  }

  private static func foretell(_ index: Int, _ forecaster: LaunchForecaster) -> Case? {
    let launch = forecaster.library.launches[index]
    let sold = Array(launch.units.prefix(horizon))
    guard let curve = forecaster.hindsight(index, horizon: sold.count) else { return nil }
    var scale = sold[0]
    for week in 1..<sold.count { scale += abs(sold[week] - sold[week - 1]) }
    scale /= Double(sold.count)
    guard scale > 0 else { return nil }
    func error(_ foretold: [Double]) -> Double {
      zip(sold, foretold).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(sold.count) / scale
    }
    let known = forecaster.library.launches.prefix(forecaster.known(before: launch.firstWeek))
    let group = peers(of: launch.product, in: Array(known))
    let usual = forecaster.library.market.group(
      LaunchMarket.key("c", launch.product.category), before: launch.firstWeek)
    let market = forecaster.library.market.everything(before: launch.firstWeek)
    let pace = exp(usual.level(towards: market.sumLevel / max(1, market.steady)))
    func usually(_ launches: [PastLaunch], _ centre: ([Double]) -> Double) -> [Double] {
      average(launches, before: launch.firstWeek, count: sold.count, centre)
    }
    return Case(
      itemID: launch.itemID, category: launch.product.category, firstWeek: launch.firstWeek, sold: sold,
      foretold: curve, error: error(curve.weeks.map(\.median)),
      baselines: [
        .categoryMean: error(usually(group) { Statistics.mean($0) }),
        .categoryMedian: error(usually(group) { Statistics.median($0) }),
        .shopMedian: error(usually(Array(known)) { Statistics.median($0) }),
        .establishedItem: error([Double](repeating: pace, count: sold.count)),
      ])
  }

  private static func peers(of product: LaunchProduct, in known: [PastLaunch]) -> [PastLaunch] {
    let ofCategory = known.filter { $0.product.category != nil && $0.product.category == product.category }
    if ofCategory.count >= leastInGroup { return ofCategory }
    let ofDepartment = known.filter {
      $0.product.department != nil && $0.product.department == product.department
    }
    return ofDepartment.count >= leastInGroup ? ofDepartment : known
  }

  private static func average(
    _ launches: [PastLaunch], before week: Int, count: Int, _ centre: ([Double]) -> Double
  ) -> [Double] {
    var curve: [Double] = []
    for age in 0..<count {
      let seen = launches.compactMap { age < min($0.units.count, week - $0.firstWeek) ? $0.units[age] : nil }
      curve.append(seen.isEmpty ? curve.last ?? 0 : centre(seen))
    }
    return curve
  }

  // MARK: Intervals

  /// Resamples of categories: of each how often each case was drawn.
  private static func draws(_ cases: [Case], seed: UInt64) -> [[Int]] {
    let groups = Dictionary(grouping: cases.indices, by: { cases[$0].category ?? "" })
      .sorted { $0.key < $1.key }.map(\.value)
    return (0..<1000).map { resample in
      var random = RandomSource(seed: seed, stream: UInt64(resample) + 1)
      return groups.indices.flatMap { _ in groups[random.index(below: groups.count)] }
    }
  }

  private static func improvement(_ own: [Double], _ other: [Double], _ draws: [[Int]]) -> Improvement {
    func share(_ cases: some Sequence<Int>) -> Double {
      var (a, b) = (0.0, 0.0)
      for index in cases {
        a += own[index]
        b += other[index]
      }
      return b > 0 ? 1 - a / b : 0
    }
    let sorted = draws.map { share($0) }.sorted()
    return Improvement(
      value: share(own.indices),
      interval: ConfidenceInterval(
        lower: Statistics.quantile(ofSorted: sorted, at: 0.025),
        upper: Statistics.quantile(ofSorted: sorted, at: 0.975), level: 0.95))
  }
}
