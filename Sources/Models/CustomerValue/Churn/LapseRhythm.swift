import Foundation
import MathKernels

/// When customers come back: the time between purchases as survival, for the whole shop and customer by customer.
///
/// ```swift
/// let rhythm = try LapseRhythm(history, asOf: 17_400)
/// rhythm.curve.survival(at: 28)                   // of all gaps, the share that is longer than 28 days
/// try rhythm.hazard().risk(of: row, age: 12, within: 56)   // of coming back; 1 − it is the risk of lapse
/// ```
/// A gap begins with a purchase and ends with the next; the last gap of each customer is cut off at the day.
public struct LapseRhythm: Sendable {
  /// The covariates of a gap, known at its beginning.
  public static let covariates = ["log_purchases", "log_mean_gap", "is_first", "log_basket"]

  /// The share of gaps longer than each number of days.
  public let curve: SurvivalCurve
  private let data: SurvivalData
  private let rows: Matrix<Double>

  /// The gaps until the morning of a day.
  ///
  /// - Complexity: O(visits · log visits).
  /// - Throws: `CustomerValueError.notEnoughData` without purchases.
  public init(_ history: LapseHistory, asOf day: Int32) throws {
    var (durations, events, flat) = ([Double](), [Bool](), [Double]())
    for customer in history.customers {
      let seen = customer.visits.prefix { $0.day < day }
      for place in seen.indices {
        let next = place + 1 < seen.count ? seen[place + 1].day : day
        durations.append(Double(next - seen[place].day))
        events.append(place + 1 < seen.count)
        flat += Self.covariates(seen[...place])
      }
    }
    data = try SurvivalData(durations: durations, events: events)
    rows = Matrix(rows: durations.count, columns: Self.covariates.count, flat)
    curve = try KaplanMeier().fit(data)
  }

  /// What is known of a customer at the beginning of the gap after the last of these visits.
  public static func covariates(_ visits: ArraySlice<LapseHistory.Visit>) -> [Double] {
    guard let first = visits.first, let last = visits.last else { return [0, 0, 1, 0] }
    let count = Double(visits.count)
    let mean = visits.count > 1 ? Double(last.day - first.day) / (count - 1) : 14
    let basket = visits.reduce(0) { $0 + $1.amount } / count
    return [log(count), log(max(1, mean)), visits.count > 1 ? 0 : 1, log1p(max(0, basket))]
  }

  /// The probability to come back in each week of a gap.
  ///
  /// - Throws: `CustomerValueError`, `LearningError`.
  public func hazard() throws -> DiscreteTimeHazardModel {
    try DiscreteTimeHazard(.init(periodLength: 7, maximumStretches: 10)).fit(
      data, covariates: Self.covariates, rows)
  }
}
