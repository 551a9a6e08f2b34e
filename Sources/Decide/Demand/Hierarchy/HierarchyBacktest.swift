import Forecasting
import Foundation
import Learning
import MathKernels

/// What becomes of a shop's forecasts when they are made to add up: shop, categories, items.
///
/// ```swift
/// let backtest = try HierarchyBacktest(history, items: 1_000, forecaster: ETS(), context: FitContext())
/// for row in backtest.rows { print(row.name, row.wrmsse, row.improvement.value) }
/// ```
/// The bottom holds the items most bought and, for each category, the rest of it as one series, so that sums are what was
/// really sold. Every series is forecast on its own from several origins, then reconciled with the one-step errors of its fit.
/// The error is the WRMSSE: the root mean squared scaled error weighted by money within each level, averaged over the three
/// levels. Intervals resample categories with all that is in them.
///
/// - Complexity: as many fits as series times origins; O(series²) for the shrinkage of each origin.
public struct HierarchyBacktest: Sendable {
  /// One way to make forecasts add up, or none.
  public struct Row: Sendable, Equatable {
    /// Its name; `base` for forecasts as they are.
    public var name: String
    /// The mean of the levels' errors.
    public var wrmsse: Double
    /// The error of each level: shop, categories, items.
    public var levels: [Double]
    /// How much smaller the error is than without.
    public var improvement: LaunchBacktest.Improvement
    /// The largest distance between a sum and its members.
    public var incoherence: Double
  }

  /// The ways, the base first.
  public let rows: [Row]
  /// How many series there are.
  public let series: Int
  /// How many of them are sums.
  public let sums: Int
  /// How many origins were forecast from.
  public let origins: Int

  private static let methods: [(String, ForecastReconciliation.Method)] = [
    ("bottom-up", .bottomUp), ("top-down", .topDown), ("middle-out", .middleOut(level: "level 2")),
    ("OLS", .leastSquares), ("WLS, structural", .structural), ("WLS, variance", .variance),
    ("MinT, shrunken", .minimumTrace),
  ]

  /// Forecasts the last weeks of a shop from several origins.
  ///
  /// - Parameters:
  ///   - items: how many items stand for themselves.
  ///   - ofMoney: whether what was paid is forecast, not units: units of unlike goods add up to little.
  ///   - horizon: weeks ahead.
  ///   - folds: origins, each `horizon` weeks before the next.
  /// - Throws: `DemandError.notEnoughWeeks`, `ForecastError`, `CancellationError`.
  public init(
    _ history: DemandHistory, items: Int, ofMoney: Bool = true, horizon: Int = 8, folds: Int = 1,
    forecaster: any Forecaster,
    seed: UInt64 = 42, context: FitContext
  ) throws {
    let needed = horizon * folds + 2 * horizon
    guard history.count >= needed else {
      throw DemandError.notEnoughWeeks(needed: needed, found: history.count)
    }
    let (paths, bottom, money) = Self.bottom(history, items: items, ofMoney: ofMoney)
    let structure = try SummingStructure(paths: paths)
    let values = try structure.aggregate(bottom)
    let weights = try structure.aggregate(money.map { [$0] }).map { $0[0] }
    let category =
      structure.sums.map { $0.members.count == bottom.count ? "" : paths[$0.members[0]][1] }
      + paths.map { $0[1] }
    let level = structure.sums.map { $0.members.count == bottom.count ? 0 : 1 } + bottom.map { _ in 2 }
    var errors = [[[Double]]](
      repeating: [], count: Self.methods.count + 1)
    var gaps = [Double](repeating: 0, count: Self.methods.count + 1)
    for fold in (0..<folds).reversed() {
      let origin = history.count - horizon * (fold + 1)
      let (base, residuals) = try Self.forecast(values, before: origin, horizon, forecaster, context)
      let all =
        try [base]
        + Self.methods.map {
          try ForecastReconciliation($0.1, isNonnegative: true)
            .reconcile(base, of: structure, residuals: residuals)
        }
      for (index, forecasts) in all.enumerated() {
        gaps[index] = max(gaps[index], structure.incoherence(forecasts))
        errors[index].append(Self.errors(forecasts, values, origin: origin, horizon))
      }
    }
    let scaled = errors.map { folds in
      folds[0].indices.map { series in Statistics.mean(folds.map { $0[series] }) }
    }
    let draws = Self.draws(category, seed: seed)
    let names = ["base"] + Self.methods.map(\.0)
    rows = names.indices.map { index in
      Row(
        name: names[index], wrmsse: Self.wrmsse(scaled[index], weights, level, nil).mean,
        levels: Self.wrmsse(scaled[index], weights, level, nil).levels,
        improvement: Self.improvement(scaled[index], scaled[0], weights, level, draws),
        incoherence: gaps[index])
    }
    (series, sums, origins) = (structure.count, structure.sums.count, folds)
  }

