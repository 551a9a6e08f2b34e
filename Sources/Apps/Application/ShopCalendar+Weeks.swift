import Commerce
import Features

extension ShopCalendar {
  /// The Monday, as a day since 1970-01-01, of the local week of UTC milliseconds.
  func monday(ofMilliseconds milliseconds: Int64) -> Int32 {
    let day = day(ofMilliseconds: milliseconds)
    return day - Int32(CivilDate.weekday(ofDay: Int64(day)))
  }

  /// The date of a day since 1970-01-01, `2017-12-25`.
  static func date(ofDay day: Int32) -> String {
    String(Timestamp(milliseconds: Int64(day) * Timestamp.day).description.prefix(10))
  }

  /// The local day of the week of UTC milliseconds, 1 for Monday to 7 for Sunday.
  func weekday(ofMilliseconds milliseconds: Int64) -> Int {
    1 + Int(CivilDate.weekday(ofDay: Int64(day(ofMilliseconds: milliseconds))))
  }
}
