import Foundation
import Learning
import MathKernels

/// The Theta method with its weight of the straight line learned from the series, instead of one half.
///
/// ```swift
/// let series = TimeSeries(values: monthlySales, seasonLength: 12)
/// let model = try OptimisedTheta().fit(series, context: FitContext())
/// ```
/// The line is that of the whole series. Source: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler (2016),
/// https://doi.org/10.1016/j.ijforecast.2016.02.005. We differ in the search: under a given smoothing the squared error is
/// quadratic in the first level and in the weight 1 − 1/θ, so both are solved for exactly, and only the smoothing, between
/// 0.1 and 0.99, is searched.
///
/// - Complexity: O(n) an evaluation, some 40 evaluations.
/// - Throws: `ForecastError.notEnoughData` for a series without a value, `invalidValue` for an infinite one.
public struct OptimisedTheta: Forecaster {
  /// See `Forecaster`.
  public let name = "OptimisedTheta"

  /// The optimised Theta method.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try OptimisedThetaModel(PreparedSeries(series), dynamic: false)
  }
}

/// The optimised Theta method whose straight line moves with the series: at each step that of the values so far.
///
/// ```swift
/// let series = TimeSeries(values: monthlySales, seasonLength: 12)
/// let model = try DynamicOptimisedTheta().fit(series, context: FitContext())
/// ```
/// Sources, search, complexity and errors as `OptimisedTheta`.
public struct DynamicOptimisedTheta: Forecaster {
  /// See `Forecaster`.
  public let name = "DynamicOptimisedTheta"

  /// The dynamic optimised Theta method.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try OptimisedThetaModel(PreparedSeries(series), dynamic: true)
  }
}

/// The states of an optimised Theta model as it walks along a series.
struct ThetaWalk: Sendable, Codable {
  /// How fast the level follows the values: α.
  let smoothing: Double
  /// The weight of the line: ω = 1 − 1/θ.
  let weight: Double
  let dynamic: Bool
  private(set) var level: Double
  private var line: RunningLine
  /// (1 − α) to the number of values seen.
  private var decay = 1.0

  init(smoothing: Double, weight: Double, level: Double, dynamic: Bool, line: RunningLine) {
    (self.smoothing, self.weight, self.level, self.dynamic) = (smoothing, weight, level, dynamic)
    self.line = line
  }

  /// What the line adds to the level, before its weight.
  var lineShare: Double { decay * line.intercept + (1 - decay * (1 - smoothing)) / smoothing * line.slope }
  var forecast: Double { level + weight * lineShare }

  mutating func observe(_ value: Double) {
    level += smoothing * (value - level)
    decay *= 1 - smoothing
    if dynamic { line.add(value) }
  }
}

/// The straight line of least squares through the values seen so far, at times 1, 2, ….
struct RunningLine: Sendable, Codable {
  private(set) var intercept = 0.0
  private(set) var slope = 0.0
  private var mean = 0.0
  private var count = 0.0

  init() {}

  /// The line of a whole series, which stays.
  init(_ values: [Double]) {
    for value in values { add(value) }
  }

  mutating func add(_ value: Double) {
    count += 1
    if count > 1 { slope = ((count - 2) * slope + 6 / count * (value - mean)) / (count + 1) }
    mean += (value - mean) / count
    intercept = mean - (count + 1) / 2 * slope
  }
}
