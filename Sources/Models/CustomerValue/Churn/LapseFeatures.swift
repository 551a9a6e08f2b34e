import Foundation
import Learning
import MathKernels

/// What is known of customers on a morning that tells whether they will buy again: no event of that day or later is read.
///
/// ```swift
/// let features = LapseFeatures(.init(horizonDays: 56))
/// let day = try features.table(history, asOf: 17_400)
/// day.table.count                // the customers who have bought within the last 56 days
/// ```
/// Lapse is: no purchase within the next `horizonDays` of a customer who has bought within the last `activeDays`.
public struct LapseFeatures: Sendable {
  /// The definition.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Within how many days no purchase is a lapse.
    public var horizonDays: Int
    /// Within how many days a customer must have bought to be asked about.
    public var activeDays: Int

    /// A definition; by default eight weeks each.
    public init(horizonDays: Int = 56, activeDays: Int = 56) {
      self.horizonDays = horizonDays
      self.activeDays = activeDays
    }
  }

  /// The customers of one morning.
  public struct Day: Sendable {
    /// The day; everything known is older.
    public var asOf: Int32
    /// The customers' places in the history.
    public var customers: [Int]
    /// What is known of them; labels say who lapsed, where the horizon has been seen to its end.
    public var table: ChurnTable
    /// What each may be expected to spend within the horizon at the pace of the last 112 days, in major units.
    public var expectedSpend: [Double]
    /// BG/NBD as of the morning; nil where it could not be learned.
    public var purchases: PurchaseModel?
  }

  /// The names of the columns.
  public enum Column: String, Sendable, Codable, CaseIterable {
    /// Days since the last purchase.
    case recency = "recency_days"
    /// Days since the first purchase.
    case age = "age_days"
    /// Days with purchases among the last 28, 56 and 112, and in all for each 28 days.
    case visits28 = "visits_28"
    case visits56 = "visits_56"
    case visits112 = "visits_112"
    case pace = "visits_per_28_days"
    /// The median time between purchases, and the spread of these times over their mean.
    case gap = "median_gap_days"
    case gapSpread = "gap_variation"
    /// Days since the last purchase ÷ the median gap, and ÷ the longest gap so far.
    case recencyPerGap = "recency_per_gap"
    case recencyPerLongest = "recency_per_longest_gap"
    /// The logarithm of visits of the last 28 and 56 days against those as many days before.
    case trend28 = "visit_trend_28"
    case trend56 = "visit_trend_56"
    /// Spend of the last 28 and 112 days, and its trend.
    case spend28 = "spend_28"
    case spend112 = "spend_112"
    case spendTrend = "spend_trend_56"
    /// The mean basket's amount and lines, and the last against the mean.
    case basket = "basket_value"
    case lines = "basket_lines"
    case lastBasket = "last_basket_ratio"
    /// Categories bought from within 56 days, and against the 56 before.
    case categories = "categories_56"
    case categoryTrend = "category_trend_56"
    /// Money taken off ÷ the price without, within 112 days; coupons redeemed within 112 days.
    case discountShare = "discount_share_112"
    case coupons = "coupons_112"
    /// How much purchases keep to weekdays: 1 where all fall on one, 0 where they fall on all alike.
    case weekday = "weekday_regularity"
    /// Refunds within 112 days, looks within 28 days.
    case refunds = "refunds_112"
    case looks = "looks_28"
    /// The probability of BG/NBD that the customer is still one, and the purchases it expects within the horizon.
    case alive = "p_alive"
    case expected = "expected_visits"
  }

  /// The definition.
  public let configuration: Configuration

  /// Features by this definition.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// What is known on a morning of the customers who have bought lately.
  ///
  /// - Parameters:
  ///   - customers: which customers, by place in the history; by default all who have bought within `activeDays`.
  /// - Complexity: O(visits), and the fit of BG/NBD on visits before the day.
  /// - Throws: `CustomerValueError.notEnoughData` when there are none, `CancellationError`.
  public func table(_ history: LapseHistory, asOf day: Int32, context: FitContext = FitContext()) throws
    -> Day
  {
    let active = history.customers.indices.filter {
      history.buys($0, from: day - Int32(configuration.activeDays), to: day)
    }
    guard !active.isEmpty else {
      throw CustomerValueError.notEnoughData(
        needed: "customers with a purchase within \(configuration.activeDays) days", found: "none")
    }
    let purchases = try Self.purchases(history, asOf: day, context: context)
    let rows = active.map { place in
      values(of: history.customers[place], asOf: day, purchases: purchases)
        ?? Column.allCases.map { _ in .nan }
    }
    let isKnown = history.lastDay >= day + Int32(configuration.horizonDays) - 1
    let labels = active.map { place -> Bool? in
      isKnown ? !history.buys(place, from: day, to: day + Int32(configuration.horizonDays)) : nil
    }
    let columns = Column.allCases.enumerated().map { index, column in
      ChurnTable.Column(name: column.rawValue, .numbers(rows.map { $0[index] }))
    }
    let spend = Column.allCases.firstIndex(of: .spend112) ?? 0
    let age = Column.allCases.firstIndex(of: .age) ?? 0
    return Day(
      asOf: day, customers: active,
      table: try ChurnTable(ids: active.map { history.customers[$0].id }, columns: columns, labels: labels),
      expectedSpend: rows.map {
        $0[spend] / max(28, min(112, $0[age])) * Double(configuration.horizonDays)
      }, purchases: purchases)
  }

  /// The mornings to learn from: the newest whose horizon was seen to its end by `asOf`, and every `stepDays` before, as long as there
  /// are `historyDays` to look back on.
  public func trainingDays(
    _ history: LapseHistory, asOf: Int32, stepDays: Int = 14, historyDays: Int = 84, limit: Int = 12
  ) -> [Int32] {
    let last = asOf - Int32(configuration.horizonDays)
    return (0..<limit).map { last - Int32($0 * stepDays) }.filter {
      $0 >= history.firstDay + Int32(historyDays)
    }
  }

  /// The customers of several mornings in one table, with the group of each row's customer.
  ///
  /// - Throws: `CustomerValueError.notEnoughData` without a day.
  public static func joined(_ days: [Day]) throws -> (table: ChurnTable, groups: [Int]) {
    guard let first = days.first else {
      throw CustomerValueError.notEnoughData(needed: "a day to learn from", found: "none")
    }
    let columns = first.table.columns.indices.map { place in
      ChurnTable.Column(
        name: first.table.columns[place].name,
        .numbers(
          days.flatMap { day -> [Double] in
            if case .numbers(let values) = day.table.columns[place].values { values } else { [] }
          }))
    }
    return (
      try ChurnTable(
        ids: days.flatMap(\.table.ids), columns: columns, labels: days.flatMap(\.table.labels)),
      days.flatMap(\.customers)
    )
  }
}

