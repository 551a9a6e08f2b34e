import Commerce
import Foundation

/// A sum whose terms halve in weight every so many days. The order in which terms arrive does not matter.
public struct DecayedSum: Sendable, Equatable {
  /// The sum as of `milliseconds`.
  public private(set) var value = 0.0
  /// The moment of the newest term.
  public private(set) var milliseconds = Int64.min

  /// The empty sum.
  public init() {}

  /// Adds a term of a moment.
  public mutating func add(_ weight: Double, at moment: Int64, halfLifeDays: Double) {
    if milliseconds == .min {
      (value, milliseconds) = (weight, moment)
    } else if moment >= milliseconds {
      value = value * Self.factor(from: milliseconds, to: moment, halfLifeDays: halfLifeDays) + weight
      milliseconds = moment
    } else {
      value += weight * Self.factor(from: moment, to: milliseconds, halfLifeDays: halfLifeDays)
    }
  }

  /// The sum as of a moment; a moment before the newest term counts as that term's.
  public func value(at moment: Int64, halfLifeDays: Double) -> Double {
    milliseconds == .min || moment <= milliseconds
      ? value : value * Self.factor(from: milliseconds, to: moment, halfLifeDays: halfLifeDays)
  }

  private static func factor(from: Int64, to: Int64, halfLifeDays: Double) -> Double {
    exp2(-(Double(to) - Double(from)) / Double(Timestamp.day) / halfLifeDays)
  }
}
