import Foundation

/// The order that balances the cost of ordering with that of holding stock, for a steady and certain demand.
///
/// ```swift
/// let order = EconomicOrderQuantity(fixedCost: 8, holdingCost: 0.225, demandRate: 1300)
/// let plan = try order.optimum()          // 304.05 units an order, 68.41 a year
/// ```
/// Costs are in one currency; `holdingCost` is for one unit through one unit of time, `demandRate` is in units in that
/// time. Sources: Harris (1913), reprinted in https://doi.org/10.1287/opre.38.6.947; Snyder and Shen (2019), Fundamentals
/// of Supply Chain Theory, chapter 3, https://doi.org/10.1002/9781119584445
///
/// - Complexity: O(1), and O(prices) with quantity discounts.
public struct EconomicOrderQuantity: Sendable, Equatable {
  /// What an order costs, however large.
  public var fixedCost: Double
  /// What holding a unit costs in a unit of time.
  public var holdingCost: Double
  /// How many units are wanted in a unit of time.
  public var demandRate: Double

  /// A problem of one item.
  public init(fixedCost: Double, holdingCost: Double, demandRate: Double) {
    (self.fixedCost, self.holdingCost, self.demandRate) = (fixedCost, holdingCost, demandRate)
  }

  /// What to order, and what that costs.
  public struct Plan: Sendable, Equatable {
    /// How many units an order has.
    public var quantity: Double
    /// What it costs in a unit of time: ordering, holding and waiting, and buying where prices were given.
    public var cost: Double
    /// The share of the demand that waits for the next order.
    public var backorderShare = 0.0
    /// Which price applies, counted from 0, where prices were given.
    public var priceIndex: Int?
  }

  /// The best order when no demand may wait.
  ///
  /// - Throws: `InventoryError` for a parameter that is not positive.
  public func optimum() throws -> Plan {
    try validate()
    return Plan(
      quantity: (2 * fixedCost * demandRate / holdingCost).squareRoot(),
      cost: (2 * fixedCost * demandRate * holdingCost).squareRoot())
  }

  /// The best order when demand may wait at a cost for each unit and unit of time.
  ///
  /// - Throws: `InventoryError` for a parameter that is not positive.
  public func optimum(backorderCost: Double) throws -> Plan {
    try validate()
    try InventoryError.requirePositive(["backorderCost": backorderCost])
    let both = holdingCost + backorderCost
    return Plan(
      quantity: (2 * fixedCost * demandRate * both / (holdingCost * backorderCost)).squareRoot(),
      cost: (2 * fixedCost * demandRate * holdingCost * backorderCost / both).squareRoot(),
      backorderShare: holdingCost / both)
  }

  /// What a unit costs from some quantity on.
  public struct PriceBreak: Sendable, Equatable {
    /// The least quantity of the price, 0 for the first one.
    public var quantity: Double
    /// What a unit costs.
    public var price: Double

    /// A price.
    public init(from quantity: Double, price: Double) { (self.quantity, self.price) = (quantity, price) }
  }

  /// How the price of a large order falls.
  public enum Discount: String, Sendable, CaseIterable {
    /// The lower price holds for all units of the order.
    case allUnits
    /// The lower price holds for the units beyond the break alone.
    case incremental
  }

  /// The best order under quantity discounts, buying included.
  ///
  /// `holdingCost` is then a rate: what holding costs in a unit of time as a share of the price.
  ///
  /// - Parameter prices: rising in quantity, falling in price, the first one from 0.
  /// - Throws: `InventoryError` where prices or parameters are out of order.
  public func optimum(prices: [PriceBreak], discount: Discount) throws -> Plan {
    try validate()
    try Self.validate(prices)
    var best: Plan?
    var saved = 0.0
    for (index, step) in prices.enumerated() {
      if discount == .incremental, index > 0 {
        saved += step.quantity * (prices[index - 1].price - step.price)
      }
      let holding = holdingCost * step.price
      let free = (2 * (fixedCost + saved) * demandRate / holding).squareRoot()
      let upper = index + 1 < prices.count ? prices[index + 1].quantity : Double.infinity
      // A quantity that the next price already applies to is beaten there.
      guard free < upper else { continue }
      if discount == .incremental, free < step.quantity { continue }
      let quantity = max(free, step.quantity)
      let cost =
        demandRate * step.price + (fixedCost + saved) * demandRate / quantity + holding * quantity / 2
        + holdingCost * saved / 2
      if cost < best?.cost ?? .infinity { best = Plan(quantity: quantity, cost: cost, priceIndex: index) }
    }
    guard let best else {
      throw InventoryError.didNotConverge(method: "Quantity discounts", steps: prices.count)
    }
    return best
  }

  private func validate() throws {
    try InventoryError.requirePositive([
      "fixedCost": fixedCost, "holdingCost": holdingCost, "demandRate": demandRate,
    ])
  }

  private static func validate(_ prices: [PriceBreak]) throws {
    guard let first = prices.first else { throw InventoryError.empty(name: "prices") }
    guard first.quantity == 0 else {
      throw InventoryError.invalidParameter(
        name: "prices[0].quantity", value: first.quantity, expected: "0, where the first price begins")
    }
    for (index, step) in prices.enumerated() {
      try InventoryError.requirePositive(["prices[\(index)].price": step.price])
      guard index > 0 else { continue }
      if step.quantity <= prices[index - 1].quantity {
        throw InventoryError.invalidParameter(
          name: "prices[\(index)].quantity", value: step.quantity, expected: "more than the break before")
      }
      if step.price >= prices[index - 1].price {
        throw InventoryError.invalidParameter(
          name: "prices[\(index)].price", value: step.price, expected: "less than the price before")
      }
    }
  }
}
