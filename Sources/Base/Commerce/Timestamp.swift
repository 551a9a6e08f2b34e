import Foundation

/// A moment in UTC, to the millisecond: what events carry and what stores keep.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var milliseconds: Int64

  /// A moment from milliseconds since 1970.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// A moment from a Foundation date.
  public init(_ date: Date) { milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded()) }

  /// The moment as a Foundation date.
  public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

  /// Milliseconds in a day.
  public static let day: Int64 = 86_400_000

  /// The whole day since 1970-01-01 (UTC) that the moment falls in.
  public var dayNumber: Int32 { Int32(truncatingIfNeeded: milliseconds.flooredDivision(by: Timestamp.day)) }

  /// The moment this many days later.
  public func adding(days: Double) -> Timestamp {
    Timestamp(milliseconds: milliseconds + Int64(days * Double(Timestamp.day)))
  }

  /// Days from an earlier moment to this one; negative when it is later.
  public func days(since earlier: Timestamp) -> Double {
    Double(milliseconds - earlier.milliseconds) / Double(Timestamp.day)
  }

  /// Earlier moments sort first.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
}

extension Int64 {
  /// Division that rounds towards negative infinity, so that moments before 1970 fall in the right day.
  func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

extension Timestamp: Codable, CustomStringConvertible {
  /// RFC 3339 in UTC, with milliseconds only when there are any: `2017-12-31T10:00:00Z`.
  public var description: String {
    let (year, month, dayOfMonth) = CivilDate.civil(fromDay: milliseconds.flooredDivision(by: Timestamp.day))
    let ofDay = milliseconds - milliseconds.flooredDivision(by: Timestamp.day) * Timestamp.day
    let millis = ofDay % 1000
    let seconds = ofDay / 1000
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let time = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    let fraction = millis == 0 ? "" : ".\(padded(millis, 3))"
    return
      "\(padded(Int64(year), 4))-\(padded(Int64(month), 2))-\(padded(Int64(dayOfMonth), 2))T\(time)\(fraction)Z"
  }

  /// Decodes RFC 3339 text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let parsed = Timestamp(rfc3339: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not an RFC 3339 time such as 2017-12-31T10:00:00Z")
    }
    self = parsed
  }

  /// Encodes RFC 3339 text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Timestamp {
  /// Parses ISO 8601 as in RFC 3339: `2017-12-31T10:00:00Z`, a blank in place of the T, a fraction of a second, an
  /// offset such as `+08:00`, and a date alone (its midnight). Without an offset the time counts as UTC.
  public init?(rfc3339 text: String) {
    var text = text
    guard let parsed = text.withUTF8({ Timestamp.parse($0, defaultOffsetMinutes: 0) }) else { return nil }
    self = parsed
  }

  /// Parses the bytes of an ISO 8601 time; without an offset of its own it is taken at `defaultOffsetMinutes` from UTC.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>, defaultOffsetMinutes: Int) -> Timestamp? {
    var reader = DigitReader(bytes: bytes)
    guard let year = reader.digits(4), reader.skip(45), let month = reader.digits(2), reader.skip(45),
      let dayOfMonth = reader.digits(2), let day = CivilDate.day(year: year, month: month, day: dayOfMonth)
    else { return nil }
    var millis = Int64(day) * Timestamp.day
    var offset = defaultOffsetMinutes
    if !reader.isAtEnd {
      guard reader.skip(84) || reader.skip(116) || reader.skip(32), let time = reader.timeOfDay() else {
        return nil
      }
      millis += time
      if let explicit = reader.offsetMinutes() { offset = explicit }
      guard reader.isAtEnd else { return nil }
    }
    return Timestamp(milliseconds: millis - Int64(offset) * 60_000)
  }
}

/// Reads fixed-width numbers off the bytes of a time.
private struct DigitReader {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func digits(_ count: Int) -> Int? {
    guard position + count <= bytes.count else { return nil }
    var value = 0
    for index in position..<position + count {
      let digit = Int(bytes[index]) - 48
      guard (0...9).contains(digit) else { return nil }
      value = value * 10 + digit
    }
    position += count
    return value
  }

  /// Milliseconds since midnight from `hh:mm[:ss[.fraction]]`.
  mutating func timeOfDay() -> Int64? {
    guard let hour = digits(2), hour < 24, skip(58), let minute = digits(2), minute < 60 else { return nil }
    var millis = Int64(hour * 3600 + minute * 60) * 1000
    guard skip(58) else { return millis }
    guard let second = digits(2), second <= 60 else { return nil }
    millis += Int64(second) * 1000
    guard skip(46) || skip(44) else { return millis }
    var scale: Int64 = 100
    var any = false
    while let digit = digits(1) {
      millis += Int64(digit) * scale
      scale /= 10
      any = true
    }
    return any ? millis : nil
  }

  /// Minutes east of UTC from `Z`, `+08:00`, `+0800` or `+08`; nil when there is none.
  mutating func offsetMinutes() -> Int? {
    if skip(90) || skip(122) { return 0 }
    let start = position
    let sign = skip(43) ? 1 : skip(45) ? -1 : 0
    guard sign != 0, let hours = digits(2), hours <= 18 else {
      position = start
      return nil
    }
    _ = skip(58)
    let minutes = digits(2) ?? 0
    return sign * (hours * 60 + minutes)
  }
}

/// The proleptic Gregorian calendar by arithmetic alone, for hot loops where Foundation's calendar is too slow.
public enum CivilDate {
  /// Days since 1970-01-01 of a date; nil when there is no such date.
  public static func day(year: Int, month: Int, day: Int) -> Int? {
    guard (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year) else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Year, month and day of the month of a day since 1970-01-01.
  public static func civil(fromDay day: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(day) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  /// The day of the week of a day since 1970-01-01: 0 is Monday, 6 is Sunday.
  public static func weekday(ofDay day: Int64) -> Int { Int(((day + 3) % 7 + 7) % 7) }

  private static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
