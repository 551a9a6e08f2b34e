import Foundation
import Inventory
import MathKernels
import Testing

/// The numbers of stockpyl 1.0.2, and of its book's examples.
@Suite struct InventoryPolicyTests {
  private func near(_ a: Double, _ b: Double, _ tolerance: Double = 5e-6) -> Bool { abs(a - b) < tolerance }

  @Test("economic order quantities agree with stockpyl")
  func economicOrders() throws {
    let order = EconomicOrderQuantity(fixedCost: 8, holdingCost: 0.225, demandRate: 1300)
    let plain = try order.optimum()
    #expect(near(plain.quantity, 304.04678) && near(plain.cost, 68.410526, 5e-7))
    let waiting = try order.optimum(backorderCost: 5)
    #expect(near(waiting.quantity, 310.81256) && near(waiting.cost, 66.921364, 5e-7))
    #expect(near(waiting.backorderShare, 0.0430622, 5e-8))
  }

  @Test("quantity discounts agree with stockpyl")
  func discounts() throws {
    let order = EconomicOrderQuantity(fixedCost: 8, holdingCost: 0.3, demandRate: 1300)
    let prices: [EconomicOrderQuantity.PriceBreak] = [
      .init(from: 0, price: 0.75), .init(from: 400, price: 0.72), .init(from: 800, price: 0.68),
    ]
    let all = try order.optimum(prices: prices, discount: .allUnits)
    #expect(all.quantity == 800 && all.priceIndex == 2 && near(all.cost, 978.6))
    let incremental = try order.optimum(prices: prices, discount: .incremental)
    #expect(near(incremental.quantity, 304.04678) && incremental.priceIndex == 0)
    #expect(near(incremental.cost, 1043.4105255))
  }

  @Test("a discount is as good as the best of a fine grid of quantities", arguments: 0..<20)
  func discountsAgainstGrid(_ seed: Int) throws {
    var random = RandomSource(seed: UInt64(seed))
    let order = EconomicOrderQuantity(
      fixedCost: 2 + 30 * random.uniform(), holdingCost: 0.1 + random.uniform(),
      demandRate: 100 + 2000 * random.uniform())
    let prices: [EconomicOrderQuantity.PriceBreak] = [
      .init(from: 0, price: 3), .init(from: 50 + 200 * random.uniform(), price: 2.9 - 0.2 * random.uniform()),
      .init(from: 300 + 500 * random.uniform(), price: 2.6 - 0.2 * random.uniform()),
    ]
    for discount in EconomicOrderQuantity.Discount.allCases {
      let plan = try order.optimum(prices: prices, discount: discount)
      var least = Double.infinity
      for step in 1...40_000 {
        let quantity = Double(step) * 0.05
        let index = prices.lastIndex { $0.quantity <= quantity } ?? 0
        var paid = prices[index].price * quantity
        if discount == .incremental {
          paid = 0
          for (i, price) in prices.enumerated() {
            let end = i + 1 < prices.count ? prices[i + 1].quantity : .infinity
            paid += price.price * max(0, min(quantity, end) - price.quantity)
          }
        }
        let ordering = order.fixedCost * order.demandRate / quantity
        least = min(least, order.demandRate * paid / quantity + ordering + order.holdingCost * paid / 2)
      }
      #expect(plan.cost <= least + 1e-9 && plan.cost > least - 0.05, "\(discount)")
    }
  }

  @Test("newsvendors agree with stockpyl")
  func newsvendors() throws {
    let normal = try Newsvendor(overageCost: 0.18, underageCost: 0.70)
      .optimum(.normal(mean: 50, deviation: 8))
    #expect(near(normal.stock, 56.60396) && near(normal.cost, 1.997605, 5e-7))
    let poisson = try Newsvendor(overageCost: 1, underageCost: 4).optimum(.poisson(mean: 20))
    #expect(poisson.stock == 24 && near(poisson.cost, 6.438004, 5e-7))
    let base = try BaseStock(holdingCost: 0.18, stockoutCost: 0.70)
      .optimum(.normal(mean: 50, deviation: 8), leadTime: 4)
    #expect(near(base.stock, 264.766894) && near(base.cost, 4.466781, 5e-7))
  }

