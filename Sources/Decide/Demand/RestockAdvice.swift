import Foundation
import Inventory
import MathKernels

/// What to order of each item, how much, by when: from the forecasts, what lies on the shelf and the suppliers' terms.
///
/// ```swift
/// let stocks = [RestockAdvice.Stock(item: "1044", onHand: 12, unitCost: 3, price: 5)]
/// let advice = try RestockAdvice(forecasts, stocks: stocks, settings: .init(serviceLevel: 0.95), today: today)
/// print(advice.lines[0].order ?? 0, advice.lines[0].stockoutRisk ?? 0)
/// ```
/// The stock must last until the order after the next one arrives, with the probability of the service level. Demand over that time
/// is the forecast with the errors that such forecasts had. Of an item whose stock is unknown only the level to order up to is told.
///
/// - Complexity: that of `RestockPlan`.
public struct RestockAdvice: Sendable, Equatable {
  /// What a buyer can turn.
  public struct Settings: Sendable, Codable, Equatable {
    /// The probability that the stock suffices, between 0 and 1.
    public var serviceLevel: Double
    /// How many days an order takes where the item does not say.
    public var leadTimeDays: Double
    /// How many days pass between two orders.
    public var reviewDays: Double
    /// What the orders may cost together, in the unit of the costs; nil for no limit.
    public var budget: Double?
    /// How much room there is for what is ordered, in the unit of the items' volumes; nil for no limit.
    public var storage: Double?

    /// Settings.
    public init(
      serviceLevel: Double = 0.95, leadTimeDays: Double = 7, reviewDays: Double = 7, budget: Double? = nil,
      storage: Double? = nil
    ) {
      (self.serviceLevel, self.leadTimeDays, self.reviewDays) = (serviceLevel, leadTimeDays, reviewDays)
      (self.budget, self.storage) = (budget, storage)
    }

    func validate() throws {
      let limits: [(String, Double, ClosedRange<Double>)] = [
        ("service_level", serviceLevel, 0.5...0.999), ("lead_time_days", leadTimeDays, 0...180),
        ("review_days", reviewDays, 1...180),
      ]
      for (name, value, range) in limits where !range.contains(value) {
        throw DemandError.invalidParameter(
          name: name, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
      }
      for (name, value) in [("budget", budget), ("storage", storage)] {
        if let value, !(value >= 0 && value.isFinite) {
          throw DemandError.invalidParameter(
            name: name, value: "\(value)", expected: "a number of at least 0")
        }
      }
    }
  }

  /// What is known of an item's stock and its supplier's terms.
  public struct Stock: Sendable, Equatable {
    /// The item's id.
    public var item: String
    /// Units on the shelf, less what customers wait for; nil where nobody said.
    public var onHand: Double?
    /// Units ordered that have not arrived.
    public var onOrder: Double
    /// What a unit costs to buy.
    public var unitCost: Double?
    /// What customers pay for a unit.
    public var price: Double?
    /// How many days an order takes; nil for that of the settings.
    public var leadTimeDays: Double?
    /// Orders come in multiples of it.
    public var packSize: Double
    /// The least a supplier delivers.
    public var minimumOrder: Double
    /// How many days a unit keeps; nil for ever.
    public var shelfLifeDays: Double?
    /// The room that a unit takes.
    public var volume: Double?

    /// An item's stock and terms.
    public init(
      item: String, onHand: Double? = nil, onOrder: Double = 0, unitCost: Double? = nil, price: Double? = nil,
      leadTimeDays: Double? = nil, packSize: Double = 1, minimumOrder: Double = 0,
      shelfLifeDays: Double? = nil, volume: Double? = nil
    ) {
      (self.item, self.onHand, self.onOrder, self.unitCost) = (item, onHand, onOrder, unitCost)
      (self.price, self.leadTimeDays, self.packSize) = (price, leadTimeDays, packSize)
      (self.minimumOrder, self.shelfLifeDays, self.volume) = (minimumOrder, shelfLifeDays, volume)
    }
  }

