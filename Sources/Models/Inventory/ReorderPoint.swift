import Foundation
import MathKernels

/// The (r, Q) policy: when the stock on hand and on order falls to r, order Q.
///
/// ```swift
/// let item = ReorderPoint(
///   holdingCost: 0.225, stockoutCost: 7.5, fixedCost: 8, demandMean: 1300, demandDeviation: 150, leadTime: 1.0 / 12)
/// let plan = try item.expectedInventoryLevel()     // r 213.97, Q 318.59, cost 95.45
/// ```
/// Rates are in one unit of time: `holdingCost` of a unit, `demandMean` units with the standard deviation
/// `demandDeviation`, and `leadTime` in that unit. Sources: Hadley and Whitin (1963), Analysis of Inventory Systems;
/// Federgruen and Zheng (1992), https://doi.org/10.1287/opre.40.4.808; Snyder and Shen (2019), Fundamentals of Supply
/// Chain Theory, chapter 5, https://doi.org/10.1002/9781119584445
public struct ReorderPoint: Sendable, Equatable {
  /// What holding a unit costs in a unit of time.
  public var holdingCost: Double
  /// What a unit missing costs: once in `expectedInventoryLevel`, in a unit of time in the others.
  public var stockoutCost: Double
  /// What an order costs, however large.
  public var fixedCost: Double
  /// The mean demand in a unit of time.
  public var demandMean: Double
  /// Its standard deviation.
  public var demandDeviation: Double
  /// How long an order takes to arrive.
  public var leadTime: Double

  /// A problem of one item.
  public init(
    holdingCost: Double, stockoutCost: Double, fixedCost: Double, demandMean: Double, demandDeviation: Double,
    leadTime: Double
  ) {
    (self.holdingCost, self.stockoutCost, self.fixedCost) = (holdingCost, stockoutCost, fixedCost)
    (self.demandMean, self.demandDeviation, self.leadTime) = (demandMean, demandDeviation, leadTime)
  }

  /// A policy.
  public struct Plan: Sendable, Equatable {
    /// The stock on hand and on order at which to order.
    public var reorderPoint: Double
    /// How much to order.
    public var quantity: Double
    /// The expected cost in a unit of time; nil where the method gives none.
    public var cost: Double?
  }

  private var leadDemand: DemandDistribution {
    .normal(mean: demandMean * leadTime, deviation: demandDeviation * leadTime.squareRoot())
  }

  private var economic: Double { (2 * fixedCost * demandMean / holdingCost).squareRoot() }

  /// The policy of Hadley and Whitin, which takes the mean stock for r − the demand in the lead time + Q/2.
  ///
  /// - Complexity: O(1) a step, some ten steps.
  /// - Throws: `InventoryError`.
  public func expectedInventoryLevel() throws -> Plan {
    try validate()
    let demand = leadDemand
    var (quantity, point) = (economic, demand.mean)
    for _ in 0..<1000 {
      let before = (quantity, point)
      let share = holdingCost * quantity / (stockoutCost * demandMean)
      guard share < 1 else {
        throw InventoryError.invalidParameter(
          name: "stockoutCost", value: stockoutCost,
          expected: "more than what holding an order costs for each unit sold")
      }
      point = demand.quantile(1 - share)
      let shortage = demand.shortage(point)
      quantity = (2 * demandMean * (fixedCost + stockoutCost * shortage) / holdingCost).squareRoot()
      guard abs(quantity - before.0) + abs(point - before.1) < 1e-10 * (1 + quantity) else { continue }
      let cost =
        holdingCost * (point - demand.mean + quantity / 2) + fixedCost * demandMean / quantity
        + stockoutCost * demandMean * demand.shortage(point) / quantity
      return Plan(reorderPoint: point, quantity: quantity, cost: cost)
    }
    throw InventoryError.didNotConverge(method: "The expected-inventory-level approximation", steps: 1000)
  }

  /// The order quantity of a certain demand that may wait, and the best reorder point for it.
  ///
  /// - Complexity: O(1) a step, some fifty steps.
  /// - Throws: `InventoryError`.
  public func economicOrderWithBackorders() throws -> Plan {
    try validate()
    let quantity = try EconomicOrderQuantity(
      fixedCost: fixedCost, holdingCost: holdingCost, demandRate: demandMean
    ).optimum(backorderCost: stockoutCost).quantity
    return Plan(reorderPoint: reorderPoint(for: quantity), quantity: quantity, cost: nil)
  }

