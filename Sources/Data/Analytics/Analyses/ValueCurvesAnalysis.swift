import Commerce
import MathKernels

/// What customers have paid, net of refunds, with time since their first purchase ever.
///
/// A cohort are the customers whose first purchase lies in one period of the span; a filter that lets only some events
/// through decides which purchases count. Sums are cumulative over calendar periods; a cell is complete when its
/// period has ended, and the curve is made of complete cells, each over the customers that have them.
/// - Complexity: O(events).
struct ValueCurvesAnalysis: Analysis {
  let definition: AnalysisDefinition
  let periods: Int
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  let grouping: Grouping
  let buckets: TimeBuckets

  init(_ definition: AnalysisDefinition, _ periods: Int, _ data: AnalyticsData) throws {
    self.definition = definition
    self.periods = periods
    self.data = data
    range = definition.span.range(in: data)
    marks = try EventMarks.ofPositions(
      [EventSelector([.purchase]), EventSelector([.refund])], definition, data,
      in: Int64.min..<range.upperBound)
    grouping = Grouping(definition, data, marks, bits: 1)
    buckets = try TimeBuckets(range, definition.interval, data)
    guard grouping.count * buckets.count * (periods + 1) <= 4_000_000 else {
      throw AnalyticsError.invalid(
        field: "interval", found: "\"\(definition.interval.rawValue)\"",
        expected: "a longer interval, or fewer periods and groups: at most 4,000,000 cells")
    }
  }

  /// Calls with the cohort's cell and the period and money of each payment; returns the cell, or nil for no member.
  @inline(__always)
  func forEachPayment(_ customer: Int, _ hint: inout Int, _ body: (Int, Int, Int64) -> Void) -> (
    cell: Int?, isOld: Bool
  ) {
    var (cell, cohort) = (-1, 0)
    for position in data.index.positions(of: customer) {
      let bits = marks.bits[position]
      guard bits & 3 != 0, bits & EventMarks.looked != 0 else { continue }
      let time = data.index.times[position]
      if cell < 0 {
        guard bits & 1 != 0 else { continue }
        if time < range.lowerBound { return (nil, true) }
        cohort = buckets.bucket(of: time, near: &hint)
        cell = grouping.group(Int(data.index.rows[position])) * buckets.count + cohort
      }
      let period = buckets.bucket(of: time, near: &hint) - cohort
      if period > periods { break }
      let amount = data.frame.amount[Int(data.index.rows[position])]
      body(cell, period, bits & 1 != 0 ? amount : -amount)
    }
    return (cell < 0 ? nil : cell, false)
  }

  private struct Tally: Sendable {
    var sizes: [Int]
    var money: [Int64]
    var old = 0
  }

  private func counted() -> Tally {
    let cells = grouping.count * buckets.count
    let width = periods + 1
    return data.tally(
      blocks: 8,
      { Tally(sizes: .init(repeating: 0, count: cells), money: .init(repeating: 0, count: cells * width)) }
    ) { block, tally in
      var hint = 0
      for customer in block {
        let (cell, isOld) = forEachPayment(customer, &hint) { cell, period, amount in
          tally.money[cell * width + period] += amount
        }
        if let cell { tally.sizes[cell] += 1 }
        tally.old += isOld ? 1 : 0
      }
    } join: { whole, part in
      whole.sizes.add(part.sizes)
      whole.money.add(part.money)
      whole.old += part.old
    }
  }

  func result() throws -> AnalysisResult {
    let tally = counted()
    let width = periods + 1
    var cohorts = AnalysisTable(
      "cohorts",
      [
        "group", "group_kind", "cohort", "start", "label", "size", "period", "revenue", "per_customer",
        "complete",
      ])
    var curve = AnalysisTable("curve", ["group", "group_kind", "period", "size", "per_customer"])
    for (place, group) in grouping.groups.enumerated() {
      var (sizes, money) = ([Int](repeating: 0, count: width), [Int64](repeating: 0, count: width))
      for cohort in 0..<buckets.count {
        let cell = place * buckets.count + cohort
        guard tally.sizes[cell] > 0 else { continue }
        var sum: Int64 = 0
        for period in 0..<min(width, buckets.count - cohort) {
          sum += tally.money[cell * width + period]
          let isComplete = buckets.isComplete[cohort + period]
          if isComplete {
            (sizes[period], money[period]) = (sizes[period] + tally.sizes[cell], money[period] + sum)
          }
          cohorts.append(
            group.cells + [JSONValue(cohort), buckets.start(cohort), .string(buckets.labels[cohort])]
              + [JSONValue(tally.sizes[cell]), JSONValue(period), data.money(sum)]
              + [perCustomer(sum, tally.sizes[cell]), .bool(isComplete)],
            point: group.point(["cohort": JSONValue(cohort), "period": JSONValue(period)]))
        }
      }
      for period in 0..<width where sizes[period] > 0 {
        curve.append(
          group.cells + [
            JSONValue(period), JSONValue(sizes[period]), perCustomer(money[period], sizes[period]),
          ],
          point: group.point(["period": JSONValue(period)]))
      }
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [cohorts, curve]
    result.sample = ["events": JSONValue(marks.count), "customers": JSONValue(tally.sizes.reduce(0, +))]
    result.note(marks, data)
    result.leave(out: tally.old, "first_purchase_before_span", "customers")
    return result
  }

  private func perCustomer(_ sum: Int64, _ size: Int) -> JSONValue {
    .number(Double(sum) / data.frame.currency.minorUnitsPerMajor / Double(size))
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("cohorts", "curve")
    let cohort = table == "cohorts" ? try point.whole("cohort", in: 0..<buckets.count) : nil
    let period = try point.whole("period", in: 0..<periods + 1)
    let wanted = try point.group(grouping)
    return data.customers(scratch: { 0 }) { customer, hint in
      var hasPaid = false
      let (cell, _) = forEachPayment(customer, &hint) { hasPaid = hasPaid || ($1 == period && $2 != 0) }
      guard let cell, hasPaid, cell / buckets.count == wanted else { return false }
      let own = cell % buckets.count
      guard own + period < buckets.count else { return false }
      return cohort.map { $0 == own } ?? buckets.isComplete[own + period]
    }
  }
}
