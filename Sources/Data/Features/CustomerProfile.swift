import Commerce
import Foundation

/// What a customer is like, in numbers and in words.
///
/// ```swift
/// let profile = CustomerProfile(state, catalogue: states.catalogue, snapshot: snapshot, space: space,
///   settings: settings, currency: .usd, asOf: now)
/// profile.sentences.en.first   // "Shops every 4 days, last 2 days ago."
/// ```
public struct CustomerProfile: Sendable, Codable, Equatable {
  /// Sentences in both languages.
  public struct Sentences: Sendable, Codable, Equatable {
    /// In English.
    public var en: [String]
    /// In Chinese.
    public var zh: [String]
  }

  /// What the customer is to one category.
  public struct CategoryAffinity: Sendable, Codable, Equatable {
    /// The category.
    public var category: String
    /// Its share of the customer's decayed purchase days.
    public var affinity: Double
    /// How many orders it was part of.
    public var orders: Int
    /// What was paid for it.
    public var spend: Money
    /// The mean of the days between purchases; nil with fewer than two.
    public var cycleDays: Double?
    /// Days since it was last bought.
    public var daysSince: Int
    /// Days until the next purchase at the usual pace, negative when overdue; nil without a pace.
    public var dueInDays: Double?

    /// Whether the cycle was missed so many times over that the habit is gone rather than late.
    var isLapsed: Bool { cycleDays.map { Double(daysSince) > 4 * $0 } ?? false }

    private enum CodingKeys: String, CodingKey {
      case category, affinity, orders, spend
      case cycleDays = "cycle_days"
      case daysSince = "days_since"
      case dueInDays = "due_in_days"
    }

