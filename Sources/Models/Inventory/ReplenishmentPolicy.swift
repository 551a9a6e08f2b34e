/// Decides at each period how much to order.
public protocol ReplenishmentPolicy: Sendable {
  /// The quantity wanted, before it is rounded to what the supplier accepts; 0 for none.
  func quantity(_ state: StockState) -> Double
}

/// What a policy sees before it orders.
public struct StockState: Sendable, Equatable {
  /// The period, counted from 0.
  public var period: Int
  /// The units on the shelf.
  public var onHand: Double
  /// The units ordered that have not arrived.
  public var onOrder: Double
  /// The demand that waits.
  public var backorders: Double
  /// The demand of all periods before this one, the history given first.
  public var pastDemand: [Double]

  /// The stock on hand and on order less the demand that waits.
  public var position: Double { onHand + onOrder - backorders }
}

/// Orders Q, as often as needed, when the position is at or below r.
public struct ReorderPointPolicy: ReplenishmentPolicy, Equatable {
  /// When to order.
  public var reorderPoint: Double
  /// How much to order.
  public var orderQuantity: Double

  /// A policy.
  public init(reorderPoint: Double, orderQuantity: Double) {
    (self.reorderPoint, self.orderQuantity) = (reorderPoint, orderQuantity)
  }

  /// See `ReplenishmentPolicy`.
  public func quantity(_ state: StockState) -> Double {
    guard state.position <= reorderPoint, orderQuantity > 0 else { return 0 }
    return (((reorderPoint - state.position) / orderQuantity).rounded(.down) + 1) * orderQuantity
  }
}

/// Orders up to S when the position is at or below s, at every so-manieth period; a base stock has s = S.
public struct OrderUpToPolicy: ReplenishmentPolicy, Equatable {
  /// When to order.
  public var reorderPoint: Double
  /// The position to order up to.
  public var orderUpTo: Double
  /// How many periods pass between two reviews.
  public var reviewPeriod: Int

  /// A policy.
  public init(reorderPoint: Double, orderUpTo: Double, reviewPeriod: Int = 1) {
    (self.reorderPoint, self.orderUpTo, self.reviewPeriod) = (reorderPoint, orderUpTo, max(1, reviewPeriod))
  }

  /// See `ReplenishmentPolicy`.
  public func quantity(_ state: StockState) -> Double {
    guard state.period % reviewPeriod == 0, state.position <= reorderPoint else { return 0 }
    return max(0, orderUpTo - state.position)
  }
}

/// Orders up to a level of its own at each period, such as a quantile of a forecast.
public struct TargetLevelPolicy: ReplenishmentPolicy, Equatable {
  /// The levels; NaN for a period without a review, and none after the last.
  public var levels: [Double]

  /// A policy.
  public init(levels: [Double]) { self.levels = levels }

  /// See `ReplenishmentPolicy`.
  public func quantity(_ state: StockState) -> Double {
    guard levels.indices.contains(state.period), !levels[state.period].isNaN else { return 0 }
    return max(0, levels[state.period] - state.position)
  }
}

/// Orders so many periods of the mean of the last ones, as shops without a forecast do.
public struct TrailingAveragePolicy: ReplenishmentPolicy, Equatable {
  /// How many of the last periods are averaged.
  public var window: Int
  /// How many periods the position shall cover.
  public var cover: Double

  /// A policy; by default the mean of four periods, covering `cover` periods, the lead time included.
  public init(window: Int = 4, cover: Double) { (self.window, self.cover) = (max(1, window), cover) }

  /// See `ReplenishmentPolicy`.
  public func quantity(_ state: StockState) -> Double {
    let recent = state.pastDemand.suffix(window)
    guard !recent.isEmpty else { return 0 }
    return max(0, cover * recent.reduce(0, +) / Double(recent.count) - state.position)
  }
}
