/// Which days the steps of a series cover.
///
/// ```swift
/// let weeks = StepCalendar(first: CalendarDay(year: 2026, month: 2, day: 16), unit: .days(7))
/// weeks.days(of: 1)   // 23 February to 1 March
/// ```
public struct StepCalendar: Sendable, Codable, Equatable {
  /// How long a step is.
  public enum Unit: Sendable, Codable, Equatable {
    /// So many days: 7 for weeks.
    case days(Int)
    /// So many months: 3 for quarters.
    case months(Int)
  }

  /// The day that step 0 begins on.
  public var first: CalendarDay
  /// How long a step is.
  public var unit: Unit

  /// Steps from a day on.
  public init(first: CalendarDay, unit: Unit) { (self.first, self.unit) = (first, unit) }

  /// The day a step begins on.
  public func start(of step: Int) -> CalendarDay {
    switch unit {
    case .days(let count): return first + step * max(1, count)
    case .months(let count):
      let (year, month, _) = first.date
      return CalendarDay(year: year, month: month + step * max(1, count), day: 1)
    }
  }

  /// The days of a step.
  public func days(of step: Int) -> Range<Int> { start(of: step).number..<start(of: step + 1).number }
}