extension LapseFeatures {
  /// BG/NBD as of a morning, learned from older visits alone; nil where it cannot be learned, and its columns are gaps.
  ///
  /// - Throws: `CancellationError`.
  static func purchases(
    _ history: LapseHistory, asOf day: Int32, context: FitContext
  ) throws -> PurchaseModel? {
    var (ids, histories) = ([String](), [PurchaseHistory]())
    for customer in history.customers {
      guard let own = LapseRow(customer, asOf: day)?.purchases else { continue }
      ids.append(customer.id)
      histories.append(own)
    }
    try Task.checkCancellation()
    guard let base = try? CustomerBase(ids: ids, histories: histories, unit: .week) else { return nil }
    return try? PurchaseForecaster.betaGeometric.fit(
      base, fitting: PurchaseFitting(penalizer: 0.001, starts: 1), context: FitContext(seed: context.seed))
  }

  /// What is known of one customer on a morning, in the order of `Column`; nil for one who had not bought by then.
  ///
  /// - Parameter purchases: BG/NBD as of that morning.
  public func values(
    of customer: LapseHistory.Customer, asOf day: Int32, purchases: PurchaseModel?
  ) -> [Double]? {
    guard let row = LapseRow(customer, asOf: day) else { return nil }
    guard let purchases else { return row.values(lifetimes: (.nan, .nan)) }
    let horizon = Double(configuration.horizonDays) / 7
    return row.values(
      lifetimes: (
        purchases.probabilityAlive(row.purchases),
        purchases.expectedPurchases(after: row.purchases, within: horizon)
      ))
  }
}
