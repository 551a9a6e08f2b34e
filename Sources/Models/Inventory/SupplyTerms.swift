/// The terms on which an item is bought and kept.
public struct SupplyTerms: Sendable, Codable, Equatable {
  /// How many periods an order takes to arrive; with 0 it serves the demand of the period it is placed in.
  public var leadTime: Int
  /// The standard deviation of that.
  public var leadTimeDeviation: Double
  /// The least a supplier delivers, 0 for no limit.
  public var minimumOrder: Double
  /// Orders come in multiples of it.
  public var packSize: Double
  /// How many periods a unit keeps after it arrives; nil for ever.
  public var shelfLife: Int?

  /// Terms.
  public init(
    leadTime: Int = 0, leadTimeDeviation: Double = 0, minimumOrder: Double = 0, packSize: Double = 1,
    shelfLife: Int? = nil
  ) {
    (self.leadTime, self.leadTimeDeviation) = (leadTime, leadTimeDeviation)
    (self.minimumOrder, self.packSize, self.shelfLife) = (minimumOrder, packSize, shelfLife)
  }

  /// The least order the supplier accepts that has at least this quantity; 0 for none.
  public func roundedUp(_ quantity: Double) -> Double {
    guard quantity > 1e-9 else { return 0 }
    return ((max(quantity, minimumOrder) - 1e-9) / packSize).rounded(.up) * packSize
  }

  func validate() throws {
    try InventoryError.requireNonnegative([
      "leadTime": Double(leadTime), "leadTimeDeviation": leadTimeDeviation, "minimumOrder": minimumOrder,
    ])
    try InventoryError.requirePositive(["packSize": packSize])
    if let shelfLife { try InventoryError.requirePositive(["shelfLife": Double(shelfLife)]) }
  }
}