    /// Encodes the category; what is unknown is an explicit null.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(category, forKey: .category)
      try container.encode(affinity, forKey: .affinity)
      try container.encode(orders, forKey: .orders)
      try container.encode(spend, forKey: .spend)
      try container.encode(cycleDays, forKey: .cycleDays)
      try container.encode(daysSince, forKey: .daysSince)
      try container.encode(dueInDays, forKey: .dueInDays)
    }
  }

  /// What the customer is to one brand.
  public struct BrandAffinity: Sendable, Codable, Equatable {
    /// The brand.
    public var brand: String
    /// Its share of the customer's decayed purchases of branded items.
    public var affinity: Double
    /// How many orders it was part of.
    public var orders: Int
  }

  /// What was paid in one week.
  public struct WeekSpend: Sendable, Codable, Equatable {
    /// The week's Monday, `2017-12-25`.
    public var week: String
    /// The amount in major units.
    public var spend: Double
  }

  /// The profile in words.
  public var sentences: Sentences
  /// Days since the last order; nil without one.
  public var recencyDays: Int?
  /// How many orders.
  public var orders: Int
  /// How many units, net of those given back.
  public var itemsBought: Double
  /// What was paid, net of what was given back.
  public var spend: Money
  /// What an order comes to.
  public var averageOrderValue: Money
  /// Orders in 28 days, over the time since the first.
  public var ordersPer28Days: Double
  /// Days since the first order.
  public var tenureDays: Int
  /// The twenty categories with the highest affinity.
  public var categories: [CategoryAffinity]
  /// The brands, highest affinity first.
  public var brands: [BrandAffinity]
  /// The share of orders in each hour of the shop's day.
  public var hours: [Double]
  /// The share of orders on each day of the week, Monday first.
  public var weekdays: [Double]
  /// The share of order lines bought at a discount; nil without lines.
  public var discountShare: Double?
  /// What the customer pays for a unit relative to all customers in the same categories; nil without prices.
  public var priceLevel: Double?
  /// Order lines per order.
  public var basketSize: Double
  /// Different categories per day of shopping.
  public var basketCategories: Double
  /// The share of order lines of items bought before.
  public var repeatShare: Double
  /// What was paid in each week since the first order.
  public var spendByWeek: [WeekSpend]

  private enum CodingKeys: String, CodingKey {
    case sentences
    case recencyDays = "recency_days"
    case orders
    case itemsBought = "items_bought"
    case spend
    case averageOrderValue = "average_order_value"
    case ordersPer28Days = "orders_per_28_days"
    case tenureDays = "tenure_days"
    case categories, brands, hours, weekdays
    case discountShare = "discount_share"
    case priceLevel = "price_level"
    case basketSize = "basket_size"
    case basketCategories = "basket_categories"
    case repeatShare = "repeat_share"
    case spendByWeek = "spend_by_week"
  }

  /// The profile of a customer as of a moment.
  ///
  /// - Parameter unitPrices: what a unit costs all customers, in minor units, by category of the catalogue; categories
  ///   that are missing say nothing of the price level. `CustomerStates.unitPrices()` computes them.
  /// - Complexity: O(purchase days of the customer).
  public init(
    _ state: CustomerState, catalogue: CatalogueIndex, unitPrices: [Int32: Double], settings: FeatureSettings,
    currency: Currency, asOf moment: Timestamp
  ) {
    let today = settings.calendar.day(of: moment)
    func money(_ minorUnits: Double) -> Money {
      Money(minorUnits: Int64(max(-9e15, min(minorUnits.rounded(), 9e15))), currency: currency)
    }
    let visits = state.visits.filter { $0.day <= today }
    recencyDays = visits.last.map { Int(today) - Int($0.day) }
    tenureDays = visits.first.map { Int(today) - Int($0.day) } ?? 0
    orders = state.orders
    itemsBought = state.quantity
    spend = money(Double(state.spend))
    averageOrderValue = money(orders == 0 ? 0 : Double(state.spend) / Double(orders))
    ordersPer28Days = orders == 0 ? 0 : Double(orders) * 28 / Double(max(28, tenureDays + 1))
    categories = Self.categories(state, catalogue: catalogue, today: today, money: money)
    brands = Self.brands(state, catalogue: catalogue, settings: settings, moment: moment)
    hours = Self.shares(state.hours)
    weekdays = Self.shares(state.weekdays)
    discountShare = state.lines == 0 ? nil : Double(state.discountedLines) / Double(state.lines)
    priceLevel = Self.priceLevel(state, unitPrices: unitPrices)
    basketSize = orders == 0 ? 0 : Double(state.lines) / Double(orders)
    basketCategories =
      visits.isEmpty ? 0 : Double(visits.reduce(0) { $0 + Int($1.categories) }) / Double(visits.count)
    repeatShare = state.lines == 0 ? 0 : Double(state.repeatedLines) / Double(state.lines)
    spendByWeek = Self.weeks(visits, today: today, currency: currency)
    sentences = Sentences(en: [], zh: [])
    sentences = words()
  }

  private static func categories(
    _ state: CustomerState, catalogue: CatalogueIndex, today: Int32, money: (Double) -> Money
  ) -> [CategoryAffinity] {
    let pairs = state.categories.indices.compactMap { index -> (Int, PairValues)? in
      let values = PairValues(state.histories[index], before: Int32(clamping: Int64(today) + 1))
      return values.count > 0 ? (index, values) : nil
    }
    let total = max(1e-12, pairs.reduce(0) { $0 + $1.1.decayed.h120 })
    let all = pairs.map { index, values in
      // Ages count from tomorrow, so that today's purchases count; days since are one less.
      let since = max(0, (values.recency ?? 1) - 1)
      return CategoryAffinity(
        category: catalogue.categories[state.categories[index]], affinity: values.decayed.h120 / total,
        orders: Int(state.histories[index].orders), spend: money(Double(values.spend)),
        cycleDays: values.meanGap,
        daysSince: since, dueInDays: values.meanGap.map { $0 - Double(since) })
    }
    return Array(all.sorted { ($1.affinity, $0.category) < ($0.affinity, $1.category) }.prefix(20))
  }

  private static func brands(
    _ state: CustomerState, catalogue: CatalogueIndex, settings: FeatureSettings, moment: Timestamp
  ) -> [BrandAffinity] {
    let values = state.brands.map {
      max(0, $0.affinity.value(at: moment.milliseconds, halfLifeDays: settings.affinityHalfLifeDays))
    }
    let total = max(1e-12, values.reduce(0, +))
    let all = zip(state.brands, values).map { brand, value in
      BrandAffinity(brand: catalogue.brands[brand.brand], affinity: value / total, orders: Int(brand.orders))
    }
    return Array(all.sorted { ($1.affinity, $0.brand) < ($0.affinity, $1.brand) }.prefix(20))
  }

  private static func shares(_ counts: [Int32]) -> [Double] {
    let total = counts.reduce(0) { $0 + Double($1) }
    return counts.map { total == 0 ? 0 : Double($0) / total }
  }

  /// The mean of own over common unit prices, weighted by what the common prices would come to.
  private static func priceLevel(_ state: CustomerState, unitPrices: [Int32: Double]) -> Double? {
    var (own, common) = (0.0, 0.0)
    for (index, category) in state.categories.enumerated() {
      guard let price = unitPrices[category], price > 0 else { continue }
      for day in state.histories[index].days where day.quantity > 0 {
        own += Double(day.spend)
        common += price * Double(day.quantity)
      }
    }
    return common > 0 ? own / common : nil
  }

  private static func weeks(
    _ visits: [CustomerState.Visit], today: Int32, currency: Currency
  ) -> [WeekSpend] {
    guard let first = visits.first?.day else { return [] }
    func monday(_ day: Int32) -> Int64 { Int64(day) - Int64(CivilDate.weekday(ofDay: Int64(day))) }
    // Three years of weeks are as many as a chart can show; hostile dates must not make more.
    let start = max(monday(first), monday(today) - 7 * 156)
    var weeks = [Int64](repeating: 0, count: Int((monday(today) - start) / 7) + 1)
    for visit in visits where monday(visit.day) >= start {
      weeks[Int((monday(visit.day) - start) / 7)] += visit.spend
    }
    return weeks.enumerated().map { index, spend in
      let moment = Timestamp(milliseconds: (start + 7 * Int64(index)) * Timestamp.day)
      return WeekSpend(
        week: String(moment.description.prefix(10)),
        spend: Money(minorUnits: spend, currency: currency).amount)
    }
  }

  /// Encodes the profile; what is unknown is an explicit null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sentences, forKey: .sentences)
    try container.encode(recencyDays, forKey: .recencyDays)
    try container.encode(orders, forKey: .orders)
    try container.encode(itemsBought, forKey: .itemsBought)
    try container.encode(spend, forKey: .spend)
    try container.encode(averageOrderValue, forKey: .averageOrderValue)
    try container.encode(ordersPer28Days, forKey: .ordersPer28Days)
    try container.encode(tenureDays, forKey: .tenureDays)
    try container.encode(categories, forKey: .categories)
    try container.encode(brands, forKey: .brands)
    try container.encode(hours, forKey: .hours)
    try container.encode(weekdays, forKey: .weekdays)
    try container.encode(discountShare, forKey: .discountShare)
    try container.encode(priceLevel, forKey: .priceLevel)
    try container.encode(basketSize, forKey: .basketSize)
    try container.encode(basketCategories, forKey: .basketCategories)
    try container.encode(repeatShare, forKey: .repeatShare)
    try container.encode(spendByWeek, forKey: .spendByWeek)
  }
}

extension CustomerStates {
  /// What a unit of each category costs all customers on average, in minor units.
  ///
  /// - Complexity: O(purchase days).
  public func unitPrices() -> [Int32: Double] {
    var sums: [Int32: (spend: Double, quantity: Double)] = [:]
    for state in states {
      for (index, category) in state.categories.enumerated() {
        for day in state.histories[index].days where day.quantity > 0 {
          sums[category, default: (0, 0)].spend += Double(day.spend)
          sums[category, default: (0, 0)].quantity += Double(day.quantity)
        }
      }
    }
    return sums.mapValues { $0.spend / $0.quantity }
  }

  /// The profile of a customer, or nil when there is no event of theirs.
  ///
  /// - Parameter unitPrices: see `unitPrices()`; computed once for many profiles.
  public func profile(of customerID: String, unitPrices: [Int32: Double], asOf moment: Timestamp)
    -> CustomerProfile?
  {
    state(of: customerID).map {
      CustomerProfile(
        $0, catalogue: catalogue, unitPrices: unitPrices, settings: settings, currency: currency, asOf: moment
      )
    }
  }
}
