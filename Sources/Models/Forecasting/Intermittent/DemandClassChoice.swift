import Learning

/// The method that suits an item's demand: Croston's where it is smooth, Syntetos and Boylan's where it comes seldom or in
/// sizes that vary.
///
/// ```swift
/// let model = try DemandClassChoice().fit(TimeSeries(values: [0, 0, 3, 0, 0, 0, 2, 0]), context: FitContext())
/// print(model.description)   // SBA
/// ```
/// Where `fading` is set and no demand has come for longer than three times the longest interval before, Teunter, Syntetos
/// and Babai's method is taken, whose forecast fades. Source: Syntetos, Boylan and Croston (2005),
/// https://doi.org/10.1057/palgrave.jors.2601841
///
/// - Complexity: O(n).
/// - Throws: as `Croston`.
public struct DemandClassChoice: Forecaster {
  /// Whether items nobody buys any more are let fade.
  public var fading: Bool
  /// See `Forecaster`.
  public let name = "DemandClass"

  /// The choice by class.
  public init(fading: Bool = true) { self.fading = fading }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    let demand = try DemandSeries(series)
    if fading, hasFaded(demand) { return try TeunterSyntetosBabai().fit(series, context: context) }
    switch DemandProfile(demand.values).demandClass {
    case .smooth, .none: return try Croston().fit(series, context: context)
    case .erratic, .intermittent, .lumpy: return try SyntetosBoylan().fit(series, context: context)
    }
  }

  private static let patience = 3.0

  private func hasFaded(_ demand: DemandSeries) -> Bool {
    guard let last = demand.values.lastIndex(where: { $0 > 0 }), let longest = demand.intervals.max() else {
      return false
    }
    return Double(demand.values.count - 1 - last) > Self.patience * longest
  }
}
