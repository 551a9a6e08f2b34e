/// Sorts items by how much they bring (A, B, C) and by how steadily they sell (X, Y, Z).
///
/// ```swift
/// let classes = try ABCXYZ().classify([
///   .init(id: "milk", value: 900, demand: [30, 31, 29, 30]), .init(id: "skis", value: 100, demand: [0, 0, 9, 0]),
/// ])
/// print(classes[0].label, classes[1].label)     // AX CZ
/// ```
/// A are the items, by falling value, that bring the first 80 % of it together, B the next 15 %, C the rest. X are items
/// whose demand has a coefficient of variation of at most .5, Y of at most 1. Sources: Dickie (1951), ABC inventory
/// analysis shoots for dollars not pennies, Factory Management and Maintenance 109, 92–94; Scholz-Reiter et al. (2012),
/// https://doi.org/10.1016/j.procir.2012.07.080
///
/// - Complexity: O(n log n) and the length of the demands.
public struct ABCXYZ: Sendable, Equatable {
  /// The shares of the value that A, and A with B, bring.
  public var shares: (a: Double, b: Double) { (shareA, shareB) }
  /// The coefficients of variation up to which an item is X, and Y.
  public var variations: (x: Double, y: Double) { (variationX, variationY) }
  private var shareA: Double
  private var shareB: Double
  private var variationX: Double
  private var variationY: Double

  /// Limits of the classes.
  public init(shares: (a: Double, b: Double) = (0.8, 0.95), variations: (x: Double, y: Double) = (0.5, 1)) {
    (shareA, shareB) = shares
    (variationX, variationY) = variations
  }

  /// What is known of an item.
  public struct Item: Sendable, Equatable {
    /// Its name.
    public var id: String
    /// What it brings, such as its revenue or margin in a year.
    public var value: Double
    /// How much of it sold in each period.
    public var demand: [Double]

    /// An item.
    public init(id: String, value: Double, demand: [Double]) {
      (self.id, self.value, self.demand) = (id, value, demand)
    }
  }

  /// The class of an item.
  public struct Class: Sendable, Equatable {
    /// The item's name.
    public var id: String
    /// `A`, `B` or `C`.
    public var value: String
    /// `X`, `Y` or `Z`.
    public var steadiness: String
    /// Its share of the value of all items.
    public var share: Double
    /// The coefficient of variation of its demand; nil where nothing sold.
    public var variation: Double?
    /// Both letters, such as `AX`.
    public var label: String { value + steadiness }
  }

  /// The classes, in the order of the items; items of the same value are ranked in that order too.
  ///
  /// - Throws: `InventoryError` for limits out of order or a value that is not a number of at least 0.
  public func classify(_ items: [Item]) throws -> [Class] {
    guard 0 < shareA, shareA <= shareB, shareB <= 1 else {
      throw InventoryError.invalidParameter(name: "shares", value: shareA, expected: "0 < A ≤ B ≤ 1")
    }
    guard 0 < variationX, variationX <= variationY else {
      throw InventoryError.invalidParameter(name: "variations", value: variationX, expected: "0 < X ≤ Y")
    }
    for item in items {
      try InventoryError.requireNonnegative(["value of \(item.id)": item.value])
      for value in item.demand { try InventoryError.requireNonnegative(["demand of \(item.id)": value]) }
    }
    let total = items.reduce(0) { $0 + $1.value }
    var letters = [String](repeating: "C", count: items.count)
    var before = 0.0
    let ranked = items.indices.sorted { (-items[$0].value, $0) < (-items[$1].value, $1) }
    for index in ranked where total > 0 {
      // An item that begins below the limit belongs to the class, so that one item that brings nearly all is an A.
      letters[index] = before < shareA * total ? "A" : before < shareB * total ? "B" : "C"
      before += items[index].value
    }
    return items.indices.map { index in
      let variation = Self.variation(items[index].demand)
      let steadiness = variation.map { $0 <= variationX ? "X" : $0 <= variationY ? "Y" : "Z" } ?? "Z"
      return Class(
        id: items[index].id, value: letters[index], steadiness: steadiness,
        share: total > 0 ? items[index].value / total : 0, variation: variation)
    }
  }

  private static func variation(_ demand: [Double]) -> Double? {
    guard demand.count > 1 else { return nil }
    let mean = demand.reduce(0, +) / Double(demand.count)
    guard mean > 0 else { return nil }
    let squares = demand.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(demand.count - 1)).squareRoot() / mean
  }
}
