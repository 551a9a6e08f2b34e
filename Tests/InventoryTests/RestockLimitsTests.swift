import Inventory
import MathKernels
import Testing

@Suite struct RestockLimitsTests {
  /// Items drawn at random, with the room a unit takes.
  private static func items(_ count: Int, seed: UInt64) -> (items: [RestockPlan.Item], volumes: [Double]) {
    var random = RandomSource(seed: seed)
    let items = (0..<count).map { index in
      RestockPlan.Item(
        id: "i\(index)", demand: .poisson(mean: 2 + 4 * random.uniform()),
        position: Double(random.index(below: 3)),
        unitCost: 1 + 4 * random.uniform(), shortageCost: 1 + 5 * random.uniform(), surplusCost: 0.5)
    }
    return (items, (0..<count).map { _ in 0.5 + 3 * random.uniform() })
  }

  /// The best benefit within both limits, by trying every combination.
  private static func best(
    _ items: [RestockPlan.Item], _ volumes: [Double], budget: Double, storage: Double
  ) -> Double {
    func cost(_ item: RestockPlan.Item, _ stock: Double) -> Double {
      item.surplusCost * item.demand.surplus(stock) + item.shortageCost * item.demand.shortage(stock)
    }
    func search(_ index: Int, _ money: Double, _ room: Double) -> Double {
      guard index < items.count else { return 0 }
      let item = items[index]
      var (most, quantity) = (0.0, 0.0)
      while quantity * item.unitCost <= money + 1e-9, quantity * volumes[index] <= room + 1e-9, quantity <= 15
      {
        let saved = cost(item, item.position) - cost(item, item.position + quantity)
        most = max(
          most,
          saved
            + search(index + 1, money - quantity * item.unitCost, room - quantity * volumes[index]))
        quantity += 1
      }
      return most
    }
    return search(0, budget, storage)
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func isCloseToTheBestOfAllPlansAndNeverBeyondItsBound(seed: UInt64) throws {
    let (items, volumes) = Self.items(4, seed: seed)
    for (budget, storage) in [(15.0, 12.0), (40, 8), (8, 40), (100, 100)] {
      let plan = try RestockPlan.make(items, budget: budget, volumes: volumes, storage: storage)
      let best = Self.best(items, volumes, budget: budget, storage: storage)
      #expect(plan.spent <= budget + 1e-6)
      let room = zip(plan.lines, volumes).reduce(0) { $0 + $1.0.quantity * $1.1 }
      #expect(room <= storage + 1e-6)
      #expect(plan.benefit <= best + 1e-6 && best <= plan.bound + 1e-6)
      #expect(plan.benefit >= 0.85 * best, "\(plan.benefit) of \(best)")
      #expect(best - plan.benefit <= plan.gap * plan.bound + 1e-6)
    }
  }

  @Test func ofManyItemsTheGapIsSmall() throws {
    let (items, volumes) = Self.items(200, seed: 9)
    let plan = try RestockPlan.make(items, budget: 900, volumes: volumes, storage: 500)
    #expect(plan.gap < 0.01, "\(plan.gap)")
  }

  @Test func withoutABudgetRoomAloneLimits() throws {
    let (items, volumes) = Self.items(50, seed: 3)
    let free = try RestockPlan.make(items)
    let wide = try RestockPlan.make(items, volumes: volumes, storage: 1e9)
    #expect(wide.lines.map(\.quantity) == free.lines.map(\.quantity))
    let none = try RestockPlan.make(items, volumes: volumes, storage: 0)
    #expect(none.lines.allSatisfy { $0.quantity == 0 })
  }

  /// The first units of every item are sure to sell, so that at one price of room all are worth it and at the next none.
  @Test func equalItemsShareTheRoom() throws {
    let items = (0..<40).map { index in
      RestockPlan.Item(
        id: "i\(index)", demand: .empirical([60, 70, 80]), position: 0, unitCost: 2, shortageCost: 1,
        surplusCost: 0.1)
    }
    let plan = try RestockPlan.make(
      items, volumes: items.indices.map { $0 % 3 == 0 ? 4 : 1 }, storage: 500)
    #expect(abs(plan.benefit - 500) < 1e-9 && abs(plan.gap) < 1e-9, "\(plan.benefit) \(plan.bound)")
  }

  @Test func roomThatMakesNoSenseIsRefused() throws {
    let (items, volumes) = Self.items(3, seed: 1)
    #expect(throws: InventoryError.self) { try RestockPlan.make(items, volumes: volumes, storage: -1) }
    #expect(throws: InventoryError.self) { try RestockPlan.make(items, volumes: [1], storage: 5) }
  }
}
