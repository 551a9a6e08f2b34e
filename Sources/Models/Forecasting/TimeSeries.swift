/// One series of equally spaced values, oldest first.
public struct TimeSeries: Sendable, Codable, Equatable {
  /// Its name, such as an item or a store and an item.
  public var id: String
  /// The values, oldest first; NaN where one is missing.
  public var values: [Double]
  /// How many steps make a season, 1 for none: 12 for months, 52 for weeks, 7 for days.
  public var seasonLength: Int
  /// What is known of each step besides, by name, each as long as `values`: a price, whether it was on promotion.
  public var regressors: [String: [Double]]
  /// What does not change, by name, such as a brand or a category; read by methods that learn many series at once.
  public var attributes: [String: String]
  /// Which days its steps cover; nil where that is not known.
  public var calendar: StepCalendar?

  /// A series.
  public init(
    id: String = "", values: [Double], seasonLength: Int = 1, regressors: [String: [Double]] = [:],
    attributes: [String: String] = [:], calendar: StepCalendar? = nil
  ) {
    (self.id, self.values) = (id, values)
    (self.seasonLength, self.regressors) = (max(1, seasonLength), regressors)
    (self.attributes, self.calendar) = (attributes, calendar)
  }

  /// How many steps it has.
  public var count: Int { values.count }
}
