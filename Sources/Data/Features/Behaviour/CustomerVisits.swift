import Commerce

/// A customer's days of shopping, each with what was bought.
struct CustomerVisits {
  struct Line {
    let row: Int32
    let item: Int32
    let category: Int32
    let brand: Int32
    let units: Double
    let isCut: Bool
    let isNew: Bool
  }

  struct Visit {
    let day: Int32
    var lines: [Line] = []
    var units: Double { lines.reduce(0) { $0 + $1.units } }
  }

  private(set) var visits: [Visit] = []

  init(_ market: BehaviourMarket, rows: [Int32], frame: EventFrame, asOf: Timestamp) {
    let dated = rows.lazy.map(Int.init)
      .filter {
        frame.kind[$0] == EventKind.purchase.code && frame.timestamp[$0] <= asOf.milliseconds
      }
      .map { (day: market.calendar.day(ofMilliseconds: frame.timestamp[$0]), row: $0) }
      .sorted { ($0.day, $0.row) < ($1.day, $1.row) }
    for (day, row) in dated {
      if visits.last?.day != day { visits.append(Visit(day: day)) }
      let item = frame.item[row]
      let known = item >= 0 && Int(item) < market.category.count
      visits[visits.count - 1].lines.append(
        Line(
          row: Int32(row), item: item, category: known ? market.category[Int(item)] : -1,
          brand: known ? market.brand[Int(item)] : -1,
          units: frame.quantity[row].isFinite && frame.quantity[row] > 0 ? Double(frame.quantity[row]) : 1,
          isCut: frame.discount[row] > 0, isNew: known && market.isNew(item: item, on: day)))
    }
  }
}
