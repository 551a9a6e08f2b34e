import Foundation
import MathKernels

/// What customers will be worth: their purchases to come, times what they spend, discounted by the month.
///
/// ```swift
/// let value = try LifetimeValue(purchases: purchases, spend: spend, horizon: 12 * TimeUnit.week.perMonth)
/// let forecast = try value.forecast(base, levels: [0.95], draws: 500, seed: 42)
/// forecast.customers[0].lifetimeValue
/// ```
/// Purchases of month i count (1 + discount)⁻ⁱ; a last part of a month counts as its end. Intervals come from simulation: each
/// draw takes parameters that might as well be true, what the history leaves open of each customer, then purchases and
/// their amounts. They hold the customer's own future, not only its expectation. Source: Fader, Hardie and Lee (2005), RFM and
/// CLV, https://doi.org/10.1509/jmkr.2005.42.4.415
public struct LifetimeValue: Sendable {
  /// How customers buy.
  public let purchases: PurchaseModel
  /// What they spend on an order; nil where only purchases are forecast.
  public let spend: GammaGammaModel?
  /// How far ahead, in the unit of `purchases`.
  public let horizon: Double
  /// What a month costs: 0.01 is 1 % a month.
  public let monthlyDiscount: Double
  /// Which part of an amount is worth: 1 for revenue, a margin for profit.
  public let margin: Double

  /// A forecast's terms.
  ///
  /// - Throws: `CustomerValueError` for terms out of range, and `infiniteMean` when amounts have no mean.
  public init(
    purchases: PurchaseModel, spend: GammaGammaModel?, horizon: Double, monthlyDiscount: Double = 0.01,
    margin: Double = 1
  ) throws {
    func check(_ holds: Bool, _ name: String, _ value: Double, _ expected: String) throws {
      guard holds, value.isFinite else {
        throw CustomerValueError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    try check(horizon > 0, "horizon", horizon, "a number above 0")
    try check(horizon <= 1200 * purchases.unit.perMonth, "horizon", horizon, "at most 100 years")
    try check(monthlyDiscount > -1, "monthlyDiscount", monthlyDiscount, "a number above -1")
    try check(margin > 0, "margin", margin, "a number above 0")
    if let spend, spend.q <= 1 { throw CustomerValueError.infiniteMean(shape: spend.q) }
    self.purchases = purchases
    self.spend = spend
    self.horizon = horizon
    self.monthlyDiscount = monthlyDiscount
    self.margin = margin
  }

  /// The ends of the months until the horizon, and what money is worth there.
  private var months: [(end: Double, factor: Double)] {
    let month = purchases.unit.perMonth
    // A horizon of a whole number of months has no last part that rounding left over.
    let count = max(1, Int((horizon / month - 1e-9).rounded(.up)))
    return (1...count).map { index in
      let end = index == count ? horizon : Double(index) * month
      return (end, pow(1 + monthlyDiscount, -end / month))
    }
  }

  /// Forecasts of all customers of a base.
  ///
  /// - Parameters:
  ///   - levels: the levels of the intervals, between 0 and 1.
  ///   - draws: how many futures are simulated; none without levels.
  ///   - seed: the same seed gives the same intervals on any number of cores.
  /// - Complexity: O(customers · (months + draws · purchases)), on all cores.
  /// - Throws: `CustomerValueError`.
  public func forecast(
    _ base: CustomerBase, levels: [Double] = [], draws: Int = 500, seed: UInt64 = 42
  ) throws -> LifetimeForecast {
    try purchases.check(base)
    guard base.unit == purchases.unit else {
      throw CustomerValueError.invalidParameter(
        name: "unit", value: base.unit.rawValue, expected: "\(purchases.unit.rawValue), as the model has it")
    }
    guard levels.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      throw CustomerValueError.invalidParameter(
        name: "levels", value: "\(levels)", expected: "numbers between 0 and 1")
    }
    guard levels.isEmpty || (2...100_000).contains(draws) else {
      throw CustomerValueError.invalidParameter(name: "draws", value: "\(draws)", expected: "2 to 100000")
    }
    let months = self.months
    let futures = levels.isEmpty ? nil : Futures(self, months: months, draws: draws, seed: seed)
    let blocks = parallelBlocks(base.count, blockSize: 256) {
      block -> ([CustomerForecast], [SIMD2<Double>]) in
      var totals = [SIMD2<Double>](repeating: .zero, count: futures?.draws ?? 0)
      let rows = block.map { index -> CustomerForecast in
        let covariates = base.covariates?.row(index) ?? []
        let history = base.histories[index]
        var row = expectation(base.ids[index], history, covariates, months)
        if let futures {
          let drawn = futures.drawn(history, covariates, index: index)
          for draw in drawn.indices { totals[draw] += drawn[draw] }
          row.intervals = LifetimeForecast.intervals(drawn, levels)
        }
        return row
      }
      return (rows, totals)
    }
    var totals = [SIMD2<Double>](repeating: .zero, count: futures?.draws ?? 0)
    for (_, block) in blocks { for draw in totals.indices { totals[draw] += block[draw] } }
    return LifetimeForecast(
      customers: blocks.flatMap(\.0), totalIntervals: LifetimeForecast.intervals(totals, levels))
  }

  private func expectation(
    _ id: String, _ history: PurchaseHistory, _ covariates: [Double],
    _ months: [(end: Double, factor: Double)]
  ) -> CustomerForecast {
    let own = purchases.own(covariates)
    var (discounted, before) = (0.0, 0.0)
    for month in months {
      let until = purchases.process.expectedPurchases(history, month.end, own)
      discounted += (until - before) * month.factor
      before = until
    }
    let amount = spend?.expectedSpend(history)
    return CustomerForecast(
      id: id, history: history, probabilityAlive: purchases.process.probabilityAlive(history, own),
      expectedPurchases: before, expectedSpend: amount,
      lifetimeValue: amount.map { $0 * discounted * margin },
      intervals: [])
  }
}

/// Simulated futures of customers.
private struct Futures: Sendable {
  let horizon: Double
  let margin: Double
  let months: [(end: Double, factor: Double)]
  let purchases: [PurchaseModel]
  let spend: [GammaGammaModel]?
  let seed: UInt64

