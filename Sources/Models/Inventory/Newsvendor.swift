/// The stock for one selling period, weighing what is left over against what is missing.
///
/// ```swift
/// let paper = Newsvendor(overageCost: 0.18, underageCost: 0.70)
/// let plan = try paper.optimum(.normal(mean: 50, deviation: 8))   // 56.60 papers, cost 2.00
/// ```
/// Sources: Arrow, Harris and Marschak (1951), https://doi.org/10.2307/1906813; Snyder and Shen (2019), Fundamentals of
/// Supply Chain Theory, chapter 4, https://doi.org/10.1002/9781119584445
///
/// - Complexity: O(1) for a normal demand, O(quantile) for Poisson, O(n log n) for n empirical values.
public struct Newsvendor: Sendable, Equatable {
  /// What a unit left over costs.
  public var overageCost: Double
  /// What a unit missing costs.
  public var underageCost: Double

  /// A problem of one item.
  public init(overageCost: Double, underageCost: Double) {
    (self.overageCost, self.underageCost) = (overageCost, underageCost)
  }

  /// A level of stock.
  public struct Plan: Sendable, Equatable {
    /// The stock to start with.
    public var stock: Double
    /// Its expected cost.
    public var cost: Double
  }

  /// The probability that demand is served at the best stock.
  public var criticalRatio: Double { underageCost / (overageCost + underageCost) }

  /// The best stock.
  ///
  /// - Parameter leadTime: how many further periods pass before an order arrives, with the same demand in each.
  /// - Throws: `InventoryError` for a parameter out of range.
  public func optimum(_ demand: DemandDistribution, leadTime: Double = 0) throws -> Plan {
    try InventoryError.requirePositive(["overageCost": overageCost, "underageCost": underageCost])
    try InventoryError.requireNonnegative(["leadTime": leadTime])
    try demand.validate()
    let whole = leadTime > 0 ? demand.over(leadTime + 1) : demand
    let stock = whole.quantile(criticalRatio)
    return Plan(stock: stock, cost: cost(stock, whole))
  }

  /// The expected cost of a stock.
  public func cost(_ stock: Double, _ demand: DemandDistribution) -> Double {
    overageCost * demand.surplus(stock) + underageCost * demand.shortage(stock)
  }
}
