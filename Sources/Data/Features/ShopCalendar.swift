import Commerce
import Foundation

/// Days, hours and weekdays as the shop's own clock shows them.
///
/// ```swift
/// let calendar = try ShopCalendar(timeZone: "America/New_York")
/// calendar.day(of: Timestamp(rfc3339: "2018-01-01T04:01:20Z")!)   // 17531, that is 2017-12-31
/// ```
/// The offsets of 1970 to 2060 are tabulated once; a lookup is a binary search. Outside those years the nearest offset
/// of the table holds.
public struct ShopCalendar: Sendable, Equatable, Codable {
  /// The IANA name of the time zone, such as `Asia/Shanghai`.
  public let timeZone: String
  private let starts: [Int64]
  private let offsets: [Int64]

  /// The calendar of UTC.
  public static let utc = ShopCalendar(name: "UTC", starts: [.min], offsets: [0])

  private init(name: String, starts: [Int64], offsets: [Int64]) {
    timeZone = name
    self.starts = starts
    self.offsets = offsets
  }

  /// The calendar of a time zone.
  ///
  /// - Throws: `FeatureError.unknownTimeZone` when the system does not know the name.
  public init(timeZone name: String) throws {
    guard let zone = TimeZone(identifier: name) else { throw FeatureError.unknownTimeZone(name) }
    var starts: [Int64] = [.min]
    var offsets = [Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: 0))) * 1000]
    var moment = Date(timeIntervalSince1970: 0)
    let end = Date(timeIntervalSince1970: 2_840_140_800)
    while let next = zone.nextDaylightSavingTimeTransition(after: moment), next > moment, next < end {
      starts.append(Timestamp(next).milliseconds)
      offsets.append(Int64(zone.secondsFromGMT(for: next.addingTimeInterval(1))) * 1000)
      moment = next
    }
    self.init(name: name, starts: starts, offsets: offsets)
  }

  /// The local day since 1970-01-01.
  public func day(of moment: Timestamp) -> Int32 { day(ofMilliseconds: moment.milliseconds) }

  /// The local day since 1970-01-01 of UTC milliseconds.
  public func day(ofMilliseconds milliseconds: Int64) -> Int32 {
    Int32(clamping: Self.floor(local(milliseconds), Timestamp.day))
  }

  /// The local hour of the day, 0 to 23.
  public func hour(ofMilliseconds milliseconds: Int64) -> Int {
    let local = local(milliseconds)
    return Int((local - Self.floor(local, Timestamp.day) * Timestamp.day) / 3_600_000)
  }

  /// The moment at which a local day begins.
  public func start(ofDay day: Int32) -> Timestamp {
    let midnight = Int64(day) * Timestamp.day
    // The offset at that moment is the offset at UTC midnight but for a change in between; one correction finds it.
    let guess = midnight - offset(midnight)
    return Timestamp(milliseconds: midnight - offset(guess))
  }

  /// Local milliseconds; moments beyond the years ±271,821 count as the last there are, so that nothing overflows.
  private func local(_ milliseconds: Int64) -> Int64 {
    let limit: Int64 = 8_640_000_000_000_000
    return min(max(milliseconds, -limit), limit) + offset(milliseconds)
  }

  private func offset(_ milliseconds: Int64) -> Int64 {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= milliseconds { low = middle } else { high = middle }
    }
    return offsets[low]
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    value / divisor - (value % divisor < 0 ? 1 : 0)
  }

  /// Decodes the time zone's name.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    if name == "UTC" { self = .utc } else { try self.init(timeZone: name) }
  }

  /// Encodes the time zone's name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(timeZone)
  }
}
