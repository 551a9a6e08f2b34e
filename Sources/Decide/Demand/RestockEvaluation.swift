import Foundation
import Inventory
import Learning
import MathKernels

/// Replays past weeks: what would orders by forecasts have cost, beside orders of so many weeks of the last four weeks' mean?
///
/// ```swift
/// let items = [RestockEvaluation.Item(id: "tea", demand: weeks, price: 3)]
/// let report = try RestockEvaluation().run(items, context: FitContext())
/// print(report.test.saving, report.test.interval)
/// ```
/// Both policies order once a week and wait as long. In each week the forecast is made anew from the weeks before it, by the method
/// that was best until then, and its errors until then, pooled over alike items, say how much more to keep. How much of them to
/// guard against is set on earlier weeks, so that both policies serve the same share of the demand there, weighted by price; then the
/// later weeks are replayed. The interval is of a bootstrap that draws items, both policies' costs together.
///
/// - Complexity: O(items · weeks · methods · weeks) for the forecasts, on all cores.
public struct RestockEvaluation: Sendable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Weeks replayed.
    public var weeks: Int
    /// Weeks before them on which the policies are set to the same fill rate.
    public var tuningWeeks: Int
    /// How many weeks an order takes.
    public var leadWeeks: Int
    /// For how many weeks' mean demand the other policy orders in all: by default the week until the next order, the week that one
    /// takes, and two weeks' cover.
    public var cover: Double
    /// What it costs to keep a unit for a year, as a share of its price.
    public var holdingShare: Double
    /// What a missing unit costs, as a share of its price.
    public var shortageShare: Double
    /// The share of the demand that both shall serve; nil for what the other policy serves with its cover.
    public var fillRate: Double?

    /// Settings.
    public init(
      weeks: Int = 26, tuningWeeks: Int = 13, leadWeeks: Int = 1, cover: Double = 4,
      holdingShare: Double = 0.25, shortageShare: Double = 0.3, fillRate: Double? = nil
    ) {
      (self.weeks, self.tuningWeeks, self.leadWeeks, self.cover) = (weeks, tuningWeeks, leadWeeks, cover)
      (self.holdingShare, self.shortageShare, self.fillRate) = (holdingShare, shortageShare, fillRate)
    }
  }

  /// An item with its past.
  public struct Item: Sendable, Equatable {
    /// Its name.
    public var id: String
    /// Units of each week, oldest first.
    public var demand: [Double]
    /// What a unit costs.
    public var price: Double

    /// An item.
    public init(id: String, demand: [Double], price: Double) {
      (self.id, self.demand, self.price) = (id, demand, price)
    }

    /// An item of a history, at the mean price that its customers paid.
    ///
    /// - Parameter unit: what a minor unit of the currency is worth.
    public init(_ subject: DemandSubject, of history: DemandHistory, unit: Double) {
      let weeks = history.weeks(of: subject) ?? []
      let (units, amount) = weeks.reduce((0.0, 0.0)) { ($0.0 + $1.units, $0.1 + $1.amount) }
      self.init(
        id: subject.id, demand: weeks.map(\.units), price: units > 0 ? amount / units * unit : 0)
    }
  }

  /// What came of it.
  public struct Report: Sendable, Codable, Equatable {
    /// The later weeks, with what was set on the earlier ones.
    public var test: RestockBacktest
    /// The later weeks when the forecasts' share to guard against is set there, so that both serve exactly the same share.
    public var equal: RestockBacktest
    /// For how many weeks' mean the other policy ordered.
    public var cover: Double
    /// The probability that the forecasts guarded against.
    public var level: Double
    /// The share of the demand that both served in the earlier weeks.
    public var tunedFillRate: Double
  }

  /// The settings.
  public let configuration: Configuration

  /// A replay with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// The fewest weeks before the first one that policies are set on.
  static let fewestBefore = 11

  /// Replays.
  ///
  /// - Throws: `DemandError`, `InventoryError`, `CancellationError`.
  public func run(_ items: [Item], context: FitContext) throws -> Report {
    try validate()
    let count = items.map(\.demand.count).min() ?? 0
    let needed = configuration.weeks + configuration.tuningWeeks + Self.fewestBefore
    guard count >= needed, items.allSatisfy({ $0.demand.count == count }) else {
      throw DemandError.notEnoughData(needed: "\(needed) weeks of every item", found: "\(count)")
    }
    let known = items.filter {
      $0.demand[..<(count - configuration.weeks)].contains { $0 > 0 } && $0.price > 0
    }
    guard !known.isEmpty else {
      throw DemandError.notEnoughData(needed: "an item with a price that sold before", found: "none")
    }
    let forecasts = try ReplayedForecasts(
      known.map(\.demand), protection: configuration.leadWeeks + 1, context: context)
    let replay = Replay(items: known, forecasts: forecasts, configuration: configuration)
    let (early, late) = (
      count - configuration.weeks - configuration.tuningWeeks..<count - configuration.weeks,
      count - configuration.weeks..<count
    )
    var cover = configuration.cover
    if let wanted = configuration.fillRate {
      cover = try Replay.least(0.2...20) { try replay.baseline($0, over: early).fillRate >= wanted }
    }
    let target = try configuration.fillRate ?? replay.baseline(cover, over: early).fillRate
    let level = try Replay.least(0.02...0.9999) { try replay.policy($0, over: early).fillRate >= target }
    let other = try replay.baseline(cover, over: late)
    let same = try Replay.least(0.02...0.9999) {
      try replay.policy($0, over: late).fillRate >= other.fillRate
    }
    return Report(
      test: compare(try replay.policy(level, over: late), other, context.seed),
      equal: compare(try replay.policy(same, over: late), other, context.seed), cover: cover, level: level,
      tunedFillRate: target)
  }

  private func validate() throws {
    let limits: [(String, Double, ClosedRange<Double>)] = [
      ("weeks", Double(configuration.weeks), 4...260),
      ("tuning_weeks", Double(configuration.tuningWeeks), 4...260),
      ("lead_weeks", Double(configuration.leadWeeks), 0...12), ("cover", configuration.cover, 0.1...52),
      ("holding_share", configuration.holdingShare, 0...10),
      ("shortage_share", configuration.shortageShare, 0...100),
      ("fill_rate", configuration.fillRate ?? 0.9, 0.01...0.999),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw DemandError.invalidParameter(
        name: name, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
  }

  private static let draws = 2_000

  private func compare(_ own: Replay.Sum, _ other: Replay.Sum, _ seed: UInt64) -> RestockBacktest {
    var random = RandomSource(seed: seed, stream: 0x5106)
    let savings = (0..<Self.draws).map { _ -> Double in
      var (mine, theirs) = (0.0, 0.0)
      for _ in own.costs.indices {
        let item = random.index(below: own.costs.count)
        mine += own.costs[item]
        theirs += other.costs[item]
      }
      return theirs > 0 ? 1 - mine / theirs : 0
    }
    let ends = Statistics.quantiles(savings, at: [0.025, 0.975])
    return RestockBacktest(
      weeks: configuration.weeks, items: own.costs.count, policy: own.outcome, baseline: other.outcome,
      saving: other.outcome.cost > 0 ? 1 - own.outcome.cost / other.outcome.cost : 0,
      interval: ConfidenceInterval(lower: ends[0], upper: ends[1], level: 0.95))
  }
}

/// What was expected of each item from each week on, from the weeks before it, and how wrong such forecasts had been.
struct ReplayedForecasts: Sendable {
  /// By week and item, the units expected until an order after this one arrives; NaN before there was a forecast.
  private(set) var mean: [[Double]]
  /// By week and item, by how much that is usually off.
  private(set) var spread: [[Double]]
  /// By week, past errors over their spread, in ascending order.
  private let errors: [[Double]]

  private static let reportSize = 64

  init(_ demand: [[Double]], protection: Int, context: FitContext) throws {
    let weeks = demand.first?.count ?? 0
    let origins = Array(SubjectFolds.fewest..<max(SubjectFolds.fewest, weeks))
    var folds: [SubjectFolds] = []
    for start in stride(from: 0, to: demand.count, by: Self.reportSize) {
      let end = min(demand.count, start + Self.reportSize)
      folds += parallelBlocks(end - start, blockSize: 1) { block in
        let values = demand[start + block.lowerBound]
        return SubjectFolds(
          values, first: values.firstIndex { $0 > 0 } ?? weeks - 1, group: "item", isWide: false,
          origins: origins, horizon: protection)
      }
      try context.checkpoint(step: end, of: demand.count)
    }
    let choice = DemandChoice(subjects: folds, origins: origins, horizon: protection, shrinkage: 200)
    (mean, spread) = (
      [[Double]](repeating: [Double](repeating: .nan, count: demand.count), count: weeks), []
    )
    spread = mean
    for (place, origin) in origins.enumerated() {
      let (methods, usual) = (choice.methods(at: origin), Self.usualSpread(folds, before: origin))
      for item in folds.indices {
        guard let method = methods[item], let said = folds[item].said[place]?[method] else { continue }
        mean[origin][item] = said.reduce(0, +)
        spread[origin][item] =
          DemandScale.usual(folds[item], before: origin, spreads: usual) * Double(protection).squareRoot()
      }
    }
    errors = Self.errors(demand, mean, spread, protection: protection)
  }

  private static func usualSpread(_ folds: [SubjectFolds], before week: Int) -> [String: Double] {
    let spreads = folds.filter { week - $0.first >= SubjectFolds.fewest }.map { fold -> Double in
      let own = DemandScale.own(fold, before: week)
      return own.variance / own.level
    }
    return spreads.isEmpty ? [:] : ["item": Statistics.median(spreads)]
  }

  private static func errors(
    _ demand: [[Double]], _ mean: [[Double]], _ spread: [[Double]], protection: Int
  ) -> [[Double]] {
    var known: [Double] = []
    return mean.indices.map { week in
      // The forecast of this origin has been measured when its last week is over.
      let origin = week - protection
      if origin >= 0 {
        for item in demand.indices where mean[origin][item].isFinite {
          let came = demand[item][origin..<week].reduce(0, +)
          known.append((came - mean[origin][item]) / spread[origin][item])
        }
        known.sort()
      }
      return known
    }
  }

  /// The stock that suffices with a probability, as it could be told in a week; NaN without a forecast.
  func level(_ item: Int, week: Int, _ probability: Double) -> Double {
    guard mean[week][item].isFinite, errors[week].count > 20 else { return .nan }
    let quantile = Statistics.quantile(ofSorted: errors[week], at: probability)
    return max(0, mean[week][item] + quantile * spread[week][item])
  }
}

/// Both policies over a stretch of weeks.
struct Replay {
  let items: [RestockEvaluation.Item]
  let forecasts: ReplayedForecasts
  let configuration: RestockEvaluation.Configuration

  /// What all items came to.
  struct Sum {
    var costs: [Double]
    var served: Double
    var demand: Double
    var waste: Double
    var fillRate: Double { demand > 0 ? served / demand : 1 }
    var outcome: RestockBacktest.Outcome {
      RestockBacktest.Outcome(cost: costs.reduce(0, +), fillRate: fillRate, waste: waste)
    }
  }

  func baseline(_ cover: Double, over weeks: Range<Int>) throws -> Sum {
    try run(over: weeks) { _ in TrailingAveragePolicy(window: 4, cover: cover) }
  }

  func policy(_ probability: Double, over weeks: Range<Int>) throws -> Sum {
    try run(over: weeks) { item in
      TargetLevelPolicy(levels: weeks.map { forecasts.level(item, week: $0, probability) })
    }
  }

  private func run(
    over weeks: Range<Int>, _ policy: (Int) -> some ReplenishmentPolicy
  ) throws -> Sum {
    var sum = Sum(costs: [], served: 0, demand: 0, waste: 0)
    for (index, item) in items.enumerated() {
      let simulator = InventorySimulator(
        costs: .init(
          holding: item.price * configuration.holdingShare / 52,
          shortage: item.price * configuration.shortageShare),
        terms: SupplyTerms(leadTime: configuration.leadWeeks))
      let before = Array(item.demand[..<weeks.lowerBound])
      // Both begin with what the last weeks would have asked for.
      let stock = (before.suffix(4).reduce(0, +) / 4 * Double(configuration.leadWeeks + 1)).rounded(.up)
      let outcome = try simulator.run(
        demand: Array(item.demand[weeks]), policy: policy(index), history: before, initialStock: stock)
      sum.costs.append(outcome.cost)
      sum.served += item.price * outcome.served
      sum.demand += item.price * outcome.demand
      sum.waste += outcome.waste
    }
    return sum
  }

  /// The least value of a range at which something holds that holds from there on.
  static func least(_ range: ClosedRange<Double>, _ holds: (Double) throws -> Bool) throws -> Double {
    var (low, high) = (range.lowerBound, range.upperBound)
    for _ in 0..<18 {
      let middle = (low + high) / 2
      if try holds(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
