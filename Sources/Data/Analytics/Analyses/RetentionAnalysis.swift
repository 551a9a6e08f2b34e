import Commerce
import MathKernels

/// Who comes back in which period after the first.
///
/// Periods are days, weeks or months of the shop's calendar. A customer is a member of the cohort of the period in which
/// the first event happened: the first ever (`first`; those whose first lies before the span belong to no cohort), the
/// first in the span (`any`), or of every period with one (`recurring`). They have come back in period n when an event
/// that counts as returning lies in the nth period after the cohort's own; in period 0 when one comes after the first
/// event of that period. With `on_or_after` it lies in that period or a later one of the span.
/// A cell is complete when its period has ended before the span and the data do; the curve is made of complete cells.
/// - Complexity: O(events + returns × periods).
struct RetentionAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: RetentionQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  let grouping: Grouping
  let buckets: TimeBuckets

  init(_ definition: AnalysisDefinition, _ question: RetentionQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    // What came before the span tells who is new.
    let looked = question.cohorts == .first ? Int64.min..<range.upperBound : range
    marks = try EventMarks.ofPositions([question.first, question.returning], definition, data, in: looked)
    grouping = Grouping(definition, data, marks, bits: 1)
    buckets = try TimeBuckets(range, definition.interval, data)
    guard grouping.count * buckets.count * (question.periods + 1) <= 4_000_000 else {
      throw AnalyticsError.invalid(
        field: "interval", found: "\"\(definition.interval.rawValue)\"",
        expected: "a longer interval, or fewer periods and groups: at most 4,000,000 cells")
    }
  }

  /// The cohorts of one customer, and the periods in which they came back.
  struct Visits: Sendable {
    struct Member: Sendable {
      var cohort: Int
      var group: Int
      var position: Int
      var cameBackAtOnce = false
    }

    var members: [Member] = []
    /// Ascending, each once.
    var returns: [Int] = []
    var isOld = false
    var hint = 0
  }

  func visit(_ customer: Int, _ visits: inout Visits) {
    visits.members.removeAll(keepingCapacity: true)
    visits.returns.removeAll(keepingCapacity: true)
    visits.isOld = false
    let (marked, times) = (marks.bits, data.index.times)
    for position in data.index.positions(of: customer) {
      let bits = marked[position] & 3
      guard bits != 0 else { continue }
      let time = times[position]
      if time < range.lowerBound {
        if question.cohorts == .first, bits & 1 != 0 {
          visits.isOld = true
          return
        }
        continue
      }
      let bucket = buckets.bucket(of: time, near: &visits.hint)
      if bits & 2 != 0 { comeBack(bucket, position, &visits) }
      if bits & 1 != 0 { join(bucket, position, &visits) }
    }
  }

  private func join(_ bucket: Int, _ position: Int, _ visits: inout Visits) {
    if let last = visits.members.last, question.cohorts != .recurring || last.cohort == bucket { return }
    visits.members.append(
      .init(cohort: bucket, group: grouping.group(Int(data.index.rows[position])), position: position))
  }

  private func comeBack(_ bucket: Int, _ position: Int, _ visits: inout Visits) {
    if visits.returns.last != bucket { visits.returns.append(bucket) }
    if let last = visits.members.last, last.cohort == bucket {
      visits.members[visits.members.count - 1].cameBackAtOnce = true
    }
  }

  /// Calls with each period, from 0 to those asked for, in which a member counts as having come back.
  @inline(__always)
  func forEachReturn(_ member: Visits.Member, _ returns: [Int], _ body: (Int) -> Void) {
    let last = returns.last ?? -1
    if question.rule == .onOrAfter {
      let through =
        last > member.cohort ? min(last - member.cohort, question.periods) : (member.cameBackAtOnce ? 0 : -1)
      for period in stride(from: 0, through: through, by: 1) { body(period) }
      return
    }
    if member.cameBackAtOnce { body(0) }
    for bucket in returns where bucket > member.cohort {
      let period = bucket - member.cohort
      if period > question.periods { break }
      body(period)
    }
  }

  private struct Tally: Sendable {
    var sizes: [Int32]
    var returned: [Int32]
    var old = 0
    var customers = 0
  }

  private func counted() -> Tally {
    let width = question.periods + 1
    let cells = grouping.count * buckets.count
    return data.tally(
      blocks: 8,
      { Tally(sizes: .init(repeating: 0, count: cells), returned: .init(repeating: 0, count: cells * width)) }
    ) { block, tally in
      var visits = Visits()
      for customer in block {
        visit(customer, &visits)
        tally.old += visits.isOld ? 1 : 0
        tally.customers += visits.members.isEmpty ? 0 : 1
        for member in visits.members {
          let cell = member.group * buckets.count + member.cohort
          tally.sizes[cell] += 1
          forEachReturn(member, visits.returns) { tally.returned[cell * width + $0] += 1 }
        }
      }
    } join: { whole, part in
      whole.sizes.add(part.sizes)
      whole.returned.add(part.returned)
      whole.old += part.old
      whole.customers += part.customers
    }
  }

  func result() throws -> AnalysisResult {
    let tally = counted()
    let width = question.periods + 1
    var cohorts = AnalysisTable(
      "cohorts",
      [
        "group", "group_kind", "cohort", "start", "label", "size", "period", "customers", "rate", "lower",
        "upper",
        "complete",
      ])
    var curve = AnalysisTable(
      "curve", ["group", "group_kind", "period", "size", "customers", "rate", "lower", "upper"])
    for (place, group) in grouping.groups.enumerated() {
      var (sizes, returned) = ([Int](repeating: 0, count: width), [Int](repeating: 0, count: width))
      for cohort in 0..<buckets.count {
        let cell = place * buckets.count + cohort
        let size = Int(tally.sizes[cell])
        guard size > 0 else { continue }
        for period in 0..<min(width, buckets.count - cohort) {
          let count = Int(tally.returned[cell * width + period])
          let isComplete = buckets.isComplete[cohort + period]
          if isComplete {
            (sizes[period], returned[period]) = (sizes[period] + size, returned[period] + count)
          }
          var cells: [JSONValue] = group.cells
          cells += [
            JSONValue(cohort), buckets.start(cohort), .string(buckets.labels[cohort]), JSONValue(size),
          ]
          cells += [JSONValue(period), JSONValue(count), share(count, of: size)]
          cells += ConfidenceInterval.cells(count, of: size) + [.bool(isComplete)]
          cohorts.append(
            cells, point: group.point(["cohort": JSONValue(cohort), "period": JSONValue(period)]))
        }
      }
      for period in 0..<width where sizes[period] > 0 {
        var cells: [JSONValue] = group.cells
        cells += [JSONValue(period), JSONValue(sizes[period]), JSONValue(returned[period])]
        cells += [share(returned[period], of: sizes[period])]
        cells += ConfidenceInterval.cells(returned[period], of: sizes[period])
        curve.append(cells, point: group.point(["period": JSONValue(period)]))
      }
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [cohorts, curve]
    result.sample = ["events": JSONValue(marks.count), "customers": JSONValue(tally.customers)]
    result.note(marks, data)
    result.leave(out: tally.old, "first_event_before_span", "customers")
    return result
  }

  private enum State: String, CaseIterable { case returned, missing, member }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("cohorts", "curve")
    let cohort = table == "cohorts" ? try point.whole("cohort", in: 0..<buckets.count) : nil
    let period = try point.whole("period", in: 0..<question.periods + 1)
    let wanted = try point.group(grouping)
    let state = try point.choice("state", State.returned)
    return data.customers(scratch: { Visits() }) { customer, visits in
      visit(customer, &visits)
      return visits.members.contains { member in
        guard member.group == wanted, member.cohort + period < buckets.count else { return false }
        guard cohort.map({ $0 == member.cohort }) ?? buckets.isComplete[member.cohort + period] else {
          return false
        }
        if state == .member { return true }
        var hasReturned = false
        forEachReturn(member, visits.returns) { hasReturned = hasReturned || $0 == period }
        return hasReturned == (state == .returned)
      }
    }
  }
}
