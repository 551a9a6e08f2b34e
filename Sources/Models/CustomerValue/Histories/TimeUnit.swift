/// The unit in which recency, age and horizons are told.
public enum TimeUnit: String, Sendable, Codable, CaseIterable {
  /// Days.
  case day
  /// Weeks of seven days.
  case week
  /// Months of 365 / 12 days.
  case month

  /// How many days the unit has.
  public var days: Double {
    switch self {
    case .day: 1
    case .week: 7
    case .month: 365.0 / 12
    }
  }

  /// How many units make a month, by which money is discounted: 4.345 weeks, as `lifetimes` has it.
  public var perMonth: Double {
    switch self {
    case .day: 4.345 * 7
    case .week: 4.345
    case .month: 1
    }
  }
}
