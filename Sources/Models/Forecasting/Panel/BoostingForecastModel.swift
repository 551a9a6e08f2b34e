import Learning
import MathKernels

/// A panel learned by gradient boosting.
public struct BoostingForecastModel: PanelForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1

  private let configuration: BoostingForecaster.Configuration
  private let forecasts: TreeForecasts
  private let series: [PanelSeries]
  private let calibration: ResidualCalibration

  init(
    configuration: BoostingForecaster.Configuration, forecasts: TreeForecasts,
    series: [PanelSeries], calibration: ResidualCalibration
  ) {
    (self.configuration, self.forecasts) = (configuration, forecasts)
    (self.series, self.calibration) = (series, calibration)
  }

  /// See `PanelForecastModel`.
  public var ids: [String] { series.map(\.id) }

  /// See `PanelForecastModel`.
  public var description: String {
    let intervals = calibration.isLearned ? "" : ", intervals not calibrated"
    let objective = forecasts.trees.configuration.objective
    return "GradientBoosting(\(objective), \(configuration.span) ahead\(intervals))"
  }

  /// The columns the trees read, in order.
  public var columnNames: [String] { forecasts.features.names }

  /// See `PanelForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [String: [Double]]]) throws
    -> [SeriesRunner.Result]
  {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    return try PanelResults.collect(
      series, columns: forecasts.features.columns, horizon, regressors, description
    ) {
      known, future in
      try forecasts.means(known, future: future, horizon: horizon)
    } forecast: { series, mean in
      calibration.forecast(mean, of: series, levels: levels)
    }
  }

  /// See `PanelForecastModel`.
  public func samplePaths(
    of id: String, horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64
  ) throws -> [[Double]] {
    try ForecastRequest.check(horizon: horizon, count: count)
    let one = try PanelResults.series(id, among: series)
    let future = try forecasts.features.columns.future(regressors, of: one, horizon: horizon)
    guard let mean = try forecasts.means([one], future: [future], horizon: horizon)[0] else { return [] }
    return calibration.paths(mean, of: one, count: count, seed: seed)
  }
}

/// What the models of panels share.
enum PanelResults {
  /// The results of the series in order: those without a problem are forecast, the others say why not.
  static func collect(
    _ series: [PanelSeries], columns: PanelColumns, _ horizon: Int,
    _ regressors: [String: [String: [Double]]], _ description: String,
    means: ([PanelSeries], [[[Double]]]) throws -> [[Double]?],
    forecast: (PanelSeries, [Double]) -> Forecast
  ) throws -> [SeriesRunner.Result] {
    var problems = [String?](repeating: nil, count: series.count)
    var (places, known, future) = ([Int](), [PanelSeries](), [[[Double]]]())
    for (index, one) in series.enumerated() {
      if let problem = one.problem {
        problems[index] = problem
        continue
      }
      do {
        future.append(try columns.future(regressors[one.id], of: one, horizon: horizon))
        known.append(one)
        places.append(index)
      } catch let error as ForecastError { problems[index] = error.description }
    }
    var results = series.indices.map { SeriesRunner.Result(id: series[$0].id, problem: problems[$0]) }
    for (place, mean) in zip(places.indices, try means(known, future)) {
      guard let mean else { continue }
      results[places[place]].model = description
      results[places[place]].forecast = forecast(known[place], mean)
    }
    return results
  }

  /// A series by its name.
  static func series(_ id: String, among series: [PanelSeries]) throws -> PanelSeries {
    guard let one = series.first(where: { $0.id == id }) else { throw ForecastError.unknownSeries(id) }
    if one.problem != nil {
      throw ForecastError.notEnoughData(series: id, needed: 1, found: one.values.count { !$0.isNaN })
    }
    return one
  }
}
