import Features

/// What is measured of a customer to tell segments apart.
///
/// ```swift
/// SegmentFeature(column: "promotion_share")?.label.en   // "share of lines on promotion"
/// SegmentFeature.share(of: "PRODUCE").column            // "share:PRODUCE"
/// ```
/// Counts and sums are over the days before a moment that the table was made for.
public enum SegmentFeature: Sendable, Hashable {
  /// Days since the last purchase.
  case recencyDays
  /// Orders.
  case orders
  /// Money spent, less refunds, in major units.
  case spend
  /// Money an order, in major units.
  case orderValue
  /// Mean days from one visit to the next.
  case gapDays
  /// How uneven those days are: their standard deviation over their mean.
  case gapVariation
  /// Orders of the last third of the days over what the whole would make even: 1 is steady.
  case momentum
  /// Order lines an order.
  case basketLines
  /// Different categories an order.
  case basketCategories
  /// Different categories in all.
  case categories
  /// Money a unit, in major units.
  case unitPrice
  /// The share of lines bought at a discount.
  case promotionShare
  /// The share of lines of items bought before.
  case repeatShare
  /// The share of visits on Saturdays and Sundays.
  case weekendShare
  /// Refunds a purchase line.
  case refundShare
  /// The share of the money that went to a department.
  case share(of: String)

  /// Those that every shop has.
  public static let common: [SegmentFeature] = [
    .recencyDays, .orders, .spend, .orderValue, .gapDays, .gapVariation, .momentum, .basketLines,
    .basketCategories, .categories, .unitPrice, .promotionShare, .repeatShare, .weekendShare, .refundShare,
  ]

  /// How its values are written.
  public enum Unit: String, Sendable, Codable {
    /// Days.
    case days
    /// Money in major units.
    case money
    /// A share of 1.
    case share
    /// A number.
    case count
    /// A ratio to the usual.
    case ratio
  }

  /// The unit of its values.
  public var unit: Unit {
    switch self {
    case .recencyDays, .gapDays: .days
    case .spend, .orderValue, .unitPrice: .money
    case .promotionShare, .repeatShare, .weekendShare, .refundShare, .share: .share
    case .orders, .basketLines, .basketCategories, .categories: .count
    case .gapVariation, .momentum: .ratio
    }
  }

  private static let names: [(SegmentFeature, String)] = [
    (.recencyDays, "recency_days"), (.orders, "orders"), (.spend, "spend"), (.orderValue, "order_value"),
    (.gapDays, "gap_days"), (.gapVariation, "gap_variation"), (.momentum, "momentum"),
    (.basketLines, "basket_lines"), (.basketCategories, "basket_categories"), (.categories, "categories"),
    (.unitPrice, "unit_price"), (.promotionShare, "promotion_share"), (.repeatShare, "repeat_share"),
    (.weekendShare, "weekend_share"), (.refundShare, "refund_share"),
  ]

  private static let sharePrefix = "share:"

  /// Its name in tables and answers.
  public var column: String {
    if case .share(let department) = self { return Self.sharePrefix + department }
    return Self.names.first { $0.0 == self }?.1 ?? ""
  }

  /// The departments whose shares are among some columns.
  public static func departments(in columns: [String]) -> [String] {
    columns.compactMap { column in
      if case .share(let name)? = SegmentFeature(column: column) { return name }
      return nil
    }
  }

  /// The feature of a column; nil for a name that is none.
  public init?(column: String) {
    if column.hasPrefix(Self.sharePrefix) {
      self = .share(of: String(column.dropFirst(Self.sharePrefix.count)))
    } else if let found = Self.names.first(where: { $0.1 == column }) {
      self = found.0
    } else {
      return nil
    }
  }
}
