import Commerce
import Learning

/// A shop's store in memory: for tests and for runs that leave nothing behind. It does what the durable stores do,
/// and the same conformance suite holds it to that.
public actor InMemoryStore {
  var events: [Event] = []
  var eventIndex: [ExactID: Int] = [:]
  var itemTable: [ExactID: Item] = [:]
  var customerTable: [ExactID: Customer] = [:]
  var itemChanges: [ExactID: Int64] = [:]
  var customerChanges: [ExactID: Int64] = [:]
  var lastChange: Int64 = 0
  var letters: [DeadLetter] = []
  var models: [(name: String, version: Int, envelope: ModelEnvelope)] = []
  var lastVersions: [String: Int] = [:]
  var promotions: [(name: String, version: Int, isUndone: Bool)] = []
  var decisions: [ExactID: DecisionRecord] = [:]
  var documentTable: [String: [ExactID: JSONValue]] = [:]

  /// An empty store.
  public init() {}
}

/// An id by its bytes. Swift's strings are equal when they look alike ("é" in one scalar or in two); ids are equal
/// only when their bytes are, in every store.
struct ExactID: Hashable, Comparable {
  let id: String

  init(_ id: String) { self.id = id }

  static func == (a: ExactID, b: ExactID) -> Bool { a.id.utf8.elementsEqual(b.id.utf8) }

  static func < (a: ExactID, b: ExactID) -> Bool { a.id.utf8.lexicographicallyPrecedes(b.id.utf8) }

  func hash(into hasher: inout Hasher) {
    for byte in id.utf8 { hasher.combine(byte) }
  }
}

extension InMemoryStore: EventStore {
  /// Stores events; see `EventStore`.
  public func append(_ events: [Event]) -> [AppendOutcome] {
    events.map { event in
      let id = ExactID(event.eventID)
      if let index = eventIndex[id] { return self.events[index] == event ? .duplicate : .conflict }
      eventIndex[id] = self.events.count
      self.events.append(event)
      return .stored(sequence: Int64(self.events.count))
    }
  }

  /// The events with these ids; unknown ids are left out.
  public func events(withIDs ids: [String]) -> [StoredEvent] {
    ids.compactMap { eventIndex[ExactID($0)] }.map(stored)
  }

  /// The events at these places; unknown places are left out.
  public func events(atSequences sequences: [Int64]) -> [StoredEvent] {
    sequences.filter { $0 >= 1 && $0 <= events.count }.map { stored(Int($0) - 1) }
  }

  /// One page of the events that match, newest first.
  public func events(matching query: EventQuery) -> [StoredEvent] {
    let matching = events.indices.map(stored).filter { matches($0, query) }
    let sorted = matching.sorted {
      ($0.event.timestamp, $0.sequence) > ($1.event.timestamp, $1.sequence)
    }
    return Array(sorted.prefix(max(0, query.limit)))
  }

  /// Streams all events after a place in order of arrival.
  public func scan(
    after sequence: Int64, batchSize: Int, _ body: @Sendable ([EventFrame.Row]) throws -> Void
  ) throws {
    precondition(batchSize > 0, "a batch holds at least one event")
    var start = Int(max(0, sequence))
    while start < events.count {
      let end = min(start + batchSize, events.count)
      try body((start..<end).map { row(stored($0)) })
      start = end
    }
  }

  /// How many events there are.
  public func eventCount() -> Int { events.count }

  func stored(_ index: Int) -> StoredEvent { StoredEvent(sequence: Int64(index + 1), event: events[index]) }

  private func row(_ stored: StoredEvent) -> EventFrame.Row {
    let event = stored.event
    return EventFrame.Row(
      sequence: stored.sequence, kind: event.kind, customerID: event.customerID, sessionID: event.sessionID,
      itemID: event.itemID, orderID: event.orderID, timestamp: event.timestamp, quantity: event.quantity,
      amount: event.amount, discount: event.discount, rating: event.rating, channel: event.channel,
      device: event.device, query: event.query, campaign: event.campaign)
  }

