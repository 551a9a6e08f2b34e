import Foundation
import Synchronization

/// Dates of the Chinese calendar in Gregorian years.
enum LunarDates {
  private static let known = Mutex<[Int: [Int: CalendarDay]]>([:])

  /// The day of a lunar month, not a leap one, that falls into a Gregorian year; nil for none.
  ///
  /// - Complexity: O(1) for a year asked for before, else a look at each day of the year.
  static func day(_ year: Int, month: Int, day: Int) -> CalendarDay? {
    let days = known.withLock { known in
      if let days = known[year] { return days }
      let days = firstDays(year)
      known[year] = days
      return days
    }
    return days[month].map { $0 + day - 1 }
  }

  /// The first day of each lunar month but the leap ones, months that begin in the year before included for none but the first.
  private static func firstDays(_ year: Int) -> [Int: CalendarDay] {
    var chinese = Calendar(identifier: .chinese)
    chinese.timeZone = .gmt
    var days: [Int: CalendarDay] = [:]
    let first = CalendarDay(year: year, month: 1, day: 1)
    // Lunar months 11 and 12 of the year before begin before the first month does, and are not asked for.
    for offset in 0..<340 {
      let day = first + offset
      // The Chinese calendar reckons with noon of the day, which is the same date in China and in GMT.
      let noon = Date(timeIntervalSince1970: Double(day.number) * 86_400 + 43_200)
      let parts = chinese.dateComponents([.month, .day], from: noon)
      guard parts.day == 1, parts.isLeapMonth != true, let month = parts.month else { continue }
      if month == 1 { days = [:] }
      if days[month] == nil { days[month] = day }
    }
    return days
  }
}
