import Foundation
import MathKernels

/// What is expected of a launch, week by week.
public struct LaunchCurve: Sendable, Equatable {
  /// One week since the launch.
  public struct Week: Sendable, Equatable {
    /// 1 for the week of the first sale.
    public var week: Int
    /// Expected units: by the mean course of earlier launches, enlarged by how much they sold beyond it altogether.
    public var mean: Double
    /// As many units as are as likely to be exceeded as not.
    public var median: Double
    /// The lower end of the interval.
    public var lower: Double
    /// The upper end of the interval.
    public var upper: Double
  }

  /// How the level was found.
  public enum Basis: String, Sendable {
    /// By regression on earlier launches.
    case launches
    /// By what is usual in the category, as there are too few earlier launches.
    case category
  }

  /// The weeks.
  public let weeks: [Week]
  /// Units of all weeks together; its `week` is 0.
  public let total: Week
  /// The confidence of the intervals.
  public let level: Double
  /// How the level was found.
  public let basis: Basis
  /// How many earlier launches were learned from.
  public let launches: Int
}

/// Foretells what a new product will sell in its first weeks from earlier launches.
///
/// ```swift
/// let forecaster = LaunchForecaster(library)
/// let curve = forecaster.curve(of: product, launchedIn: library.weekCount, horizon: 12)
/// print(curve.total.mean, curve.total.lower, curve.total.upper)
/// ```
/// A forecast is a level times a shape. The level, the logarithm of mean weekly units in the first weeks, is a ridge regression
/// on what was known before: the levels of earlier launches in the product's department, category and type and with its brand
/// and attributes, each drawn towards the wider group; the same of established items; the level of the most alike launches;
/// prices, and how many items and units share the category. The shape is the median over earlier launches of the curve divided
/// by its own level, week by week, where the more alike a launch is the more it weighs. Intervals are conformal: quantiles of
/// the ratio of what was sold to what would have been foretold, over the earlier launches, each foretold from those before it.
///
/// Everything that a forecast for a week is made of was over before that week, so that a backtest is one.
///
/// Sources: forecasting by analogy of sequence and scale, Goodwin, Dyussekeneva and Meeran (2013),
/// https://doi.org/10.1016/j.ijforecast.2012.11.005; ridge regression, Hoerl and Kennard (1970),
/// https://doi.org/10.1080/00401706.1970.10488634; split conformal intervals, Vovk et al. (2005),
/// https://doi.org/10.1007/b106715
///
/// - Complexity: O(launches²) to be made ready; O(launches) for a curve.
public struct LaunchForecaster: Sendable {
  /// What it learns from.
  public let library: LaunchLibrary
  let similarity: LaunchSimilarity
  let profiles: [LaunchSimilarity.Profile]
  private let levels: [Double]
  private let features: [[Double]]
  /// Of each launch the logarithms of sold to foretold: by week, and of the total of the weeks that decide.
  private var scores: [Score?] = []

  private struct Score: Sendable {
    var byWeek: [Double]
    var ofTotal: Double
    var sold: Double
    var foretold: Double
  }

  /// With fewer earlier launches a level is what is usual in the category.
  public static let leastLaunches = 20
  static let scoredWeeks = 12
  private static let penalty = 20.0

  /// Makes ready what forecasts of any week need.
  public init(_ library: LaunchLibrary) {
    self.library = library
    let launches = library.launches
    let similarity = LaunchSimilarity(
      launches.map(\.product.title) + library.established.map(\.product.title))
    let profiles = launches.map { similarity.profile($0.product) }
    let levels = launches.map { $0.level(library.definition.decidingWeeks) }
    let builder = LaunchFeatures(library, similarity: similarity, profiles: profiles, levels: levels)
    let features = parallelBlocks(launches.count, blockSize: 16) { block in
      block.map { builder.values(profiles[$0], launchedIn: launches[$0].firstWeek) }
    }.flatMap { $0 }
    (self.similarity, self.profiles, self.levels, self.features) = (similarity, profiles, levels, features)
    let bare = self
    // Regressions of one week are shared by its launches.
    let weeks = Array(Set(launches.map(\.firstWeek))).sorted()
    let scored = parallelBlocks(weeks.count, blockSize: 1) { block in
      block.flatMap { bare.scores(ofWeek: weeks[$0]) }
    }.flatMap { $0 }
    let byIndex = Dictionary(uniqueKeysWithValues: scored)
    scores = launches.indices.map { byIndex[$0] }
  }

  /// How many launches were over, as far as they decide, before a week.
  public func known(before week: Int) -> Int {
    library.launches.prefix { $0.firstWeek + library.definition.decidingWeeks <= week }.count
  }

