import Commerce
import Storage

extension Shop {
  /// How many events a query's filters let through, whatever its page; nil until the shop has been read.
  ///
  /// - Complexity: O(the customer's events), or O(events + items) without a customer; the last answer is kept.
  func eventCount(_ query: EventQuery) -> Int? {
    guard phase == .ready else { return nil }
    var filters = query
    (filters.after, filters.limit) = (nil, 0)
    if let known = eventCounted, known.filters == filters, known.events == frame.count { return known.count }
    let count = countEvents(filters)
    eventCounted = (filters, frame.count, count)
    return count
  }

  private func countEvents(_ query: EventQuery) -> Int {
    let customer = query.customerID.map { frame.customers.index(of: $0) ?? Self.nobody }
    let item = query.itemID.map { frame.items.index(of: $0) ?? Self.nobody }
    let isOfCategory = query.category.map { category in
      frame.items.ids.map { catalogue.category(of: $0) == category }
    }
    let kind = query.kind?.code
    let (from, to) = (query.from?.milliseconds ?? .min, query.to?.milliseconds ?? .max)
    func matches(_ row: Int) -> Bool {
      let (time, what) = (frame.timestamp[row], frame.item[row])
      return time >= from && (time < to || query.to == nil) && (kind == nil || frame.kind[row] == kind)
        && (item == nil || what == item)
        && (isOfCategory.map { what >= 0 && $0[Int(what)] } ?? true)
    }
    guard let customer else { return (0..<frame.count).reduce(0) { $0 + (matches($1) ? 1 : 0) } }
    return customer < 0 ? 0 : rows.rows(of: customer).reduce(0) { $0 + (matches(Int($1)) ? 1 : 0) }
  }

  /// Stands for an id that no event has; events without one have -1.
  private static var nobody: Int32 { -2 }
}
