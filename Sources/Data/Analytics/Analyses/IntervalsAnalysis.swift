import Commerce
import MathKernels

/// The time from one event to another.
///
/// A clock starts with a `from` event and stops with the next later `to` event; with `first` it runs from the first start
/// since it last stopped, with `last` from the last. An event that is both stops the clock and starts it again.
/// - Complexity: O(events).
struct IntervalsAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: IntervalsQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  let grouping: Grouping

  init(_ definition: AnalysisDefinition, _ question: IntervalsQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    marks = try EventMarks.ofPositions([question.from, question.to], definition, data, in: range)
    grouping = Grouping(definition, data, marks, bits: 1)
  }

  /// Calls with the position of the start and the length of each interval of a customer.
  @inline(__always)
  func forEachInterval(_ customer: Int, _ body: (Int, Int64) -> Void) {
    let times = data.index.times
    var start = -1
    for position in data.index.positions(of: customer) {
      let bits = marks.bits[position]
      guard bits & 3 != 0, bits & EventMarks.looked != 0 else { continue }
      if bits & 2 != 0, start >= 0 {
        let length = times[position] - times[start]
        if length <= question.longest ?? .max { body(start, length) }
        start = -1
      }
      if bits & 1 != 0, start < 0 || question.start == .last { start = position }
    }
  }

  private struct Tally: Sendable {
    var histograms: [DurationHistogram]
    var pairs: [Int]
    /// By group and bin; then by group.
    var customers: [Int]
  }

  private func counted() -> Tally {
    let bins = DurationBins.count
    let cells = grouping.count * bins
    let groups = grouping.count
    return data.tally({
      Tally(
        histograms: .init(repeating: .init(), count: groups), pairs: .init(repeating: 0, count: cells),
        customers: .init(repeating: 0, count: cells + groups))
    }) { block, tally in
      var last = [Int](repeating: -1, count: cells + groups)
      for customer in block {
        forEachInterval(customer) { start, length in
          let group = grouping.group(Int(data.index.rows[start]))
          let cell = group * bins + DurationBins.bin(length)
          tally.histograms[group].add(length)
          tally.pairs[cell] += 1
          for place in [cell, cells + group] where last[place] != customer {
            last[place] = customer
            tally.customers[place] += 1
          }
        }
      }
    } join: { whole, part in
      for group in whole.histograms.indices { whole.histograms[group].add(part.histograms[group]) }
      whole.pairs.add(part.pairs)
      whole.customers.add(part.customers)
    }
  }

  func result() throws -> AnalysisResult {
    let tally = counted()
    let bins = DurationBins.count
    var summary = AnalysisTable(
      "summary", ["group", "group_kind", "pairs", "customers", "mean", "p10", "p25", "p50", "p75", "p90"])
    var histogram = AnalysisTable(
      "histogram", ["group", "group_kind", "bin", "from_seconds", "to_seconds", "pairs", "customers"])
    for (place, group) in grouping.groups.enumerated() {
      let lengths = tally.histograms[place]
      let counts = [JSONValue(lengths.count), JSONValue(tally.customers[grouping.count * bins + place])]
      let quantiles = [0.1, 0.25, 0.5, 0.75, 0.9].map { JSONValue(lengths.quantile($0)) }
      summary.append(group.cells + counts + [JSONValue(lengths.mean)] + quantiles, point: group.point())
      for bin in 0..<bins {
        let cell = place * bins + bin
        let cells = [JSONValue(bin)] + DurationBins.cells(bin)
        histogram.append(
          group.cells + cells + [JSONValue(tally.pairs[cell]), JSONValue(tally.customers[cell])],
          point: group.point(["bin": JSONValue(bin)]))
      }
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [summary, histogram]
    result.sample = [
      "events": JSONValue(marks.count), "pairs": JSONValue(tally.pairs.reduce(0, +)),
    ]
    result.note(marks, data)
    return result
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("summary", "histogram")
    let bin = table == "histogram" ? try point.whole("bin", in: 0..<DurationBins.count) : nil
    let wanted = try point.group(grouping)
    return data.customers(scratch: { 0 }) { customer, _ in
      var isFound = false
      forEachInterval(customer) { start, length in
        guard !isFound, bin.map({ $0 == DurationBins.bin(length) }) ?? true else { return }
        isFound = grouping.group(Int(data.index.rows[start])) == wanted
      }
      return isFound
    }
  }
}
