import Forecasting
import Learning
import MathKernels

/// The methods that a subject's demand is forecast by, run side by side.
///
/// Few and quick ones: on a year of weeks the long searches of automatic ARIMA were no better than exponential smoothing and cost
/// a hundred times as much. A year's season is only looked for where two years and more are known.
struct DemandMethods: Sendable {
  /// The methods that learn, by name.
  let algorithms: [ForecastAlgorithm]
  /// How many steps make a season.
  let seasonLength: Int
  /// The names: of the methods, and of their median.
  var names: [String] { algorithms.map(\.rawValue) + [Self.median] }
  /// Where the method stands that others are measured against.
  let baseline: Int

  static let median = "Median"
  /// From so many weeks on there are two whole seasons and a week.
  static let seasonal = 105

  /// The methods for a series of weeks.
  init(weeks: Int, isWide: Bool) {
    let hasSeason = weeks >= Self.seasonal
    seasonLength = hasSeason ? 52 : 1
    let plain: [ForecastAlgorithm] = [
      .historicAverage, .simpleExponentialSmoothing, .dynamicOptimisedTheta, .tsb, .imapa,
    ]
    let wide: [ForecastAlgorithm] = isWide ? [.autoETS] : [.sba]
    algorithms = [hasSeason ? .seasonalNaive : .naive] + plain + wide + (hasSeason ? [.mstl] : [])
    baseline = 0
  }

  /// What each says of the steps to come, in the order of `names`; nil for one that refuses.
  func forecasts(_ values: [Double], horizon: Int) -> [[Double]?] {
    var found = algorithms.map { forecast($0, values, horizon: horizon) }
    // The baseline is no member: its last value is the noisiest of all.
    let members = found.dropFirst().compactMap { $0 }
    found.append(
      members.isEmpty ? nil : (0..<horizon).map { step in Statistics.median(members.map { $0[step] }) })
    return found
  }

  private func forecast(_ algorithm: ForecastAlgorithm, _ values: [Double], horizon: Int) -> [Double]? {
    // A method without seasons is told of none: else some of them would look for one.
    let own = algorithm == .mstl || algorithm == .seasonalNaive ? seasonLength : 1
    let series = TimeSeries(values: values, seasonLength: own)
    guard own == 1 || values.count > 2 * own || algorithm == .seasonalNaive && values.count > own,
      let model = try? algorithm.forecaster.fit(series, context: FitContext()),
      let mean = try? model.forecast(horizon: horizon, levels: [], regressors: [:]).mean,
      mean.allSatisfy(\.isFinite)
    else { return nil }
    return mean.map { max(0, $0) }
  }
}

/// What every method said of one subject from each origin, and what came.
struct SubjectFolds: Sendable {
  /// The subject's group of alike ones.
  let group: String
  /// Its methods.
  let methods: DemandMethods
  /// Units of each week, NaN where they were sold out.
  let values: [Double]
  /// The first week on sale.
  let first: Int
  /// By origin, then by method; nil for an origin before which too little was known.
  let said: [[[Double]?]?]
  /// What they say of the weeks to come.
  let next: [[Double]?]

  static let fewest = 8

  init(
    _ values: [Double], first: Int, group: String, isWide: Bool, origins: [Int], horizon: Int
  ) {
    let methods = DemandMethods(weeks: values.count - first, isWide: isWide)
    (self.group, self.values, self.first, self.methods) = (group, values, first, methods)
    said = origins.map { origin in
      guard origin - first >= Self.fewest else { return nil }
      return methods.forecasts(Array(values[first..<origin]), horizon: horizon)
    }
    next = methods.forecasts(Array(values[first...]), horizon: horizon)
  }

  /// The weeks that a forecast from an origin is measured on: those known at a time.
  func targets(_ origin: Int, horizon: Int, before time: Int) -> Range<Int> {
    origin..<min(origin + horizon, time, values.count)
  }

  /// The mean absolute difference of neighbouring weeks, or of the same weeks of two years, before a week; nil for 0.
  func naiveError(before week: Int) -> Double? {
    let known = values[first..<week]
    let lag = known.count > methods.seasonLength ? methods.seasonLength : 1
    let steps = zip(known.dropFirst(lag), known).map { abs($0 - $1) }.filter { !$0.isNaN }
    let mean = steps.isEmpty ? 0 : Statistics.mean(steps)
    return mean > 0 ? mean : nil
  }

  /// The mean squared difference of neighbouring weeks before a week; nil for 0.
  func naiveSquare(before week: Int) -> Double? {
    let known = values[first..<week]
    let steps = zip(known.dropFirst(), known).map { ($0 - $1) * ($0 - $1) }.filter { !$0.isNaN }
    let mean = steps.isEmpty ? 0 : Statistics.mean(steps)
    return mean > 0 ? mean : nil
  }
}
