import Commerce
import Features

/// Hours, days, weeks or months of a span on the shop's clock; a day on which clocks change has 23 or 25 hours.
struct TimeBuckets: Sendable {
  /// Where each bucket begins, and where the last one ends, in UTC milliseconds.
  let bounds: [Int64]
  /// The local time at which each begins: `2017-01-31`, of hours `2017-01-31T13:00`.
  let labels: [String]
  /// Which lie wholly within the span and before the data's end.
  let isComplete: [Bool]

  /// No answer has more buckets than this.
  static let limit = 20_000

  var count: Int { labels.count }

  init(_ range: Range<Int64>, _ interval: AnalysisInterval, _ data: AnalyticsData) throws {
    let calendar = data.calendar
    let lastDay = calendar.day(ofMilliseconds: range.upperBound - 1)
    var day = Self.first(calendar.day(ofMilliseconds: range.lowerBound), interval)
    let perDay = interval == .hour ? 24 : 1
    guard (Int(lastDay) - Int(day) + 1) * perDay <= Self.limit * 7 else { throw Self.tooMany(interval) }
    var (bounds, labels): ([Int64], [String]) = ([], [])
    while day <= lastDay {
      let next = Self.next(day, interval)
      let (start, end) = (calendar.start(ofDay: day).milliseconds, calendar.start(ofDay: next).milliseconds)
      for moment in stride(from: start, to: end, by: interval == .hour ? 3_600_000 : Int(end - start)) {
        bounds.append(Int64(moment))
        labels.append(interval == .hour ? Self.hourLabel(Int64(moment), day, calendar) : dayText(day))
      }
      day = next
    }
    bounds.append(calendar.start(ofDay: day).milliseconds)
    if interval == .hour { Self.trim(&bounds, &labels, to: range) }
    guard labels.count <= Self.limit else { throw Self.tooMany(interval) }
    let end = min(range.upperBound, data.asOf.milliseconds + 1)
    isComplete = labels.indices.map { bounds[$0] >= range.lowerBound && bounds[$0 + 1] <= end }
    self.bounds = bounds
    self.labels = labels
  }

  private static func tooMany(_ interval: AnalysisInterval) -> AnalyticsError {
    .invalid(
      field: "interval", found: "\"\(interval.rawValue)\"",
      expected: "a longer interval, or a shorter span: at most \(limit) buckets")
  }

  private static func trim(_ bounds: inout [Int64], _ labels: inout [String], to range: Range<Int64>) {
    let first = bounds.lastIndex { $0 <= range.lowerBound } ?? 0
    let end = bounds.firstIndex { $0 >= range.upperBound } ?? bounds.count - 1
    bounds = Array(bounds[first...end])
    labels = Array(labels[first..<end])
  }

  private static func hourLabel(_ moment: Int64, _ day: Int32, _ calendar: ShopCalendar) -> String {
    let hour = calendar.hour(ofMilliseconds: moment)
    return "\(dayText(day))T\(hour < 10 ? "0" : "")\(hour):00"
  }

  /// The day on which the interval that a day lies in begins.
  static func first(_ day: Int32, _ interval: AnalysisInterval) -> Int32 {
    switch interval {
    case .hour, .day: return day
    case .week: return day - Int32(CivilDate.weekday(ofDay: Int64(day)))
    case .month: return day - Int32(CivilDate.civil(fromDay: Int64(day)).day - 1)
    }
  }

  private static func next(_ day: Int32, _ interval: AnalysisInterval) -> Int32 {
    switch interval {
    case .hour, .day: return day + 1
    case .week: return day + 7
    case .month: return first(day + 31, .month)
    }
  }

  /// The bucket of a moment, looked for from the last one found; -1 outside all.
  @inline(__always)
  func bucket(of moment: Int64, near hint: inout Int) -> Int {
    if bounds[hint] <= moment, moment < bounds[hint + 1] { return hint }
    guard moment >= bounds[0], moment < bounds[count] else { return -1 }
    if moment >= bounds[hint + 1], hint + 2 <= count, moment < bounds[hint + 2] {
      hint += 1
      return hint
    }
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if bounds[middle] <= moment { low = middle } else { high = middle }
    }
    hint = low
    return low
  }

  /// When a bucket begins.
  func start(_ bucket: Int) -> JSONValue { JSONValue(Timestamp(milliseconds: bounds[bucket])) }
}
