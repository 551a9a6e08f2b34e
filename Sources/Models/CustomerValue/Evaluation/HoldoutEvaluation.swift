import Commerce
import Foundation
import Learning
import MathKernels

/// How well purchases are forecast: learned until one day, measured on what came after it.
///
/// ```swift
/// let evaluation = try HoldoutEvaluation.run(
///   log, calibrationEnd: september, end: june, forecasters: [.pareto, .ownRate], context: FitContext())
/// evaluation.results[0].meanAbsoluteError
/// ```
/// Customers are those who had bought by the first day; purchases of a day count once.
public struct HoldoutEvaluation: Sendable {
  /// A figure with its interval over customers.
  public struct Figure: Sendable, Codable, Equatable {
    /// The figure.
    public var value: Double
    /// Its interval, by resampling customers.
    public var interval: ConfidenceInterval
  }

  /// A tenth of the customers, by forecast.
  public struct Decile: Sendable, Codable, Equatable {
    /// How many customers it has.
    public var customers: Int
    /// The mean of what was forecast.
    public var forecast: Double
    /// The mean of what came.
    public var actual: Double
  }

  /// One forecaster's figures.
  public struct Result: Sendable {
    /// The forecaster.
    public var forecaster: PurchaseForecaster
    /// The mean of |forecast − actual|.
    public var meanAbsoluteError: Figure
    /// The root of the mean of (forecast − actual)².
    public var rootMeanSquareError: Figure
    /// Pearson's correlation of forecast and actual; NaN where all forecasts are the same.
    public var correlation: Figure
    /// The sum of all forecasts ÷ that of what came, − 1.
    public var totalBias: Figure
    /// Tenths of the customers, the least active first.
    public var deciles: [Decile]
    /// What was forecast for each customer.
    public var forecasts: [Double]
    /// How long learning and forecasting took.
    public var seconds: Double
  }

  /// The customers at the end of calibration.
  public let base: CustomerBase
  /// How often each of them bought afterwards.
  public let actual: [Int]
  /// How long they were watched afterwards, in the unit of the base.
  public let horizon: Double
  /// Each forecaster's figures.
  public let results: [Result]

  /// Learns, forecasts and measures.
  ///
  /// - Parameters:
  ///   - calibrationEnd: the last day that is learned from.
  ///   - end: the last day that is measured; by default that of the last purchase.
  ///   - covariates: facts about the customers of the calibration, known by then.
  ///   - resamples: how many resamples the intervals of level 0.95 take.
  /// - Complexity: O(purchases + forecasters · customers · (evaluations + resamples)).
  /// - Throws: `CustomerValueError`.
  public static func run(
    _ log: TransactionLog, calibrationEnd: Timestamp, end: Timestamp? = nil, unit: TimeUnit = .week,
    forecasters: [PurchaseForecaster] = PurchaseForecaster.allCases,
    fitting: PurchaseFitting = PurchaseFitting(),
    covariates: (CustomerBase) throws -> Covariates? = { _ in nil }, resamples: Int = 1000,
    context: FitContext
  ) throws -> HoldoutEvaluation {
    let end = end ?? log.lastDay
    guard calibrationEnd.dayNumber < end.dayNumber else {
      throw CustomerValueError.invalidParameter(
        name: "calibrationEnd", value: TransactionLog.day(calibrationEnd.dayNumber),
        expected: "a day before the end, \(TransactionLog.day(end.dayNumber))")
    }
    let plain = try log.customerBase(until: calibrationEnd, unit: unit)
    let base = try plain.with(covariates(plain))
    let actual = log.purchases(of: base.ids, after: calibrationEnd, until: end).map(\.count)
    let horizon = Double(end.dayNumber - calibrationEnd.dayNumber) / unit.days
    let results = try forecasters.map { forecaster -> Result in
      let clock = ContinuousClock.now
      let forecasts = try forecaster.forecast(base, horizon: horizon, fitting: fitting, context: context)
      let seconds = (ContinuousClock.now - clock) / .seconds(1)
      return measured(
        forecaster, forecasts, actual, seconds: seconds, resamples: resamples, seed: context.seed)
    }
    return HoldoutEvaluation(base: base, actual: actual, horizon: horizon, results: results)
  }

