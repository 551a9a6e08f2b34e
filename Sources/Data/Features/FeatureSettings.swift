import Commerce

/// How a shop's events turn into features: what each kind of event says and for how long.
public struct FeatureSettings: Sendable, Equatable, Codable {
  /// How much interest an event of each kind shows in its item's category; kinds left out show none.
  public var weights: [EventKind: Double]
  /// After how many days that interest is half of what it was.
  public var halfLivesDays: [EventKind: Double]
  /// The half-life of affinities to categories and brands, in days.
  public var affinityHalfLifeDays: Double
  /// A pause of this many minutes ends a visit that has no session id of its own.
  public var sessionTimeoutMinutes: Double
  /// How many events are remembered as evidence for each customer and category.
  public var evidenceCount: Int
  /// The shop's clock.
  public var calendar: ShopCalendar

  /// Settings; interest by default weighs as `EventKind.defaultWeight` says and halves within two weeks.
  public init(
    weights: [EventKind: Double]? = nil, halfLivesDays: [EventKind: Double] = [:],
    affinityHalfLifeDays: Double = 120, sessionTimeoutMinutes: Double = 30, evidenceCount: Int = 8,
    calendar: ShopCalendar = .utc
  ) {
    self.weights =
      weights
      ?? Dictionary(
        uniqueKeysWithValues: EventKind.allCases.filter { $0.defaultWeight != 0 }.map {
          ($0, $0.defaultWeight)
        })
    self.halfLivesDays = halfLivesDays
    self.affinityHalfLifeDays = affinityHalfLifeDays
    self.sessionTimeoutMinutes = sessionTimeoutMinutes
    self.evidenceCount = evidenceCount
    self.calendar = calendar
  }

  /// The half-life used for a kind without one of its own.
  public static let defaultHalfLifeDays = 14.0

  /// Checks that all numbers are in range.
  ///
  /// - Throws: `FeatureError.invalidSetting` naming the first that is not.
  public func validate() throws {
    func require(_ holds: Bool, _ name: String, _ value: Double, _ expected: String) throws {
      if !holds { throw FeatureError.invalidSetting(name: name, value: "\(value)", expected: expected) }
    }
    for (kind, weight) in weights {
      try require(weight.isFinite, "weights.\(kind.rawValue)", weight, "a finite number")
    }
    for (kind, days) in halfLivesDays {
      try require(days > 0 && days.isFinite, "half_lives_days.\(kind.rawValue)", days, "above 0")
    }
    try require(
      affinityHalfLifeDays > 0 && affinityHalfLifeDays.isFinite, "affinity_half_life_days",
      affinityHalfLifeDays,
      "above 0")
    try require(sessionTimeoutMinutes > 0, "session_timeout_minutes", sessionTimeoutMinutes, "above 0")
    try require((0...1000).contains(evidenceCount), "evidence_count", Double(evidenceCount), "0 to 1000")
  }
}
