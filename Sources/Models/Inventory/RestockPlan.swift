import Foundation

/// What to order of which items, within a budget.
///
/// Each item may be ordered in the quantities that its supplier accepts; the benefit of a quantity is the expected cost of
/// shortage and surplus that it saves until the next order can arrive. Without a budget every item gets its best
/// quantity. With one this is a knapsack with one choice for each item, an integer programme: the steps along the concave
/// hull of each item's benefit are taken by benefit for each unit of money, which is exact but for the last step; then
/// what is left is spent on whatever still fits and helps most. The plan carries the bound of the linear relaxation, so
/// that `gap` says how far from the best any plan it can be at most.
///
/// ```swift
/// let items = [
///   RestockPlan.Item(
///     id: "tea", demand: .normal(mean: 40, deviation: 9), position: 12, unitCost: 3, shortageCost: 2, surplusCost: 0.2)
/// ]
/// let plan = try RestockPlan.make(items, budget: 100)
/// print(plan.lines[0].quantity, plan.spent)        // 33 99
/// ```
/// Room beside the budget is a second limit: the price of room at which the relaxed plan just fits is found by Lagrange's method, and
/// steps are then taken by benefit for what they use of both limits at their prices. Sources: Sinha and Zoltners (1979), The Multiple-Choice Knapsack Problem,
/// https://doi.org/10.1287/opre.27.3.503; Fisher (1981), https://doi.org/10.1287/mnsc.27.1.1
public struct RestockPlan: Sendable, Equatable {
  /// An item that may be ordered.
  public struct Item: Sendable, Equatable {
    /// Its name.
    public var id: String
    /// The demand until the order after this one arrives, such as the sample paths of a forecast summed.
    public var demand: DemandDistribution
    /// The stock on hand and on order, less what waits.
    public var position: Double
    /// What a unit costs to buy.
    public var unitCost: Double
    /// What a unit missing costs, such as its margin.
    public var shortageCost: Double
    /// What a unit left over costs, such as keeping it, or throwing it away.
    public var surplusCost: Double
    /// The supplier's terms.
    public var terms: SupplyTerms
    /// The probability that the stock suffices, in place of the one that the costs imply.
    public var serviceLevel: Double?

    /// An item.
    public init(
      id: String, demand: DemandDistribution, position: Double, unitCost: Double, shortageCost: Double,
      surplusCost: Double, terms: SupplyTerms = SupplyTerms(), serviceLevel: Double? = nil
    ) {
      (self.id, self.demand, self.position, self.unitCost) = (id, demand, position, unitCost)
      (self.shortageCost, self.surplusCost) = (shortageCost, surplusCost)
      (self.terms, self.serviceLevel) = (terms, serviceLevel)
    }
  }

  /// What to order of one item.
  public struct Line: Sendable, Equatable {
    /// The item's name.
    public var id: String
    /// How much to order; 0 for nothing.
    public var quantity: Double
    /// How much would be ordered without a budget.
    public var wanted: Double
    /// What it costs.
    public var cost: Double
    /// The expected cost of shortage and surplus that it saves.
    public var benefit: Double
    /// The probability that the stock does not suffice, with the order.
    public var stockoutRisk: Double
    /// The units expected to be missing, with the order.
    public var expectedShortage: Double
    /// The units expected to be left over, with the order.
    public var expectedSurplus: Double
  }

  /// What to order, in the order of the items.
  public var lines: [Line]
  /// What the orders cost together.
  public var spent: Double
  /// What the orders save together.
  public var benefit: Double
  /// What no plan within the budget can exceed.
  public var bound: Double
  /// The share of `bound` that a better plan could at most add.
  public var gap: Double { bound > 0 ? max(0, 1 - benefit / bound) : 0 }

  /// The most quantities of one item that are weighed; where more fit, they are spaced evenly in packs.
  static let mostChoices = 200

  /// Makes a plan.
  ///
  /// - Parameters:
  ///   - budget: what the orders may cost together; nil for no limit.
  ///   - volumes: the room that a unit of each item takes; nil where room does not matter.
  ///   - storage: the room for all orders together; nil for no limit.
  /// - Complexity: O(items · choices · log(items · choices)), each choice at the cost of its demand's loss function; some forty
  ///   times the sorting with a limit of storage.
  /// - Throws: `InventoryError`.
  public static func make(
    _ items: [Item], budget: Double? = nil, volumes: [Double]? = nil, storage: Double? = nil
  ) throws -> RestockPlan {
    if let budget { try InventoryError.requireNonnegative(["budget": budget]) }
    for item in items { try validate(item) }
    if let volumes, let storage { try validate(volumes, storage, count: items.count) }
    let menus = items.map(Menu.init)
    guard budget != nil || (volumes != nil && storage != nil) else {
      return plan(items, menus, menus.map { $0.choices.count - 1 }, bound: nil)
    }
    let limits = RestockLimits(
      menus, volumes: volumes, budget: budget ?? .infinity, storage: volumes == nil ? .infinity : storage)
    let (chosen, bound) = limits.choose()
    return plan(items, menus, chosen, bound: bound)
  }

