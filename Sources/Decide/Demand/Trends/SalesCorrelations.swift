import Commerce
import Foundation
import MathKernels

/// How sales go with price, promotion, stock and delivery, and how little of that needs to be cause.
///
/// ```swift
/// let found = SalesCorrelations(history, attributes: [:], category: "COFFEE")
/// for factor in found.factors { print(factor.kind, factor.estimate ?? .nan, factor.naive ?? .nan) }
/// ```
/// Price and promotion vary from week to week, so items are compared with themselves: the logarithm of an item's units on the
/// logarithm of its undiscounted price and on the share that was taken off, with an intercept for each item and each week
/// (`PanelRegression`), over the weeks in which it was bought. Beside it stands what one line through all items and weeks
/// would say, which mixes dear items with cheap ones. Stock and delivery are known only as they are now, so items are compared
/// with others of their category. None of it is an experiment.
///
/// - Complexity: O(items · weeks).
public struct SalesCorrelations: Sendable {
  /// What sales may depend on.
  public enum Kind: String, Sendable, CaseIterable {
    /// The undiscounted price: an elasticity, percent of units for a percent of price.
    case price
    /// The share taken off: the relative change of units for ten percentage points more.
    case promotion
    /// Units in stock now: an elasticity across items.
    case stock
    /// Days until delivery: the relative change of units for a day more, across items.
    case delivery
  }

  /// What was found of one factor.
  public struct Factor: Sendable, Equatable {
    /// The factor.
    public let kind: Kind
    /// The estimate with everything held that can be; nil when the data do not allow one.
    public let estimate: Double?
    /// Where it lies with 95 % confidence.
    public let interval: ConfidenceInterval?
    /// The two-sided p-value of no effect.
    public let pValue: Double?
    /// The p-value adjusted for the factors looked at.
    public internal(set) var qValue: Double?
    /// Observations: weeks of items, or items.
    public let observations: Int
    /// Items.
    public let items: Int
    /// What one line through all observations says.
    public let naive: Double?
    /// How the share taken off and the undiscounted price go together within items, −1 to 1; nil for other factors.
    public let overlap: Double?
  }

  /// The factors in the order of their kinds.
  public let factors: [Factor]

  /// From so many weeks with sales on an item is looked at.
  static let leastWeeks = 12
  private static let leastItems = 5

  /// What goes with sales.
  ///
  /// - Parameters:
  ///   - attributes: the attributes of items by id.
  ///   - category: only items of it; nil for all.
  public init(_ history: DemandHistory, attributes: [String: [String: JSONValue]], category: String?) {
    let panel = SalesPanel(history, category: category)
    var found = Self.ofWeeks(panel)
    let across = SalesCrossSection(history, attributes: attributes, category: category)
    found.append(Self.ofItems(.stock, across, ["stock"]) { log($0 + 1) })
    found.append(Self.ofItems(.delivery, across, ["delivery_days", "lead_time_days"]) { $0 })
    let tested = found.indices.filter { found[$0].pValue != nil }
    let adjusted = HypothesisTests.benjaminiHochberg(tested.map { found[$0].pValue ?? 1 })
    for (index, value) in zip(tested, adjusted) { found[index].qValue = value }
    factors = found
  }

  private static func ofWeeks(_ panel: SalesPanel) -> [Factor] {
    let items = Set(panel.groups).count
    let isEnough = items >= leastItems
    let columns = [panel.logPrice, panel.discount]
    let within = PanelRegression(
      columns: columns, outcome: panel.logUnits, groups: panel.groups, periods: panel.weeks)
    let pooled = PanelRegression(
      columns: columns, outcome: panel.logUnits, groups: panel.groups, periods: nil, isWithin: false)
    let overlap = panel.overlap
    return [Kind.price, .promotion].enumerated().map { column, kind in
      let estimate = within.coefficients[column]
      guard isEnough, estimate.isFinite else {
        return Factor(
          kind: kind, estimate: nil, interval: nil, pValue: nil, observations: panel.groups.count,
          items: items, naive: nil, overlap: nil)
      }
      let read: (Double) -> Double = kind == .price ? { $0 } : { exp($0 / 10) - 1 }
      let interval = within.interval(column)
      let naive = pooled.coefficients[column]
      return Factor(
        kind: kind, estimate: read(estimate),
        interval: ConfidenceInterval(
          lower: read(interval.lower), upper: read(interval.upper), level: interval.level),
        pValue: within.pValue(column), observations: panel.groups.count, items: items,
        naive: naive.isFinite ? read(naive) : nil, overlap: overlap)
    }
  }

