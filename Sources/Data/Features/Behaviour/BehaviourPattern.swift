import Commerce

/// A habit that was looked for in what a customer does, with what came of it.
public struct BehaviourPattern: Sendable, Equatable {
  /// What was looked for.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Some days of the week more than others.
    case weekday
    /// One part of the month more than others, as around payday.
    case payday
    /// Larger orders after longer pauses.
    case stockUpAfterPause = "stock_up_after_pause"
    /// More units of an item when it is at a discount.
    case stockUpOnDiscount = "stock_up_on_discount"
    /// More at a discount than others buy in the same categories.
    case promotion
    /// A category bought before holidays more than at other times.
    case giftSeason = "gift_season"
    /// More of what has just come into the shop than others buy.
    case newItems = "new_items"
    /// One brand of a category more than others buy it.
    case brandLoyalty = "brand_loyalty"

    /// The adjusted p-value up to which the habit is claimed. Few have a gift season or buy by payday, so that at the usual level
    /// a fifth and more of those claims were chance.
    var falseDiscoveryRate: Double {
      switch self {
      case .giftSeason, .payday: BehaviourMarket.falseDiscoveryRate / 10
      default: BehaviourMarket.falseDiscoveryRate
      }
    }
  }

  /// What was looked for.
  public var kind: Kind
  /// The category, of gift seasons and brands; else nil.
  public var category: String?
  /// What stands out: weekdays (`saturday`), a day of the month, a brand, or holidays; nil when nothing does.
  public var detail: [String]
  /// What the customer does: a share, a correlation or a ratio, as the kind has it.
  public var observed: Double
  /// What would be expected of the customer by what all customers do, or by the customer's other days.
  public var expected: Double
  /// How many days speak for it.
  public var days: Int
  /// Of how many that were looked at.
  public var ofDays: Int
  /// The chance of so much by chance alone.
  public var pValue: Double
  /// The same, adjusted for everything that was looked for in this customer.
  public var qValue = 1.0
  /// Whether it is there: beyond chance, and large enough to matter.
  public var isFound = false
  /// Rows of the newest events that speak for it.
  public var evidence: [Int32] = []
}

/// A time of the year when people buy for others.
public struct GiftSeason: Sendable, Equatable {
  /// What people call it.
  public var name: String
  /// Its days, as local days since 1970-01-01.
  public var days: ClosedRange<Int32>

  /// A season.
  public init(name: String, days: ClosedRange<Int32>) {
    (self.name, self.days) = (name, days)
  }
}
