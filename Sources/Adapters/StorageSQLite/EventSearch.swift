import Commerce
import GRDB
import Storage

/// Finds the events of a customer, an item or a category, newest first, through the postings.
///
/// Postings know nothing of time, so each event in them is looked up. Where they hold many, the newest are found sooner by
/// walking through all events from the newest on: of what is frequent a page is soon full. The walk is given up after
/// `walkLimit` events, so that neither way takes long.
struct EventSearch {
  /// When a block holds more events than this that may match, the walk is tried.
  private static let lookupLimit = 2000
  /// The walk looks at no more events than this.
  private static let walkLimit = 50_000

  private struct Found: Comparable {
    var timestamp: Int64
    var sequence: Int64

    static func < (a: Found, b: Found) -> Bool { (a.timestamp, a.sequence) < (b.timestamp, b.sequence) }
  }

  private let db: Database
  private let query: EventQuery
  private let column: Postings.Column
  /// The names whose events are looked for.
  private let names: [Int64]
  /// The item that an event of the customer must be about; nil when any will do.
  private let items: Set<Int64>?
  private var found: [Found] = []

  /// A search, when the query names a customer, an item or a category.
  init?(_ query: EventQuery, _ db: Database) throws {
    self.query = query
    self.db = db
    var items: [Int64]?
    if let itemID = query.itemID {
      items = try Self.codes("SELECT name_id FROM names WHERE name = ?", itemID, db)
    }
    if let category = query.category {
      let ofCategory = try Self.codes(
        "SELECT name_id FROM items JOIN names ON name = item_id WHERE category = ?", category, db)
      items = items.map { $0.filter(Set(ofCategory).contains) } ?? ofCategory
    }
    if let customerID = query.customerID {
      column = .customer
      names = try Self.codes("SELECT name_id FROM names WHERE name = ?", customerID, db)
      self.items = items.map { Set($0) }
    } else if let items {
      column = .item
      names = items
      self.items = nil
    } else {
      return nil
    }
  }

  /// The places of the newest events that match, newest first.
  mutating func run() throws -> [Int64] {
    if names.isEmpty { return [] }
    try searchTail()
    let blocks = try db.query("SELECT first, newest FROM blocks ORDER BY newest DESC")
    var order: [(first: Int64, newest: Int64)] = []
    while try blocks.next() { order.append((blocks.integer(0), blocks.integer(1))) }
    var mayWalk = true
    for block in order {
      // What a block holds is no newer than this; once enough newer ones are found, no further block matters.
      if found.count >= query.limit, found[query.limit - 1].timestamp > block.newest { break }
      var places: [Int64] = []
      for name in names {
        places += try Postings.places(of: name, column, inBlock: block.first, db)
        guard mayWalk, places.count > max(Self.lookupLimit, 20 * query.limit) else { continue }
        if let found = try walk() { return found }
        mayWalk = false
      }
      for place in places { try look(at: place) }
      keepNewest()
    }
    return found.prefix(query.limit).map(\.sequence)
  }

  /// Walks through all events from the newest on until the page is full; nil when that takes too long.
  private func walk() throws -> [Int64]? {
    let wanted = Set(names)
    var latest = query.to.map { $0.milliseconds - 1 } ?? .max
    if let after = query.after { latest = min(latest, after.timestamp.milliseconds) }
    let events = try db.query(
      """
      SELECT sequence, timestamp, kind, customer, item FROM events INDEXED BY events_by_time
      WHERE timestamp BETWEEN ? AND ? ORDER BY timestamp DESC, sequence DESC
      """, .integer(query.from?.milliseconds ?? .min), .integer(latest))
    defer { events.finish() }
    var sequences: [Int64] = []
    var walked = 0
    while try events.next() {
      walked += 1
      if walked > Self.walkLimit { return nil }
      guard wanted.contains(events.integer(column == .customer ? 3 : 4)) else { continue }
      let event = Found(timestamp: events.integer(1), sequence: events.integer(0))
      guard matches(event, kind: events.integer(2), item: events.integer(4)) else { continue }
      sequences.append(event.sequence)
      if sequences.count == query.limit { break }
    }
    return sequences
  }

  /// Looks through the events that are in no block yet.
  private mutating func searchTail() throws {
    let wanted = Set(names)
    let tail = try db.query(
      """
      SELECT sequence, customer, item FROM events
      WHERE sequence > (SELECT coalesce(max(last), 0) FROM blocks)
      """)
    var places: [Int64] = []
    while try tail.next() {
      if wanted.contains(tail.integer(column == .customer ? 1 : 2)) { places.append(tail.integer(0)) }
    }
    for place in places { try look(at: place) }
    keepNewest()
  }

  /// Takes in the event at a place when it matches.
  private mutating func look(at place: Int64) throws {
    let cursor = try db.query("SELECT timestamp, kind, item FROM events WHERE sequence = ?", .integer(place))
    while try cursor.next() {
      let event = Found(timestamp: cursor.integer(0), sequence: place)
      if matches(event, kind: cursor.integer(1), item: cursor.integer(2)) { found.append(event) }
    }
  }

  /// Whether an event of one of the names is what the query asks for.
  private func matches(_ event: Found, kind: Int64, item: Int64) -> Bool {
    if let items, !items.contains(item) { return false }
    if let wanted = query.kind, kind != Int64(wanted.code) { return false }
    if let from = query.from, event.timestamp < from.milliseconds { return false }
    if let to = query.to, event.timestamp >= to.milliseconds { return false }
    guard let after = query.after else { return true }
    return event < Found(timestamp: after.timestamp.milliseconds, sequence: after.sequence)
  }

  private mutating func keepNewest() {
    found.sort(by: >)
    found.removeLast(max(0, found.count - query.limit))
  }

  private static func codes(_ sql: String, _ text: String, _ db: Database) throws -> [Int64] {
    let cursor = try db.query(sql, .text(text))
    var codes: [Int64] = []
    while try cursor.next() { codes.append(cursor.integer(0)) }
    return codes
  }
}
