import Commerce
import MathKernels

/// Customers by recency, frequency and money: a grid of fifths.
///
/// Recency is the time of the last purchase, frequency the number of orders in the span, money what was paid less what was
/// refunded. A score is one more than the whole number of fifths of the customers that lie strictly below, so customers with the
/// same figure have the same score, and a score may be empty where many tie.
/// - Complexity: O(events + customers log customers).
struct RFMAnalysis: Analysis {
  let definition: AnalysisDefinition
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks

  init(_ definition: AnalysisDefinition, _ data: AnalyticsData) throws {
    self.definition = definition
    self.data = data
    range = definition.span.range(in: data)
    marks = try EventMarks.ofPositions(
      [EventSelector([.purchase]), EventSelector([.refund])], definition, data, in: range)
  }

  private struct Buyers: Sendable {
    var customers: [Int32] = []
    var last: [Int64] = []
    var orders: [Int64] = []
    var money: [Int64] = []
  }

  private func buyers() -> Buyers {
    data.tally({ Buyers() }) { block, buyers in
      var orders: [Int32] = []
      for customer in block { add(customer, &orders, &buyers) }
    } join: { whole, part in
      whole.customers += part.customers
      whole.last += part.last
      whole.orders += part.orders
      whole.money += part.money
    }
  }

  private func add(_ customer: Int, _ orders: inout [Int32], _ buyers: inout Buyers) {
    orders.removeAll(keepingCapacity: true)
    var (last, count, money): (Int64, Int64, Int64) = (.min, 0, 0)
    for position in data.index.positions(of: customer) {
      let bits = marks.bits[position]
      guard bits & 3 != 0, bits & EventMarks.looked != 0 else { continue }
      let row = Int(data.index.rows[position])
      let isPurchase = bits & 1 != 0
      money += isPurchase ? data.frame.amount[row] : -data.frame.amount[row]
      guard isPurchase else { continue }
      last = data.index.times[position]
      let order = data.frame.order[row]
      if order < 0 { count += 1 } else if orders.last != order { orders.append(order) }
    }
    guard last != .min else { return }
    if orders.count > 1 { orders.sort() }
    for place in orders.indices where place == 0 || orders[place] != orders[place - 1] { count += 1 }
    buyers.customers.append(Int32(customer))
    buyers.last.append(last)
    buyers.orders.append(count)
    buyers.money.append(money)
  }

  /// The least figure of each score from 2 on.
  static func thresholds(_ values: [Int64]) -> [Int64] {
    let sorted = values.sorted()
    return (1...4).map { fifth in
      // The first value with at least this share of all strictly below it.
      let needed = (sorted.count * fifth + 4) / 5
      guard needed < sorted.count else { return .max }
      if needed == 0 || sorted[needed] != sorted[needed - 1] { return sorted[needed] }
      return sorted[needed...].first { $0 > sorted[needed] } ?? .max
    }
  }

  private static func score(_ value: Int64, _ thresholds: [Int64]) -> Int {
    thresholds.reduce(1) { $0 + (value >= $1 && $1 != .max ? 1 : 0) }
  }

  /// What a cell of the grid is called.
  static func segment(recency: Int, frequency: Int) -> String {
    switch (recency, frequency) {
    case (4...5, 4...5): "champions"
    case (3, 4...5): "loyal"
    case (4...5, 2...3): "potential_loyalists"
    case (5, 1): "new"
    case (4, 1): "promising"
    case (3, 2...3): "need_attention"
    case (3, 1): "about_to_sleep"
    case (2, 2...5): "at_risk"
    case (1, 4...5): "cannot_lose"
    default: "hibernating"
    }
  }

  private static let segments = [
    "champions", "loyal", "potential_loyalists", "new", "promising", "need_attention", "about_to_sleep",
    "at_risk",
    "cannot_lose", "hibernating",
  ]

  private struct Cell {
    var customers = 0
    var money: Int64 = 0
    var orders: Int64 = 0
    var days: [Double] = []
  }

  private func scores(_ buyers: Buyers) -> (recency: [Int], frequency: [Int], edges: [[Int64]]) {
    let edges = [Self.thresholds(buyers.last), Self.thresholds(buyers.orders)]
    return (
      buyers.last.map { Self.score($0, edges[0]) }, buyers.orders.map { Self.score($0, edges[1]) }, edges
    )
  }

