import Commerce

/// One line per customer, kept current as events arrive: what lists of customers show and sort by.
struct CustomerDirectory: Sendable {
  /// What a list shows of one customer.
  struct Entry: Sendable {
    let id: String
    var orders: Int32 = 0
    var spend: Int64 = 0
    var first = Int64.max
    var last = Int64.min
    var lastPurchase = Int64.min

    /// Whole days since the customer's last order; nil when there is none.
    func daysSinceLastOrder(asOf moment: Timestamp) -> Int? {
      lastPurchase == .min
        ? nil : max(0, Int(moment.days(since: Timestamp(milliseconds: lastPurchase)).rounded(.down)))
    }

    /// What a list is sorted by, the greatest first; customers with the same are in order of their ids.
    func value(for order: CustomerOrder) -> Int64 {
      switch order {
      case .spend: spend
      case .recency: lastPurchase
      case .frequency: Int64(orders)
      case .id: 0
      }
    }
  }

  /// A place in a list: after the customer with this value and id. It holds while events arrive: a customer is skipped
  /// or met again only when an event has moved that very customer across the place.
  struct Place: Sendable, Equatable {
    let value: Int64
    let id: String

    var cursor: String { "\(value).\(id)" }

    init(value: Int64, id: String) {
      self.value = value
      self.id = id
    }

    init(cursor: String) throws {
      // By byte: a combining mark at the start of an id makes one character with the dot.
      let dot = cursor.utf8.firstIndex(of: UInt8(ascii: "."))
      guard let dot, let value = Int64(cursor[..<dot]) else {
        throw ApplicationError.invalidParameter(
          name: "cursor", value: cursor, expected: "the next_cursor of the page before")
      }
      self.init(value: value, id: String(cursor[cursor.utf8.index(after: dot)...]))
    }

    /// Whether this place comes before another one.
    func precedes(_ other: Place) -> Bool {
      value != other.value ? value > other.value : id < other.id
    }
  }

  private(set) var entries = Chunks<Entry>()
  private var isOrderSeen: [Bool] = []

  /// Takes in a row of the frame.
  mutating func append(row: Int, of frame: EventFrame) {
    let customer = Int(frame.customer[row])
    guard customer >= 0 else { return }
    while entries.count <= customer { entries.append(Entry(id: frame.customers[Int32(entries.count)])) }
    let time = frame.timestamp[row]
    let isNew = frame.kind[row] == EventKind.purchase.code && isNewOrder(frame.order[row])
    let (kind, amount) = (EventKind(code: frame.kind[row]), frame.amount[row])
    func update(_ entry: inout Entry) {
      entry.first = min(entry.first, time)
      entry.last = max(entry.last, time)
      switch kind {
      case .purchase?:
        entry.spend &+= amount
        entry.lastPurchase = max(entry.lastPurchase, time)
        entry.orders += isNew ? 1 : 0
      case .refund?: entry.spend &-= amount
      default: break
      }
    }
    update(&entries[customer])
  }

  // A purchase line without an order id counts as an order of its own.
  private mutating func isNewOrder(_ order: Int32) -> Bool {
    guard order >= 0 else { return true }
    while isOrderSeen.count <= Int(order) { isOrderSeen.append(false) }
    defer { isOrderSeen[Int(order)] = true }
    return !isOrderSeen[Int(order)]
  }

  /// The customers of a page among those that a filter lets through: most money, latest purchase or most orders first, or by id.
  ///
  /// - Returns: their places in the directory, in order; how many match in all; and whether more follow.
  /// - Complexity: O(customers × log limit).
  func page(
    by order: CustomerOrder, of filter: CustomerFilter, among members: Set<String>?, asOf moment: Timestamp,
    after place: Place?,
    limit: Int
  ) -> (found: [Int32], total: Int, hasMore: Bool) {
    let needle = filter.text?.lowercased()
    // One more than the page holds tells whether there is another page.
    let wanted = limit + 1
    var total = 0
    var best: [(place: Place, index: Int32)] = []
    var worst: Place?
    func keepBest() {
      best.sort { $0.place.precedes($1.place) }
      best.removeLast(max(0, best.count - wanted))
      if best.count == wanted { worst = best.last?.place }
    }
    entries.forEach { index, entry in
      if let needle, !entry.id.lowercased().contains(needle) { return }
      if let members, !members.contains(entry.id) { return }
      if entry.orders < filter.minOrders { return }
      if let range = filter.daysSinceLastOrder {
        guard let days = entry.daysSinceLastOrder(asOf: moment), range.contains(days) else { return }
      }
      total += 1
      let own = Place(value: entry.value(for: order), id: entry.id)
      if let place, !place.precedes(own) { return }
      if let worst, !own.precedes(worst) { return }
      best.append((own, Int32(index)))
      if best.count >= 2 * wanted + 64 { keepBest() }
    }
    keepBest()
    return (best.prefix(limit).map(\.index), total, best.count > limit)
  }

  /// The place of a customer in a list.
  func place(of customer: Int32, by order: CustomerOrder) -> Place {
    let entry = entries[Int(customer)]
    return Place(value: entry.value(for: order), id: entry.id)
  }
}