  init(_ value: LifetimeValue, months: [(end: Double, factor: Double)], draws: Int, seed: UInt64) {
    horizon = value.horizon
    margin = value.margin
    self.months = months
    self.seed = seed
    purchases = value.purchases.drawn(count: draws, seed: seed)
    spend = value.spend?.drawn(count: draws, seed: seed)
  }

  var draws: Int { purchases.count }

  /// Purchases and value of one customer in each draw.
  func drawn(_ history: PurchaseHistory, _ covariates: [Double], index: Int) -> [SIMD2<Double>] {
    var random = RandomSource(seed: seed, stream: UInt64(index) + 1)
    let process = purchases[0].process
    return (0..<draws).map { draw in
      let own = purchases[draw].own(covariates)
      let traits = process.customer(with: history, own, using: &random)
      guard traits.isHere else { return .zero }
      var (count, month, bought) = (0.0, 0, 0.0)
      var value = 0.0
      let rate = spend?[draw].drawnRate(history, using: &random)
      var amounts = RandomSource(seed: seed &+ 1, stream: UInt64(index) &* 0x9E37_79B9 &+ UInt64(draw) &+ 1)
      func settle() {
        guard bought > 0, let spend, let rate else { return }
        value += amounts.gamma(shape: spend[draw].p * bought) / rate * months[month].factor * margin
        bought = 0
      }
      process.purchases(of: traits, within: horizon, using: &random) { time in
        if time > months[month].end {
          settle()
          while month < months.count - 1, time > months[month].end { month += 1 }
        }
        count += 1
        bought += 1
      }
      settle()
      return SIMD2(count, value)
    }
  }
}