  /// What to do about one item.
  public struct Line: Sendable, Equatable {
    /// The item's id.
    public var item: String
    /// Its stock and terms.
    public var stock: Stock
    /// The days that the stock must last.
    public var days: Double
    /// The stock on hand and on order that suffices.
    public var orderUpTo: Double
    /// How much to order; nil where the stock is unknown.
    public var order: Double?
    /// How much would be ordered without limits.
    public var wanted: Double?
    /// The demand expected over those days.
    public var expectedDemand: Double
    /// The ends between which it falls with 80 percent.
    public var lower: Double
    /// See `lower`.
    public var upper: Double
    /// What the order costs; nil where the cost of a unit is unknown.
    public var cost: Double?
    /// The shortage and surplus it saves, in money; nil where the cost of a unit is unknown.
    public var benefit: Double?
    /// The probability that the stock does not suffice without the order.
    public var risk: Double?
    /// The same with it.
    public var riskAfter: Double?
    /// The units expected to be left over with the order.
    public var surplus: Double?
    /// For how many weeks of the expected demand the stock lasts.
    public var weeksOfCover: Double?
    /// By which day, since 1970-01-01, to order; nil where that is beyond the forecast or the stock unknown.
    public var orderBy: Int32?
    /// Its class by value and steadiness, such as `AX`.
    public var label: String
    /// How much more is expected than the same number of days brought lately, as a share; nil where nothing sold.
    public var change: Double?
  }

  /// The lines: what saves most first, then items that need nothing, then those without a known stock.
  public var lines: [Line]
  /// The share of the benefit that a better plan within the limits could add at most; 0 without limits.
  public var gap: Double
  /// Items that the limits left out for want of a known cost.
  public var withoutCost: Int

  /// Plans.
  ///
  /// - Parameters:
  ///   - stocks: the items to plan; those without a forecast are left out.
  ///   - today: the day of the order, since 1970-01-01.
  /// - Throws: `DemandError.invalidParameter`, `InventoryError` for terms that make no sense.
  public init(
    _ forecasts: DemandForecasts, stocks: [Stock], settings: Settings = Settings(), today: Int32
  ) throws {
    try settings.validate()
    let outlooks = Dictionary(
      forecasts.outlooks.lazy.filter { $0.subject.level == .item && $0.mean != nil }
        .map { ($0.subject.id, $0) }, uniquingKeysWith: { first, _ in first })
    let start = forecasts.firstMonday + Int32(7 * forecasts.weeks)
    let age = max(0, Double(today - start) / 7)
    let cases = stocks.compactMap { stock in
      outlooks[stock.item].flatMap { RestockCase(stock, $0, forecasts, settings, age: age) }
    }
    let labels = try ABCXYZ().classify(cases.map(\.classified)).map(\.label)
    let planned = cases.indices.filter {
      cases[$0].stock.onHand != nil && (!settings.isLimited || cases[$0].knownCost != nil)
    }
    let plan = try RestockPlan.make(
      planned.map { cases[$0].planItem }, budget: settings.budget,
      volumes: settings.storage == nil ? nil : planned.map { cases[$0].stock.volume ?? 0 },
      storage: settings.storage)
    let orders = Dictionary(uniqueKeysWithValues: zip(planned, plan.lines))
    lines = cases.indices.map { cases[$0].line(orders[$0], label: labels[$0], today: today) }
      .sorted { $0.precedes($1) }
    gap = settings.isLimited ? plan.gap : 0
    withoutCost = cases.count { $0.stock.onHand != nil } - planned.count
  }
}

extension RestockAdvice.Settings {
  /// Whether not everything wanted can be had.
  fileprivate var isLimited: Bool { budget != nil || storage != nil }
}

extension RestockAdvice.Line {
  fileprivate func precedes(_ other: Self) -> Bool {
    func rank(_ line: Self) -> (Int, Double, Double, String) {
      (
        line.order == nil ? 2 : line.order! > 0 ? 0 : 1, -(line.benefit ?? 0), -line.expectedDemand, line.item
      )
    }
    return rank(self) < rank(other)
  }
}

/// One item with its demand over the days that its stock must last.
private struct RestockCase {
  let stock: RestockAdvice.Stock
  let outlook: DemandOutlook
  let forecasts: DemandForecasts
  let settings: RestockAdvice.Settings
  let age: Double
  let days: Double
  let demand: DemandDistribution

