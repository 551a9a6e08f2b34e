import Commerce
import MathKernels

/// How many customers did something how often, on how many days, in how many orders, or for how much.
///
/// The customers are those with any event that is looked at; bin 0 holds those of them without one that is asked for.
/// - Complexity: O(events + customers log customers).
struct DistributionAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: DistributionQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  let grouping: Grouping
  private let numbers: NumberColumn

  init(_ definition: AnalysisDefinition, _ question: DistributionQuestion, _ data: AnalyticsData) throws {
    var definition = definition
    // Money is that of all lines, and orders are told apart here.
    if question.measure == .sum || question.measure == .orders { definition.unit = .event }
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    marks = try EventMarks.ofPositions([question.event], definition, data, in: range)
    grouping = Grouping(definition, data, marks, bits: EventMarks.looked)
    numbers = NumberColumn(question.of, data.frame)
  }

  /// What a customer has: nil without any event, 0 events without one that is asked for.
  func measure(_ customer: Int, _ orders: inout [Int32]) -> (value: Double, events: Int, row: Int)? {
    var (value, events, first, day) = (0.0, 0, -1, Int32.min)
    orders.removeAll(keepingCapacity: true)
    for position in data.index.positions(of: customer) {
      let bits = marks.bits[position]
      guard bits & EventMarks.looked != 0 else { continue }
      let row = Int(data.index.rows[position])
      if first < 0 { first = row }
      guard bits & 1 != 0 else { continue }
      events += 1
      switch question.measure {
      case .events: value += 1
      case .sum: value += numbers.value(row) ?? 0
      case .days:
        let own = data.calendar.day(ofMilliseconds: data.index.times[position])
        if own != day { value += 1 }
        day = own
      case .orders:
        let order = data.frame.order[row]
        if order < 0 { value += 1 } else if orders.last != order { orders.append(order) }
      }
    }
    guard first >= 0 else { return nil }
    if orders.count > 1 { orders.sort() }
    for place in orders.indices where place == 0 || orders[place] != orders[place - 1] { value += 1 }
    return (value, events, first)
  }

  /// Where bins begin.
  private func edges(_ largest: Double) -> [Double] {
    if let edges = question.edges { return edges }
    if question.measure == .sum {
      let steps = (-2...9).flatMap { power in [1.0, 2, 5].map { $0 * Self.power(power) } }
      return [0] + steps.filter { $0 >= 1 && $0 <= max(largest, 1) }
    }
    return [1, 2, 3, 4, 5, 6, 11, 21, 51, 101, 201, 501, 1001].filter { $0 <= max(largest, 1) }
  }

  private static func power(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }

  /// Bin 0 for none; then one below the first edge; then one from each edge.
  private static func bin(_ found: (value: Double, events: Int, row: Int), _ edges: [Double]) -> Int {
    if found.events == 0 { return 0 }
    var (low, high) = (0, edges.count)
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] <= found.value { low = middle + 1 } else { high = middle }
    }
    return low + 1
  }

  private struct Figures: Sendable {
    var customers: [Int32] = []
    var values: [Double] = []
    var events: [Int32] = []
    var rows: [Int32] = []
  }

  private func figures() -> Figures {
    data.tally({ Figures() }) { block, figures in
      var orders: [Int32] = []
      for customer in block {
        guard let found = measure(customer, &orders) else { continue }
        figures.customers.append(Int32(customer))
        figures.values.append(found.value)
        figures.events.append(Int32(found.events))
        figures.rows.append(Int32(found.row))
      }
    } join: { whole, part in
      whole.customers += part.customers
      whole.values += part.values
      whole.events += part.events
      whole.rows += part.rows
    }
  }

  private func edges(_ figures: Figures) -> [Double] { edges(figures.values.max() ?? 1) }

  func result() throws -> AnalysisResult {
    let figures = figures()
    let edges = edges(figures)
    let bins = edges.count + 2
    var counts = [Int](repeating: 0, count: grouping.count * bins)
    var totals = [Double](repeating: 0, count: counts.count)
    var values = [[Double]](repeating: [], count: grouping.count)
    for place in figures.customers.indices {
      let group = grouping.group(Int(figures.rows[place]))
      let value = figures.values[place]
      let cell = group * bins + Self.bin((value, Int(figures.events[place]), 0), edges)
      counts[cell] += 1
      totals[cell] += value
      if figures.events[place] > 0 { values[group].append(value) }
    }
    var table = AnalysisTable(
      "bins", ["group", "group_kind", "bin", "from", "to", "customers", "share", "total"])
    var summary = AnalysisTable(
      "summary", ["group", "group_kind", "customers", "mean", "p10", "p25", "p50", "p75", "p90", "p99"])
    for (place, group) in grouping.groups.enumerated() {
      let all = counts[place * bins..<(place + 1) * bins].reduce(0, +)
      for bin in 0..<bins {
        let cell = place * bins + bin
        if bin == 1, counts[cell] == 0 { continue }
        let from = bin >= 2 ? JSONValue.number(edges[bin - 2]) : bin == 0 ? 0 : .null
        let to = bin >= 1 && bin - 1 < edges.count ? JSONValue.number(edges[bin - 1]) : .null
        table.append(
          group.cells + [JSONValue(bin), from, bin == 0 ? 0 : to, JSONValue(counts[cell])]
            + [share(counts[cell], of: all), .number(totals[cell])],
          point: group.point(["bin": JSONValue(bin)]))
      }
      let sorted = values[place].sorted()
      let quantiles = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99].map {
        JSONValue(Statistics.quantile(ofSorted: sorted, at: $0))
      }
      summary.append(
        group.cells + [JSONValue(sorted.count), JSONValue(Statistics.mean(sorted))] + quantiles,
        point: group.point())
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [table, summary]
    result.sample = ["events": JSONValue(marks.count), "customers": JSONValue(figures.customers.count)]
    result.note(marks, data)
    return result
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("bins", "summary")
    let figures = figures()
    let edges = edges(figures)
    let bin = table == "bins" ? try point.whole("bin", in: 0..<edges.count + 2) : nil
    let wanted = try point.group(grouping)
    return figures.customers.indices.compactMap { place in
      guard grouping.group(Int(figures.rows[place])) == wanted else { return nil }
      let own = Self.bin((figures.values[place], Int(figures.events[place]), 0), edges)
      return (bin.map { $0 == own } ?? (own > 0)) ? figures.customers[place] : nil
    }
  }
}
