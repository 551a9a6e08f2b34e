import Commerce
import Recommendation

extension Interactions {
  /// What was bought in one order, an order being a user: what goes together.
  ///
  /// Orders of one item say nothing, and so do those of hundreds, such as a reseller's: both are left out.
  init(ordersIn frame: EventFrame) {
    let most = 200
    var sizes = [Int](repeating: 0, count: frame.orders.count)
    func counts(_ row: Int) -> Bool {
      frame.order[row] >= 0 && frame.item[row] >= 0 && EventKind(code: frame.kind[row]) == .purchase
    }
    for row in 0..<frame.count where counts(row) { sizes[Int(frame.order[row])] += 1 }
    var (order, item): ([Int32], [Int32]) = ([], [])
    var timestamp: [Int64] = []
    for row in 0..<frame.count where counts(row) && (2...most).contains(sizes[Int(frame.order[row])]) {
      order.append(frame.order[row])
      item.append(frame.item[row])
      timestamp.append(frame.timestamp[row])
    }
    self.init(
      users: frame.orders, items: frame.items, user: order, item: item, timestamp: timestamp,
      weight: [Float](repeating: 1, count: item.count))
  }
}