  init?(
    _ stock: RestockAdvice.Stock, _ outlook: DemandOutlook, _ forecasts: DemandForecasts,
    _ settings: RestockAdvice.Settings, age: Double
  ) {
    days = (stock.leadTimeDays ?? settings.leadTimeDays) + settings.reviewDays
    guard let demand = forecasts.demand(of: outlook, weeks: days / 7, from: age) else { return nil }
    (self.stock, self.outlook, self.forecasts, self.settings) = (stock, outlook, forecasts, settings)
    (self.age, self.demand) = (age, demand)
  }

  var position: Double? { stock.onHand.map { $0 + stock.onOrder } }
  /// What a unit costs, or at most: nobody buys for more than customers pay.
  var knownCost: Double? { (stock.unitCost ?? stock.price).flatMap { $0 > 0 ? $0 : nil } }

  var classified: ABCXYZ.Item {
    let demand = Array(outlook.units.suffix(26))
    return ABCXYZ.Item(
      id: stock.item, value: demand.reduce(0, +) * max(0, stock.price ?? stock.unitCost ?? 1), demand: demand)
  }

  /// What keeps for a shorter time than the stock must last is not bought for longer than it keeps.
  private var serviceLevel: Double {
    guard let life = stock.shelfLifeDays, life < days,
      let sellable = forecasts.demand(of: outlook, weeks: max(life, 1) / 7, from: age)
    else { return settings.serviceLevel }
    let most = sellable.quantile(settings.serviceLevel)
    return min(settings.serviceLevel, max(0.01, demand.cumulative(most)))
  }

  var planItem: RestockPlan.Item {
    let cost = knownCost ?? 1
    // A unit that is missing costs its margin; one left over its capital and room, a fifth of its cost in a year.
    let margin = stock.price.flatMap { price in stock.unitCost.map { price - $0 } } ?? cost / 2
    return RestockPlan.Item(
      id: stock.item, demand: demand, position: position ?? 0, unitCost: cost,
      shortageCost: max(margin, cost / 10), surplusCost: cost * 0.2 * days / 365,
      terms: SupplyTerms(minimumOrder: stock.minimumOrder, packSize: stock.packSize),
      serviceLevel: serviceLevel)
  }

  func line(_ plan: RestockPlan.Line?, label: String, today: Int32) -> RestockAdvice.Line {
    let recent = outlook.units.suffix(max(1, Int((days / 7).rounded())))
    let before = recent.reduce(0, +) / Double(max(1, recent.count)) * days / 7
    // Nothing is sold in parts, whatever a quantile says.
    let target = demand.quantile(serviceLevel).rounded(.up)
    return RestockAdvice.Line(
      item: stock.item, stock: stock, days: days, orderUpTo: target, order: plan?.quantity,
      wanted: plan?.wanted, expectedDemand: demand.mean, lower: demand.quantile(0.1),
      upper: demand.quantile(0.9), cost: plan.flatMap { line in stock.unitCost.map { $0 * line.quantity } },
      benefit: stock.unitCost == nil ? nil : plan?.benefit, risk: position.map { 1 - demand.cumulative($0) },
      riskAfter: plan?.stockoutRisk, surplus: plan?.expectedSurplus,
      weeksOfCover: position.flatMap { demand.mean > 0 ? max(0, $0) / (demand.mean / days * 7) : nil },
      orderBy: orderBy(today), label: label, change: before > 0 ? demand.mean / before - 1 : nil)
  }

  /// The last day on which an order still arrives before the stock may run out.
  private func orderBy(_ today: Int32) -> Int32? {
    guard let position else { return nil }
    let lead = stock.leadTimeDays ?? settings.leadTimeDays
    func suffices(_ wait: Int) -> Bool {
      guard let demand = forecasts.demand(of: outlook, weeks: max(1, Double(wait) + lead) / 7, from: age)
      else { return false }
      return demand.quantile(settings.serviceLevel) <= position
    }
    var (low, high) = (0, 7 * forecasts.horizon)
    guard suffices(low) else { return today }
    if suffices(high) { return nil }
    while high - low > 1 {
      let middle = (low + high) / 2
      if suffices(middle) { low = middle } else { high = middle }
    }
    return today + Int32(low)
  }
}
