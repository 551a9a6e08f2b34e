import Foundation
import MathKernels

/// Takes a series apart into trend, seasons that may change, and a rest, by local regression.
///
/// ```swift
/// let parts = try STL(seasonLength: 12).decompose(TimeSeries(values: monthlySales, seasonLength: 12))
/// let adjusted = zip(monthlySales, parts.seasonal[0]).map { $0 - $1 }
/// ```
/// Values are equally spaced, in any unit; missing ones are filled first. Source: Cleveland, Cleveland, McRae and Terpenning
/// (1990), STL: a seasonal-trend decomposition procedure based on loess, Journal of Official Statistics 6, 3–73,
/// https://www.math.unm.edu/~lil/Stat581/STL.pdf. Defaults are those of R's `stl`.
///
/// - Complexity: O(n · window) a pass; two passes, or 15 with robust weights.
/// - Throws: `ForecastError.notEnoughData` below two seasons and one value, `invalidParameter`, `invalidValue`.
public struct STL: Sendable, Codable, Equatable {
  /// How many steps make a season.
  public var seasonLength: Int
  /// How many seasons the smoothing of each season's values spans, odd; nil for seasons that do not change.
  public var seasonalWindow: Int?
  /// Whether outliers are given less weight.
  public var robust: Bool
  /// How often the weights are found anew; the parts may still move a little after the usual 15 times.
  public var robustPasses: Int

  /// A decomposition.
  public init(seasonLength: Int, seasonalWindow: Int? = nil, robust: Bool = false, robustPasses: Int = 15) {
    (self.seasonLength, self.seasonalWindow, self.robust) = (seasonLength, seasonalWindow, robust)
    self.robustPasses = robustPasses
  }

  /// Takes the series apart.
  public func decompose(_ series: TimeSeries) throws -> Decomposition {
    try decompose(PreparedSeries(series, minimum: max(1, 2 * seasonLength + 1)).values)
  }

  func decompose(_ values: [Double]) throws -> Decomposition {
    guard seasonLength > 1 else {
      throw ForecastError.invalidParameter(
        name: "seasonLength", value: "\(seasonLength)", expected: "at least 2")
    }
    if let seasonalWindow, seasonalWindow < 3 {
      throw ForecastError.invalidParameter(
        name: "seasonalWindow", value: "\(seasonalWindow)", expected: "at least 3")
    }
    guard values.count > 2 * seasonLength else {
      throw ForecastError.notEnoughData(series: "", needed: 2 * seasonLength + 1, found: values.count)
    }
    let window = Self.odd(seasonalWindow ?? 10 * values.count + 1)
    let reach = 1.5 * Double(seasonLength) / (1 - 1.5 / Double(window))
    let passes = Passes(
      seasonLength: seasonLength, seasonal: LocalRegression(window: window, degree: 0),
      trend: LocalRegression(window: Self.odd(Int(reach.rounded(.up))), degree: 1),
      low: LocalRegression(window: Self.odd(seasonLength), degree: 1))
    var (trend, seasonal) = ([Double](repeating: 0, count: values.count), [Double]())
    var weights: [Double]?
    for outer in 0...(robust ? max(0, robustPasses) : 0) {
      if outer > 0 { weights = Self.robustness(values, trend, seasonal) }
      for _ in 0..<(robust ? 1 : 2) { (trend, seasonal) = passes.run(values, trend: trend, weights: weights) }
    }
    if seasonalWindow == nil { seasonal = Self.periodic(seasonal, seasonLength) }
    let rest = values.indices.map { values[$0] - trend[$0] - seasonal[$0] }
    return Decomposition(trend: trend, seasonal: [seasonal], seasonLengths: [seasonLength], remainder: rest)
  }

  private static func odd(_ window: Int) -> Int { window % 2 == 0 ? window + 1 : window }