  private static func ofItems(
    _ kind: Kind, _ across: SalesCrossSection, _ keys: [String], _ scale: (Double) -> Double
  ) -> Factor {
    let rows = across.rows(keys)
    let none = Factor(
      kind: kind, estimate: nil, interval: nil, pValue: nil, observations: rows.count, items: rows.count,
      naive: nil, overlap: nil)
    guard rows.count >= 4 * leastItems else { return none }
    let values = rows.map { scale($0.value) }
    let (units, groups) = (rows.map(\.logUnits), rows.map(\.category))
    let within = PanelRegression(columns: [values], outcome: units, groups: groups, periods: nil)
    // Of one category each item is a cluster of its own.
    let single = PanelRegression(
      columns: [values], outcome: units, groups: Array(rows.indices), periods: nil, isWithin: false)
    let fit = within.clusters >= leastItems ? within : single
    guard fit.coefficients[0].isFinite, fit.errors[0] > 0 else { return none }
    let read: (Double) -> Double = kind == .stock ? { $0 } : { exp($0) - 1 }
    let interval = fit.interval(0)
    return Factor(
      kind: kind, estimate: read(fit.coefficients[0]),
      interval: ConfidenceInterval(
        lower: read(interval.lower), upper: read(interval.upper), level: interval.level),
      pValue: fit.pValue(0), observations: rows.count, items: rows.count,
      naive: read(single.coefficients[0]), overlap: nil)
  }
}

/// Weeks of items in which they were bought, side by side.
private struct SalesPanel {
  /// So many weeks of items are enough for any estimate; those of the items most bought are taken.
  static let limit = 300_000

  var logUnits: [Double] = []
  var logPrice: [Double] = []
  var discount: [Double] = []
  var groups: [Int] = []
  var weeks: [Int] = []

  init(_ history: DemandHistory, category: String?) {
    let ofItem = history.catalogue.columns(for: history.items).category
    let wanted = category.flatMap { history.catalogue.categories.index(of: $0) }
    var group = 0
    for subject in history.subjects(.item) where groups.count < Self.limit {
      guard let item = history.items.index(of: subject.id) else { continue }
      if category != nil, wanted == nil || ofItem[Int(item)] != wanted { continue }
      let own = history.weeks(ofItem: Int(item))
      let sold = own.indices.filter { own[$0].units > 0 && own[$0].amount > 0 }
      guard sold.count >= SalesCorrelations.leastWeeks else { continue }
      for week in sold {
        let (units, paid, off) = (own[week].units, own[week].amount, own[week].discount)
        logUnits.append(log(units))
        logPrice.append(log((paid + off) / units))
        discount.append(off / (paid + off))
        groups.append(group)
        weeks.append(week)
      }
      group += 1
    }
  }

  /// How undiscounted prices and discounts go together within items.
  var overlap: Double? {
    let means = Dictionary(grouping: groups.indices, by: { groups[$0] })
    var (prices, shares) = (logPrice, discount)
    for own in means.values {
      let price = own.reduce(0) { $0 + logPrice[$1] } / Double(own.count)
      let share = own.reduce(0) { $0 + discount[$1] } / Double(own.count)
      for index in own {
        prices[index] -= price
        shares[index] -= share
      }
    }
    guard groups.count > 2 else { return nil }
    let correlation = Statistics.correlation(prices, shares)
    return correlation.isFinite ? correlation : nil
  }
}

/// Items beside each other: their usual weekly units and what their attributes say.
private struct SalesCrossSection {
  private var items: [(id: String, category: Int, logUnits: Double)] = []
  private let attributes: [String: [String: JSONValue]]

  init(_ history: DemandHistory, attributes: [String: [String: JSONValue]], category: String?) {
    self.attributes = attributes
    guard !attributes.isEmpty else { return }
    let ofItem = history.catalogue.columns(for: history.items).category
    let wanted = category.flatMap { history.catalogue.categories.index(of: $0) }
    // What sold lately is beside what is in stock now.
    let recent = max(0, history.count - 13)..<history.count
    for subject in history.subjects(.item) {
      guard attributes[subject.id] != nil, let item = history.items.index(of: subject.id) else { continue }
      if category != nil, wanted == nil || ofItem[Int(item)] != wanted { continue }
      let units = history.weeks(ofItem: Int(item))[recent].reduce(0) { $0 + $1.units }
      guard units > 0 else { continue }
      items.append((subject.id, Int(ofItem[Int(item)]) + 1, log(units / Double(recent.count))))
    }
  }

  func rows(_ keys: [String]) -> [(category: Int, logUnits: Double, value: Double)] {
    items.compactMap { item in
      guard let own = attributes[item.id], let value = keys.lazy.compactMap({ own[$0]?.number }).first,
        value.isFinite, value >= 0
      else { return nil }
      return (item.category, item.logUnits, value)
    }
  }
}
