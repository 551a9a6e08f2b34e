import Foundation

/// The (s, S) policy: at each review, when the stock on hand and on order is at most s, order up to S.
///
/// ```swift
/// let item = OrderUpTo(holdingCost: 1, stockoutCost: 4, fixedCost: 5)
/// let plan = try item.exact(.poisson(mean: 6))     // s 4, S 10, cost 8.034
/// ```
/// Costs are for a period; demand of a period that finds no stock waits. Sources: Zheng and Federgruen (1991),
/// https://doi.org/10.1287/opre.39.4.654; Ehrhardt and Mosier (1984), https://doi.org/10.1287/mnsc.30.5.618
public struct OrderUpTo: Sendable, Equatable {
  /// What holding a unit through a period costs.
  public var holdingCost: Double
  /// What a unit that waits costs in a period.
  public var stockoutCost: Double
  /// What an order costs, however large.
  public var fixedCost: Double

  /// A problem of one item.
  public init(holdingCost: Double, stockoutCost: Double, fixedCost: Double) {
    (self.holdingCost, self.stockoutCost, self.fixedCost) = (holdingCost, stockoutCost, fixedCost)
  }

  /// A policy.
  public struct Plan: Sendable, Equatable {
    /// The stock on hand and on order at or below which to order.
    public var reorderPoint: Double
    /// The stock to order up to.
    public var orderUpTo: Double
    /// The expected cost of a period; nil where the method gives none.
    public var cost: Double?
  }

  /// The best policy for a demand in whole units, exactly.
  ///
  /// - Parameters:
  ///   - demand: the demand of a period; empirical values are rounded to whole units.
  ///   - leadTime: how many whole periods an order takes.
  /// - Complexity: O((S − s)²) a step of S, few steps.
  /// - Throws: `InventoryError`; a normal demand is not in whole units.
  public func exact(_ demand: DemandDistribution, leadTime: Int = 0) throws -> Plan {
    try validate()
    try demand.validate()
    let period = try Self.probabilities(demand)
    var lead = [1.0]
    for _ in 0..<max(0, leadTime + 1) { lead = Self.convolve(lead, period) }
    guard period[0] < 1 else {
      throw InventoryError.invalidParameter(
        name: "demand", value: 0, expected: "a demand that is not always 0")
    }
    var search = RenewalSearch(self, period: period, lead: lead)
    return search.run()
  }

  /// The approximation of Ehrhardt and Mosier for a demand of known mean and standard deviation.
  ///
  /// - Complexity: O(1).
  /// - Throws: `InventoryError`.
  public func powerApproximation(mean: Double, deviation: Double, leadTime: Double = 0) throws -> Plan {
    try validate()
    try InventoryError.requirePositive(["mean": mean, "deviation": deviation])
    try InventoryError.requireNonnegative(["leadTime": leadTime])
    let leadMean = mean * (leadTime + 1)
    let leadDeviation = deviation * (leadTime + 1).squareRoot()
    let spread = 1 + leadDeviation * leadDeviation / (mean * mean)
    let quantity = 1.30 * pow(mean, 0.494) * pow(fixedCost / holdingCost, 0.506) * pow(spread, 0.116)
    let z = (quantity / leadDeviation * holdingCost / stockoutCost).squareRoot()
    let point = 0.973 * leadMean + leadDeviation * (0.183 / z + 1.063 - 2.192 * z)
    return Plan(reorderPoint: point, orderUpTo: point + quantity, cost: nil)
  }

  private func validate() throws {
    try InventoryError.requirePositive([
      "holdingCost": holdingCost, "stockoutCost": stockoutCost, "fixedCost": fixedCost,
    ])
  }

  /// The probabilities of 0, 1, 2, … units in a period.
  private static func probabilities(_ demand: DemandDistribution) throws -> [Double] {
    switch demand {
    case .normal(_, let deviation):
      throw InventoryError.invalidParameter(
        name: "demand", value: deviation, expected: "a Poisson or empirical demand, in whole units")
    case .poisson(let mean):
      try requireFewUnits(mean)
      return PoissonTable(mean: mean, upTo: PoissonTable.quantile(mean: mean, 1 - 1e-13)).probability
    case .empirical(let values):
      try requireFewUnits(values.max() ?? 0)
      let units = values.map { Int($0.rounded()) }
      var result = [Double](repeating: 0, count: (units.max() ?? 0) + 1)
      for unit in units { result[unit] += 1 / Double(units.count) }
      return result
    }
  }

  private static let mostUnits = 100_000.0

  /// The exact search goes over every number of units: beyond so many in a period, count in packs.
  private static func requireFewUnits(_ units: Double) throws {
    guard units <= mostUnits else {
      throw InventoryError.invalidParameter(
        name: "demand", value: units, expected: "at most \(Int(mostUnits)) units in a period")
    }
  }

  private static func convolve(_ a: [Double], _ b: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count + b.count - 1)
    for (i, x) in a.enumerated() where x > 0 {
      for (j, y) in b.enumerated() { result[i + j] += x * y }
    }
    return result
  }
}

/// The search of Zheng and Federgruen for the best (s, S).
private struct RenewalSearch {
  let problem: OrderUpTo
  let period: [Double]
  let lead: [Double]
  let leadMean: Double
  /// How often a cycle visits S − j, for j from 0.
  var visits: [Double] = []

  init(_ problem: OrderUpTo, period: [Double], lead: [Double]) {
    (self.problem, self.period, self.lead) = (problem, period, lead)
    leadMean = lead.indices.reduce(0) { $0 + Double($1) * lead[$1] }
  }

  /// The cost of a period that begins, after ordering, with this stock on hand and on order.
  private func level(_ stock: Int) -> Double {
    var surplus = 0.0
    for units in 0..<max(0, min(stock, lead.count)) { surplus += Double(stock - units) * lead[units] }
    return problem.holdingCost * surplus + problem.stockoutCost * (leadMean - Double(stock) + surplus)
  }

  /// The mean cost of a period under (s, S).
  private mutating func cost(_ s: Int, _ S: Int) -> Double {
    let depth = S - s
    while visits.count < depth {
      let j = visits.count
      var value = j == 0 ? 1.0 : 0
      for units in 1..<max(1, min(j + 1, period.count)) { value += period[units] * visits[j - units] }
      visits.append(value / (1 - period[0]))
    }
    var (total, length) = (problem.fixedCost, 0.0)
    for j in 0..<depth {
      total += visits[j] * level(S - j)
      length += visits[j]
    }
    return total / length
  }

  mutating func run() -> OrderUpTo.Plan {
    var best = 0
    while level(best + 1) < level(best) { best += 1 }
    // The first s for the stock with the least cost of a period: go down until ordering is no longer worth its cost.
    var (s, S) = (best - 1, best)
    while cost(s, S) > level(s) { s -= 1 }
    var least = cost(s, S)
    var candidate = S + 1
    while level(candidate) <= least {
      if cost(s, candidate) < least {
        S = candidate
        while cost(s, S) <= level(s + 1) { s += 1 }
        least = cost(s, S)
      }
      candidate += 1
    }
    return OrderUpTo.Plan(reorderPoint: Double(s), orderUpTo: Double(S), cost: least)
  }
}