  /// The economic order quantity, and the lead time's demand with its newsvendor's safety stock.
  ///
  /// - Complexity: O(1).
  /// - Throws: `InventoryError`.
  public func economicOrderWithSafetyStock() throws -> Plan {
    try validate()
    let ratio = stockoutCost / (holdingCost + stockoutCost)
    return Plan(reorderPoint: leadDemand.quantile(ratio), quantity: economic, cost: nil)
  }

  /// The policy at which the derivatives of the exact cost vanish, with the loss functions of first and second order.
  ///
  /// - Complexity: O(1) a step, some hundred steps.
  /// - Throws: `InventoryError`.
  public func lossFunctions() throws -> Plan {
    try validate()
    let demand = leadDemand
    let (mean, deviation) = (demand.mean, demand.deviation)
    guard deviation > 0 else {
      throw InventoryError.invalidParameter(
        name: "demandDeviation", value: demandDeviation, expected: "a number above 0")
    }
    var (quantity, point) = (economic, mean)
    for _ in 0..<10_000 {
      let before = (quantity, point)
      let target = holdingCost * quantity / (holdingCost + stockoutCost)
      point = Self.bisect(mean - 10 * deviation - target, mean + 10 * deviation) {
        demand.shortage($0) - target
      }
      let z = (point - mean) / deviation
      let tail = (z * z + 1) * NormalDistribution.cumulative(-z) - z * NormalDistribution.density(z)
      let second = deviation * deviation * tail / 2
      quantity =
        (2 * (fixedCost * demandMean + (holdingCost + stockoutCost) * second) / holdingCost).squareRoot()
      if abs(quantity - before.0) + abs(point - before.1) < 1e-9 * (1 + quantity) {
        return Plan(reorderPoint: point, quantity: quantity, cost: nil)
      }
    }
    throw InventoryError.didNotConverge(method: "The loss-function approximation", steps: 10_000)
  }

  /// The reorder point at which r and r + Q cost the same, which is the best one for a given Q.
  private func reorderPoint(for quantity: Double) -> Double {
    let demand = leadDemand
    let cost = Newsvendor(overageCost: holdingCost, underageCost: stockoutCost)
    let best = demand.quantile(cost.criticalRatio)
    return Self.bisect(best - quantity, best) {
      cost.cost($0, demand) - cost.cost($0 + quantity, demand)
    }
  }

  /// Where a falling function crosses 0.
  private static func bisect(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Double {
    var (low, high) = (low, high)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if function(middle) > 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private func validate() throws {
    try InventoryError.requirePositive([
      "holdingCost": holdingCost, "stockoutCost": stockoutCost, "fixedCost": fixedCost,
      "demandMean": demandMean,
    ])
    try InventoryError.requireNonnegative(["demandDeviation": demandDeviation, "leadTime": leadTime])
  }

  /// The best policy for a Poisson demand, exactly; `demandDeviation` is not used.
  ///
  /// The cost of (r, Q) is the mean of the costs of the levels r + 1 to r + Q, so the best Q levels are the cheapest ones,
  /// added one by one around the best until the next would raise the mean (Federgruen and Zheng 1992).
  ///
  /// - Complexity: O(Q · (r + Q)).
  /// - Throws: `InventoryError`.
  public func exactPoisson() throws -> Plan {
    try validate()
    let demand = DemandDistribution.poisson(mean: demandMean * leadTime)
    try demand.validate()
    let cost = Newsvendor(overageCost: holdingCost, underageCost: stockoutCost)
    let level = { (stock: Int) in cost.cost(Double(stock), demand) }
    let best = Int(demand.quantile(cost.criticalRatio))
    var (low, high) = (best - 1, best)
    var total = level(best)
    var mean = fixedCost * demandMean + total
    for _ in 0..<1_000_000 {
      let (below, above) = (level(low), level(high + 1))
      let next = min(below, above)
      if next >= mean { break }
      if below <= above { low -= 1 } else { high += 1 }
      total += next
      mean = (fixedCost * demandMean + total) / Double(high - low)
    }
    return Plan(reorderPoint: Double(low), quantity: Double(high - low), cost: mean)
  }
}
