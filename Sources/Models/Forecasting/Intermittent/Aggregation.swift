import Foundation
import Learning
import MathKernels

/// Aggregate, forecast, disaggregate (ADIDA): demand is summed over as many steps as lie between two demands on average,
/// smoothed, and divided again.
///
/// ```swift
/// let model = try ADIDA().fit(TimeSeries(values: [0, 0, 3, 0, 0, 0, 2, 0]), context: FitContext())
/// ```
/// The smoothing's rate is chosen between 0.1 and 0.3. Source: Nikolopoulos, Syntetos, Boylan, Petropoulos and
/// Assimakopoulos (2011), https://doi.org/10.1057/jors.2010.32
///
/// - Complexity: O(n · 40).
/// - Throws: as `Croston`.
public struct ADIDA: Forecaster {
  /// See `Forecaster`.
  public let name = "ADIDA"

  /// The method.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let demand = try DemandSeries(series)
    let level = AggregatedDemand.averageInterval(demand)
    return IntermittentModel(AggregatedDemand(demand, levels: level...level), demand, name)
  }
}

/// The intermittent multiple aggregation prediction algorithm (IMAPA): ADIDA's forecasts over 1, 2, … steps, up to the average
/// interval, averaged.
///
/// ```swift
/// let model = try IMAPA().fit(TimeSeries(values: [0, 0, 3, 0, 0, 0, 2, 0]), context: FitContext())
/// ```
/// Source: Petropoulos and Kourentzes (2015), https://doi.org/10.1057/jors.2014.62
///
/// - Complexity: O(n · 40 · log k) for an average interval of k steps.
/// - Throws: as `Croston`.
public struct IMAPA: Forecaster {
  /// See `Forecaster`.
  public let name = "IMAPA"

  /// The method.
  public init() {}

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let demand = try DemandSeries(series)
    let levels = 1...AggregatedDemand.averageInterval(demand)
    return IntermittentModel(AggregatedDemand(demand, levels: levels), demand, name)
  }
}

extension IntermittentModel {
  init(_ aggregated: AggregatedDemand, _ demand: DemandSeries, _ name: String) {
    let share = Double(demand.sizes.count) / Double(demand.values.count)
    // A demand in every step of a size that moves: the rate may then exceed what the share of steps allows.
    self.init(
      demand, description: name, rate: aggregated.rate, probability: share, fitted: aggregated.fitted)
  }
}

/// Demand smoothed over blocks of one or several lengths.
struct AggregatedDemand {
  /// The mean demand a step to come.
  let rate: Double
  /// What was forecast of each step from the blocks before it; NaN before the first whole block of any length.
  let fitted: [Double]

  init(_ demand: DemandSeries, levels: ClosedRange<Int>) {
    let results = levels.map { Self.smoothed(demand.values, level: $0) }
    rate = Statistics.mean(results.map(\.rate))
    fitted = demand.values.indices.map { step in Statistics.mean(results.map { $0.fitted[step] }) }
  }

  static func averageInterval(_ demand: DemandSeries) -> Int {
    let intervals = demand.intervals
    guard !intervals.isEmpty else { return 1 }
    return max(1, Int(Statistics.mean(intervals).rounded(.toNearestOrEven)))
  }

  private static func smoothed(_ values: [Double], level: Int) -> (rate: Double, fitted: [Double]) {
    // The oldest values, which fill no block, are left out.
    let first = values.count % level
    let sums = stride(from: first, to: values.count, by: level).map { start in
      values[start..<start + level].reduce(0, +)
    }
    let levels = PlainSmoothing.levels(sums, rate: PlainSmoothing.bestRate(sums))
    let fitted = values.indices.map { step -> Double in
      let whole = (step - first) / level
      return step < first + level ? .nan : levels[whole] / Double(level)
    }
    return ((levels.last ?? 0) / Double(level), fitted)
  }
}
