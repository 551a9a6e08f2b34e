import Foundation
import Learning
import MathKernels

/// The Theta method: simple exponential smoothing with half the slope of the straight line through the series.
///
/// The winner of the M3 competition, and hard to beat on short monthly and quarterly series.
///
/// ```swift
/// let series = TimeSeries(values: monthlySales, seasonLength: 12)
/// let model = try Theta().fit(series, context: FitContext())
/// ```
/// Seasons are taken off first where a test finds any. As in R's `thetaf`, from which we differ in the intervals: there the
/// seasons scale the mean alone, here the deviation too; and fitted values hold the slope.
///
/// Sources: Assimakopoulos and Nikolopoulos (2000), https://doi.org/10.1016/S0169-2070(00)00066-2; Hyndman and Billah
/// (2003), https://doi.org/10.1016/S0169-2070(01)00143-1
///
/// - Complexity: O(n · evaluations), some 100 evaluations.
/// - Throws: `ForecastError.notEnoughData` for a series without a value, `invalidValue` for an infinite one.
public struct Theta: Forecaster {
  /// See `Forecaster`.
  public let name = "Theta"

  /// The Theta method.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let prepared = try PreparedSeries(series)
    let seasons = SeasonalAdjustment(prepared.values, seasonLength: prepared.seasonLength)
    var adjusted = prepared
    adjusted.values = seasons.adjusted(prepared.values)
    return ThetaModel(adjusted, seasons: seasons)
  }
}

/// A series learned by the Theta method: smoothing with drift.
public struct ThetaModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// See `ForecastModel`.
  public var description: String { seasons.isSeasonal ? "Theta[\(seasons.pattern.count)]" : "Theta" }
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  /// How fast the level follows the values.
  public let smoothing: Double
  /// What is added each step: half the slope.
  public let drift: Double
  /// The forecast of the first step to come, without season.
  public let first: Double
  /// The variance of the errors of one step, without seasons.
  public let variance: Double
  private let seasons: SeasonalAdjustment

  init(_ series: PreparedSeries, seasons: SeasonalAdjustment) {
    let smooth = Self.smooth(series)
    let α = max(1e-10, smooth.parameters.level)
    let count = series.count
    drift = StraightLine(series.values).slope / 2
    smoothing = α
    let slope = drift
    // The slope reaches the level by and by: 1, 1 + (1 − α), … of it after 1, 2, … steps.
    func reached(_ steps: Int) -> Double { slope * (1 - pow(1 - α, Double(steps))) / α }
    first = smooth.level + reached(count)
    variance = smooth.variance
    let predictions = smooth.fitted
    fitted = (0..<count).map { seasons.restored(predictions[$0] + reached($0), step: $0) }
    self.seasons = seasons
  }

  private static func smooth(_ series: PreparedSeries) -> ETSModel {
    let values = series.values
    guard values.count > 6, values.contains(where: { $0 != values[0] }) else {
      return TinySmoothing.fit(series)
    }
    let form = ETSForm(.additive, .none, .none)
    let start = SmoothingStart(values, seasonLength: 1, trend: .none, season: .none)
    let search = SmoothingSearch(values, seasonLength: 1, criterion: .meanSquare)
    guard let solution = search.solve(form, start: start) else { return TinySmoothing.fit(series) }
    return ETSModel(series, solution)
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    let mean = (0..<horizon).map {
      seasons.restored(first + drift * Double($0), step: seasons.count + $0)
    }
    let deviations = (0..<horizon).map { step in
      (variance * (1 + Double(step) * smoothing * smoothing)).squareRoot()
        * seasons.scale(seasons.count + step)
    }
    return Forecast(mean: mean, deviations: deviations, levels: levels)
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    let deviation = variance.squareRoot()
    return SamplePaths.draw(count: count, horizon: horizon, seed: seed) { path, random in
      var base = first
      for step in 0..<horizon {
        let error = deviation * random.normal()
        path[step] = seasons.restored(base + error, step: seasons.count + step)
        base += drift + smoothing * error
      }
    }
  }
}
