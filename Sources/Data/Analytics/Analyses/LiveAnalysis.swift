import Commerce
import MathKernels

/// The last minutes before the data's end: events by kind and by minute, and who was active.
///
/// Minutes are counted back from the data's end, the last one includes it. Events without a customer count as events.
/// - Complexity: one pass over the times.
struct LiveAnalysis: Analysis {
  let definition: AnalysisDefinition
  let minutes: Int
  let data: AnalyticsData
  let range: Range<Int64>
  /// The rows in the range that pass the filter, in order of arrival.
  private let rows: [Int32]
  private let marks: EventMarks

  init(_ definition: AnalysisDefinition, _ minutes: Int, _ data: AnalyticsData) throws {
    self.definition = definition
    self.minutes = minutes
    self.data = data
    let end = data.asOf.milliseconds + 1
    let range = end - Int64(minutes) * 60_000..<end
    self.range = range
    let marks = try EventMarks.ofRows([], definition, data, in: range)
    self.marks = marks
    rows = parallelBlocks(marks.bits.count, blockSize: 1 << 18) { block in
      block.filter { marks.bits[$0] & EventMarks.looked != 0 }.map { Int32($0) }
    }.flatMap { $0 }
  }

  private func minute(_ row: Int32) -> Int {
    Int((data.frame.timestamp[Int(row)] - range.lowerBound) / 60_000)
  }

  private func distinct(_ column: [Int32], _ rows: some Sequence<Int32>) -> Int {
    Set(rows.lazy.map { column[Int($0)] }.filter { $0 >= 0 }).count
  }

  func result() throws -> AnalysisResult {
    let frame = data.frame
    var kinds = AnalysisTable("kinds", ["kind", "events", "customers"])
    let byKind = Dictionary(grouping: rows) { frame.kind[Int($0)] }
    for (code, own) in byKind.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
      let name = JSONValue.string(EventKind(code: code)?.rawValue ?? "")
      kinds.append(
        [name, JSONValue(own.count), JSONValue(distinct(frame.customer, own))], point: ["kind": name])
    }
    var table = AnalysisTable("minutes", ["bucket", "start", "label", "events", "customers"])
    let byMinute = Dictionary(grouping: rows, by: minute)
    for bucket in 0..<minutes {
      let own = byMinute[bucket] ?? []
      let start = range.lowerBound + Int64(bucket) * 60_000
      table.append(
        [
          JSONValue(bucket), JSONValue(Timestamp(milliseconds: start)), .string(label(start)),
          JSONValue(own.count),
          JSONValue(distinct(frame.customer, own)),
        ], point: ["bucket": JSONValue(bucket)])
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [kinds, table]
    result.sample = [
      "events": JSONValue(rows.count), "customers": JSONValue(distinct(frame.customer, rows)),
      "sessions": JSONValue(distinct(frame.session, rows)),
    ]
    result.leave(out: marks.outside, "outside_span")
    result.leave(out: marks.filtered, "filtered")
    return result
  }

  /// The local time, such as 13:05.
  private func label(_ moment: Int64) -> String {
    let hour = data.calendar.hour(ofMilliseconds: moment)
    let day = data.calendar.start(ofDay: data.calendar.day(ofMilliseconds: moment)).milliseconds
    let minute = (moment - day) / 60_000 % 60
    return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("kinds", "minutes")
    var wanted: (Int32) -> Bool
    if table == "kinds" {
      let kind = try point.reader.required("kind", "a kind").text()
      wanted = { EventKind(code: data.frame.kind[Int($0)])?.rawValue == kind }
    } else {
      let bucket = try point.whole("bucket", in: 0..<minutes)
      wanted = { minute($0) == bucket }
    }
    return Set(rows.filter { wanted($0) }.map { data.frame.customer[Int($0)] }).subtracting([-1]).sorted()
  }
}
