import Commerce

/// Counts and sums of events over time.
public struct TrendsQuestion: Sendable, Equatable {
  /// What is measured of a series' events.
  public enum Measure: String, Sendable, CaseIterable {
    /// Events; distinct customers; distinct visits; distinct orders, where a line without one counts as an order.
    case events, customers, sessions, orders
    /// The sum, the mean and the median of a number, and its sum for each customer.
    case sum, mean, median, perCustomer = "per_customer"
  }
  /// What becomes of a series.
  public enum Transform: String, Sendable, CaseIterable {
    /// Nothing; running totals; the mean of the last buckets.
    case none, cumulative, movingAverage = "moving_average"
  }
  /// What a series is compared with.
  public enum Comparison: String, Sendable, CaseIterable {
    /// Nothing; the span of equal length before; the span 364 days before, which begins on the same weekday.
    case none, previous, year
  }
  /// One line of the chart.
  public struct Series: Sendable, Equatable {
    /// Its events.
    public var event: EventSelector
    /// What is measured of them.
    public var measure: Measure
    /// The number that is summed.
    public var of: AnalyticsProperty.EventNumber

    /// A series.
    public init(
      _ event: EventSelector, _ measure: Measure = .events, of number: AnalyticsProperty.EventNumber = .amount
    ) {
      self.event = event
      self.measure = measure
      of = number
    }
  }

  /// The lines, at most eight.
  public var series: [Series]
  /// Two lines whose ratio is one more line.
  public var ratio: (Int, Int)? { ratioPair.map { ($0[0], $0[1]) } }
  /// What becomes of each line.
  public var transform: Transform
  /// How many buckets a moving average takes.
  public var window: Int
  /// What each line is compared with.
  public var comparison: Comparison
  private var ratioPair: [Int]?

  /// A question; the ratio names places in `series`.
  public init(
    _ series: [Series], ratio: (Int, Int)? = nil, transform: Transform = .none, window: Int = 7,
    comparison: Comparison = .none
  ) {
    self.series = series
    ratioPair = ratio.map { [$0.0, $0.1] }
    self.transform = transform
    self.window = window
    self.comparison = comparison
  }

  init(_ reader: DefinitionReader) throws {
    try reader.requireMembers(["series", "ratio", "transform", "window", "compare"])
    let found = try reader.member("series").map {
      try $0.elements("a list of series").map(Series.init(reading:))
    }
    let series = found ?? [Series(EventSelector())]
    guard (1...8).contains(series.count) else {
      throw try reader.required("series", "series").fault("one to eight series")
    }
    var ratio: (Int, Int)?
    if let pair = reader.member("ratio") {
      let ends = try pair.elements("two places in series").map { try $0.whole(in: 0...series.count - 1) }
      guard ends.count == 2 else { throw pair.fault("two places in series") }
      ratio = (ends[0], ends[1])
    }
    self.init(
      series, ratio: ratio, transform: try reader.choice("transform", .none),
      window: try reader.whole("window", 7, in: 1...366), comparison: try reader.choice("compare", .none))
  }

  var jsonValue: JSONValue {
    var json: JSONValue = [
      "series": JSONValue(series.map(\.jsonValue)), "transform": .string(transform.rawValue),
      "window": JSONValue(window), "compare": .string(comparison.rawValue),
    ]
    json["ratio"] = ratioPair.map { JSONValue($0.map { JSONValue($0) }) }
    return json
  }
}

extension TrendsQuestion.Series {
  init(reading reader: DefinitionReader) throws {
    try reader.requireMembers(["event", "measure", "of"])
    self.init(
      try reader.selector("event", EventSelector()), try reader.choice("measure", .events),
      of: try reader.eventNumber("of"))
  }

  var jsonValue: JSONValue {
    ["event": event.jsonValue, "measure": .string(measure.rawValue), "of": .string("event.\(of.rawValue)")]
  }
}

extension DefinitionReader {
  /// A number of events by its full name; the amount when it is absent.
  func eventNumber(_ name: String) throws -> AnalyticsProperty.EventNumber {
    guard let reader = member(name) else { return .amount }
    guard case .number(let number) = try reader.property() else {
      throw reader.fault("event.amount, event.discount, event.quantity or event.rating")
    }
    return number
  }

  /// A duration, in seconds under `name_seconds` or in days under `name_days`; in milliseconds.
  func duration(_ name: String, standardSeconds: Double) throws -> Int64 {
    if let days = member("\(name)_days") {
      return Int64((try days.number(in: 0.00001...3660) * 86_400_000).rounded())
    }
    return Int64((try number("\(name)_seconds", standardSeconds, in: 1...316_224_000) * 1000).rounded())
  }
}
