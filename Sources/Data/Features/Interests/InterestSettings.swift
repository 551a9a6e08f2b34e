/// How interests are weighed and when they count as more than chance.
public struct InterestSettings: Sendable, Codable, Equatable {
  /// After how many days an event counts half.
  public var halfLifeDays: Double
  /// The span that a trend compares with the time before, in days.
  public var recentDays: Int
  /// The share of false claims among those that a customer stands out, by Benjamini and Hochberg.
  public var falseDiscoveryRate: Double
  /// Fewer events than this are never said to stand out.
  public var leastEvents: Int
  /// Events on fewer days than this are never said to stand out.
  public var leastDays: Int

  /// Settings.
  public init(
    halfLifeDays: Double = 120, recentDays: Int = 84, falseDiscoveryRate: Double = 0.05,
    leastEvents: Int = 3, leastDays: Int = 2
  ) {
    self.halfLifeDays = halfLifeDays
    self.recentDays = recentDays
    self.falseDiscoveryRate = falseDiscoveryRate
    self.leastEvents = leastEvents
    self.leastDays = leastDays
  }

  private enum CodingKeys: String, CodingKey {
    case halfLifeDays = "half_life_days"
    case recentDays = "recent_days"
    case falseDiscoveryRate = "false_discovery_rate"
    case leastEvents = "least_events"
    case leastDays = "least_days"
  }
}
