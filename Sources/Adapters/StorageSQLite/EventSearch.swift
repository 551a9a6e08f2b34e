import Commerce
import GRDB
import Storage

/// Finds the events of a customer, an item or a category, newest first, through the postings.
struct EventSearch {
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
    for block in order {
      // What a block holds is no newer than this; once enough newer ones are found, no further block matters.
      if found.count >= query.limit, found[query.limit - 1].timestamp > block.newest { break }
      for name in names {
        for place in try Postings.places(of: name, column, inBlock: block.first, db) { try look(at: place) }
      }
      keepNewest()
    }
    return found.prefix(query.limit).map(\.sequence)
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
      if let items, !items.contains(cursor.integer(2)) { continue }
      if let kind = query.kind, cursor.integer(1) != Int64(kind.code) { continue }
      if let from = query.from, event.timestamp < from.milliseconds { continue }
      if let to = query.to, event.timestamp >= to.milliseconds { continue }
      if let after = query.after,
        event >= Found(timestamp: after.timestamp.milliseconds, sequence: after.sequence)
      {
        continue
      }
      found.append(event)
    }
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
