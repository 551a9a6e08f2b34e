/// The base-stock policy: order at every review as much as was sold since the last one.
///
/// ```swift
/// let policy = BaseStock(holdingCost: 0.18, stockoutCost: 0.70)
/// let plan = try policy.optimum(.normal(mean: 50, deviation: 8), leadTime: 4)   // up to 264.77
/// ```
/// Without a cost of ordering it is the best policy there is. Source: Snyder and Shen (2019), Fundamentals of Supply
/// Chain Theory, section 4.3, https://doi.org/10.1002/9781119584445
///
/// - Complexity: that of `Newsvendor`.
public struct BaseStock: Sendable, Equatable {
  /// What holding a unit from one review to the next costs.
  public var holdingCost: Double
  /// What a unit that waits from one review to the next costs.
  public var stockoutCost: Double

  /// A problem of one item.
  public init(holdingCost: Double, stockoutCost: Double) {
    (self.holdingCost, self.stockoutCost) = (holdingCost, stockoutCost)
  }

  /// The level to order up to, and its expected cost between two reviews.
  ///
  /// - Parameters:
  ///   - demand: the demand between two reviews.
  ///   - leadTime: how many times as long an order takes.
  /// - Throws: `InventoryError`.
  public func optimum(_ demand: DemandDistribution, leadTime: Double = 0) throws -> Newsvendor.Plan {
    try Newsvendor(overageCost: holdingCost, underageCost: stockoutCost).optimum(demand, leadTime: leadTime)
  }
}
