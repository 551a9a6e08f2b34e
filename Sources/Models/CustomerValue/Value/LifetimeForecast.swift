import MathKernels

/// What one customer will be worth.
public struct CustomerForecast: Sendable, Equatable {
  /// The customer.
  public var id: String
  /// What is known of the customer.
  public var history: PurchaseHistory
  /// The probability that the customer still buys.
  public var probabilityAlive: Double
  /// The expected purchases within the horizon.
  public var expectedPurchases: Double
  /// The expected amount of a purchase; nil where only purchases are forecast.
  public var expectedSpend: Double?
  /// The expected discounted value; nil where only purchases are forecast.
  public var lifetimeValue: Double?
  /// Where purchases and value will lie, for each level.
  public var intervals: [ForecastInterval]
}

/// Where purchases and value will lie with a stated probability.
public struct ForecastInterval: Sendable, Equatable {
  /// The purchases.
  public var purchases: ConfidenceInterval
  /// The value; of width 0 at 0 where only purchases are forecast.
  public var value: ConfidenceInterval
}

/// What all customers of a base will be worth.
public struct LifetimeForecast: Sendable, Equatable {
  /// Each customer, in the order of the base.
  public let customers: [CustomerForecast]
  /// Where the sums over all customers will lie, for each level.
  public let totalIntervals: [ForecastInterval]

  /// The expected purchases of all customers.
  public var totalPurchases: Double { customers.reduce(0) { $0 + $1.expectedPurchases } }
  /// The expected value of all customers; nil where only purchases are forecast.
  public var totalValue: Double? {
    customers.reduce(Optional(0.0)) { sum, next in sum.flatMap { sum in next.lifetimeValue.map { sum + $0 } }
    }
  }

  static func intervals(_ drawn: [SIMD2<Double>], _ levels: [Double]) -> [ForecastInterval] {
    guard !drawn.isEmpty, !levels.isEmpty else { return [] }
    let (counts, values) = (drawn.map { $0[0] }.sorted(), drawn.map { $0[1] }.sorted())
    func range(_ sorted: [Double], _ level: Double) -> ConfidenceInterval {
      ConfidenceInterval(
        lower: Statistics.quantile(ofSorted: sorted, at: (1 - level) / 2),
        upper: Statistics.quantile(ofSorted: sorted, at: (1 + level) / 2), level: level)
    }
    return levels.map { ForecastInterval(purchases: range(counts, $0), value: range(values, $0)) }
  }
}