  func result() throws -> AnalysisResult {
    let buyers = buyers()
    let (recency, frequency, edges) = scores(buyers)
    let end = min(range.upperBound, data.asOf.milliseconds + 1)
    var cells = [Cell](repeating: Cell(), count: 25)
    for place in buyers.customers.indices {
      let cell = (recency[place] - 1) * 5 + frequency[place] - 1
      cells[cell].customers += 1
      cells[cell].money += buyers.money[place]
      cells[cell].orders += buyers.orders[place]
      cells[cell].days.append(Double(max(0, end - buyers.last[place])) / Double(Timestamp.day))
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [
      grid(cells, of: buyers.customers.count), segmentTable(cells, of: buyers.customers.count),
      edgeTable(edges),
    ]
    result.sample = ["events": JSONValue(marks.count), "customers": JSONValue(buyers.customers.count)]
    result.note(marks, data)
    return result
  }

  private func grid(_ cells: [Cell], of total: Int) -> AnalysisTable {
    var table = AnalysisTable(
      "grid",
      [
        "recency", "frequency", "segment", "customers", "share", "revenue", "mean_revenue",
        "median_days_since",
        "mean_orders",
      ])
    for (place, cell) in cells.enumerated() {
      let (recency, frequency) = (place / 5 + 1, place % 5 + 1)
      let mean = cell.customers > 0 ? data.money(cell.money / Int64(cell.customers)) : JSONValue.null
      let orders = cell.customers > 0 ? JSONValue(Double(cell.orders) / Double(cell.customers)) : .null
      table.append(
        [
          JSONValue(recency), JSONValue(frequency),
          .string(Self.segment(recency: recency, frequency: frequency)),
        ]
          + [JSONValue(cell.customers), share(cell.customers, of: total), data.money(cell.money), mean]
          + [JSONValue(Statistics.median(cell.days)), orders],
        point: ["recency": JSONValue(recency), "frequency": JSONValue(frequency)])
    }
    return table
  }

  private func segmentTable(_ cells: [Cell], of total: Int) -> AnalysisTable {
    var table = AnalysisTable("segments", ["segment", "customers", "share", "revenue"])
    for name in Self.segments {
      let own = cells.indices.filter { Self.segment(recency: $0 / 5 + 1, frequency: $0 % 5 + 1) == name }
      let customers = own.reduce(0) { $0 + cells[$1].customers }
      let money = own.reduce(Int64(0)) { $0 + cells[$1].money }
      table.append(
        [.string(name), JSONValue(customers), share(customers, of: total), data.money(money)],
        point: ["segment": .string(name)])
    }
    return table
  }

  private func edgeTable(_ edges: [[Int64]]) -> AnalysisTable {
    var table = AnalysisTable("edges", ["measure", "score", "from", "to"])
    func cell(_ measure: Int, _ value: Int64) -> JSONValue {
      if value == .max { return .null }
      return measure == 0 ? JSONValue(Timestamp(milliseconds: value)) : JSONValue(Int(value))
    }
    for (measure, name) in ["recency", "frequency"].enumerated() {
      for score in 1...5 {
        let from = score == 1 ? JSONValue.null : cell(measure, edges[measure][score - 2])
        let to = score == 5 ? JSONValue.null : cell(measure, edges[measure][score - 1])
        table.append(
          [.string(name), JSONValue(score), from, to],
          point: ["measure": .string(name), "score": JSONValue(score)])
      }
    }
    return table
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("grid", "segments", "edges")
    let buyers = buyers()
    let (recency, frequency, _) = scores(buyers)
    var isWanted: (Int, Int) -> Bool
    switch table {
    case "grid":
      let cell = (try point.whole("recency", in: 1..<6), try point.whole("frequency", in: 1..<6))
      isWanted = { ($0, $1) == cell }
    case "segments":
      let name = try point.reader.required("segment", "a segment")
      let segment = try name.text()
      guard Self.segments.contains(segment) else {
        throw name.fault("one of \(Self.segments.joined(separator: ", "))")
      }
      isWanted = { Self.segment(recency: $0, frequency: $1) == segment }
    default:
      let score = try point.whole("score", in: 1..<6)
      let isRecency = try point.text("measure") == "recency"
      isWanted = { (isRecency ? $0 : $1) == score }
    }
    return buyers.customers.indices.filter { isWanted(recency[$0], frequency[$0]) }.map {
      buyers.customers[$0]
    }
  }
}