  private static func plan(_ items: [Item], _ menus: [Menu], _ chosen: [Int], bound: Double?) -> RestockPlan {
    let lines = items.indices.map { index -> Line in
      let (item, menu) = (items[index], menus[index])
      let choice = menu.choices[chosen[index]]
      let stock = item.position + choice.quantity
      return Line(
        id: item.id, quantity: choice.quantity, wanted: menu.choices.last?.quantity ?? 0, cost: choice.cost,
        benefit: choice.benefit, stockoutRisk: 1 - item.demand.cumulative(stock),
        expectedShortage: item.demand.shortage(stock), expectedSurplus: item.demand.surplus(stock))
    }
    let benefit = lines.reduce(0) { $0 + $1.benefit }
    return RestockPlan(
      lines: lines, spent: lines.reduce(0) { $0 + $1.cost }, benefit: benefit, bound: bound ?? benefit)
  }

  private static func validate(_ volumes: [Double], _ storage: Double, count: Int) throws {
    try InventoryError.requireNonnegative(["storage": storage])
    for volume in volumes { try InventoryError.requireNonnegative(["volume": volume]) }
    guard volumes.count == count else {
      throw InventoryError.differentLengths(
        first: "items", firstCount: count, second: "volumes", secondCount: volumes.count)
    }
  }

  private static func validate(_ item: Item) throws {
    try item.demand.validate()
    try item.terms.validate()
    try InventoryError.requirePositive([
      "unitCost of \(item.id)": item.unitCost, "shortageCost of \(item.id)": item.shortageCost,
      "surplusCost of \(item.id)": item.surplusCost,
    ])
    guard item.position.isFinite else {
      throw InventoryError.invalidParameter(
        name: "position of \(item.id)", value: item.position, expected: "a finite number")
    }
    if let level = item.serviceLevel { try ProtectionStock.requireShare("serviceLevel of \(item.id)", level) }
  }
}

/// The quantities of one item that may be ordered.
struct Menu {
  struct Choice: Equatable {
    var quantity: Double
    var cost: Double
    var benefit: Double
  }

  /// From nothing to the best quantity without a budget, each dearer and better than the one before.
  private(set) var choices: [Choice] = [Choice(quantity: 0, cost: 0, benefit: 0)]

  /// A menu of these choices, each dearer and better than the one before.
  init(choices: [Choice]) { self.choices = choices }

  init(_ item: RestockPlan.Item) {
    var overage = item.surplusCost
    if let level = item.serviceLevel { overage = item.shortageCost * (1 - level) / level }
    let problem = Newsvendor(overageCost: overage, underageCost: item.shortageCost)
    let missing = item.demand.quantile(problem.criticalRatio) - item.position
    guard missing > 0 else { return }
    let (least, most) = (item.terms.roundedUp(1e-6), item.terms.roundedUp(missing))
    let packs = ((most - least) / item.terms.packSize).rounded()
    let size = max(1, (packs / Double(RestockPlan.mostChoices)).rounded(.up)) * item.terms.packSize
    let without = problem.cost(item.position, item.demand)
    let steps = Int(min(Double(RestockPlan.mostChoices), max(0, ((most - least) / size).rounded(.down))))
    for step in stride(from: steps, through: 0, by: -1) {
      let quantity = most - Double(step) * size
      let before = choices.last?.benefit ?? 0
      // The last pack of a service level is wanted even where the one before costs less by the level's own measure.
      let wanted = item.serviceLevel != nil && quantity > most - 1e-9
      let benefit = without - problem.cost(item.position + quantity, item.demand)
      if benefit > before + 1e-12 || wanted {
        let benefit = max(benefit, before)
        choices.append(Choice(quantity: quantity, cost: quantity * item.unitCost, benefit: benefit))
      }
    }
  }

  /// The choices on the upper concave hull of benefit over cost.
  var hull: [Int] {
    var result = [0]
    for index in choices.indices.dropFirst() {
      while result.count > 1,
        slope(result[result.count - 2], result[result.count - 1])
          <= slope(result[result.count - 1], index)
      {
        result.removeLast()
      }
      result.append(index)
    }
    return result
  }

  private func slope(_ a: Int, _ b: Int) -> Double {
    (choices[b].benefit - choices[a].benefit) / (choices[b].cost - choices[a].cost)
  }
}
