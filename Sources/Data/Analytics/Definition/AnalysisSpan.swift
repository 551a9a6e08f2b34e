import Commerce
import Features

/// Which stretch of the log is looked at.
public enum AnalysisSpan: Sendable, Equatable {
  /// From the first event's day to the day of the data's end.
  case everything
  /// So many local days, the last of which is the day of the data's end.
  case lastDays(Int)
  /// From the beginning of one local day to the end of another; days since 1970-01-01.
  case days(from: Int32, through: Int32)
  /// From a moment to just before another.
  case moments(from: Timestamp, to: Timestamp)
}

/// How time is cut into buckets, on the shop's clock.
public enum AnalysisInterval: String, Sendable, CaseIterable {
  /// Hours, days, weeks from Monday, months.
  case hour, day, week, month
}

extension AnalysisSpan {
  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["last_days", "from", "to"])
    if let days = reader.member("last_days") {
      guard reader.member("from") == nil, reader.member("to") == nil else {
        throw reader.fault("either last_days, or from and to")
      }
      self = .lastDays(try days.whole(in: 1...36_500))
      return
    }
    let expected = "a day such as 2017-01-31, or an RFC 3339 moment"
    let (from, to) = (try reader.required("from", expected), try reader.required("to", expected))
    if let first = try Self.day(from), let last = try Self.day(to) {
      guard first <= last else { throw to.fault("a day that is not before from") }
      self = .days(from: first, through: last)
      return
    }
    guard let start = Timestamp(rfc3339: try from.text(expected)) else { throw from.fault(expected) }
    guard let end = Timestamp(rfc3339: try to.text(expected)) else { throw to.fault(expected) }
    guard start < end else { throw to.fault("a moment after from") }
    self = .moments(from: start, to: end)
  }

  /// The day of a text of ten characters; nil when it is longer.
  private static func day(_ reader: DefinitionReader) throws -> Int32? {
    let text = try reader.text("a day such as 2017-01-31, or an RFC 3339 moment")
    guard text.utf8.count == 10 else { return nil }
    let parts = text.split(separator: "-").map { Int($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let dayOfMonth = parts[2],
      (1970...2200).contains(year), let day = CivilDate.day(year: year, month: month, day: dayOfMonth)
    else { throw reader.fault("a day such as 2017-01-31") }
    return Int32(day)
  }

  /// The span as JSON; nil for everything.
  public var jsonValue: JSONValue? {
    switch self {
    case .everything: nil
    case .lastDays(let days): ["last_days": JSONValue(days)]
    case .days(let from, let through): ["from": .string(dayText(from)), "to": .string(dayText(through))]
    case .moments(let from, let to): ["from": JSONValue(from), "to": JSONValue(to)]
    }
  }
}

/// A local day as text: `2017-01-31`.
func dayText(_ day: Int32) -> String {
  String(Timestamp(milliseconds: Int64(day) * Timestamp.day).description.prefix(10))
}
