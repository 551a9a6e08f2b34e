import Foundation

/// Days, weeks and hours in a shop's time zone, fast enough for a pass over every event.
///
/// The zone's offset is looked up once per UTC hour that occurs, so a change to daylight saving time is honoured.
public struct ShopCalendar: Sendable {
  /// The zone in which days and hours are counted.
  public let timeZone: TimeZone
  private var cachedHour = Int64.min
  private var cachedOffset: Int64 = 0

  /// A calendar for an IANA time zone; nil when there is no such zone.
  public init?(timeZone identifier: String) {
    guard let zone = TimeZone(identifier: identifier) else { return nil }
    timeZone = zone
  }

  /// The local time of a UTC moment, as milliseconds since 1970-01-01 on the shop's own clock.
  public mutating func local(_ milliseconds: Int64) -> Int64 {
    let hour = milliseconds.flooredDivision(by: 3_600_000)
    if hour != cachedHour {
      cachedHour = hour
      cachedOffset = Int64(timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(hour) * 3600))) * 1000
    }
    return milliseconds + cachedOffset
  }

  /// The local day since 1970-01-01.
  public mutating func day(_ milliseconds: Int64) -> Int32 {
    Int32(truncatingIfNeeded: local(milliseconds).flooredDivision(by: Timestamp.day))
  }

  /// The Monday, as a day since 1970-01-01, of the local week.
  public mutating func monday(_ milliseconds: Int64) -> Int32 {
    let day = day(milliseconds)
    return day - Int32(CivilDate.weekday(ofDay: Int64(day)))
  }

  /// The date of a day since 1970-01-01, `2017-12-25`.
  public static func date(ofDay day: Int32) -> String {
    String(Timestamp(milliseconds: Int64(day) * Timestamp.day).description.prefix(10))
  }
}
