import Commerce

/// What a shop has sent, as far as it decides which questions can be asked: kinds of events, and properties with values.
struct AnalyticsFacts: Sendable {
  /// A kind of event.
  struct Kind: Sendable {
    let kind: EventKind
    let events: Int
    let customers: Int
  }

  /// The kinds that there are events of, those with most first.
  let kinds: [Kind]
  /// How many different values each property has; for numbers 1 when there are any.
  let values: [String: Int]
  let events: Int
  let customers: Int
  let first: Timestamp?
  let last: Timestamp?
  let asOf: Timestamp

  /// So many names of attributes are told.
  private static let mostAttributes = 60

  init(_ source: AnalyticsDesk.Source) {
    let frame = source.frame
    (events, customers) = (frame.count, frame.customers.count)
    (first, last, asOf) = (frame.firstTimestamp, frame.lastTimestamp, source.key.asOf)
    kinds = Self.kinds(of: frame)
    var values = Self.eventValues(of: frame)
    for (name, count) in Self.itemValues(source.items.values) { values[name] = count }
    for (name, count) in Self.attributes(source.customers.values.lazy.map(\.attributes), of: "customer") {
      values[name] = count
    }
    self.values = values
  }

  private static func kinds(of frame: EventFrame) -> [Kind] {
    var counts = [Int](repeating: 0, count: 256)
    var seen = [UInt32](repeating: 0, count: frame.customers.count)
    for row in 0..<frame.count {
      let (kind, customer) = (Int(frame.kind[row]), frame.customer[row])
      counts[kind] += 1
      if customer >= 0 { seen[Int(customer)] |= 1 << UInt32(kind & 31) }
    }
    var customers = [Int](repeating: 0, count: 32)
    for mask in seen { for bit in 0..<32 where mask & (1 << UInt32(bit)) != 0 { customers[bit] += 1 } }
    return EventKind.allCases.map {
      Kind(kind: $0, events: counts[Int($0.code)], customers: customers[Int($0.code) & 31])
    }.filter { $0.events > 0 }.sorted { $0.events > $1.events }
  }

  private static func eventValues(of frame: EventFrame) -> [String: Int] {
    func any(_ isThere: (Int) -> Bool) -> Int { (0..<frame.count).contains(where: isThere) ? 1 : 0 }
    return [
      "event.kind": kinds(of: frame).count, "event.channel": frame.channels.count,
      "event.device": frame.devices.count, "event.query": frame.queries.count,
      "event.campaign": frame.campaigns.count, "event.session": frame.sessions.count,
      "event.order": frame.orders.count, "event.item": frame.items.count,
      "event.amount": any { frame.amount[$0] != 0 }, "event.discount": any { frame.discount[$0] != 0 },
      "event.quantity": any { !frame.quantity[$0].isNaN }, "event.rating": any { !frame.rating[$0].isNaN },
      "event.hour": frame.count > 0 ? 24 : 0, "event.weekday": frame.count > 0 ? 7 : 0,
    ]
  }

  private static func itemValues(_ items: some Sequence<Item>) -> [String: Int] {
    var (categories, brands): (Set<String>, Set<String>) = ([], [])
    var hasPrice = false
    for item in items {
      if let category = item.category { categories.insert(category) }
      if let brand = item.brand { brands.insert(brand) }
      hasPrice = hasPrice || item.price != nil
    }
    var values = attributes(items.lazy.map(\.attributes), of: "item")
    values["item.category"] = categories.count
    values["item.brand"] = brands.count
    values["item.price"] = hasPrice ? 1 : 0
    return values
  }

  private static func attributes(
    _ rows: some Sequence<[String: JSONValue]>, of owner: String
  ) -> [String: Int] {
    var found: [String: Set<JSONValue>] = [:]
    // Past so many values a list to choose from is none.
    let enough = 1000
    for row in rows {
      for (name, value) in row where value != .null {
        if found[name] == nil, found.count >= mostAttributes { continue }
        if found[name, default: []].count < enough { found[name, default: []].insert(value) }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: found.map { ("\(owner).attribute.\($0.key)", $0.value.count) })
  }

  /// The facts as the API shows them.
  var json: JSONValue {
    let days = zip(first, last).map { $1.days(since: $0) } ?? 0
    return [
      "events": JSONValue(events), "customers": JSONValue(customers), "first_event_at": JSONValue(first),
      "last_event_at": JSONValue(last), "as_of": JSONValue(asOf), "days": JSONValue(Int(days.rounded(.up))),
      "kinds": .array(
        kinds.map {
          [
            "kind": .string($0.kind.rawValue), "events": JSONValue($0.events),
            "customers": JSONValue($0.customers),
          ]
        }), "values": .object(values.mapValues { JSONValue($0) }),
    ]
  }

  private func zip(_ first: Timestamp?, _ last: Timestamp?) -> (Timestamp, Timestamp)? {
    guard let first, let last else { return nil }
    return (first, last)
  }
}
