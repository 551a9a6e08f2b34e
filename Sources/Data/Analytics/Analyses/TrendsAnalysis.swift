import Commerce
import MathKernels

/// Counts and sums over time.
///
/// Sums, means and medians are of the events that carry the number; an amount of 0 counts as none, as the frame has it.
/// A session counts once in each bucket and group in which it has an event.
/// - Complexity: one pass over the events; a selection for each median; a sort of visits only when some were met again.
struct TrendsAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: TrendsQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let buckets: TimeBuckets
  let grouping: Grouping
  private let earlier: Range<Int64>?

  init(_ definition: AnalysisDefinition, _ question: TrendsQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    buckets = try TimeBuckets(range, definition.interval, data)
    earlier = Self.earlier(question.comparison, range, data)
    let all = UInt16((1 << question.series.count) - 1)
    if definition.breakdown == nil {
      grouping = Grouping(nil, data, EventMarks.empty, bits: 0, ofRows: true)
    } else {
      let marks = try EventMarks.ofRows(question.series.map(\.event), definition, data, in: range)
      grouping = Grouping(definition, data, marks, bits: all, ofRows: true)
    }
    guard question.series.count * grouping.count * (buckets.count + 1) <= 400_000 else {
      throw AnalyticsError.invalid(
        field: "interval", found: "\"\(definition.interval.rawValue)\"",
        expected: "a longer interval, or fewer series and groups: at most 400,000 points")
    }
  }

  /// The span that the answer is compared with: as many local days before, or 364 days before.
  private static func earlier(
    _ comparison: TrendsQuestion.Comparison, _ range: Range<Int64>, _ data: AnalyticsData
  ) -> Range<Int64>? {
    let calendar = data.calendar
    let first = calendar.day(ofMilliseconds: range.lowerBound)
    let days = calendar.day(ofMilliseconds: range.upperBound - 1) - first + 1
    switch comparison {
    case .none: return nil
    case .previous:
      return calendar.start(ofDay: first - days).milliseconds..<calendar.start(ofDay: first).milliseconds
    case .year:
      return calendar.start(ofDay: first - 364)
        .milliseconds..<calendar.start(ofDay: first - 364 + days).milliseconds
    }
  }

  /// What a span has, by series, group and bucket; the bucket after the last is the whole span.
  func tally(_ range: Range<Int64>, _ buckets: TimeBuckets) throws -> (TrendsTally, EventMarks) {
    let marks = try EventMarks.ofRows(question.series.map(\.event), definition, data, in: range)
    let shape = TrendsTally.Shape(
      series: question.series.count, groups: grouping.count, buckets: buckets.count)
    var tally = TrendsTally(shape, question.series)
    let positions = try EventMarks.ofPositions(question.series.map(\.event), definition, data, in: range)
    tally.count(marks, positions: positions, buckets, grouping, data)
    return (tally, marks)
  }

  private static let columns = [
    "series", "label", "group", "group_kind", "bucket", "start", "label_time", "value", "events", "customers",
    "complete", "previous",
  ]

  func result() throws -> AnalysisResult {
    let (tally, marks) = try tally(range, buckets)
    var before: (tally: TrendsTally, buckets: TimeBuckets)?
    if let earlier {
      let buckets = try TimeBuckets(earlier, definition.interval, data)
      before = (try self.tally(earlier, buckets).0, buckets)
    }
    var series = AnalysisTable("series", Self.columns)
    var totals = AnalysisTable(
      "totals",
      ["series", "label", "group", "group_kind", "value", "events", "customers", "previous", "change"])
    for line in 0..<lineCount {
      for (place, group) in grouping.groups.enumerated() {
        let own = values(line, place, tally)
        let other = before.map { values(line, place, $0.tally) }
        for bucket in 0..<buckets.count {
          let cell = tally.shape.cell(numerator(line), place, bucket)
          series.append(
            [JSONValue(line), .string(label(line))] + group.cells
              + [JSONValue(bucket), buckets.start(bucket), .string(buckets.labels[bucket]), own[bucket]]
              + [JSONValue(tally.events[cell]), JSONValue(Int(tally.customers[cell]))]
              + [
                .bool(buckets.isComplete[bucket]),
                other.flatMap { bucket < $0.count - 1 ? $0[bucket] : nil } ?? .null,
              ],
            point: group.point(["series": JSONValue(line), "bucket": JSONValue(bucket)]))
        }
        let cell = tally.shape.cell(numerator(line), place, buckets.count)
        let (now, then) = (own[buckets.count], other?.last ?? .null)
        totals.append(
          [JSONValue(line), .string(label(line))] + group.cells + [now, JSONValue(tally.events[cell])]
            + [JSONValue(Int(tally.customers[cell])), then, Self.change(now, then)],
          point: group.point(["series": JSONValue(line)]))
      }
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [series, totals]
    result.sample = ["events": JSONValue(marks.count), "buckets": JSONValue(buckets.count)]
    result.leave(out: marks.outside, "outside_span")
    result.leave(out: marks.filtered, "filtered")
    return result
  }

  private static func change(_ now: JSONValue, _ then: JSONValue) -> JSONValue {
    guard let now = now.number, let then = then.number, then != 0 else { return .null }
    return .number(now / then - 1)
  }

  private var lineCount: Int { question.series.count + (question.ratio == nil ? 0 : 1) }

  /// The series whose events and customers stand for a line: of a ratio, those above the line.
  private func numerator(_ line: Int) -> Int { line < question.series.count ? line : question.ratio?.0 ?? 0 }

  private func label(_ line: Int) -> String {
    guard line == question.series.count, let ratio = question.ratio else {
      return question.series[line].event.label
    }
    return "\(question.series[ratio.0].event.label) / \(question.series[ratio.1].event.label)"
  }

  /// The values of a line by bucket, transformed, and that of the whole span.
  private func values(_ line: Int, _ group: Int, _ tally: TrendsTally) -> [JSONValue] {
    let count = tally.shape.buckets
    func raw(_ line: Int) -> [Double?] { (0...count).map { tally.value(line, group, $0) } }
    var found: [Double?]
    if line == question.series.count, let ratio = question.ratio {
      found = zip(raw(ratio.0), raw(ratio.1)).map { above, below in
        guard let above, let below, below != 0 else { return nil }
        return above / below
      }
    } else {
      found = raw(line)
    }
    let whole = found.removeLast()
    return (transformed(found) + [whole]).map { JSONValue($0) }
  }

  private func transformed(_ values: [Double?]) -> [Double?] {
    switch question.transform {
    case .none: return values
    case .cumulative:
      var sum = 0.0
      return values.map {
        sum += $0 ?? 0
        return sum
      }
    case .movingAverage:
      return values.indices.map { place in
        let last = values[max(0, place - question.window + 1)...place].compactMap { $0 }
        return last.isEmpty || place + 1 < question.window ? nil : last.reduce(0, +) / Double(last.count)
      }
    }
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("series", "totals")
    let line = numerator(try point.whole("series", in: 0..<lineCount))
    let wanted = try point.group(grouping)
    let bucket = table == "series" ? try point.whole("bucket", in: 0..<buckets.count) : nil
    let within = bucket.map {
      max(range.lowerBound, buckets.bounds[$0])..<min(range.upperBound, buckets.bounds[$0 + 1])
    }
    let marks = try EventMarks.ofPositions(
      question.series.map(\.event), definition, data, in: within ?? range)
    return data.customers(scratch: { 0 }) { customer, _ in
      data.index.positions(of: customer).contains { position in
        marks.bits[position] & (1 << UInt16(line)) != 0 && marks.bits[position] & EventMarks.looked != 0
          && grouping.group(Int(data.index.rows[position])) == wanted
      }
    }
  }
}
