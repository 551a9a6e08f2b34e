import MathKernels

/// How often demand comes and how much its sizes vary: the two figures that decide how an item can be forecast.
///
/// ```swift
/// DemandProfile([0, 0, 3, 0, 0, 0, 2, 0]).demandClass   // .intermittent
/// ```
/// Source: Syntetos, Boylan and Croston (2005), https://doi.org/10.1057/palgrave.jors.2601841
public struct DemandProfile: Sendable, Codable, Equatable {
  /// The four classes.
  public enum DemandClass: String, Sendable, Codable, CaseIterable {
    /// It comes often, in like sizes.
    case smooth
    /// It comes often, in sizes that vary.
    case erratic
    /// It comes seldom, in like sizes.
    case intermittent
    /// It comes seldom, in sizes that vary.
    case lumpy
    /// It never comes.
    case none
  }

  /// The average interval between demands, in steps (ADI); infinite without any.
  public let averageInterval: Double
  /// The squared coefficient of variation of the sizes above 0 (CV²).
  public let squaredVariation: Double

  /// The interval from which demand counts as seldom.
  public static let seldom = 1.32
  /// The squared variation from which sizes count as varied.
  public static let varied = 0.49

  /// The profile of demands, one a step; a missing one (NaN) is no step.
  public init(_ values: [Double]) {
    let steps = values.filter { !$0.isNaN }
    let sizes = steps.filter { $0 > 0 }
    averageInterval = sizes.isEmpty ? .infinity : Double(steps.count) / Double(sizes.count)
    let mean = Statistics.mean(sizes)
    squaredVariation = sizes.isEmpty ? 0 : Statistics.variance(sizes, degreesOfFreedomLost: 0) / (mean * mean)
  }

  /// The class they make.
  public var demandClass: DemandClass {
    if averageInterval.isInfinite { return .none }
    let varied = squaredVariation >= Self.varied
    return averageInterval >= Self.seldom ? (varied ? .lumpy : .intermittent) : (varied ? .erratic : .smooth)
  }
}

/// Demands of one item, one a step, without the missing ones.
struct DemandSeries {
  /// The demands observed.
  let values: [Double]
  /// Where they lie in the series.
  let steps: [Int]
  /// How many steps the series has.
  let count: Int
  /// Those above 0.
  var sizes: [Double] { values.filter { $0 > 0 } }

  /// - Throws: `ForecastError` for a series without a value, an infinite one and one below 0.
  init(_ series: TimeSeries) throws {
    let prepared = try PreparedSeries(series, nonnegative: true)
    steps = prepared.values.indices.filter { prepared.observed[$0] }
    values = steps.map { prepared.values[$0] }
    count = series.count
  }

  /// The steps from one demand to the next; the first from the start.
  var intervals: [Double] {
    var last = -1
    return values.indices.filter { values[$0] > 0 }.map { index in
      defer { last = index }
      return Double(index - last)
    }
  }

  /// Values of the observed steps laid out over the series, NaN elsewhere.
  func spread(_ fitted: [Double]) -> [Double] {
    var result = [Double](repeating: .nan, count: count)
    for (index, step) in steps.enumerated() { result[step] = fitted[index] }
    return result
  }
}

/// Simple exponential smoothing from the first value on.
enum PlainSmoothing {
  /// The level before each value, and after the last.
  static func levels(_ values: [Double], rate: Double) -> [Double] {
    guard let first = values.first else { return [] }
    var level = first
    return [first]
      + values.map { value in
        level += rate * (value - level)
        return level
      }
  }

  /// The rate between 0.1 and 0.3 with the smallest squared error.
  static func bestRate(_ values: [Double], in range: ClosedRange<Double> = 0.1...0.3) -> Double {
    guard values.count > 1 else { return range.lowerBound }
    return BrentMinimum.find(in: range, tolerance: 1e-9) { rate in
      var (level, squares) = (values[0], 0.0)
      for value in values {
        squares += (value - level) * (value - level)
        level += rate * (value - level)
      }
      return squares
    }
  }
}
