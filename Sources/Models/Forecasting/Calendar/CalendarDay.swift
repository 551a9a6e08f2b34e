/// A day of the Gregorian calendar, without an hour or a time zone.
///
/// ```swift
/// let day = CalendarDay("2026-02-17")
/// day?.weekday   // 1, a Tuesday: Mondays are 0
/// ```
/// Source of the arithmetic: Richards (2013), "Calendars", in Explanatory Supplement to the Astronomical Almanac, 3rd edition,
/// here by eras of 400 years.
public struct CalendarDay: Sendable, Codable, Equatable, Hashable, Comparable {
  /// Days since 1 January 1970.
  public var number: Int

  /// The day so many days after 1 January 1970.
  public init(number: Int) { self.number = number }

  /// The day of a date; a month of 13 is January of the next year.
  public init(year: Int, month: Int, day: Int) {
    let months = year * 12 + month - 3  // years that begin in March end with the leap day
    let (shiftedYear, shiftedMonth) = (Self.quotient(months, 12), Self.remainder(months, 12))
    let era = Self.quotient(shiftedYear, 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
    number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The day of a text such as `2026-02-17`; what follows the date is not read; nil for another form.
  public init?(_ text: some StringProtocol) {
    let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month)
    else { return nil }
    self.init(year: year, month: month, day: day)
    guard date == (year, month, day) else { return nil }
  }

  /// Its year, month and day of the month, both from 1.
  public var date: (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = Self.quotient(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    return (era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month + (month < 10 ? 3 : -9), day)
  }

  /// Its year.
  public var year: Int { date.year }
  /// Its day of the week: 0 for Monday to 6 for Sunday.
  public var weekday: Int { Self.remainder(number + 3, 7) }
  /// How far its year has gone, from 0 to below 1.
  public var shareOfYear: Double {
    let first = CalendarDay(year: year, month: 1, day: 1)
    return Double(number - first.number) / Double(CalendarDay(year: year + 1, month: 1, day: 1) - first)
  }

  /// The days from one day to another.
  public static func - (later: CalendarDay, earlier: CalendarDay) -> Int { later.number - earlier.number }
  /// The day so many days later.
  public static func + (day: CalendarDay, days: Int) -> CalendarDay { CalendarDay(number: day.number + days) }
  /// The day so many days earlier.
  public static func - (day: CalendarDay, days: Int) -> CalendarDay { day + -days }
  /// Whether one day comes before another.
  public static func < (a: CalendarDay, b: CalendarDay) -> Bool { a.number < b.number }

  private static func quotient(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }
  private static func remainder(_ a: Int, _ b: Int) -> Int { a - quotient(a, b) * b }
}

extension CalendarDay: CustomStringConvertible {
  /// The date, such as `2026-02-17`.
  public var description: String {
    let (year, month, day) = date
    func digits(_ number: Int, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
  }
}
