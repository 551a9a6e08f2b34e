import MathKernels

/// What a bundle costs, brings and may be discounted by.
///
/// ```swift
/// let bundle = BundleEconomics(
///   parts: [.init(price: 4, cost: 2.5), .init(price: 3, cost: 1.8)], jointPerWeek: 12, extraPerWeek: 5, extraRange: range)
/// bundle.largestDiscount    // the share of the price that can be given away before money is lost
/// ```
/// Who buys all parts anyway gets the discount too, and an extra sale adds the last part alone, since the others are bought anyway.
/// A discount d pays as long as (price − cost of the last part) · extra ≥ d · price · (extra + joint), `extra` taken from the
/// lower end of its interval. That customers who see the bundle buy as those do who already buy its parts together is an
/// assumption: what goes together was observed, not caused.
public struct BundleEconomics: Sendable, Equatable {
  /// One item of the bundle.
  public struct Part: Sendable, Equatable {
    /// What a unit is sold for, in major units; nil where it was never sold for money.
    public var price: Double?
    /// What a unit costs the shop; nil where it is not known.
    public var cost: Double?

    /// An item.
    public init(price: Double?, cost: Double?) { (self.price, self.cost) = (price, cost) }
  }

  /// The items.
  public var parts: [Part]
  /// In how many orders a week all are bought together already.
  public var jointPerWeek: Double
  /// Units of the last part that go with the others beyond chance, a week.
  public var extraPerWeek: Double
  /// Where they lie.
  public var extraRange: ConfidenceInterval?

  /// A bundle.
  public init(
    parts: [Part], jointPerWeek: Double, extraPerWeek: Double, extraRange: ConfidenceInterval?
  ) {
    (self.parts, self.jointPerWeek) = (parts, jointPerWeek)
    (self.extraPerWeek, self.extraRange) = (extraPerWeek, extraRange)
  }

  /// No more than this is suggested, whatever the margin.
  public static let mostDiscount = 0.3

  /// What all parts are sold for one by one; nil where one has no price.
  public var price: Double? { sum(\.price) }
  /// What all parts cost; nil where one is not known.
  public var cost: Double? { sum(\.cost) }
  /// What is left of the price; nil where price or cost is not known.
  public var margin: Double? { price.flatMap { price in cost.map { price - $0 } } }

  private func sum(_ part: (Part) -> Double?) -> Double? {
    parts.reduce(Optional(0.0)) { sum, next in sum.flatMap { sum in part(next).map { sum + $0 } } }
  }

  /// The largest share of the price that can be given away before money is lost; nil where price or cost is not known.
  public var largestDiscount: Double? {
    guard let price, price > 0, let last = parts.last, let own = last.price, let cost = last.cost else {
      return nil
    }
    let extra = max(0, extraRange?.lower ?? extraPerWeek)
    let whole = margin ?? 0
    // An extra sale adds the last part: the others are bought anyway.
    let gain = max(0, own - cost) * extra
    guard gain > 0, whole > 0, extra + jointPerWeek > 0 else { return 0 }
    return min(gain / ((extra + jointPerWeek) * price), whole / price)
  }

  /// A discount that does not lose money, in whole percent, rounded down; nil where price or cost is not known, 0 where none pays.
  public var suggestedDiscount: Double? {
    largestDiscount.map { (min($0, Self.mostDiscount) * 100).rounded(.down) / 100 }
  }

  /// What a discount brings a week, in major units: the margin of what is sold beyond chance, less what is given away; nil where
  /// price or cost is not known.
  public func weeklyGain(discount: Double, extra: Double) -> Double? {
    guard let price, let last = parts.last, let own = last.price, let cost = last.cost else { return nil }
    return (own - cost) * extra - discount * price * (extra + jointPerWeek)
  }
}
