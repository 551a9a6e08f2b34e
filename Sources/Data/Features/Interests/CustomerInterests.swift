import Commerce

/// What a customer is interested in, each point held against all other customers.
public struct CustomerInterests: Sendable, Equatable {
  /// How a customer's share stands to the market's.
  public enum Standing: String, Sendable, Codable {
    /// More than others, by more than chance.
    case above
    /// Less than others, by more than chance.
    case below
    /// No more different from others than chance makes it.
    case usual
    /// Too few events to tell.
    case unknown
  }

  /// How often a point came up lately and before, in days.
  public struct Trend: Sendable, Equatable {
    /// Which way it goes.
    public enum Direction: String, Sendable, Codable {
      case rising, falling, steady
    }
    /// Which way it goes.
    public var direction: Direction
    /// Days with it in the recent span, of all days with events.
    public var recent: (days: Int, of: Int)
    /// Days with it before.
    public var earlier: (days: Int, of: Int)

    /// Whether two trends are the same.
    public static func == (a: Trend, b: Trend) -> Bool {
      a.direction == b.direction && a.recent == b.recent && a.earlier == b.earlier
    }
  }

  /// One interest.
  public struct Interest: Sendable, Equatable {
    /// In what.
    public var point: InterestPoint
    /// The share of the customer's decayed weight within the dimension, 0 to 1.
    public var strength: Double
    /// The same share among all other customers; nil when there are none.
    public var marketShare: Double?
    /// How many times the market's share the customer's is.
    public var lift: Double?
    /// The 95 % interval of the lift.
    public var liftInterval: ClosedRange<Double>?
    /// The p-value of the difference, adjusted for all points that were looked at.
    public var qValue: Double?
    /// How the share stands to the market's.
    public var standing: Standing
    /// How many events speak for it.
    public var events: Int
    /// On how many days.
    public var days: Int
    /// The last of them.
    public var lastAt: Timestamp
    /// Whether it grows; nil with too few days.
    public var trend: Trend?
    /// The rows of the newest events that speak for it.
    public var evidence: [Int32]
  }

  /// Interests by kind, and within each those that stand out first, then by strength.
  public var points: [Interest]
  /// How many points there are in all, shown or not.
  public var total: Int
  /// How many events count.
  public var events: Int
  /// On how many days.
  public var days: Int
  /// The settings they were computed with.
  public var settings: InterestSettings
}
