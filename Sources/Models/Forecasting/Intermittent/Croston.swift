import Foundation
import Learning

/// Croston's method: sizes of demand and intervals between demands are smoothed apart, and divided.
///
/// ```swift
/// let series = TimeSeries(values: [0, 0, 3, 0, 0, 0, 2, 0, 0, 5])
/// let model = try Croston().fit(series, context: FitContext())
/// try model.forecast(horizon: 1, levels: [], regressors: [:]).mean   // demand a step
/// ```
/// Values are demands, at least 0; a missing one is no step. Each smoothing starts at the first value. `correction` scales
/// the quotient, which is biased upwards: 1 − rate/2 is Syntetos and Boylan's. Sources: Croston (1972),
/// https://doi.org/10.1057/jors.1972.50; Syntetos and Boylan (2005), https://doi.org/10.1016/j.ijforecast.2004.10.001
///
/// - Complexity: O(n), with optimised rates about 40 times that.
/// - Throws: `ForecastError.notEnoughData` for a series without a value, `invalidValue` for one below 0,
///   `invalidParameter` for a rate out of range.
public struct Croston: Forecaster {
  /// How fast both smoothings follow; nil chooses each between 0.1 and 0.3 by its squared error.
  public var smoothing: Double?
  /// Whether the bias of the quotient is corrected.
  public var corrected: Bool
  /// See `Forecaster`.
  public var name: String { corrected ? "SBA" : smoothing == nil ? "OptimisedCroston" : "Croston" }

  /// Croston's method.
  public init(smoothing: Double? = 0.1) { (self.smoothing, corrected) = (smoothing, false) }

  init(smoothing: Double, corrected: Bool) { (self.smoothing, self.corrected) = (smoothing, corrected) }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    if let smoothing { try checkRate(smoothing, "smoothing") }
    let demand = try DemandSeries(series)
    let (sizes, intervals) = (demand.sizes, demand.intervals)
    let sizeLevels = PlainSmoothing.levels(sizes, rate: smoothing ?? PlainSmoothing.bestRate(sizes))
    let intervalLevels = PlainSmoothing.levels(
      intervals, rate: smoothing ?? PlainSmoothing.bestRate(intervals))
    let factor = corrected ? 1 - (smoothing ?? 0) / 2 : 1
    // After k demands the forecast is the quotient of the levels with k values in them.
    let quotients = zip(sizeLevels, intervalLevels).map { factor * $0 / $1 }
    var seen = 0
    let fitted = demand.values.map { value -> Double in
      defer { if value > 0 { seen += 1 } }
      return quotients.isEmpty ? 0 : seen == 0 ? .nan : quotients[seen]
    }
    return IntermittentModel(
      demand, description: name, rate: quotients.last ?? 0,
      probability: intervalLevels.last.map { 1 / $0 } ?? 0, fitted: fitted)
  }
}

/// Croston's method with Syntetos and Boylan's correction of its bias: the quotient times 1 − rate/2.
///
/// ```swift
/// let model = try SyntetosBoylan().fit(TimeSeries(values: [0, 0, 3, 0, 2]), context: FitContext())
/// ```
/// Source: Syntetos and Boylan (2005), https://doi.org/10.1016/j.ijforecast.2004.10.001
///
/// - Complexity: O(n).
/// - Throws: as `Croston`.
public struct SyntetosBoylan: Forecaster {
  /// How fast both smoothings follow.
  public var smoothing: Double
  /// See `Forecaster`.
  public let name = "SBA"

  /// The Syntetos–Boylan approximation.
  public init(smoothing: Double = 0.1) { self.smoothing = smoothing }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try Croston(smoothing: smoothing, corrected: true).fit(series, context: context)
  }
}

/// Teunter, Syntetos and Babai's method: the probability of a demand is smoothed in every step, so that the forecast of an
/// item nobody buys any more fades away.
///
/// ```swift
/// let model = try TeunterSyntetosBabai().fit(TimeSeries(values: [0, 0, 3, 0, 2, 0, 0]), context: FitContext())
/// ```
/// Source: Teunter, Syntetos and Babai (2011), https://doi.org/10.1016/j.ejor.2011.05.018
///
/// - Complexity: O(n).
/// - Throws: as `Croston`.
public struct TeunterSyntetosBabai: Forecaster {
  /// How fast the size of demand follows.
  public var demandSmoothing: Double
  /// How fast the probability of a demand follows.
  public var probabilitySmoothing: Double
  /// See `Forecaster`.
  public let name = "TSB"

  /// The method.
  public init(demandSmoothing: Double = 0.1, probabilitySmoothing: Double = 0.1) {
    (self.demandSmoothing, self.probabilitySmoothing) = (demandSmoothing, probabilitySmoothing)
  }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try checkRate(demandSmoothing, "demandSmoothing")
    try checkRate(probabilitySmoothing, "probabilitySmoothing")
    let demand = try DemandSeries(series)
    let sizeLevels = PlainSmoothing.levels(demand.sizes, rate: demandSmoothing)
    let chances = PlainSmoothing.levels(demand.values.map { $0 > 0 ? 1 : 0 }, rate: probabilitySmoothing)
    var seen = 0
    let fitted = demand.values.enumerated().map { index, value -> Double in
      defer { if value > 0 { seen += 1 } }
      guard !sizeLevels.isEmpty else { return 0 }
      return index == 0 || seen == 0 ? .nan : chances[index] * sizeLevels[seen]
    }
    let chance = chances.last ?? 0
    return IntermittentModel(
      demand, description: name, rate: chance * (sizeLevels.last ?? 0), probability: chance, fitted: fitted)
  }
}

func checkRate(_ rate: Double, _ name: String) throws {
  guard rate > 0, rate <= 1 else {
    throw ForecastError.invalidParameter(name: name, value: "\(rate)", expected: "above 0, at most 1")
  }
}
