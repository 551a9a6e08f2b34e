import Commerce

/// How long customers stayed, and whether they left or are still there: times to an event, some of them cut off.
///
/// ```swift
/// let data = try SurvivalData(durations: [5, 8, 8, 12], events: [true, false, true, false])
/// ```
public struct SurvivalData: Sendable, Equatable {
  /// How long each was watched, in any unit of time, from their own beginning.
  public let durations: [Double]
  /// Whether each left at the end of that time; otherwise no more is known.
  public let events: [Bool]
  /// How much each counts.
  public let weights: [Double]

  /// How many customers there are.
  public var count: Int { durations.count }

  /// Times to an event.
  ///
  /// - Throws: `CustomerValueError.notEnoughData` without customers, `invalidParameter` for times that are negative or not finite,
  ///   weights that are not positive, or lists of unequal length.
  public init(durations: [Double], events: [Bool], weights: [Double]? = nil) throws {
    guard !durations.isEmpty else {
      throw CustomerValueError.notEnoughData(needed: "at least one customer", found: "none")
    }
    guard events.count == durations.count, weights?.count ?? durations.count == durations.count else {
      throw CustomerValueError.invalidParameter(
        name: "events", value: "\(events.count)", expected: "as many events and weights as durations")
    }
    if let wrong = durations.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw CustomerValueError.invalidParameter(
        name: "duration", value: "\(wrong)", expected: "a time of at least 0")
    }
    if let wrong = weights?.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw CustomerValueError.invalidParameter(
        name: "weight", value: "\(wrong)", expected: "a number above 0")
    }
    self.durations = durations
    self.events = events
    self.weights = weights ?? [Double](repeating: 1, count: durations.count)
  }
}
