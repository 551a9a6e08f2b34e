import Foundation
import MathKernels

/// The Box–Cox transformation, which evens out a spread that grows with the level.
///
/// y ↦ (sign(y)·|y|^λ − 1) / λ, and log y for λ = 0; the sign lets a λ above 0 take values below 0, as Bickel and Doksum
/// have it. A missing value (NaN) stays missing, and so does one outside the domain.
///
/// ```swift
/// let transformation = BoxCox.guerrero([112, 118, 132, 129, 140, 160, 155, 180], seasonLength: 4)
/// let evened = transformation.transform([112, 118, 132])
/// let back = transformation.inverse(evened)             // [112, 118, 132]
/// ```
/// Sources: Box and Cox (1964), https://doi.org/10.1111/j.2517-6161.1964.tb00553.x; Guerrero (1993),
/// https://doi.org/10.1002/for.3980120104; for the bias, Hyndman and Athanasopoulos, Forecasting: Principles and
/// Practice, 3rd edition, section 5.6, https://otexts.com/fpp3/ftransformations.html
///
/// - Complexity: O(n) to transform; Guerrero's choice takes about 20 passes.
public struct BoxCox: Sendable, Codable, Equatable {
  /// The power: 1 changes nothing but the origin, 0 takes logarithms.
  public var lambda: Double

  /// A transformation of this power.
  public init(lambda: Double) { self.lambda = lambda }

  /// The value on the transformed scale; NaN outside the domain.
  public func transform(_ value: Double) -> Double {
    if lambda == 0 { return value > 0 ? log(value) : .nan }
    if lambda < 0, value < 0 { return .nan }
    return ((value < 0 ? -1 : 1) * pow(abs(value), lambda) - 1) / lambda
  }

  /// The values on the transformed scale.
  public func transform(_ values: [Double]) -> [Double] { values.map { transform($0) } }

  /// The value on the original scale; NaN where no value has this image.
  ///
  /// It carries a median to a median and a quantile to a quantile, but a mean to less than the mean.
  public func inverse(_ value: Double) -> Double {
    if lambda == 0 { return exp(value) }
    if lambda < 0, value > -1 / lambda { return .nan }
    let power = value * lambda + 1
    return (power < 0 ? -1 : 1) * pow(abs(power), 1 / lambda)
  }

  /// The values on the original scale.
  public func inverse(_ values: [Double]) -> [Double] { values.map { inverse($0) } }

  /// The mean on the original scale of a forecast with this mean and variance on the transformed one, to second order.
  public func inverseMean(_ mean: Double, variance: Double) -> Double {
    let median = inverse(mean)
    return median * (1 + variance * (1 - lambda) / (2 * pow(median, 2 * lambda)))
  }

  /// The means on the original scale of forecasts with these means and variances on the transformed one.
  public func inverseMeans(_ means: [Double], variances: [Double]) -> [Double] {
    zip(means, variances).map { inverseMean($0, variance: $1) }
  }

  /// The power under which the spread within seasons depends least on their level, by Guerrero.
  ///
  /// It minimises the coefficient of variation of s / m^(1−λ), where m and s are the mean and standard deviation of each
  /// whole season, the last ones of the series; of pairs of values for a series without seasons. With values at or below 0
  /// the power is at least 0; a series of at most two seasons, and one without spread, is left as it is (λ = 1).
  ///
  /// - Parameters:
  ///   - values: the series, NaN where a value is missing.
  ///   - seasonLength: how many steps make a season.
  ///   - range: the powers to choose from.
  public static func guerrero(
    _ values: [Double], seasonLength: Int, in range: ClosedRange<Double> = -1...2
  ) -> BoxCox {
    guard values.count > 2 * max(1, seasonLength) else { return BoxCox(lambda: 1) }
    let period = max(2, seasonLength)
    let seasons = values.count / period
    let first = values.count - seasons * period
    var groups: [(mean: Double, deviation: Double)] = []
    for season in 0..<seasons {
      let start = first + season * period
      let group = values[start..<start + period].filter { !$0.isNaN }
      if group.count > 1 {
        groups.append((Statistics.mean(group), Statistics.standardDeviation(group)))
      }
    }
    guard groups.count > 1, groups.contains(where: { $0.deviation > 0 }) else { return BoxCox(lambda: 1) }
    let lowest = values.contains { $0 <= 0 } ? max(0, range.lowerBound) : range.lowerBound
    guard lowest < range.upperBound else { return BoxCox(lambda: lowest) }
    let lambda = BrentMinimum.find(in: lowest...range.upperBound) { power in
      let ratios = groups.map { $0.deviation / pow($0.mean, 1 - power) }.filter(\.isFinite)
      let spread = Statistics.standardDeviation(ratios) / Statistics.mean(ratios)
      return spread.isNaN ? .greatestFiniteMagnitude : spread
    }
    return BoxCox(lambda: lambda)
  }
}
