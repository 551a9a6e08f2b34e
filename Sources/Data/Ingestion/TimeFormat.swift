import Commerce
import Foundation

/// How a file writes times, such as `yyyy/MM/dd HH:mm` or `dd.MM.yyyy`; or ISO 8601; or numbers since 1970.
public struct TimeFormat: Sendable, Equatable {
  private enum Part: Sendable, Equatable {
    case year, month, day, hour, halfDayHour, minute, second, fraction, halfDay, offset
    case text([UInt8])
  }

  private enum Form: Sendable, Equatable {
    case iso8601
    case epoch(millisPerUnit: Double)
    case pattern([Part])
  }

  /// The format as it was named.
  public let name: String
  private let form: Form

  /// A format from its name: `iso8601`, `epoch_s`, `epoch_ms`, or a pattern of `yyyy MM dd HH hh mm ss SSS a Z` with
  /// other characters as they stand; `M d H h` take one or two digits. Nil when it is none of these.
  public init?(_ name: String) {
    self.name = name
    switch name {
    case "iso8601": form = .iso8601
    case "epoch_s": form = .epoch(millisPerUnit: 1000)
    case "epoch_ms": form = .epoch(millisPerUnit: 1)
    default:
      guard let parts = Self.parts(of: name), [.year, .month, .day].allSatisfy(parts.contains) else {
        return nil
      }
      form = .pattern(parts)
    }
  }

  private static func parts(of pattern: String) -> [Part]? {
    var parts: [Part] = []
    var rest = Substring(pattern)
    while let first = rest.first {
      let run = rest.prefix { $0 == first }
      rest = rest.dropFirst(run.count)
      switch (first, run.count) {
      case ("y", 4): parts.append(.year)
      case ("M", 1...2): parts.append(.month)
      case ("d", 1...2): parts.append(.day)
      case ("H", 1...2): parts.append(.hour)
      case ("h", 1...2): parts.append(.halfDayHour)
      case ("m", 1...2): parts.append(.minute)
      case ("s", 1...2): parts.append(.second)
      case ("S", 1...): parts.append(.fraction)
      case ("a", 1): parts.append(.halfDay)
      case ("Z", 1): parts.append(.offset)
      default:
        if first.isASCII && first.isLetter && first != "T" { return nil }
        parts.append(.text(Array(String(run).utf8)))
      }
    }
    return parts
  }

  /// What an unknown name gets to hear.
  static let expectation =
    "expected iso8601, epoch_s, epoch_ms, or a pattern such as yyyy-MM-dd HH:mm:ss"

  /// The time in the bytes; `clock` says how far a local time is from UTC.
  func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ clock: inout LocalClock) -> Timestamp? {
    switch form {
    case .iso8601:
      // Parsed as UTC first; only a time that names no offset of its own is then moved.
      guard let time = Timestamp.parse(bytes, defaultOffsetMinutes: 0) else { return nil }
      return Self.namesOffset(bytes) ? time : clock.utc(fromLocal: time)
    case .epoch(let millisPerUnit):
      guard let value = Decimals.parse(bytes) else { return nil }
      let millis = value * millisPerUnit
      return abs(millis) < 1e16 ? Timestamp(milliseconds: Int64(millis.rounded())) : nil
    case .pattern(let parts): return parse(bytes, parts, &clock)
    }
  }

  /// Whether an ISO 8601 time ends in `Z` or an offset.
  private static func namesOffset(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count > 10 else { return false }
    return bytes[10...].contains { $0 == 0x5A || $0 == 0x7A || $0 == 0x2B || $0 == 0x2D }
  }

  private func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ parts: [Part], _ clock: inout LocalClock
  ) -> Timestamp? {
    var position = 0
    func digits(_ least: Int, _ most: Int) -> Int? {
      var value = 0
      var count = 0
      while count < most, position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
        value = value * 10 + Int(digit)
        count += 1
        position += 1
      }
      return count >= least ? value : nil
    }
    var (year, month, day) = (0, 0, 0)
    var (hour, minute, second, millis) = (0, 0, 0, 0)
    var isAfternoon: Bool?
    var offset: Int?
    for part in parts {
      switch part {
      case .year: guard let value = digits(4, 4) else { return nil }; year = value
      case .month: guard let value = digits(1, 2) else { return nil }; month = value
      case .day: guard let value = digits(1, 2) else { return nil }; day = value
      case .hour, .halfDayHour: guard let value = digits(1, 2), value < 24 else { return nil }; hour = value
      case .minute: guard let value = digits(1, 2), value < 60 else { return nil }; minute = value
      case .second: guard let value = digits(1, 2), value <= 60 else { return nil }; second = value
      case .fraction:
        let start = position
        guard let value = digits(1, 9) else { return nil }
        millis = Int((Double(value) * 1000 / Foundation.pow(10, Double(position - start))).rounded(.down))
      case .halfDay:
        guard position + 2 <= bytes.count, bytes[position + 1] | 0x20 == 0x6D else { return nil }
        let letter = bytes[position] | 0x20
        guard letter == 0x61 || letter == 0x70 else { return nil }
        isAfternoon = letter == 0x70
        position += 2
      case .offset:
        guard let value = Self.offset(bytes, &position) else { return nil }
        offset = value
      case .text(let text):
        guard position + text.count <= bytes.count,
          bytes[position..<position + text.count].elementsEqual(text)
        else {
          return nil
        }
        position += text.count
      }
    }
    guard position == bytes.count, let dayNumber = CivilDate.day(year: year, month: month, day: day) else {
      return nil
    }
    if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
    let local =
      Int64(dayNumber) * Timestamp.day + Int64((hour * 60 + minute) * 60 + second) * 1000 + Int64(millis)
    if let offset { return Timestamp(milliseconds: local - Int64(offset) * 60_000) }
    return clock.utc(fromLocal: Timestamp(milliseconds: local))
  }

  /// Minutes east of UTC from `Z`, `+0800` or `+08:00`.
  private static func offset(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
    guard position < bytes.count else { return nil }
    if bytes[position] | 0x20 == 0x7A {
      position += 1
      return 0
    }
    guard bytes[position] == 0x2B || bytes[position] == 0x2D else { return nil }
    let sign = bytes[position] == 0x2B ? 1 : -1
    let digits = bytes[(position + 1)...].prefix { $0 == 0x3A || (0x30...0x39).contains($0) }
    position += 1 + digits.count
    let numbers = digits.filter { $0 != 0x3A }.map { Int($0) - 48 }
    guard numbers.count == 4 else { return nil }
    return sign * ((numbers[0] * 10 + numbers[1]) * 60 + numbers[2] * 10 + numbers[3])
  }
}