  private static func measured(
    _ forecaster: PurchaseForecaster, _ forecasts: [Double], _ actual: [Int], seconds: Double, resamples: Int,
    seed: UInt64
  ) -> Result {
    let cases = zip(forecasts, actual).map { Sums(forecast: $0, actual: Double($1)) }
    let figures = cases.reduce(Sums()) { $0 + $1 }.figures
    let drawn = parallelBlocks(resamples, blockSize: 16) { block in
      block.map { resample -> [Double] in
        var random = RandomSource(seed: seed, stream: UInt64(resample) + 1)
        var sums = Sums()
        for _ in cases.indices { sums = sums + cases[random.index(below: cases.count)] }
        return sums.figures
      }
    }.flatMap { $0 }
    func figure(_ index: Int) -> Figure {
      let sorted = drawn.map { $0[index] }.filter { !$0.isNaN }.sorted()
      func quantile(_ p: Double) -> Double {
        sorted.isEmpty ? .nan : Statistics.quantile(ofSorted: sorted, at: p)
      }
      return Figure(
        value: figures[index],
        interval: ConfidenceInterval(lower: quantile(0.025), upper: quantile(0.975), level: 0.95))
    }
    return Result(
      forecaster: forecaster, meanAbsoluteError: figure(0), rootMeanSquareError: figure(1),
      correlation: figure(2), totalBias: figure(3), deciles: deciles(forecasts, actual), forecasts: forecasts,
      seconds: seconds)
  }

  private static func deciles(_ forecasts: [Double], _ actual: [Int]) -> [Decile] {
    let order = forecasts.indices.sorted { (forecasts[$0], $0) < (forecasts[$1], $1) }
    return (0..<10).compactMap { tenth in
      let part = order[tenth * order.count / 10..<(tenth + 1) * order.count / 10]
      guard !part.isEmpty else { return nil }
      return Decile(
        customers: part.count, forecast: Statistics.mean(part.map { forecasts[$0] }),
        actual: Statistics.mean(part.map { Double(actual[$0]) }))
    }
  }

  /// Sums over customers from which all figures follow.
  private struct Sums {
    var count = 0.0
    var absolute = 0.0
    var forecast = 0.0
    var actual = 0.0
    var forecastSquares = 0.0
    var actualSquares = 0.0
    var products = 0.0

    init() {}

    init(forecast: Double, actual: Double) {
      count = 1
      absolute = abs(forecast - actual)
      self.forecast = forecast
      self.actual = actual
      forecastSquares = forecast * forecast
      actualSquares = actual * actual
      products = forecast * actual
    }

    static func + (a: Sums, b: Sums) -> Sums {
      var sum = a
      sum.count += b.count
      sum.absolute += b.absolute
      sum.forecast += b.forecast
      sum.actual += b.actual
      sum.forecastSquares += b.forecastSquares
      sum.actualSquares += b.actualSquares
      sum.products += b.products
      return sum
    }

    /// MAE, RMSE, correlation, total bias.
    var figures: [Double] {
      let squares = max(0, forecastSquares - 2 * products + actualSquares)
      let spread = (count * forecastSquares - forecast * forecast) * (count * actualSquares - actual * actual)
      // Equal forecasts leave a spread of rounding errors alone.
      let hasSpread = count * forecastSquares - forecast * forecast > 1e-12 * count * forecastSquares
      return [
        absolute / count, (squares / count).squareRoot(),
        spread > 0 && hasSpread ? (count * products - forecast * actual) / spread.squareRoot() : .nan,
        actual > 0 ? forecast / actual - 1 : .nan,
      ]
    }
  }
}
