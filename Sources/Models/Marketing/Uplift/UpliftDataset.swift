import Foundation
import Learning

/// Customers with what was known of them before, whether they were treated, and what they did after.
public struct UpliftDataset: Sendable {
  /// What was known of each customer before.
  public var features: FeatureMatrix
  /// Whether each customer was treated.
  public var treated: [Bool]
  /// What each customer did after: 0 or 1, or an amount.
  public var outcomes: [Double]
  /// The probability of each customer to be treated; nil where it was the same for all.
  public var propensities: [Double]?

  /// Customers, a row for each.
  public init(features: FeatureMatrix, treated: [Bool], outcomes: [Double], propensities: [Double]? = nil) {
    (self.features, self.treated, self.outcomes) = (features, treated, outcomes)
    self.propensities = propensities
  }

  /// Whether all outcomes are 0 or 1.
  public var isBinary: Bool { outcomes.allSatisfy { $0 == 0 || $0 == 1 } }
  /// The share of customers treated.
  public var treatedShare: Double { Double(treated.count { $0 }) / Double(max(1, treated.count)) }

  /// The customers of some rows, in that order.
  public func rows(_ rows: [Int]) -> UpliftDataset {
    UpliftDataset(
      features: features.rows(rows), treated: rows.map { treated[$0] }, outcomes: rows.map { outcomes[$0] },
      propensities: propensities.map { all in rows.map { all[$0] } })
  }

  /// The rows of one arm.
  func arm(_ isTreated: Bool) -> [Int] { treated.indices.filter { treated[$0] == isTreated } }

  /// The probability of a customer to be treated, kept away from 0 and 1.
  func propensity(_ row: Int) -> Double { min(max(propensities?[row] ?? treatedShare, 0.01), 0.99) }

  /// The least number of customers that each arm must have.
  static let leastInArm = 10

  func validate() throws {
    let count = features.rowCount
    guard treated.count == count, outcomes.count == count, propensities?.count ?? count == count else {
      throw MarketingError.shapeMismatch(
        expected: "\(count) treatments and outcomes, one a row",
        found: "\(treated.count) and \(outcomes.count)")
    }
    guard outcomes.allSatisfy(\.isFinite), features.values.allSatisfy({ !$0.isInfinite }) else {
      throw MarketingError.shapeMismatch(expected: "finite outcomes and features", found: "infinite ones")
    }
    let with = treated.count { $0 }
    guard min(with, count - with) >= Self.leastInArm else {
      throw MarketingError.notEnoughData(
        needed: "\(Self.leastInArm) customers in each arm", found: "\(with) treated, \(count - with) held out"
      )
    }
  }
}

extension FeatureMatrix {
  /// The rows of these numbers, in that order.
  func rows(_ rows: [Int]) -> FeatureMatrix {
    var part = FeatureMatrix(names: names)
    part.reserveRows(rows.count)
    for row in rows { part.append(self.row(row)) }
    return part
  }
}

/// Foretells for a customer how much a treatment changes what they do.
public protocol UpliftModel: FittedModel {
  /// The effect on each row, in the outcome's units.
  ///
  /// - Throws: `LearningError` or `MarketingError` when the columns are not those it learned from.
  func uplift(_ table: FeatureMatrix) throws -> [Double]
}

/// Learns from customers who were and were not treated how much the treatment changes for each.
public protocol UpliftLearner: Estimator where Dataset == UpliftDataset, Model: UpliftModel {
  /// Its name in the literature.
  static var name: String { get }
}