  /// Bisquare weights: none beyond six median residuals.
  private static func robustness(_ values: [Double], _ trend: [Double], _ seasonal: [Double]) -> [Double] {
    let residuals = values.indices.map { abs(values[$0] - trend[$0] - seasonal[$0]) }
    let limit = 6 * Statistics.median(residuals)
    return residuals.map { residual in
      if residual <= 0.001 * limit { return 1 }
      guard residual <= 0.999 * limit else { return 0 }
      let share = residual / limit
      return (1 - share * share) * (1 - share * share)
    }
  }

  private static func periodic(_ seasonal: [Double], _ seasonLength: Int) -> [Double] {
    let means = (0..<seasonLength).map { season in
      Statistics.mean(stride(from: season, to: seasonal.count, by: seasonLength).map { seasonal[$0] })
    }
    return seasonal.indices.map { means[$0 % seasonLength] }
  }
}

/// The parts of a series; they add up to it.
public struct Decomposition: Sendable, Codable, Equatable {
  /// The trend.
  public var trend: [Double]
  /// The seasonal parts, in the order of `seasonLengths`.
  public var seasonal: [[Double]]
  /// How many steps make each season.
  public var seasonLengths: [Int]
  /// What is left.
  public var remainder: [Double]

  /// How much of the variance without trend each season explains, from 0 to 1. Source: Wang, Smith and Hyndman (2006),
  /// https://doi.org/10.1007/s10618-005-0039-x
  public var seasonalStrengths: [Double] {
    seasonal.map { Self.strength(of: $0, rest: remainder) }
  }

  /// How much of the variance without seasons the trend explains, from 0 to 1.
  public var trendStrength: Double { Self.strength(of: trend, rest: remainder) }

  private static func strength(of part: [Double], rest: [Double]) -> Double {
    let both = Statistics.variance(zip(part, rest).map { $0 + $1 })
    return both > 0 ? min(1, max(0, 1 - Statistics.variance(rest) / both)) : 0
  }
}

/// One pass of the inner loop: seasons from the series without trend, trend from the series without seasons.
private struct Passes {
  let seasonLength: Int
  let seasonal: LocalRegression
  let trend: LocalRegression
  let low: LocalRegression

  func run(_ values: [Double], trend before: [Double], weights: [Double]?) -> (
    trend: [Double], seasonal: [Double]
  ) {
    let count = values.count
    let cycles = smoothCycles(values.indices.map { values[$0] - before[$0] }, weights)
    // What moves slowly in the cycles belongs to the trend.
    let slow = low.smooth(average(average(average(cycles, seasonLength), seasonLength), 3))
    let seasons = (0..<count).map { cycles[seasonLength + $0] - slow[$0] }
    let adjusted = values.indices.map { values[$0] - seasons[$0] }
    return (trend.smooth(adjusted, weights: weights), seasons)
  }

  /// Each season's values smoothed over the years, one more at either end.
  private func smoothCycles(_ values: [Double], _ weights: [Double]?) -> [Double] {
    var result = [Double](repeating: 0, count: values.count + 2 * seasonLength)
    for season in 0..<seasonLength {
      let places = stride(from: season, to: values.count, by: seasonLength)
      let part = places.map { values[$0] }
      let own = weights.map { weights in places.map { weights[$0] } }
      let smooth = seasonal.smooth(part, weights: own)
      var scratch = part
      let reach = min(seasonal.window, part.count)
      let first = seasonal.value(at: -1, part, range: 0..<reach, own, &scratch)
      let last = seasonal.value(at: part.count, part, range: part.count - reach..<part.count, own, &scratch)
      let ends = [first ?? smooth[0]] + smooth + [last ?? smooth[part.count - 1]]
      for (index, value) in ends.enumerated() { result[season + index * seasonLength] = value }
    }
    return result
  }

  private func average(_ values: [Double], _ length: Int) -> [Double] {
    var sum = values[0..<length].reduce(0, +)
    var result = [sum / Double(length)]
    for index in length..<values.count {
      sum += values[index] - values[index - length]
      result.append(sum / Double(length))
    }
    return result
  }
}
