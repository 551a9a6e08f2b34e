import Foundation
import Learning
import MathKernels

/// A series learned by exponential smoothing: its form, its parameters, and the states it ended in.
public struct ETSModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// The form.
  public let form: ETSForm
  /// How fast its parts learn.
  public let parameters: SmoothingParameters
  /// The level after the last value.
  public let level: Double
  /// The slope after the last value, 0 without trend.
  public let slope: Double
  /// The seasons to come, the next one first; empty without seasons.
  public let seasons: [Double]
  /// The variance of the errors of one step; of relative ones where they are multiplicative.
  public let variance: Double
  /// Akaike's information criterion, of the likelihood without its constant, as R's `ets` has it.
  public let aic: Double
  /// The same, corrected for few values; infinite when there are as few as parameters.
  public let aicc: Double
  /// Schwarz's information criterion.
  public let bic: Double
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]
  /// The level before the first value.
  public let firstLevel: Double
  /// The slope before the first value.
  public let firstSlope: Double

  /// See `ForecastModel`.
  public var description: String { form.description }
  var seasonLength: Int { max(1, seasons.count) }

  init(_ series: PreparedSeries, _ solution: SmoothingSearch.Solution) {
    let count = series.count
    var predictions = [Double](repeating: 0, count: count)
    var ring = solution.seasons.isEmpty ? [0] : solution.seasons
    let length = ring.count
    let (end, outcome) = ring.withUnsafeMutableBufferPointer { buffer in
      predictions.withUnsafeMutableBufferPointer { output in
        series.values.withUnsafeBufferPointer { input in
          // A series has a value, and the ring a season: neither base address is nil.
          var recursion = SmoothingRecursion(
            form: solution.form, parameters: solution.parameters, level: solution.level,
            slope: solution.slope, seasons: buffer.baseAddress.unsafelyUnwrapped, seasonLength: length)
          let outcome = recursion.run(
            input.baseAddress.unsafelyUnwrapped, count: count, fitted: output.baseAddress.unsafelyUnwrapped)
          return (recursion, outcome)
        }
      }
    }
    (form, parameters) = (solution.form, solution.parameters)
    (level, slope) = (end.level, end.slope)
    seasons = solution.seasons.isEmpty ? [] : Array(ring[end.position...] + ring[..<end.position])
    variance = outcome.squares / Double(max(1, count - solution.fittedCount))
    let criteria = InformationCriteria(solution, count: count)
    (aic, bic) = (criteria.aic, criteria.bic)
    aicc =
      criteria.aicc.isFinite && count > solution.fittedCount + 2 ? criteria.aicc : .greatestFiniteMagnitude
    fitted = predictions
    (firstLevel, firstSlope) = (solution.level, solution.slope)
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    if form.season == .multiplicative, form.error == .additive {
      let mean = pointForecasts(horizon)
      guard !levels.isEmpty else { return Forecast(mean: mean) }
      let paths = try samplePaths(horizon: horizon, count: Self.simulatedPaths, regressors: [:], seed: 42)
      return Forecast(mean: mean, paths: paths, levels: levels)
    }
    let (mean, variances) = moments(horizon, needsVariance: !levels.isEmpty)
    return Forecast(mean: mean, deviations: variances.map { max(0, $0).squareRoot() }, levels: levels)
  }

  private static let simulatedPaths = 5000

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try ForecastRequest.check(horizon: horizon, count: count)
    let deviation = variance.squareRoot()
    return SamplePaths.draw(count: count, horizon: horizon, seed: seed) { path, random in
      var walk = SmoothingWalk(self)
      for step in 0..<horizon { path[step] = walk.next(error: deviation * random.normal()) }
    }
  }

  /// What comes if no error does.
  func pointForecasts(_ horizon: Int) -> [Double] {
    var walk = SmoothingWalk(self)
    return (0..<horizon).map { _ in walk.next(error: 0) }
  }
}

/// The states of a model as it walks on, one error at a time.
struct SmoothingWalk {
  private let form: ETSForm
  private let parameters: SmoothingParameters
  private var level: Double
  private var slope: Double
  private var seasons: [Double]
  private var position = 0

  init(_ model: ETSModel) {
    (form, parameters, level, slope) = (model.form, model.parameters, model.level, model.slope)
    seasons = model.seasons
  }

  /// The next value under this error, a share of the forecast where errors are multiplicative.
  mutating func next(error: Double) -> Double {
    let growth = parameters.damping * slope
    let base = level + growth
    let season = seasons.isEmpty ? 0 : seasons[position]
    let factors = form.season == .multiplicative
    let forecast = factors ? base * season : base + season
    // A relative error below −1 would turn the sign.
    let difference = form.error == .multiplicative ? forecast * max(error, -1) : error
    let surprise = factors ? difference / (abs(season) < 1e-10 ? 1e-10 : season) : difference
    level = base + parameters.level * surprise
    slope = growth + parameters.slope * surprise
    if !seasons.isEmpty {
      let change = factors ? (base == 0 ? 0 : difference / base) : difference
      seasons[position] = season + parameters.season * change
      position = (position + 1) % seasons.count
    }
    return forecast + difference
  }
}
