import Commerce
import MathKernels

/// Visits: how many, how long, how deep, and how many had a single event.
///
/// A visit is a run of one customer's events in time order: it ends at another session id, and where neither event names
/// one, after a time without events. It belongs to the bucket and the group of its first event.
/// - Complexity: O(events).
struct SessionsAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: SessionsQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  let grouping: Grouping
  let buckets: TimeBuckets
  private let visits: VisitRule

  init(_ definition: AnalysisDefinition, _ question: SessionsQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    marks = try EventMarks.ofPositions([], definition, data, in: range)
    grouping = Grouping(definition, data, marks, bits: EventMarks.looked)
    buckets = try TimeBuckets(range, definition.interval, data)
    visits = VisitRule(data, inactivity: question.inactivity)
    guard grouping.count * buckets.count <= 400_000 else {
      throw AnalyticsError.invalid(
        field: "interval", found: "\"\(definition.interval.rawValue)\"", expected: "a longer interval")
    }
  }

  /// Calls with the first position, the last one and the number of events of each visit of a customer.
  @inline(__always)
  func forEachVisit(_ customer: Int, _ body: (Int, Int, Int) -> Void) {
    var (first, last, events, session) = (-1, -1, 0, Int32(-1))
    let (bits, times) = (marks.bits, data.index.times)
    for position in data.index.positions(of: customer) where bits[position] & EventMarks.looked != 0 {
      let own = visits.session(position)
      if last >= 0, visits.ends(session, own, after: times[position] - times[last]) {
        body(first, last, events)
        (first, events) = (-1, 0)
      }
      if first < 0 { first = position }
      (last, session) = (position, own)
      events += 1
    }
    if first >= 0 { body(first, last, events) }
  }

  /// Where bins of events a visit begin.
  static let depths = [1, 2, 3, 4, 5, 6, 11, 21, 51]

  private static func depthBin(_ events: Int) -> Int {
    (depths.firstIndex { $0 > events } ?? depths.count) - 1
  }

  /// Counts of visits in one cell.
  struct Count: Sendable {
    var sessions = 0
    var customers = 0
    var events = 0
    var bounces = 0
    var milliseconds: Int64 = 0
    var last = -1

    @inline(__always)
    mutating func add(_ customer: Int, events: Int, length: Int64) {
      sessions += 1
      if last != customer { customers += 1 }
      last = customer
      self.events += events
      bounces += events == 1 ? 1 : 0
      milliseconds += length
    }

    mutating func add(_ other: Count) {
      sessions += other.sessions
      customers += other.customers
      events += other.events
      bounces += other.bounces
      milliseconds += other.milliseconds
    }
  }

  private struct Tally: Sendable {
    /// By group and bucket; by group; by length; by depth.
    var series: [Count]
    var groups: [Count]
    var lengths: [Count]
    var depths: [Count]
    var durations: [DurationHistogram]

    mutating func add(_ other: Tally) {
      for place in series.indices { series[place].add(other.series[place]) }
      for place in groups.indices { groups[place].add(other.groups[place]) }
      for place in lengths.indices { lengths[place].add(other.lengths[place]) }
      for place in depths.indices { depths[place].add(other.depths[place]) }
      for place in durations.indices { durations[place].add(other.durations[place]) }
    }
  }

  private func counted() -> Tally {
    let times = data.index.times
    return data.tally({
      Tally(
        series: .init(repeating: .init(), count: grouping.count * buckets.count),
        groups: .init(repeating: .init(), count: grouping.count),
        lengths: .init(repeating: .init(), count: DurationBins.count),
        depths: .init(repeating: .init(), count: Self.depths.count),
        durations: .init(repeating: .init(), count: grouping.count))
    }) { block, tally in
      var hint = 0
      for customer in block {
        forEachVisit(customer) { first, last, events in
          let length = times[last] - times[first]
          let group = grouping.group(Int(data.index.rows[first]))
          let bucket = buckets.bucket(of: times[first], near: &hint)
          tally.series[group * buckets.count + bucket].add(customer, events: events, length: length)
          tally.groups[group].add(customer, events: events, length: length)
          tally.lengths[DurationBins.bin(length)].add(customer, events: events, length: length)
          tally.depths[Self.depthBin(events)].add(customer, events: events, length: length)
          tally.durations[group].add(length)
        }
      }
    } join: {
      $0.add($1)
    }
  }

  private static func means(_ count: Count) -> [JSONValue] {
    guard count.sessions > 0 else { return [.null, .null, .null] }
    let sessions = Double(count.sessions)
    return [
      .number(Double(count.events) / sessions), .number(Double(count.bounces) / sessions),
      .number(Double(count.milliseconds) / 1000 / sessions),
    ]
  }

  func result() throws -> AnalysisResult {
    let tally = counted()
    var summary = AnalysisTable(
      "summary",
      [
        "group", "group_kind", "sessions", "customers", "events_per_session", "bounce_rate", "lower", "upper",
        "mean_seconds", "p50_seconds", "p90_seconds",
      ])
    var series = AnalysisTable(
      "series",
      [
        "group", "group_kind", "bucket", "start", "label", "sessions", "customers", "events_per_session",
        "bounce_rate", "mean_seconds", "complete",
      ])
    for (place, group) in grouping.groups.enumerated() {
      let count = tally.groups[place]
      let means = Self.means(count)
      summary.append(
        group.cells + [JSONValue(count.sessions), JSONValue(count.customers), means[0], means[1]]
          + ConfidenceInterval.cells(count.bounces, of: count.sessions) + [means[2]]
          + [0.5, 0.9].map { JSONValue(tally.durations[place].quantile($0)) }, point: group.point())
      for bucket in 0..<buckets.count {
        let count = tally.series[place * buckets.count + bucket]
        series.append(
          group.cells + [JSONValue(bucket), buckets.start(bucket), .string(buckets.labels[bucket])]
            + [JSONValue(count.sessions), JSONValue(count.customers)] + Self.means(count)
            + [.bool(buckets.isComplete[bucket])], point: group.point(["bucket": JSONValue(bucket)]))
      }
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [summary, series, lengths(tally.lengths), depths(tally.depths)]
    result.sample = [
      "events": JSONValue(marks.count), "sessions": JSONValue(tally.groups.reduce(0) { $0 + $1.sessions }),
    ]
    result.note(marks, data)
    return result
  }

  private func lengths(_ counts: [Count]) -> AnalysisTable {
    var table = AnalysisTable("length", ["bin", "from_seconds", "to_seconds", "sessions", "customers"])
    for (bin, count) in counts.enumerated() {
      table.append(
        [JSONValue(bin)] + DurationBins.cells(bin) + [JSONValue(count.sessions), JSONValue(count.customers)],
        point: ["bin": JSONValue(bin)])
    }
    return table
  }

  private func depths(_ counts: [Count]) -> AnalysisTable {
    var table = AnalysisTable("depth", ["bin", "from", "to", "sessions", "customers"])
    for (bin, count) in counts.enumerated() {
      let to = bin + 1 < Self.depths.count ? JSONValue(Self.depths[bin + 1]) : .null
      table.append(
        [
          JSONValue(bin), JSONValue(Self.depths[bin]), to, JSONValue(count.sessions),
          JSONValue(count.customers),
        ],
        point: ["bin": JSONValue(bin)])
    }
    return table
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("summary", "series", "length", "depth")
    let isOfGroup = table == "summary" || table == "series"
    let wanted = isOfGroup ? try point.group(grouping) : 0
    let sizes = ["series": buckets.count, "length": DurationBins.count, "depth": Self.depths.count]
    let place = try sizes[table].map { try point.whole(table == "series" ? "bucket" : "bin", in: 0..<$0) }
    let times = data.index.times
    return data.customers(scratch: { 0 }) { customer, hint in
      var isFound = false
      forEachVisit(customer) { first, last, events in
        if isFound || (isOfGroup && grouping.group(Int(data.index.rows[first])) != wanted) { return }
        switch table {
        case "series": isFound = buckets.bucket(of: times[first], near: &hint) == place
        case "length": isFound = DurationBins.bin(times[last] - times[first]) == place
        case "depth": isFound = Self.depthBin(events) == place
        default: isFound = true
        }
      }
      return isFound
    }
  }
}
