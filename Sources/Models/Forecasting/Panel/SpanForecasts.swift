import Foundation
import Learning
import MathKernels

/// Forecasts of a panel span by span: the steps of one directly, those beyond from the forecasts of those before.
struct SpanForecasts: Sendable {
  var features: PanelFeatures
  var span: Int

  /// What a forecast is made from at one origin.
  struct Outlook {
    var series: PanelSeries
    /// The values up to the origin, forecasts of spans before included.
    var values: [Double]
    /// The regressors up to the last step ahead, on their scale.
    var regressors: [[Double]]
    /// The calendar's columns of the same steps.
    var calendar: [[Float]]
    var origin: PanelFeatures.Origin
    /// The rows of the steps ahead, one after the other.
    var rows: [Float]
  }

  /// Each series' expected values; nil for one with a problem.
  ///
  /// - Parameters:
  ///   - future: the regressors over the horizon, by series and column.
  ///   - sizes: the values expected at the steps ahead, over the level at the origin.
  func means(
    _ series: [PanelSeries], future: [[[Double]]], horizon: Int,
    sizes: @Sendable (Outlook) throws -> [Double]
  ) throws -> [[Double]?] {
    try parallelBlocks(series.count, blockSize: 16) { block in
      var cache: [Range<Int>: [Float]] = [:]
      return try block.map { index in
        series[index].problem == nil
          ? try mean(series[index], future: future[index], horizon: horizon, cache: &cache, sizes) : nil
      }
    }.flatMap { $0 }
  }

  private func mean(
    _ series: PanelSeries, future: [[Double]], horizon: Int, cache: inout [Range<Int>: [Float]],
    _ sizes: (Outlook) throws -> [Double]
  ) throws -> [Double] {
    var values = series.values
    let regressors = zip(series.regressors, future).map { $0 + $1 }
    let calendar = features.calendarRows(series.calendar, steps: series.count + horizon, cache: &cache)
    var means: [Double] = []
    while means.count < horizon {
      guard let origin = features.origin(values: values, at: values.count - 1) else {
        return [Double](repeating: 0, count: horizon)  // it has only ever been 0
      }
      var rows: [Float] = []
      for ahead in 1...min(span, horizon - means.count) {
        features.append(
          to: &rows, series, values: values, regressors: regressors, origin: origin, ahead: ahead,
          calendar: calendar[origin.step + ahead])
      }
      let outlook = Outlook(
        series: series, values: values, regressors: regressors, calendar: calendar, origin: origin, rows: rows
      )
      let next = try sizes(outlook).map { size in
        series.isNonnegative ? max(0, size * origin.level) : size * origin.level
      }
      means += next
      values += next
    }
    return means
  }
}

/// Forecasts of a panel by trees.
struct TreeForecasts: Sendable, Codable {
  var features: PanelFeatures
  var trees: GradientBoostingModel
  var span: Int

  /// Each series' expected values; nil for one with a problem.
  func means(_ series: [PanelSeries], future: [[[Double]]], horizon: Int) throws -> [[Double]?] {
    let isExponential = trees.configuration.objective.predictsLogarithm
    return try SpanForecasts(features: features, span: span)
      .means(series, future: future, horizon: horizon) { outlook in
        try outlook.rows.withUnsafeBufferPointer { try trees.margins(rows: $0) }
          .map { isExponential ? exp(Double($0)) : Double($0) }
      }
  }
}