  /// The curve of a product that is launched in a week.
  ///
  /// - Parameters:
  ///   - week: by number, as in the history; from its end on for one that is planned.
  ///   - horizon: how many weeks from the launch on.
  ///   - level: the confidence of the intervals.
  public func curve(
    of product: LaunchProduct, launchedIn week: Int, horizon: Int, level: Double = 0.8
  ) -> LaunchCurve {
    let profile = similarity.profile(product)
    let count = known(before: week)
    let values = features(profile, week)
    let (median, mean) = course(profile, values, regression(before: week), week: week, horizon: horizon)
    // What a launch sold after this week is not known in it.
    let known = (0..<count).compactMap { index in
      scores[index].map { ($0, Array($0.byWeek.prefix(week - library.launches[index].firstWeek))) }
    }
    guard known.count >= Self.leastLaunches else {
      return uncertain(median, product, week: week, level: level, launches: count)
    }
    // A mean of logarithms falls short of the logarithm of a mean: great successes make up for it.
    let excess = max(
      1, known.reduce(0) { $0 + $1.0.sold } / max(1e-9, known.reduce(0) { $0 + $1.0.foretold }))
    let weeks = median.enumerated().map { index, value in
      // Later weeks than were scored are at least as unsure as the last of those.
      let band = min(index, Self.scoredWeeks - 1)
      let near = known.flatMap { $0.1.prefix(band + 2).dropFirst(max(0, band - 1)) }
      let scores = near.count >= Self.leastLaunches ? near : known.flatMap(\.1)
      return Self.week(index + 1, value, mean: mean[index] * excess, scores, level: level)
    }
    var total = Self.week(
      0, median.reduce(0, +), mean: mean.reduce(0, +) * excess, known.map(\.0.ofTotal), level: level)
    // The median of a sum is not the sum of medians.
    total.median = (total.median + 0.5) * exp(Statistics.median(known.map(\.0.ofTotal))) - 0.5
    return LaunchCurve(weeks: weeks, total: total, level: level, basis: .launches, launches: count)
  }

  private func features(_ profile: LaunchSimilarity.Profile, _ week: Int) -> [Double] {
    LaunchFeatures(library, similarity: similarity, profiles: profiles, levels: levels)
      .values(profile, launchedIn: week)
  }

  private static func week(
    _ number: Int, _ median: Double, mean: Double, _ scores: [Double], level: Double
  ) -> LaunchCurve.Week {
    let sorted = scores.sorted()
    let n = Double(sorted.count)
    let tail = (1 - level) / 2
    // The ranks that make a split conformal interval: one more case than was seen.
    let low = sorted[max(0, Int(((n + 1) * tail).rounded(.down)) - 1)]
    let high = sorted[min(sorted.count - 1, Int(((n + 1) * (1 - tail)).rounded(.up)) - 1)]
    let lower = max(0, (median + 0.5) * exp(low) - 0.5)
    let upper = (median + 0.5) * exp(high) - 0.5
    return LaunchCurve.Week(
      week: number, mean: mean, median: median, lower: lower, upper: max(upper, lower))
  }

  /// A curve by what is usual in the category, with the spread among its items.
  private func uncertain(
    _ median: [Double], _ product: LaunchProduct, week: Int, level: Double, launches: Int
  ) -> LaunchCurve {
    let group = library.market.group(LaunchMarket.key("c", product.category), before: week)
    let deviation = group.steady >= 5 ? group.deviation : library.market.everything(before: week).deviation
    let reach = NormalDistribution.quantile(0.5 + level / 2) * max(0.3, deviation)
    func spread(_ number: Int, _ value: Double) -> LaunchCurve.Week {
      LaunchCurve.Week(
        week: number, mean: value * exp(deviation * deviation / 2), median: value,
        lower: value * exp(-reach), upper: value * exp(reach))
    }
    return LaunchCurve(
      weeks: median.enumerated().map { spread($0 + 1, $1) }, total: spread(0, median.reduce(0, +)),
      level: level, basis: .category, launches: launches)
  }

  // MARK: Level and shape

  /// A ridge regression of levels on features, standardised.
  struct Regression: Sendable {
    var mean: [Double]
    var scale: [Double]
    var weights: [Double]
    var base: Double

    func level(_ values: [Double]) -> Double {
      base + values.indices.reduce(0) { $0 + weights[$1] * standard($1, values[$1]) }
    }

    /// A value by the spread seen; nothing beyond four spreads was learned, nor from what never varied.
    func standard(_ column: Int, _ value: Double) -> Double {
      scale[column] > 1e-6 ? min(4, max(-4, (value - mean[column]) / scale[column])) : 0
    }
  }

