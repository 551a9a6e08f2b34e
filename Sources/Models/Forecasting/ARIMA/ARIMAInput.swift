import Foundation
import MathKernels

/// A series made ready for ARIMA models: checked, transformed, and without the missing values at its start.
struct ARIMAInput {
  let series: TimeSeries
  let seasonLength: Int
  /// The transformed values from the first known one on.
  let values: [Double]
  let names: [String]
  /// The regressors of the same steps, in the order of their names.
  let columns: [[Double]]
  let lambda: Double?
  private let skipped: Int

  init(_ series: TimeSeries, _ transformation: PowerTransformation, seasonLength: Int) throws {
    (self.series, self.seasonLength) = (series, seasonLength)
    if let index = series.values.firstIndex(where: \.isInfinite) {
      throw ForecastError.invalidValue(
        series: series.id, index: index, value: series.values[index], expected: "a finite value")
    }
    lambda =
      switch transformation {
      case .none: nil
      case .power(let power): power
      case .guerrero: BoxCox.guerrero(series.values, seasonLength: seasonLength).lambda
      }
    guard let first = series.values.firstIndex(where: { !$0.isNaN }) else {
      throw ForecastError.notEnoughData(series: series.id, needed: 3, found: 0)
    }
    skipped = first
    names = series.regressors.keys.sorted()
    columns = try names.map { name in
      let column = series.regressors[name] ?? []
      guard column.count == series.count, column.allSatisfy(\.isFinite) else {
        throw ForecastError.missingRegressor(
          name: name, needed: series.count, found: column.count(where: \.isFinite))
      }
      return Array(column[first...])
    }
    guard let lambda else {
      values = Array(series.values[first...])
      return
    }
    guard lambda.isFinite else {
      throw ForecastError.invalidParameter(name: "lambda", value: "\(lambda)", expected: "a finite power")
    }
    let transformation = BoxCox(lambda: lambda)
    values = series.values[first...].map { transformation.transform($0) }
    if let lost = values.indices.first(where: { values[$0].isNaN && !series.values[first + $0].isNaN }) {
      throw ForecastError.invalidValue(
        series: series.id, index: first + lost, value: series.values[first + lost],
        expected: lambda == 0 ? "a value above 0, to take its logarithm" : "a value of at least 0")
    }
  }

  /// How many values are known.
  var known: Int { values.count { !$0.isNaN } }

  /// Refuses a series with fewer known values.
  func require(_ needed: Int) throws {
    if known < needed { throw ForecastError.notEnoughData(series: series.id, needed: needed, found: known) }
  }

  /// The model of a fit.
  func model(_ fit: ARIMAFit, errors: [Double], adjustsBias: Bool) -> ARIMAModel {
    let order = fit.order
    let differenced = order.d + order.seasonalD > 0
    var model = ARIMAModel(
      order: order, seasonLength: seasonLength,
      constant: !fit.includesConstant ? .none : differenced ? .drift : .mean, regressorNames: names,
      variance: fit.variance, logLikelihood: fit.logLikelihood.isFinite ? fit.logLikelihood : nil,
      aic: fit.aic.isFinite ? fit.aic : nil, aicc: fit.aicc.isFinite ? fit.aicc : nil,
      bic: fit.bic.isFinite ? fit.bic : nil,
      lambda: lambda, fitted: [], residuals: [], values: values, regressors: columns.flatMap { $0 })
    let (q, seasonal) = (order.p + order.q, order.p + order.q + order.seasonalP)
    model.autoregressive = Array(fit.factors[..<order.p])
    model.movingAverage = Array(fit.factors[order.p..<q])
    model.seasonalAutoregressive = Array(fit.factors[q..<seasonal])
    model.seasonalMovingAverage = Array(fit.factors[seasonal...])
    model.regression = Array(fit.regression[..<columns.count])
    model.constantValue = fit.includesConstant ? fit.regression.last : nil
    model.standardErrors = errors
    model.adjustsBias = adjustsBias
    let regressors = fit.includesConstant ? columns + [ARIMAFitter.constant(values.count, order)] : columns
    let form = model.innovations(regressors, fit.regression, 0)
    let missing = [Double](repeating: .nan, count: skipped)
    model.residuals = missing + zip(values, form.predictions).map { $0 - $1 }
    model.fitted = missing + (lambda.map { BoxCox(lambda: $0).inverse(form.predictions) } ?? form.predictions)
    return model
  }

  /// The model of a series that follows its differences, its constant and its regressors exactly, and so has no
  /// likelihood; nil where it does not.
  func exactModel(_ order: ARIMAOrder, constant: Bool) -> ARIMAModel? {
    let regressors = constant ? columns + [ARIMAFitter.constant(values.count, order)] : columns
    guard
      let data = ARIMAData(
        values: values, regressors: regressors, d: order.d, seasonalD: order.seasonalD,
        seasonLength: seasonLength)
    else { return nil }
    let size = values.reduce(0) { max($0, $1.isNaN ? 0 : abs($1)) }
    guard data.differenced[0].allSatisfy({ $0.isNaN || abs($0) <= 1e-9 * size }) else { return nil }
    let plain = ARIMAOrder(0, order.d, 0, seasonal: (0, order.seasonalD, 0))
    let fit = ARIMAFit(
      order: plain, includesConstant: constant, factors: [], regression: data.offsets, variance: 0,
      logLikelihood: .nan, aic: -.infinity, aicc: -.infinity, bic: -.infinity, point: [], isApproximate: false
    )
    return model(fit, errors: [], adjustsBias: false)
  }
}
