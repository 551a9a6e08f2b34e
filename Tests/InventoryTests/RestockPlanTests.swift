import Inventory
import MathKernels
import Testing

@Suite struct RestockPlanTests {
  private func items(_ seed: Int, _ count: Int) -> [RestockPlan.Item] {
    var random = RandomSource(seed: UInt64(seed))
    return (0..<count).map { index in
      let mean = 2 + 12 * random.uniform()
      return RestockPlan.Item(
        id: "item\(index)", demand: .poisson(mean: mean), position: Double(random.index(below: 6)),
        unitCost: Double(1 + random.index(below: 6)), shortageCost: 0.5 + 4 * random.uniform(),
        surplusCost: 0.1 + 0.5 * random.uniform(),
        terms: SupplyTerms(
          minimumOrder: Double(random.index(below: 4)), packSize: Double(1 + random.index(below: 4))))
    }
  }

  /// The best plan within a budget in whole money, by dynamic programming over all quantities.
  private func exact(_ items: [RestockPlan.Item], _ budget: Int) -> Double {
    var best = [Double](repeating: 0, count: budget + 1)
    for item in items {
      let problem = Newsvendor(overageCost: item.surplusCost, underageCost: item.shortageCost)
      let without = problem.cost(item.position, item.demand)
      var next = best
      for units in 1...80 where item.terms.roundedUp(Double(units)) == Double(units) {
        let gain = without - problem.cost(item.position + Double(units), item.demand)
        let cost = units * Int(item.unitCost)
        guard cost <= budget else { break }
        for money in cost...budget { next[money] = max(next[money], best[money - cost] + gain) }
      }
      best = next
    }
    return best[budget]
  }

  @Test("a plan within a budget is near the best there is", arguments: 0..<30)
  func nearOptimal(_ seed: Int) throws {
    let items = items(seed, 12)
    for budget in [20, 60, 140, 400] {
      let plan = try RestockPlan.make(items, budget: Double(budget))
      let best = exact(items, budget)
      #expect(plan.spent <= Double(budget) + 1e-9)
      #expect(plan.bound >= best - 1e-9, "the bound is below the best plan")
      #expect(plan.benefit <= best + 1e-9)
      #expect(plan.benefit >= (budget < 60 ? 0.75 : 0.93) * best, "\(budget): \(plan.benefit / best)")
      for line in plan.lines where line.quantity > 0 {
        let item = try #require(items.first { $0.id == line.id })
        #expect(item.terms.roundedUp(line.quantity) == line.quantity)
      }
    }
  }

  @Test("without a budget every item gets its newsvendor's stock")
  func unlimited() throws {
    let item = RestockPlan.Item(
      id: "tea", demand: .normal(mean: 40, deviation: 9), position: 12, unitCost: 3, shortageCost: 2,
      surplusCost: 0.2)
    let plan = try RestockPlan.make([item])
    let stock = try Newsvendor(overageCost: 0.2, underageCost: 2).optimum(item.demand).stock
    #expect(abs(plan.lines[0].quantity - (stock - 12)) < 1 && plan.gap == 0)
    #expect(plan.lines[0].stockoutRisk < 0.1 && plan.lines[0].benefit > 0)
    let limited = try RestockPlan.make([item], budget: 100)
    #expect(limited.lines[0].quantity == 33 && limited.spent == 99)
    #expect(limited.lines[0].wanted == plan.lines[0].quantity)
  }

  @Test("a service level takes the place of the costs' own")
  func serviceLevel() throws {
    var item = RestockPlan.Item(
      id: "tea", demand: .poisson(mean: 20), position: 0, unitCost: 1, shortageCost: 1, surplusCost: 1)
    item.serviceLevel = 0.95
    let plan = try RestockPlan.make([item])
    #expect(plan.lines[0].quantity == DemandDistribution.poisson(mean: 20).quantile(0.95))
    item.demand = .normal(mean: 20, deviation: 4)
    item.terms = SupplyTerms(packSize: 8)
    let packs = try RestockPlan.make([item], budget: 50)
    #expect(packs.lines[0].quantity == 32 && packs.lines[0].stockoutRisk < 0.05)
  }

  @Test("enough stock, no money and no items make no orders")
  func nothingToOrder() throws {
    var item = RestockPlan.Item(
      id: "tea", demand: .poisson(mean: 5), position: 50, unitCost: 1, shortageCost: 1, surplusCost: 0.1)
    #expect(try RestockPlan.make([item]).lines[0].quantity == 0)
    item.position = 0
    #expect(try RestockPlan.make([item], budget: 0).spent == 0)
    #expect(try RestockPlan.make([], budget: 10).lines.isEmpty)
    item.unitCost = 0
    #expect(throws: InventoryError.self) { try RestockPlan.make([item]) }
    item.unitCost = .infinity
    #expect(throws: InventoryError.self) { try RestockPlan.make([item], budget: 5) }
  }
}