  @Test("the newsvendor's stock of drawn values is the cheapest of all", arguments: 0..<10)
  func empiricalNewsvendor(_ seed: Int) throws {
    var random = RandomSource(seed: UInt64(seed))
    let values = (0..<37).map { _ in Double(random.index(below: 60)) }
    let problem = Newsvendor(overageCost: 1, underageCost: 1 + 8 * random.uniform())
    let plan = try problem.optimum(.empirical(values))
    for stock in 0...60 {
      #expect(plan.cost <= problem.cost(Double(stock), .empirical(values)) + 1e-9)
    }
  }

  @Test("reorder points agree with stockpyl")
  func reorderPoints() throws {
    let item = ReorderPoint(
      holdingCost: 0.225, stockoutCost: 7.5, fixedCost: 8, demandMean: 1300, demandDeviation: 150,
      leadTime: 1.0 / 12)
    let level = try item.expectedInventoryLevel()
    #expect(near(level.reorderPoint, 213.97044) && near(level.quantity, 318.59018))
    #expect(near(try #require(level.cost), 95.451140, 5e-7))
    let backorders = try item.economicOrderWithBackorders()
    #expect(near(backorders.reorderPoint, 128.637814) && near(backorders.quantity, 308.573780))
    let safety = try item.economicOrderWithSafetyStock()
    #expect(near(safety.reorderPoint, 190.336997) && near(safety.quantity, 304.046780))
    let losses = try item.lossFunctions()
    #expect(near(losses.reorderPoint, 126.867063) && near(losses.quantity, 328.449142))
  }

  @Test("reorder points for a Poisson demand agree with stockpyl")
  func poissonReorderPoints() throws {
    let item = ReorderPoint(
      holdingCost: 20, stockoutCost: 150, fixedCost: 100, demandMean: 1.5, demandDeviation: 0, leadTime: 2)
    let plan = try item.exactPoisson()
    #expect(plan.reorderPoint == 3 && plan.quantity == 5)
    #expect(near(try #require(plan.cost), 107.9235806, 1e-7))
    let other = try ReorderPoint(
      holdingCost: 1, stockoutCost: 9, fixedCost: 30, demandMean: 10, demandDeviation: 0, leadTime: 1
    ).exactPoisson()
    #expect(other.reorderPoint == 7 && other.quantity == 27)
    #expect(near(try #require(other.cost), 24.9220086, 1e-6))
  }

  @Test(
    "(s, S) policies agree with stockpyl",
    arguments: [
      (1.0, 4.0, 5.0, 6.0, 4.0, 10.0, 8.034111561), (1, 4, 64, 10, 1, 37, 32.448530709),
      (1, 9, 24, 21, 18, 46, 31.236941081),
    ])
  func orderUpTo(
    _ h: Double, _ p: Double, _ k: Double, _ mean: Double, _ s: Double, _ level: Double, _ cost: Double
  ) throws {
    let plan = try OrderUpTo(holdingCost: h, stockoutCost: p, fixedCost: k).exact(.poisson(mean: mean))
    #expect(plan.reorderPoint == s && plan.orderUpTo == level)
    #expect(near(try #require(plan.cost), cost, 1e-8))
  }

  @Test("the power approximation agrees with stockpyl")
  func powerApproximation() throws {
    let plan = try OrderUpTo(holdingCost: 0.18, stockoutCost: 0.70, fixedCost: 2.5)
      .powerApproximation(mean: 50, deviation: 8)
    #expect(near(plan.reorderPoint, 40.19462) && near(plan.orderUpTo, 74.29017))
  }

  @Test("an (s, S) policy costs in the long run what it says")
  func orderUpToCostsAsPromised() throws {
    let plan = try OrderUpTo(holdingCost: 1, stockoutCost: 4, fixedCost: 5).exact(.poisson(mean: 6))
    var random = RandomSource(seed: 3)
    let demand = (0..<60_000).map { _ in DemandDistribution.poisson(mean: 6).quantile(random.uniform()) }
    let simulator = InventorySimulator(costs: .init(holding: 1, shortage: 4, order: 5), backorders: true)
    let policy = OrderUpToPolicy(reorderPoint: plan.reorderPoint, orderUpTo: plan.orderUpTo)
    let outcome = try simulator.run(demand: demand, policy: policy, initialStock: 10)
    #expect(abs(outcome.cost / 60_000 - 8.0341) < 0.08)
  }

