import Inventory
import MathKernels
import Testing

@Suite struct InventorySimulatorTests {
  private let costs = InventorySimulator.Costs(holding: 1, shortage: 10, order: 5, waste: 3)

  @Test("a short replay by hand comes to the same cost")
  func byHand() throws {
    let simulator = InventorySimulator(costs: costs, terms: SupplyTerms(leadTime: 1, packSize: 4))
    // Period 0: 5 on hand, position 5 ≤ 5, orders 5 → 8; 3 sold, 2 left. Period 1: 8 arrive, 10 on hand; 12 wanted,
    // 10 sold. Period 2: position 0, orders 10 → 12; 2 wanted, none sold. Period 3: 12 arrive, position 12; 1 sold.
    let outcome = try simulator.run(
      demand: [3, 12, 2, 1], policy: OrderUpToPolicy(reorderPoint: 5, orderUpTo: 10), initialStock: 5)
    #expect(outcome.stock == [2, 0, 0, 11] && outcome.arrivals == [0, 8, 0, 12])
    #expect(outcome.orders == 2 && outcome.ordered == 20 && outcome.stockouts == 2)
    #expect(outcome.holdingCost == 13 && outcome.shortageCost == 40 && outcome.orderCost == 10)
    #expect(outcome.cost == 63 && outcome.fillRate == 14.0 / 18)
  }

  @Test("demand that waits is served first when stock arrives")
  func backorders() throws {
    let simulator = InventorySimulator(costs: costs, terms: SupplyTerms(leadTime: 1), backorders: true)
    let outcome = try simulator.run(
      demand: [4, 1, 0], policy: OrderUpToPolicy(reorderPoint: 0, orderUpTo: 0), initialStock: 1)
    // 3 wait after the first period; they are ordered in the second, one more waits, and both lots come a period later.
    #expect(outcome.shortageCost == 10 * (3 + 4 + 1) && outcome.served == 1)
    #expect(outcome.ordered == 4 && outcome.stock == [0, 0, 0])
  }

  @Test("units are thrown away at the end of their shelf life, the oldest first")
  func waste() throws {
    let simulator = InventorySimulator(costs: costs, terms: SupplyTerms(shelfLife: 2))
    let outcome = try simulator.run(
      demand: [1, 1, 1], policy: TargetLevelPolicy(levels: [.nan, 6, .nan]), initialStock: 5)
    // 4 of 5 are left, 2 more come, one old is sold, 3 old go; one of the 2 is sold, one goes.
    #expect(outcome.waste == 4 && outcome.stock == [4, 2, 0] && outcome.wasteCost == 12)
  }

  @Test("orders keep to minimum and packs")
  func supplyTerms() {
    let terms = SupplyTerms(minimumOrder: 10, packSize: 6)
    #expect([0, -3, 1, 12, 12.1, 13].map { terms.roundedUp($0) } == [0, 0, 12, 12, 18, 18])
  }

  @Test("units are neither made nor lost", arguments: 0..<20)
  func conservation(_ seed: Int) throws {
    var random = RandomSource(seed: UInt64(seed))
    let demand = (0..<120).map { _ in Double(random.index(below: 12)) }
    let simulator = InventorySimulator(
      costs: costs,
      terms: SupplyTerms(
        leadTime: 2, leadTimeDeviation: 1, minimumOrder: 5, packSize: 3, shelfLife: seed % 2 == 0 ? 4 : nil))
    let policy = TrailingAveragePolicy(window: 4, cover: 4)
    let outcome = try simulator.run(
      demand: demand, policy: policy, history: [6, 6], initialStock: 20, seed: UInt64(seed))
    let arrived = outcome.arrivals.reduce(0, +)
    #expect(abs(20 + arrived - outcome.served - outcome.waste - (outcome.stock.last ?? 0)) < 1e-9)
    #expect(arrived <= outcome.ordered && outcome.served <= outcome.demand)
    let again = try simulator.run(
      demand: demand, policy: policy, history: [6, 6], initialStock: 20, seed: UInt64(seed))
    #expect(again == outcome)
    let other = try simulator.run(
      demand: demand, policy: policy, history: [6, 6], initialStock: 20, seed: UInt64(seed) + 1000)
    #expect(other.arrivals != outcome.arrivals)
  }

  @Test("more reorder stock never serves less")
  func monotone() throws {
    var random = RandomSource(seed: 5)
    let demand = (0..<300).map { _ in Double(random.index(below: 10)) }
    let simulator = InventorySimulator(costs: costs, terms: SupplyTerms(leadTime: 2), backorders: true)
    var last = -1.0
    for point in stride(from: 0.0, through: 40, by: 5) {
      let policy = ReorderPointPolicy(reorderPoint: point, orderQuantity: 20)
      let rate = try simulator.run(demand: demand, policy: policy, initialStock: 60).fillRate
      #expect(rate >= last - 0.02)
      last = rate
    }
    #expect(last == 1)
  }

  @Test("no demand costs no shortage, and bad numbers are refused")
  func edges() throws {
    let simulator = InventorySimulator(costs: costs)
    let policy = TrailingAveragePolicy(cover: 2)
    let empty = try simulator.run(demand: [], policy: policy)
    #expect(empty.fillRate == 1 && empty.cost == 0)
    #expect(throws: InventoryError.self) { try simulator.run(demand: [1, -1], policy: policy) }
    #expect(throws: InventoryError.self) { try simulator.run(demand: [.nan], policy: policy) }
    #expect(throws: InventoryError.self) {
      try InventorySimulator(costs: costs, terms: SupplyTerms(packSize: 0)).run(demand: [1], policy: policy)
    }
  }
}
