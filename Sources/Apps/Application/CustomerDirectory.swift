import Commerce

/// One line per customer, kept current as events arrive: what lists of customers show and sort by.
struct CustomerDirectory: Sendable {
  /// What a list shows of one customer.
  struct Entry: Sendable {
    var orders: Int32 = 0
    var spend: Int64 = 0
    var first = Int64.max
    var last = Int64.min
    var lastPurchase = Int64.min
  }

  private(set) var entries: [Entry] = []
  private var isOrderSeen: [Bool] = []
  private var sorted: [CustomerOrder: [Int32]] = [:]

  /// Takes in a row of the frame.
  mutating func append(row: Int, of frame: EventFrame) {
    let customer = Int(frame.customer[row])
    guard customer >= 0 else { return }
    while entries.count <= customer { entries.append(Entry()) }
    let time = frame.timestamp[row]
    entries[customer].first = min(entries[customer].first, time)
    entries[customer].last = max(entries[customer].last, time)
    switch EventKind(code: frame.kind[row]) {
    case .purchase?:
      entries[customer].spend &+= frame.amount[row]
      entries[customer].lastPurchase = max(entries[customer].lastPurchase, time)
      entries[customer].orders += isNewOrder(frame.order[row]) ? 1 : 0
    case .refund?: entries[customer].spend &-= frame.amount[row]
    default: break
    }
    sorted.removeAll(keepingCapacity: true)
  }

  // A purchase line without an order id counts as an order of its own.
  private mutating func isNewOrder(_ order: Int32) -> Bool {
    guard order >= 0 else { return true }
    while isOrderSeen.count <= Int(order) { isOrderSeen.append(false) }
    defer { isOrderSeen[Int(order)] = true }
    return !isOrderSeen[Int(order)]
  }

  /// All customers in an order: most money, latest purchase, most orders first; ids alphabetically.
  mutating func customers(by order: CustomerOrder, ids: Vocabulary) -> [Int32] {
    if let known = sorted[order] { return known }
    let all = entries.indices.map(Int32.init)
    let result: [Int32]
    switch order {
    case .spend: result = all.sorted { (entries[Int($0)].spend, $1) > (entries[Int($1)].spend, $0) }
    case .recency:
      result = all.sorted { (entries[Int($0)].lastPurchase, $1) > (entries[Int($1)].lastPurchase, $0) }
    case .frequency: result = all.sorted { (entries[Int($0)].orders, $1) > (entries[Int($1)].orders, $0) }
    case .id: result = all.sorted { ids[$0] < ids[$1] }
    }
    sorted[order] = result
    return result
  }
}
