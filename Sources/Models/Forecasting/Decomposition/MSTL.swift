import Foundation
import Learning
import MathKernels

/// Takes a series apart into trend, several seasons and a rest, by STL for one season after the other.
///
/// ```swift
/// let parts = try MSTL(seasonLengths: [7, 365]).decompose(TimeSeries(values: dailySales))
/// parts.seasonalStrengths   // of the week and of the year
/// ```
/// Seasons are taken in ascending length, twice round; those of which the series has no two whole ones and a value are left
/// out. Source: Bandara, Hyndman and Bergmeir (2021), https://arxiv.org/abs/2107.13462. The windows grow with the season's
/// rank: 11, 15, 19, ….
///
/// - Complexity: that of STL for each season, twice.
/// - Throws: as `STL`.
public struct MSTL: Sendable, Codable, Equatable {
  /// How many steps make each season.
  public var seasonLengths: [Int]
  /// Whether outliers are given less weight.
  public var robust: Bool

  /// A decomposition.
  public init(seasonLengths: [Int], robust: Bool = false) {
    (self.seasonLengths, self.robust) = (seasonLengths, robust)
  }

  /// Takes the series apart.
  public func decompose(_ series: TimeSeries) throws -> Decomposition {
    for length in seasonLengths where length < 2 {
      throw ForecastError.invalidParameter(name: "seasonLengths", value: "\(length)", expected: "at least 2")
    }
    let values = try PreparedSeries(series).values
    let lengths = Set(seasonLengths).filter { values.count > 2 * $0 }.sorted()
    guard let longest = lengths.last else {
      throw ForecastError.notEnoughData(
        series: series.id, needed: 2 * (seasonLengths.min() ?? 1) + 1, found: values.count)
    }
    return try parts(values, lengths, longest: longest)
  }

  private func parts(_ values: [Double], _ lengths: [Int], longest: Int) throws -> Decomposition {
    var seasonal = lengths.map { _ in [Double](repeating: 0, count: values.count) }
    var (adjusted, trend) = (values, [Double]())
    for _ in 0..<(lengths.count == 1 ? 1 : 2) {
      for (index, length) in lengths.enumerated() {
        for step in adjusted.indices { adjusted[step] += seasonal[index][step] }
        let stl = STL(seasonLength: length, seasonalWindow: 11 + 4 * index, robust: robust)
        let found = try stl.decompose(adjusted)
        seasonal[index] = found.seasonal[0]
        trend = found.trend
        for step in adjusted.indices { adjusted[step] -= seasonal[index][step] }
      }
    }
    let rest = zip(adjusted, trend).map { $0 - $1 }
    return Decomposition(trend: trend, seasonal: seasonal, seasonLengths: lengths, remainder: rest)
  }
}

/// Forecasts a series with one or several seasons: MSTL takes them off, exponential smoothing without seasons continues the
/// rest, and the last season of each goes on.
///
/// The way to forecast long seasons, such as 52 weeks or 365 days, which ETS cannot hold.
///
/// ```swift
/// let model = try MSTLForecaster(seasonLengths: [7, 365]).fit(TimeSeries(values: dailySales), context: FitContext())
/// ```
/// Without `seasonLengths` it takes the series' own. A series with fewer than two whole seasons and a value is continued by
/// ETS, which its description says. Intervals are those of the rest. Sources: as `MSTL` and `ETS`.
///
/// - Complexity: that of `MSTL`, and of `ETS` without seasons.
/// - Throws: `ForecastError`, as `ETS`.
public struct MSTLForecaster: Forecaster {
  /// How many steps make each season; empty for the series' own.
  public var seasonLengths: [Int]
  /// Whether outliers are given less weight.
  public var robust: Bool
  /// See `Forecaster`.
  public let name = "MSTL"

  /// The forecaster.
  public init(seasonLengths: [Int] = [], robust: Bool = false) {
    (self.seasonLengths, self.robust) = (seasonLengths, robust)
  }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let lengths = seasonLengths.isEmpty ? [series.seasonLength] : seasonLengths
    let plain = ETS(.init(forms: ETSForm.admissible.filter { $0.season == .none }))
    guard lengths.contains(where: { $0 > 1 && series.count > 2 * $0 }) else {
      return try ETS().fit(series, context: context)
    }
    let prepared = try PreparedSeries(series)
    let parts = try MSTL(seasonLengths: lengths.filter { $0 > 1 }, robust: robust)
      .decompose(TimeSeries(id: series.id, values: prepared.values))
    var seasons = [Double](repeating: 0, count: series.count)
    for part in parts.seasonal { for step in seasons.indices { seasons[step] += part[step] } }
    let adjusted = zip(prepared.values, seasons).map { $0 - $1 }
    let rest = try plain.fitETS(TimeSeries(id: series.id, values: adjusted))
    return MSTLModel(
      rest: rest, seasons: parts.seasonal.enumerated().map { Array($1.suffix(parts.seasonLengths[$0])) },
      fitted: zip(rest.fitted, seasons).map { $0 + $1 })
  }
}

/// A series learned as seasons that repeat and a rest.
public struct MSTLModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// See `ForecastModel`.
  public var description: String {
    "MSTL[\(seasons.map { "\($0.count)" }.joined(separator: ","))]+\(rest.description)"
  }
  /// The model of the series without seasons.
  public let rest: ETSModel
  /// The last season of each length, the next step first.
  public let seasons: [[Double]]
  /// See `ForecastModel`.
  @Packed public private(set) var fitted: [Double]

  init(rest: ETSModel, seasons: [[Double]], fitted: [Double]) {
    (self.rest, self.seasons) = (rest, seasons)
    self.fitted = fitted
  }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    var forecast = try rest.forecast(horizon: horizon, levels: levels, regressors: regressors)
    forecast.mean = restored(forecast.mean)
    for index in forecast.intervals.indices {
      forecast.intervals[index].lower = restored(forecast.intervals[index].lower)
      forecast.intervals[index].upper = restored(forecast.intervals[index].upper)
    }
    return forecast
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try rest.samplePaths(horizon: horizon, count: count, regressors: regressors, seed: seed).map(restored)
  }

  private func restored(_ values: [Double]) -> [Double] {
    values.indices.map { step in seasons.reduce(values[step]) { $0 + $1[step % $1.count] } }
  }
}