  /// The regression on the launches known before a week; nil when they are too few.
  func regression(before week: Int) -> Regression? {
    let count = known(before: week)
    guard count >= Self.leastLaunches else { return nil }
    let rows = features[0..<count]
    let width = rows[0].count
    let mean = (0..<width).map { column in Statistics.mean(rows.map { $0[column] }) }
    let scale = (0..<width).map { column in
      Statistics.standardDeviation(rows.map { $0[column] }, degreesOfFreedomLost: 0)
    }
    let base = Statistics.mean(levels[0..<count])
    var fitted = Regression(mean: mean, scale: scale, weights: [], base: base)
    var gram = Matrix<Double>(rows: width, columns: width)
    var moments = [Double](repeating: 0, count: width)
    for (index, row) in rows.enumerated() {
      let z = row.indices.map { fitted.standard($0, row[$0]) }
      for a in 0..<width {
        moments[a] += z[a] * (levels[index] - base)
        for b in a..<width { gram[a, b] += z[a] * z[b] }
      }
    }
    for a in 0..<width { gram[a, a] += Self.penalty }
    guard let weights = try? gram.solvingSymmetricPositiveDefinite(moments) else { return nil }
    fitted.weights = weights
    return fitted
  }

  /// The median and the mean course of a product: its level times the shapes of earlier launches.
  func course(
    _ profile: LaunchSimilarity.Profile, _ values: [Double], _ regression: Regression?, week: Int,
    horizon: Int
  ) -> (median: [Double], mean: [Double]) {
    let level = regression?.level(values) ?? values[LaunchFeatures.usual]
    let pace = max(0, exp(level) - 0.25)
    let shapes = shapes(profile, week: week, horizon: horizon)
    return (shapes.median.map { $0 * pace }, shapes.mean.map { $0 * pace })
  }

  /// The median and mean course of earlier launches by their own level, the alike ones weighing more.
  private func shapes(_ profile: LaunchSimilarity.Profile, week: Int, horizon: Int) -> (
    median: [Double], mean: [Double]
  ) {
    let count = known(before: week)
    guard count >= Self.leastLaunches else {
      let flat = [Double](repeating: 1, count: horizon)
      return (flat, flat)
    }
    let deciding = library.definition.decidingWeeks
    let curves = (0..<count).map { index -> (units: ArraySlice<Double>, scale: Double, weight: Double) in
      let launch = library.launches[index]
      let seen = launch.units.prefix(week - launch.firstWeek)
      let alike = similarity.similarity(profile, profiles[index])
      return (seen, max(1e-9, Statistics.mean(launch.units.prefix(deciding))), 0.1 + alike * alike)
    }
    var (median, mean): ([Double], [Double]) = ([], [])
    for age in 0..<horizon {
      let seen = curves.filter { $0.units.count > age }
      // Where few have come so far the course goes on as it was.
      guard seen.count >= Self.leastLaunches / 2 || age < deciding else {
        median.append(median.last ?? 1)
        mean.append(mean.last ?? 1)
        continue
      }
      let ratios = seen.map { ($0.units[age] / $0.scale, $0.weight) }
      median.append(Self.weightedMedian(ratios))
      let weight = ratios.reduce(0) { $0 + $1.1 }
      mean.append(ratios.reduce(0) { $0 + $1.0 * $1.1 } / weight)
    }
    return (median, mean)
  }

  /// The value at which half the weight lies to either side, halfway between neighbours.
  static func weightedMedian(_ values: [(Double, Double)]) -> Double {
    let sorted = values.sorted { $0.0 < $1.0 }
    let half = sorted.reduce(0) { $0 + $1.1 } / 2
    var sum = 0.0
    for (index, value) in sorted.enumerated() {
      sum += value.1
      if sum > half { return value.0 }
      if sum == half { return index + 1 < sorted.count ? (value.0 + sorted[index + 1].0) / 2 : value.0 }
    }
    return sorted.last?.0 ?? 1
  }

  // MARK: Scores

  private func scores(ofWeek week: Int) -> [(Int, Score)] {
    guard known(before: week) >= Self.leastLaunches else { return [] }
    let regression = regression(before: week)
    return library.launches.indices.filter { library.launches[$0].firstWeek == week }.map { index in
      let sold = Array(library.launches[index].units.prefix(Self.scoredWeeks))
      let (foretold, mean) = course(
        profiles[index], features[index], regression, week: week, horizon: sold.count)
      let deciding = library.definition.decidingWeeks
      let total = sold.prefix(deciding).reduce(0, +)
      let expected = foretold.prefix(deciding).reduce(0, +)
      return (
        index,
        Score(
          byWeek: zip(sold, foretold).map { log(($0 + 0.5) / ($1 + 0.5)) },
          ofTotal: log((total + 0.5) / (expected + 0.5)), sold: total,
          foretold: mean.prefix(deciding).reduce(0, +))
      )
    }
  }

  /// What would have been foretold of a launch from those before it: the medians; nil for the first few launches.
  func hindsight(_ index: Int, horizon: Int) -> LaunchCurve? {
    let launch = library.launches[index]
    guard known(before: launch.firstWeek) >= Self.leastLaunches else { return nil }
    return curve(of: launch.product, launchedIn: launch.firstWeek, horizon: horizon)
  }
}
