/// The stock that protects against forecast errors and late deliveries until the next order can arrive.
///
/// ```swift
/// let stock = ProtectionStock(
///   demandMean: 20, demandDeviation: 6, leadTime: 4, leadTimeDeviation: 1, reviewPeriod: 1)
/// let spare = try stock.safetyStock(serviceLevel: 0.95)         // 39.6 units
/// let target = try stock.orderUpTo(serviceLevel: 0.95)          // the mean of 5 periods and the safety stock
/// ```
/// `demandDeviation` is that of the forecast's error where there is a forecast, else that of the demand; all times are in
/// the periods of the demand. Source: Silver, Pyke and Thomas (2016), Inventory and Production Management in Supply
/// Chains, chapter 6, https://doi.org/10.1201/9781315374406
///
/// - Complexity: O(1); with a fill rate some hundred steps.
public struct ProtectionStock: Sendable, Equatable {
  /// The mean demand of a period.
  public var demandMean: Double
  /// The standard deviation of its forecast's error.
  public var demandDeviation: Double
  /// How many periods an order takes.
  public var leadTime: Double
  /// The standard deviation of that.
  public var leadTimeDeviation: Double
  /// How many periods pass between reviews; 0 when every sale is one.
  public var reviewPeriod: Double

  /// A problem of one item.
  public init(
    demandMean: Double, demandDeviation: Double, leadTime: Double, leadTimeDeviation: Double = 0,
    reviewPeriod: Double = 0
  ) {
    (self.demandMean, self.demandDeviation) = (demandMean, demandDeviation)
    (self.leadTime, self.leadTimeDeviation, self.reviewPeriod) = (leadTime, leadTimeDeviation, reviewPeriod)
  }

  /// The demand from an order's decision until the order after it arrives: variance (L + R)·σ² + μ²·σ_L².
  public var demand: DemandDistribution { demand(over: leadTime + reviewPeriod) }

  private func demand(over time: Double) -> DemandDistribution {
    let late = demandMean * leadTimeDeviation
    let variance = time * demandDeviation * demandDeviation + late * late
    return .normal(mean: demandMean * time, deviation: variance.squareRoot())
  }

  /// What is kept above the mean demand, so that the stock suffices with this probability.
  ///
  /// - Throws: `InventoryError`.
  public func safetyStock(serviceLevel: Double) throws -> Double {
    try orderUpTo(serviceLevel: serviceLevel) - demand.mean
  }

  /// The stock on hand and on order that suffices with this probability: the level to order up to at a review, or with
  /// a review at every sale the reorder point.
  ///
  /// - Throws: `InventoryError`.
  public func orderUpTo(serviceLevel: Double) throws -> Double {
    try validate()
    try Self.requireShare("serviceLevel", serviceLevel)
    return demand.quantile(serviceLevel)
  }

  /// The share of the demand served at once when `quantity` is ordered at the reorder point, the rest waiting.
  ///
  /// - Throws: `InventoryError`.
  public func fillRate(reorderPoint: Double, quantity: Double) throws -> Double {
    try validate()
    try InventoryError.requirePositive(["quantity": quantity])
    return 1 - (demand.shortage(reorderPoint) - demand.shortage(reorderPoint + quantity)) / quantity
  }

  /// The share of the demand served at once when every review orders up to a level, the rest waiting.
  ///
  /// - Throws: `InventoryError`; the review period must be above 0.
  public func fillRate(orderUpTo level: Double) throws -> Double {
    try validate()
    try InventoryError.requirePositive(["reviewPeriod": reviewPeriod, "demandMean": demandMean])
    let waiting = demand.shortage(level) - demand(over: leadTime).shortage(level)
    return 1 - waiting / (demandMean * reviewPeriod)
  }

  /// The least reorder point that serves this share of the demand at once with orders of `quantity`.
  ///
  /// - Throws: `InventoryError`.
  public func reorderPoint(fillRate: Double, quantity: Double) throws -> Double {
    try Self.requireShare("fillRate", fillRate)
    return try least { try self.fillRate(reorderPoint: $0, quantity: quantity) >= fillRate }
  }

  /// The least level to order up to at every review that serves this share of the demand at once.
  ///
  /// - Throws: `InventoryError`; the review period must be above 0.
  public func orderUpTo(fillRate: Double) throws -> Double {
    try Self.requireShare("fillRate", fillRate)
    return try least { try self.fillRate(orderUpTo: $0) >= fillRate }
  }

  private func least(_ suffices: (Double) throws -> Bool) throws -> Double {
    try validate()
    let spread = demand.deviation + demandMean
    var (low, high) = (demand.mean - 20 * spread, demand.mean + 20 * spread)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if try suffices(middle) { high = middle } else { low = middle }
    }
    return high
  }

  private func validate() throws {
    try InventoryError.requireNonnegative([
      "demandMean": demandMean, "demandDeviation": demandDeviation, "leadTime": leadTime,
      "leadTimeDeviation": leadTimeDeviation, "reviewPeriod": reviewPeriod,
    ])
  }

  static func requireShare(_ name: String, _ value: Double) throws {
    guard value > 0, value < 1 else {
      throw InventoryError.invalidParameter(name: name, value: value, expected: "a share between 0 and 1")
    }
  }
}
