import Commerce
import MathKernels

extension EventFrame {
  /// The purchases of a frame with all habits taken out: what chance alone makes of the same shop.
  ///
  /// Each day of shopping of each customer moves to the day of another, drawn at random from all; within a category the
  /// items with their discounts, and the quantities, are dealt anew among all order lines. How often each customer shops, how
  /// much and of which categories stays, and so does what the shop as a whole sells.
  ///
  /// - Complexity: O(n log n).
  public func shufflingPurchases(
    category: (Int32) -> Int32, calendar: ShopCalendar, seed: UInt64
  ) -> EventFrame {
    var random = RandomSource(seed: seed)
    let (rows, starts) = rowsByCustomer()
    let purchases = rows.map(Int.init).filter { kind[$0] == EventKind.purchase.code && item[$0] >= 0 }
    var lines: [Int32: [Int]] = [:]
    for row in purchases { lines[category(item[row]), default: []].append(row) }
    var (goods, units) = ([Int](0..<count), [Int](0..<count))
    for (_, own) in lines.sorted(by: { $0.key < $1.key }) {
      for (row, other) in zip(own, own.shuffled(using: &random)) { goods[row] = other }
      for (row, other) in zip(own, own.shuffled(using: &random)) { units[row] = other }
    }
    var visits: [[Int]] = []
    for customer in 0..<customers.count {
      var last = Int32.min
      for row in rows[starts[customer]..<starts[customer + 1]].lazy.map(Int.init)
      where kind[row] == EventKind.purchase.code && item[row] >= 0 {
        let day = calendar.day(ofMilliseconds: timestamp[row])
        if day != last { visits.append([]) }
        last = day
        visits[visits.count - 1].append(row)
      }
    }
    return rebuilt(visits, days: visits.map { timestamp[$0[0]] }.shuffled(using: &random), goods, units)
  }

  private func rebuilt(_ visits: [[Int]], days: [Int64], _ goods: [Int], _ units: [Int]) -> EventFrame {
    var shuffled = EventFrame(currency: currency)
    shuffled.reserveCapacity(count)
    for (visit, time) in zip(visits, days) {
      for row in visit {
        let quantity = self.quantity[units[row]]
        let cut = discount[goods[row]]
        shuffled.append(
          Row(
            sequence: sequence[row], kind: .purchase, customerID: customers[customer[row]], sessionID: nil,
            itemID: items[item[goods[row]]], orderID: nil, timestamp: Timestamp(milliseconds: time),
            quantity: quantity.isNaN ? nil : Double(quantity),
            amount: Money(minorUnits: amount[goods[row]], currency: currency),
            discount: cut == 0 ? nil : Money(minorUnits: cut, currency: currency).amount, rating: nil))
      }
    }
    return shuffled
  }
}
