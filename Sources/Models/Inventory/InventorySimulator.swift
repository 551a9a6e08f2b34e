import MathKernels

/// Replays a demand against a policy: what it costs, what it serves, and what it throws away.
///
/// In each period the orders due arrive, the policy orders, the demand is served from the oldest units, units at the end
/// of their shelf life are thrown away, and what is left is paid for.
///
/// ```swift
/// let simulator = InventorySimulator(
///   costs: .init(holding: 0.1, shortage: 5, order: 20, waste: 2), terms: SupplyTerms(leadTime: 2, packSize: 6))
/// let outcome = try simulator.run(
///   demand: [3, 5, 4, 6, 2, 7], policy: OrderUpToPolicy(reorderPoint: 12, orderUpTo: 24), initialStock: 18)
/// print(outcome.cost, outcome.fillRate)
/// ```
/// - Complexity: O(periods · orders that lie on the shelf).
public struct InventorySimulator: Sendable, Equatable {
  /// What is paid for.
  public struct Costs: Sendable, Codable, Equatable {
    /// For a unit on the shelf at the end of a period.
    public var holding: Double
    /// For a unit that was missing: once where demand is lost, for each period that it waits where not.
    public var shortage: Double
    /// For an order, however large.
    public var order: Double
    /// For a unit thrown away.
    public var waste: Double

    /// Costs in one currency.
    public init(holding: Double, shortage: Double, order: Double = 0, waste: Double = 0) {
      (self.holding, self.shortage, self.order, self.waste) = (holding, shortage, order, waste)
    }
  }

  /// What is paid for.
  public var costs: Costs
  /// The supplier's terms.
  public var terms: SupplyTerms
  /// Whether demand that finds no stock waits rather than being lost.
  public var backorders: Bool

  /// A simulator of one item.
  public init(costs: Costs, terms: SupplyTerms = SupplyTerms(), backorders: Bool = false) {
    (self.costs, self.terms, self.backorders) = (costs, terms, backorders)
  }

  /// What a replay came to.
  public struct Outcome: Sendable, Equatable {
    /// All costs together.
    public var cost: Double { holdingCost + shortageCost + orderCost + wasteCost }
    /// What the stock on the shelf cost.
    public var holdingCost = 0.0
    /// What the missing units cost.
    public var shortageCost = 0.0
    /// What the orders cost.
    public var orderCost = 0.0
    /// What the units thrown away cost.
    public var wasteCost = 0.0
    /// The demand of all periods.
    public var demand = 0.0
    /// The demand that was served in its own period.
    public var served = 0.0
    /// The share of the demand that was served in its own period; 1 where there was none.
    public var fillRate: Double { demand > 0 ? served / demand : 1 }
    /// In how many periods some demand found no stock.
    public var stockouts = 0
    /// The units thrown away.
    public var waste = 0.0
    /// How many orders were placed.
    public var orders = 0
    /// The units ordered.
    public var ordered = 0.0
    /// The units on the shelf at the end of each period.
    public var stock: [Double] = []
    /// The units that arrived in each period.
    public var arrivals: [Double] = []
  }

  /// Replays a demand.
  ///
  /// - Parameters:
  ///   - demand: how much is asked for in each period, oldest first.
  ///   - history: the demand before the first period, which policies may look at.
  ///   - initialStock: the fresh units on the shelf before the first period.
  ///   - seed: draws the lead times where they vary.
  /// - Throws: `InventoryError` for a demand or a term that is not a number of at least 0.
  public func run(
    demand: [Double], policy: some ReplenishmentPolicy, history: [Double] = [], initialStock: Double = 0,
    seed: UInt64 = 42
  ) throws -> Outcome {
    try validate(demand + history + [initialStock])
    var shelf = Shelf(shelfLife: terms.shelfLife, initial: initialStock)
    var due: [(period: Int, quantity: Double)] = []
    var (outcome, waiting, past) = (Outcome(), 0.0, history)
    var random = RandomSource(seed: seed)
    for (period, wanted) in demand.enumerated() {
      let arrived = Self.arrive(&due, period, &shelf)
      let state = StockState(
        period: period, onHand: shelf.total, onOrder: due.reduce(0) { $0 + $1.quantity }, backorders: waiting,
        pastDemand: past)
      let quantity = terms.roundedUp(policy.quantity(state))
      if quantity > 0 {
        due.append((period + leadTime(&random), quantity))
        outcome.orders += 1
        outcome.ordered += quantity
        outcome.orderCost += costs.order
      }
      outcome.arrivals.append(arrived + Self.arrive(&due, period, &shelf))
      waiting -= shelf.take(waiting)
      let served = shelf.take(wanted)
      past.append(wanted)
      outcome.demand += wanted
      outcome.served += served
      if served < wanted - 1e-9 { outcome.stockouts += 1 }
      if backorders { waiting += wanted - served }
      outcome.shortageCost += costs.shortage * (backorders ? waiting : wanted - served)
      let wasted = shelf.age(period)
      outcome.waste += wasted
      outcome.wasteCost += costs.waste * wasted
      outcome.holdingCost += costs.holding * shelf.total
      outcome.stock.append(shelf.total)
    }
    return outcome
  }

  private static func arrive(
    _ due: inout [(period: Int, quantity: Double)], _ period: Int, _ shelf: inout Shelf
  ) -> Double {
    let arrived = due.reduce(0) { $0 + ($1.period <= period ? $1.quantity : 0) }
    due.removeAll { $0.period <= period }
    shelf.put(arrived, period)
    return arrived
  }

  private func leadTime(_ random: inout RandomSource) -> Int {
    guard terms.leadTimeDeviation > 0 else { return terms.leadTime }
    return max(0, Int((Double(terms.leadTime) + terms.leadTimeDeviation * random.normal()).rounded()))
  }

  private func validate(_ quantities: [Double]) throws {
    try terms.validate()
    try InventoryError.requireNonnegative([
      "holding": costs.holding, "shortage": costs.shortage, "order": costs.order, "waste": costs.waste,
    ])
    for value in quantities { try InventoryError.requireNonnegative(["demand or stock": value]) }
  }
}

/// The units on a shelf, the oldest in front.
private struct Shelf {
  let shelfLife: Int?
  private var lots: [(arrival: Int, quantity: Double)] = []

  init(shelfLife: Int?, initial: Double) {
    self.shelfLife = shelfLife
    put(initial, 0)
  }

  var total: Double { lots.reduce(0) { $0 + $1.quantity } }

  mutating func put(_ quantity: Double, _ period: Int) {
    if quantity > 0 { lots.append((period, quantity)) }
  }

  /// Takes up to a quantity, the oldest first; how much there was.
  mutating func take(_ quantity: Double) -> Double {
    var left = quantity
    while left > 0, let lot = lots.first {
      let taken = min(left, lot.quantity)
      left -= taken
      lots[0].quantity -= taken
      if lots[0].quantity <= 1e-12 { lots.removeFirst() }
    }
    return quantity - left
  }

  /// Throws away at the end of a period what does not keep until the next; how much.
  mutating func age(_ period: Int) -> Double {
    guard let shelfLife else { return 0 }
    let old = lots.reduce(0) { $0 + (period + 1 - $1.arrival >= shelfLife ? $1.quantity : 0) }
    lots.removeAll { period + 1 - $0.arrival >= shelfLife }
    return old
  }
}
