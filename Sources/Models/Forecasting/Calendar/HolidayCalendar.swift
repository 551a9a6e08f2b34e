/// Holidays as features of days, weeks and months.
///
/// ```swift
/// let calendar = HolidayCalendar(.western)
/// let weeks = StepCalendar(first: CalendarDay(year: 2017, month: 11, day: 20), unit: .days(7))
/// calendar.features(of: weeks, step: 0)   // thanksgiving: 1 / 7, blackFriday: 1 / 7, …
/// ```
/// Western feasts are those of the United States' shops. Lunar dates are Foundation's, for the years the caller's system knows.
public struct HolidayCalendar: Sendable, Codable, Equatable {
  /// The holidays of a part of the world.
  public enum Region: String, Sendable, Codable, CaseIterable {
    /// Christmas, Easter, Thanksgiving and the like.
    case western
    /// Spring Festival, Mid-Autumn, Singles' Day and the like.
    case chinese
    /// None.
    case none

    /// Its holidays.
    public var holidays: [Holiday] {
      let chinese: Set<Holiday> = [
        .springFestival, .lanternFestival, .qingming, .labourDay, .dragonBoat, .midYearShopping, .qixi,
        .midAutumn, .nationalDay, .singlesDay, .doubleTwelve,
      ]
      switch self {
      case .western: return Holiday.allCases.filter { !chinese.contains($0) }
      case .chinese: return [.newYear] + Holiday.allCases.filter(chinese.contains)
      case .none: return []
      }
    }
  }

  /// The holidays it knows.
  public var holidays: [Holiday]

  /// The calendar of a part of the world.
  public init(_ region: Region) { holidays = region.holidays }

  /// A calendar of these holidays.
  public init(holidays: [Holiday]) { self.holidays = holidays }

  /// The holiday's first day nearest to a day.
  ///
  /// - Complexity: O(1).
  public static func nearest(_ holiday: Holiday, to day: CalendarDay) -> CalendarDay? {
    (day.year - 1...day.year + 1).compactMap { holiday.firstDay(in: $0) }
      .min { abs($0 - day) < abs($1 - day) }
  }

  /// The share of a step's days that fall on each holiday, in the order of `holidays`.
  ///
  /// - Complexity: O(holidays).
  public func features(of steps: StepCalendar, step: Int) -> [Double] {
    let days = steps.days(of: step)
    let years = CalendarDay(number: days.lowerBound).year - 1...CalendarDay(number: days.upperBound - 1).year
    return holidays.map { holiday in
      // A holiday of some days may have begun in the year before.
      let covered = years.compactMap { holiday.firstDay(in: $0) }.reduce(0) { sum, first in
        sum + days.clamped(to: first.number..<first.number + holiday.length).count
      }
      return Double(covered) / Double(max(1, days.count))
    }
  }

  /// How many steps lie between a step and the holiday nearest to it: below 0 before it, 0 in its own step, above 0 after; by
  /// holiday, at most `limit` either way; nil farther off.
  ///
  /// - Complexity: O(holidays).
  public func stepsSince(_ steps: StepCalendar, step: Int, limit: Int = 3) -> [Int?] {
    let days = steps.days(of: step)
    let length = max(1, days.count)
    return holidays.map { holiday in
      guard
        let first = Self.nearest(holiday, to: CalendarDay(number: (days.lowerBound + days.upperBound) / 2))
      else { return nil }
      let distance: Int
      if first.number < days.lowerBound {
        distance = (days.lowerBound - first.number + length - 1) / length
      } else if first.number >= days.upperBound {
        distance = -((first.number - days.upperBound) / length + 1)
      } else {
        distance = 0
      }
      return abs(distance) <= limit ? distance : nil
    }
  }
}