  private func matches(_ stored: StoredEvent, _ query: EventQuery) -> Bool {
    let event = stored.event
    if let customerID = query.customerID, event.customerID.map(ExactID.init) != ExactID(customerID) {
      return false
    }
    if let itemID = query.itemID, event.itemID.map(ExactID.init) != ExactID(itemID) { return false }
    if let category = query.category {
      guard let itemID = event.itemID, itemTable[ExactID(itemID)]?.category == category else { return false }
    }
    if let kind = query.kind, event.kind != kind { return false }
    if let from = query.from, event.timestamp < from { return false }
    if let to = query.to, event.timestamp >= to { return false }
    if let after = query.after, (event.timestamp, stored.sequence) >= (after.timestamp, after.sequence) {
      return false
    }
    return true
  }
}

extension InMemoryStore: CatalogueStore, CustomerStore {
  /// Adds items, or replaces those with the same id.
  public func upsert(items: [Item]) {
    for item in items {
      lastChange += 1
      itemTable[ExactID(item.itemID)] = item
      itemChanges[ExactID(item.itemID)] = lastChange
    }
  }

  /// The items with these ids; unknown ids are left out.
  public func items(withIDs ids: [String]) -> [Item] { ids.compactMap { itemTable[ExactID($0)] } }

  /// One page of items in order of id.
  public func items(containing text: String?, category: String?, afterID: String?, limit: Int) -> [Item] {
    let needle = text.map(Self.folded)
    let found = itemTable.filter { id, item in
      if let afterID, id <= ExactID(afterID) { return false }
      if let category, item.category != category { return false }
      guard let needle, !needle.isEmpty else { return true }
      return [item.itemID, item.title, item.brand, item.category].contains {
        $0.map { Self.folded($0).contains(needle) } ?? false
      }
    }
    return found.sorted { $0.key < $1.key }.prefix(max(0, limit)).map(\.value)
  }

  /// Streams all items in order of id.
  public func scanItems(batchSize: Int, _ body: @Sendable ([Item]) throws -> Void) throws {
    precondition(batchSize > 0, "a batch holds at least one item")
    try Self.deliver(itemTable.sorted { $0.key < $1.key }.map(\.value), batchSize, body)
  }

  /// The items added or replaced after a change, at most so many.
  public func items(changedAfter change: Int64, limit: Int) -> RecordChanges<Item> {
    Self.changes(itemChanges, after: change, limit) { itemTable[$0] }
  }

  /// How many items there are.
  public func itemCount() -> Int { itemTable.count }

  /// Adds customers, or replaces those with the same id.
  public func upsert(customers: [Customer]) {
    for customer in customers {
      lastChange += 1
      customerTable[ExactID(customer.customerID)] = customer
      customerChanges[ExactID(customer.customerID)] = lastChange
    }
  }

  /// The customers with these ids; unknown ids are left out.
  public func customers(withIDs ids: [String]) -> [Customer] { ids.compactMap { customerTable[ExactID($0)] } }

  /// Streams all customers in order of id.
  public func scanCustomers(batchSize: Int, _ body: @Sendable ([Customer]) throws -> Void) throws {
    precondition(batchSize > 0, "a batch holds at least one customer")
    try Self.deliver(customerTable.sorted { $0.key < $1.key }.map(\.value), batchSize, body)
  }

  /// The customers added or replaced after a change, at most so many.
  public func customers(changedAfter change: Int64, limit: Int) -> RecordChanges<Customer> {
    Self.changes(customerChanges, after: change, limit) { customerTable[$0] }
  }

  /// How many customers there are.
  public func customerCount() -> Int { customerTable.count }

  private static func changes<Row: Sendable>(
    _ numbers: [ExactID: Int64], after change: Int64, _ limit: Int, _ row: (ExactID) -> Row?
  ) -> RecordChanges<Row> {
    let found = numbers.filter { $0.value > change }.sorted { $0.value < $1.value }.prefix(max(0, limit))
    return RecordChanges(rows: found.compactMap { row($0.key) }, last: found.last?.value ?? change)
  }

  static func deliver<Row>(_ rows: [Row], _ size: Int, _ body: ([Row]) throws -> Void) rethrows {
    for start in stride(from: 0, to: rows.count, by: size) {
      try body(Array(rows[start..<min(start + size, rows.count)]))
    }
  }

  /// Text with its Latin capitals made small, as the durable stores compare it.
  private static func folded(_ text: String) -> [UInt8] {
    text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
  }
}

extension [UInt8] {
  fileprivate func contains(_ needle: [UInt8]) -> Bool {
    guard count >= needle.count else { return false }
    return (0...(count - needle.count)).contains { self[$0..<($0 + needle.count)].elementsEqual(needle) }
  }
}