/// Turns local times of one time zone into UTC. The zone is asked once per hour of local time, as asking costs far
/// more than the rest of a row.
struct LocalClock {
  private let zone: TimeZone
  private let isUTC: Bool
  private var offsets: [Int64: Int64] = [:]
  private var lastHour = Int64.min
  private var lastOffset: Int64 = 0

  /// The clock of a zone such as `Asia/Shanghai`; nil when there is none of that name.
  init?(_ name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
    isUTC = name == "UTC" || name == "GMT"
  }

  /// The moment of a local time, given as if it were UTC. One that the clock skips counts as after the skip; one that
  /// it shows twice counts as the first.
  mutating func utc(fromLocal local: Timestamp) -> Timestamp {
    if isUTC { return local }
    let hour =
      local.milliseconds >= 0 ? local.milliseconds / 3_600_000 : (local.milliseconds - 3_599_999) / 3_600_000
    if hour != lastHour {
      lastHour = hour
      lastOffset = offsets[hour] ?? offset(ofLocalHour: hour)
      // A file in order of time needs a handful; one in no order needs the hours of its years.
      if offsets.count > 100_000 { offsets.removeAll() }
      offsets[hour] = lastOffset
    }
    return Timestamp(milliseconds: local.milliseconds - lastOffset)
  }

  private func offset(ofLocalHour hour: Int64) -> Int64 {
    let local = Double(hour) * 3600
    func offset(at utc: Double) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: utc)) }
    // The offset of the day before holds up to a change of this day, and gives the first of two moments. One that does
    // not hold is replaced by the one after the change, unless the clock skips this hour and that one fails as well.
    let before = offset(at: local - 86_400)
    let after = offset(at: local - Double(before))
    let holds = after != before && offset(at: local - Double(after)) == after
    return Int64(holds ? after : before) * 1000
  }
}

/// Numbers as files write them.
enum Decimals {
  /// The number in the bytes: digits with a decimal point, thousands separated by commas, a sign, an exponent, a
  /// currency sign before it, parentheses around a negative one. Nil when it is none.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var position = 0
    let negative = position < bytes.count && bytes[position] == 0x2D
    if negative { position += 1 }
    var digits = DecimalDigits()
    let start = position
    var isFraction = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte &- 0x30 < 10 {
        digits.append(byte &- 0x30, fraction: isFraction)
      } else if byte == 0x2E, !isFraction, position > start || bytes.count > position + 1 {
        isFraction = true
      } else {
        return general(bytes)
      }
      position += 1
    }
    guard position > start, let value = digits.exactValue else { return general(bytes) }
    return negative ? -value : value
  }

  private static func general(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var text = String(decoding: bytes, as: UTF8.self).trimmed
    let isNegative = text.hasPrefix("(") && text.hasSuffix(")")
    if isNegative { text = String(text.dropFirst().dropLast()) }
    for sign in ["US$", "$", "¥", "￥", "€", "£"] where text.hasPrefix(sign) {
      text = String(text.dropFirst(sign.count)).trimmed
    }
    if text.hasSuffix("元") { text = String(text.dropLast()).trimmed }
    if text.contains(",") {
      guard hasThousands(text) else { return nil }
      text.removeAll { $0 == "," }
    }
    // Swift also reads "nan", "inf" and hexadecimal, which no file means.
    guard
      text.utf8.allSatisfy({ $0 &- 0x30 < 10 || $0 == 0x2E || $0 == 0x2D || $0 == 0x2B || $0 | 0x20 == 0x65 }
      ),
      let value = Double(text), value.isFinite
    else { return nil }
    return isNegative ? -value : value
  }

  /// Whether commas stand between groups of three digits, so that `1,5` is not taken for 15.
  private static func hasThousands(_ text: String) -> Bool {
    let whole = text.split(separator: ".", omittingEmptySubsequences: false)[0]
    let groups = whole.split(separator: ",", omittingEmptySubsequences: false)
    let first = groups[0].filter { $0 != "-" && $0 != "+" }
    return (1...3).contains(first.count) && groups.dropFirst().allSatisfy { $0.count == 3 }
      && !text.drop { $0 != "." }.contains(",")
  }
}
