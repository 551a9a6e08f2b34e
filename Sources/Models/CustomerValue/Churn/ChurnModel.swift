import Foundation
import Learning
import MathKernels

/// The calibrated probability that a customer leaves, with what speaks for and against it.
public struct ChurnModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// What the search on held-out rows chose.
  public struct Choice: Sendable, Codable, Equatable {
    /// The penalty of the logistic regression.
    public var regularization: Double?
    /// The depth of the trees.
    public var maxDepth: Int?
    /// How many trees an ensemble has.
    public var rounds: Int?
    /// In how many folds rows were held out.
    public var folds: Int
    /// The log loss of each setting on held-out rows, before calibration.
    public var logLosses: [String: Double]
    /// The log loss of what was chosen on held-out rows, calibrated.
    public var logLoss: Double
  }

  /// One column's part in a risk.
  public struct Driver: Sendable, Equatable {
    /// The column.
    public var column: String
    /// The customer's value.
    public var value: ChurnTable.Value
    /// What it adds to the log-odds, compared with an average customer.
    public var contribution: Double
  }

  /// A risk taken apart.
  public struct Reasons: Sendable, Equatable {
    /// The log-odds before anything is known of the customer.
    public var base: Double
    /// The columns' parts, the largest first; with `base` they add up to the log-odds of the risk.
    public var drivers: [Driver]

    /// The log-odds of the risk.
    public var logOdds: Double { drivers.reduce(base) { $0 + $1.contribution } }
    /// The risk.
    public var risk: Double { SpecialFunctions.logistic(logOdds) }
  }

  /// The family.
  public let family: ChurnClassifier.Family
  /// How columns become features.
  public let encoding: ChurnEncoding
  /// The logistic regression; nil when trees alone were best.
  public let linear: PenalizedLogisticRegressionModel?
  /// Ensembles of trees that differ in their seed; empty when the logistic regression alone was best.
  public let ensembles: [GradientBoostingModel]
  /// The weight of the trees' log-odds; the rest is that of the regression.
  public let boostingShare: Double
  /// The curve from log-odds to probabilities.
  public let calibration: PlattScaling
  /// The share that left among the rows learned from.
  public let baseRate: Double
  /// What the search chose.
  public let choice: Choice
  /// The risk of each row learned from, in their order, by models that had not seen it, calibrated.
  public private(set) var validation: [Double]

  /// The same without the risks of the rows learned from.
  public var withoutValidation: ChurnModel {
    var copy = self
    copy.validation = []
    return copy
  }

  /// The log-odds before calibration.
  private func margins(_ table: ChurnTable) throws -> [Double] {
    var result = [Double](repeating: 0, count: table.count)
    if let linear {
      let rows = try encoding.linear(table)
      for row in result.indices { result[row] += (1 - boostingShare) * linear.margin(rows.row(row)) }
    }
    if !ensembles.isEmpty {
      let rows = try encoding.trees(table)
      let share = boostingShare / Double(ensembles.count)
      for ensemble in ensembles {
        for (row, margin) in try ensemble.margins(rows).enumerated() { result[row] += share * Double(margin) }
      }
    }
    return result
  }

  /// The probability of each customer to leave.
  ///
  /// - Complexity: O(customers · (features + ensembles · rounds · depth)).
  /// - Throws: `CustomerValueError.table` when the columns are not those that were learned from.
  public func risks(_ table: ChurnTable) throws -> [Double] { try margins(table).map { calibration($0) } }

  /// What each column adds to the log-odds of each customer's risk.
  ///
  /// Trees are taken apart by their exact Shapley values (as `GradientBoostingModel.contributions`), the sum by its terms compared with
  /// their means; the parts of a column's features are added up. Calibration stretches all parts alike, so that they add up to the
  /// calibrated log-odds, within the precision of `Float`.
  ///
  /// - Complexity: O(customers · ensembles · rounds · leaves · depth²).
  /// - Throws: `CustomerValueError.table` when the columns are not those that were learned from.
  public func explain(_ table: ChurnTable) throws -> [Reasons] {
    let width = encoding.columns.count
    var parts = Matrix<Double>(rows: table.count, columns: width)
    var bases = [Double](repeating: -calibration.offset, count: table.count)
    if let linear {
      let (rows, factor) = (try encoding.linear(table), -calibration.slope * (1 - boostingShare))
      for row in 0..<table.count {
        bases[row] += factor * linear.base
        for (feature, part) in linear.contributions(rows.row(row)).enumerated() {
          parts[row, encoding.linearSources[feature]] += factor * part
        }
      }
    }
    let rows = try encoding.trees(table)
    for ensemble in ensembles {
      let factor = -calibration.slope * boostingShare / Double(ensembles.count)
      for (row, found) in try ensemble.contributions(rows).enumerated() {
        bases[row] += factor * found.base
        for (feature, part) in found.contributions.enumerated() {
          parts[row, encoding.treeSources[feature]] += factor * part
        }
      }
    }
    let places = encoding.columns.map { column in table.columns.firstIndex { $0.name == column.name } ?? 0 }
    return (0..<table.count).map { row in
      let drivers = (0..<width).map { column in
        Driver(
          column: encoding.columns[column].name, value: table.columns[places[column]][row],
          contribution: parts[row, column])
      }
      return Reasons(
        base: bases[row], drivers: drivers.sorted { abs($0.contribution) > abs($1.contribution) })
    }
  }

  /// How much each column moves risks: the mean size of its part in the log-odds, the largest first.
  ///
  /// - Throws: as `explain`.
  public func importance(_ table: ChurnTable) throws -> [(column: String, weight: Double)] {
    let reasons = try explain(table)
    var sums: [String: Double] = [:]
    for reason in reasons {
      for driver in reason.drivers { sums[driver.column, default: 0] += abs(driver.contribution) }
    }
    let count = Double(max(1, reasons.count))
    return sums.map { ($0.key, $0.value / count) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }
}