  private static func bottom(
    _ history: DemandHistory, items: Int, ofMoney: Bool
  ) -> (paths: [[String]], units: [[Double]], money: [Double]) {
    let ofItem = history.catalogue.columns(for: history.items).category
    var chosen: [(path: [String], units: [Double], money: Double)] = []
    var rest: [String: (units: [Double], money: Double)] = [:]
    for (rank, subject) in history.subjects(.item).enumerated() {
      guard let item = history.items.index(of: subject.id), ofItem[Int(item)] >= 0 else { continue }
      let category = history.catalogue.categories[ofItem[Int(item)]]
      let weeks = history.weeks(ofItem: Int(item))
      let (units, money) = (weeks.map { ofMoney ? $0.amount : $0.units }, weeks.reduce(0) { $0 + $1.amount })
      if rank < items {
        chosen.append((["Shop", category, subject.id], units, money))
      } else {
        var sum = rest[category] ?? ([Double](repeating: 0, count: history.count), 0)
        for week in units.indices { sum.units[week] += units[week] }
        sum.money += money
        rest[category] = sum
      }
    }
    let others = rest.sorted { $0.key < $1.key }.map {
      (["Shop", $0.key, "rest of \($0.key)"], $0.value.units, $0.value.money)
    }
    let all = chosen.map { ($0.path, $0.units, $0.money) } + others
    return (all.map(\.0), all.map(\.1), all.map(\.2))
  }

  private static func forecast(
    _ values: [[Double]], before origin: Int, _ horizon: Int, _ forecaster: any Forecaster,
    _ context: FitContext
  ) throws -> (base: [[Double]], residuals: [[Double]]) {
    let inner = FitContext(seed: context.seed)
    var (base, residuals): ([[Double]], [[Double]]) = ([], [])
    for start in stride(from: 0, to: values.count, by: 64) {
      let end = min(values.count, start + 64)
      let made = try parallelBlocks(end - start, blockSize: 1) { block -> ([Double], [Double]) in
        let known = Array(values[start + block.lowerBound][..<origin])
        let series = TimeSeries(values: known)
        let model: any ForecastModel
        do {
          model = try forecaster.fit(series, context: inner)
        } catch is ForecastError {
          // What no form fits goes on at its mean.
          model = try HistoricAverage().fit(series, context: inner)
        }
        let mean = try model.forecast(horizon: horizon, levels: [], regressors: [:]).mean
        let errors = zip(known, model.fitted).map { $1.isFinite ? $0 - $1 : 0 }
        return (mean.map { $0.isFinite ? max(0, $0) : 0 }, Array(errors.dropFirst(2)))
      }
      base += made.map(\.0)
      residuals += made.map(\.1)
      try context.checkpoint(step: end, of: values.count)
    }
    return (base, residuals)
  }

  /// The root mean squared scaled error of each series; NaN for one that never changed before.
  private static func errors(
    _ forecasts: [[Double]], _ values: [[Double]], origin: Int, _ horizon: Int
  ) -> [Double] {
    zip(forecasts, values).map { foretold, all -> Double in
      var (scale, error) = (0.0, 0.0)
      for week in 1..<origin {
        let change = all[week] - all[week - 1]
        scale += change * change
      }
      for step in 0..<horizon {
        let gap = foretold[step] - all[origin + step]
        error += gap * gap
      }
      guard scale > 0 else { return .nan }
      return (error / Double(horizon) / (scale / Double(origin - 1))).squareRoot()
    }
  }

  // MARK: Sums and intervals

  private static func wrmsse(
    _ errors: [Double], _ weights: [Double], _ level: [Int], _ times: [Double]?
  ) -> (mean: Double, levels: [Double]) {
    var (sum, total) = ([0.0, 0, 0], [0.0, 0, 0])
    for index in errors.indices where !errors[index].isNaN {
      let weight = weights[index] * (times?[index] ?? 1)
      sum[level[index]] += weight * errors[index]
      total[level[index]] += weight
    }
    let levels = zip(sum, total).map { $1 > 0 ? $0 / $1 : .nan }
    return (Statistics.mean(levels.filter { !$0.isNaN }), levels)
  }

  /// How often each series counts in each resample of categories; the shop's own series always once.
  private static func draws(_ category: [String], seed: UInt64) -> [[Double]] {
    let names = Array(Set(category)).filter { !$0.isEmpty }.sorted()
    let place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (0..<500).map { resample in
      var random = RandomSource(seed: seed, stream: UInt64(resample) + 1)
      var times = [Double](repeating: 0, count: names.count)
      for _ in names { times[random.index(below: names.count)] += 1 }
      return category.map { name in place[name].map { times[$0] } ?? 1 }
    }
  }

  private static func improvement(
    _ own: [Double], _ base: [Double], _ weights: [Double], _ level: [Int], _ draws: [[Double]]
  ) -> LaunchBacktest.Improvement {
    func share(_ times: [Double]?) -> Double {
      1 - wrmsse(own, weights, level, times).mean / wrmsse(base, weights, level, times).mean
    }
    let sorted = draws.map { share($0) }.sorted()
    return LaunchBacktest.Improvement(
      value: share(nil),
      interval: ConfidenceInterval(
        lower: Statistics.quantile(ofSorted: sorted, at: 0.025),
        upper: Statistics.quantile(ofSorted: sorted, at: 0.975), level: 0.95))
  }
}