  @Test("safety stocks and fill rates are those of the textbook")
  func safetyStocks() throws {
    let stock = ProtectionStock(
      demandMean: 20, demandDeviation: 6, leadTime: 4, leadTimeDeviation: 1, reviewPeriod: 1)
    // √(5 · 36 + 400) · 1.644854
    #expect(near(try stock.safetyStock(serviceLevel: 0.95), 39.613321, 1e-5))
    #expect(near(try stock.orderUpTo(serviceLevel: 0.95), 139.613321, 1e-5))
    // Silver, Pyke and Thomas: σ · G(k) = Q · (1 − β), less the second loss, which is small for a large order.
    let single = ProtectionStock(demandMean: 50, demandDeviation: 10, leadTime: 1)
    let rate = try single.fillRate(reorderPoint: 55, quantity: 200)
    let k = 0.5
    let loss = NormalDistribution.density(k) - k * NormalDistribution.cumulative(-k)
    #expect(near(rate, 1 - 10 * loss / 200, 1e-6))
    let point = try single.reorderPoint(fillRate: 0.99, quantity: 200)
    #expect(near(try single.fillRate(reorderPoint: point, quantity: 200), 0.99, 1e-9))
    let level = try stock.orderUpTo(fillRate: 0.98)
    #expect(near(try stock.fillRate(orderUpTo: level), 0.98, 1e-9))
  }

  @Test("a simulated shop is served as often as the fill rate says")
  func fillRateHoldsInSimulation() throws {
    let stock = ProtectionStock(demandMean: 40, demandDeviation: 8, leadTime: 2, reviewPeriod: 1)
    let level = try stock.orderUpTo(fillRate: 0.95)
    var random = RandomSource(seed: 11)
    let demand = (0..<40_000).map { _ in max(0, 40 + 8 * random.normal()) }
    let simulator = InventorySimulator(
      costs: .init(holding: 1, shortage: 1), terms: SupplyTerms(leadTime: 2, packSize: 0.001),
      backorders: true)
    let outcome = try simulator.run(
      demand: demand, policy: OrderUpToPolicy(reorderPoint: level, orderUpTo: level), initialStock: level)
    #expect(abs(outcome.fillRate - 0.95) < 0.005, "\(outcome.fillRate)")
  }

  @Test("items are sorted by value and steadiness")
  func classes() throws {
    let items: [ABCXYZ.Item] = [
      .init(id: "rare", value: 1, demand: [0, 0, 0, 9]),
      .init(id: "milk", value: 80, demand: [30, 31, 29, 30]),
      .init(id: "jam", value: 15, demand: [4, 9, 2, 12]), .init(id: "none", value: 4, demand: [0, 0, 0, 0]),
    ]
    let classes = try ABCXYZ().classify(items)
    #expect(classes.map(\.label) == ["CZ", "AX", "BY", "CZ"])
    #expect(classes[3].variation == nil)
    #expect(try ABCXYZ().classify([]).isEmpty)
    #expect(throws: InventoryError.self) { try ABCXYZ(shares: (0.9, 0.5)).classify(items) }
  }

  @Test("parameters out of range are named")
  func errors() throws {
    #expect(
      throws: InventoryError.invalidParameter(name: "holdingCost", value: 0, expected: "a number above 0")
    ) { try EconomicOrderQuantity(fixedCost: 1, holdingCost: 0, demandRate: 2).optimum() }
    #expect(throws: InventoryError.empty(name: "values")) {
      try Newsvendor(overageCost: 1, underageCost: 1).optimum(.empirical([]))
    }
    #expect(throws: InventoryError.self) {
      try OrderUpTo(holdingCost: 1, stockoutCost: 2, fixedCost: 3).exact(.normal(mean: 2, deviation: 1))
    }
    #expect(throws: InventoryError.self) {
      try Newsvendor(overageCost: .nan, underageCost: 1).optimum(.poisson(mean: 2))
    }
  }
}
