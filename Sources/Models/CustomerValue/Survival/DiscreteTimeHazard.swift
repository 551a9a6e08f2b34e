import Foundation
import Learning
import MathKernels

/// The probability to leave in each stretch of time, given that one is still there: a logistic regression on stretches.
///
/// ```swift
/// let model = try DiscreteTimeHazard(.init(periodLength: 1, maximumStretches: 8)).fit(
///   data, covariates: ["discounted"], Matrix(rows: 4, columns: 1, [0, 1, 1, 0]))
/// model.hazard(inPeriod: 3, [1])              // of those who have stayed three periods, the share that leaves in the next
/// model.risk(of: [1], age: 3, within: 6)      // of leaving within six units of time
/// ```
/// Time is cut into periods of equal length; a customer has a row for each period lived. Periods are joined into stretches of
/// about as many departures each, and each stretch has a level of its own, so the hazard may rise and fall with age as it likes.
/// Source: Singer and Willett (1993), https://doi.org/10.3102/10769986018002155. Unlike there, coefficients have a
/// ridge penalty.
///
/// - Complexity: O(customers · periods · (covariates + stretches)²) a Newton step.
public struct DiscreteTimeHazard: Sendable, Equatable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The length of a period, in the unit of the durations.
    public var periodLength: Double
    /// The most stretches of age with a level of their own.
    public var maximumStretches: Int
    /// The penalty on squared coefficients.
    public var regularization: Double

    /// Settings.
    public init(periodLength: Double = 1, maximumStretches: Int = 12, regularization: Double = 1) {
      self.periodLength = periodLength
      self.maximumStretches = maximumStretches
      self.regularization = regularization
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// A model with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns levels and coefficients, on the caller's thread.
  ///
  /// Who goes out of sight in the middle of a period counts for the periods lived in full.
  /// - Throws: `CustomerValueError` for covariates or settings that do not fit, `LearningError.didNotConverge`.
  public func fit(
    _ data: SurvivalData, covariates names: [String], _ covariates: Matrix<Double>
  ) throws -> DiscreteTimeHazardModel {
    try validate(data, names, covariates)
    let length = configuration.periodLength
    // Who left within the period k, from k·length to (k + 1)·length, has lived k periods before it.
    let lived = data.durations.map { Int(($0 / length).rounded(.down)) }
    let starts = stretches(lived, data)
    var (features, labels, weights) = ([Double](), [Double](), [Double]())
    for customer in 0..<data.count {
      let last = data.events[customer] ? lived[customer] : lived[customer] - 1
      guard last >= 0 else { continue }
      // The rows of one stretch without a departure differ in nothing: they are one row with their number as weight.
      for (place, start) in starts.enumerated() where start <= last {
        let end = min(place + 1 < starts.count ? starts[place + 1] - 1 : last, last)
        let isLast = data.events[customer] && end == last
        let quiet = end - start + 1 - (isLast ? 1 : 0)
        for (label, times) in [(0.0, quiet), (1.0, isLast ? 1 : 0)] where times > 0 {
          features += starts.indices.map { $0 == place ? 1 : 0 } + covariates.row(customer)
          labels.append(label)
          weights.append(data.weights[customer] * Double(times))
        }
      }
    }
    guard labels.contains(1) else {
      throw CustomerValueError.notEnoughData(needed: "a customer who left", found: "none")
    }
    let columns = starts.map { "age_\($0)" } + names
    let learned = try PenalizedLogisticRegression(.init(regularization: configuration.regularization)).fit(
      .init(
        names: columns, features: Matrix(rows: labels.count, columns: columns.count, features),
        labels: labels, weights: weights))
    return DiscreteTimeHazardModel(
      names: names, periodLength: length, starts: starts,
      levels: starts.indices.map { learned.intercept + learned.coefficients[$0] },
      coefficients: Array(learned.coefficients[starts.count...]), count: data.count,
      eventCount: data.events.count { $0 })
  }

  /// The first periods of stretches with about as many departures each.
  private func stretches(_ lived: [Int], _ data: SurvivalData) -> [Int] {
    let departures = data.events.indices.filter { data.events[$0] }.map { lived[$0] }.sorted()
    guard !departures.isEmpty else { return [0] }
    var starts = [0]
    for part in 1..<max(2, configuration.maximumStretches) {
      let start = departures[
        min(departures.count - 1, part * departures.count / configuration.maximumStretches)]
      if start > (starts.last ?? 0) { starts.append(start) }
    }
    return starts
  }

  private func validate(_ data: SurvivalData, _ names: [String], _ covariates: Matrix<Double>) throws {
    guard configuration.periodLength > 0, configuration.periodLength.isFinite else {
      throw CustomerValueError.invalidParameter(
        name: "periodLength", value: "\(configuration.periodLength)", expected: "a number above 0")
    }
    guard configuration.maximumStretches > 0 else {
      throw CustomerValueError.invalidParameter(
        name: "maximumStretches", value: "\(configuration.maximumStretches)", expected: "at least 1")
    }
    guard covariates.rows == data.count, covariates.columns == names.count,
      covariates.elements.allSatisfy(\.isFinite)
    else {
      throw CustomerValueError.covariates(
        expected: "\(data.count) rows of \(names.count) finite numbers",
        found: "\(covariates.rows) rows of \(covariates.columns)")
    }
  }
}

/// The probability to leave in each period, learned.
public struct DiscreteTimeHazardModel: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The covariates' names.
  public let names: [String]
  /// The length of a period.
  public let periodLength: Double
  /// The first period of each stretch of age.
  public let starts: [Int]
  /// The log-odds to leave in a period of each stretch, with all covariates at zero.
  public let levels: [Double]
  /// What a unit of each covariate adds to these log-odds.
  public let coefficients: [Double]
  /// How many customers it was learned from.
  public let count: Int
  /// How many of them left.
  public let eventCount: Int

  /// The probability to leave within a period, counted from 0, of who is there at its beginning.
  public func hazard(inPeriod period: Int, _ row: some Collection<Double>) -> Double {
    precondition(row.count == names.count, "a row has \(names.count) covariates")
    let stretch = (starts.lastIndex { $0 <= period } ?? 0)
    return SpecialFunctions.logistic(
      zip(coefficients, row).reduce(levels[stretch]) { $0 + $1.0 * $1.1 })
  }

  /// The probability to stay longer than so many periods.
  ///
  /// - Complexity: O(periods · covariates).
  public func survival(afterPeriods periods: Int, _ row: some Collection<Double>) -> Double {
    (0..<max(0, periods)).reduce(1) { $0 * (1 - hazard(inPeriod: $1, row)) }
  }

  /// The probability of a customer of age `age` to leave within `horizon`, both in the unit of the durations and taken as whole
  /// periods.
  public func risk(of row: some Collection<Double>, age: Double, within horizon: Double) -> Double {
    let first = Int((age / periodLength).rounded(.down))
    let periods = max(1, Int((horizon / periodLength).rounded()))
    return 1 - (first..<first + periods).reduce(1) { $0 * (1 - hazard(inPeriod: $1, row)) }
  }
}
