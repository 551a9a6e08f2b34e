import GRDB
import Storage

/// Where the events of each customer and item are: per block of events, one row per customer or item with the places of
/// its events.
///
/// An ordinary index would touch a page of its own for most events, which is nearly all that a flushed append writes,
/// and building one over a bulk load takes longer than the load. Blocks are written in one sequential run, a few bytes
/// per event. The newest events, fewer than `smallBlock`, are in no block; queries look through them.
enum Postings {
  /// What a posting belongs to.
  enum Column: Int64, CaseIterable {
    case customer = 0
    case item = 1
  }

  /// So many events without a block make a new one.
  static let smallBlock: Int64 = 16_384
  /// Small blocks are gathered into blocks of so many events, and bulk loads make them at once.
  static let largeBlock: Int64 = 1 << 20
  /// Small blocks are gathered when the store has nothing else to do, or when there are so many.
  private static let mostSmallBlocks = 128

  /// Makes blocks of the events that have none.
  ///
  /// - Parameters:
  ///   - isBulk: whether many more events are coming, so that only whole large blocks are made.
  ///   - isIdle: whether nobody waits for the writer.
  static func settle(_ db: Database, isBulk: Bool, isIdle: Bool) throws {
    var last = try db.number("SELECT max(last) FROM blocks") ?? 0
    let end = try db.number("SELECT max(sequence) FROM events") ?? 0
    while end - last >= (isBulk ? largeBlock : smallBlock) {
      let next = min(end, last + largeBlock)
      try write(last + 1...next, db)
      last = next
    }
    let small =
      try db.number("SELECT count(*) FROM blocks WHERE last - first + 1 < ?", .integer(largeBlock / 2)) ?? 0
    if small > mostSmallBlocks || (isIdle && small > 16 && !isBulk) { try gather(db) }
  }

  /// Whether `settle` has something to do.
  static func needsSettling(_ db: Database, isBulk: Bool) throws -> Bool {
    let last = try db.number("SELECT max(last) FROM blocks") ?? 0
    let end = try db.number("SELECT max(sequence) FROM events") ?? 0
    return end - last >= (isBulk ? largeBlock : smallBlock)
  }

  /// Makes one block of the small blocks at the end.
  private static func gather(_ db: Database) throws {
    let large =
      try db.number(
        "SELECT max(last) FROM blocks WHERE last - first + 1 >= ?", .integer(largeBlock / 2)) ?? 0
    let last = try db.number("SELECT max(last) FROM blocks") ?? 0
    var first = large + 1
    try db.run("DELETE FROM blocks WHERE first >= ?", .integer(first))
    try db.run("DELETE FROM postings WHERE first >= ?", .integer(first))
    while first <= last {
      try write(first...min(last, first + largeBlock - 1), db)
      first += largeBlock
    }
  }

  /// Writes the block of a range of events.
  private static func write(_ range: ClosedRange<Int64>, _ db: Database) throws {
    // One number each: the name's code above, the place within the block below.
    var keys: [[UInt64]] = Column.allCases.map { _ in [] }
    var newest = Int64.min
    let events = try db.query(
      "SELECT sequence, timestamp, customer, item FROM events WHERE sequence BETWEEN ? AND ?",
      .integer(range.lowerBound), .integer(range.upperBound))
    while try events.next() {
      let offset = UInt64(events.integer(0) - range.lowerBound)
      newest = max(newest, events.integer(1))
      for column in Column.allCases {
        let code = events.integer(Int32(2 + column.rawValue))
        if code != 0 { keys[Int(column.rawValue)].append(UInt64(code) << 24 | offset) }
      }
    }
    for column in Column.allCases {
      keys[Int(column.rawValue)].sort()
      try write(keys[Int(column.rawValue)], column, range.lowerBound, db)
    }
    try db.run(
      "INSERT INTO blocks (first, last, newest) VALUES (?, ?, ?)", .integer(range.lowerBound),
      .integer(range.upperBound), .integer(newest))
  }

  private static func write(_ keys: [UInt64], _ column: Column, _ first: Int64, _ db: Database) throws {
    var start = 0
    var bytes: [UInt8] = []
    while start < keys.count {
      let code = keys[start] >> 24
      bytes.removeAll(keepingCapacity: true)
      var previous: UInt64 = 0
      while start < keys.count, keys[start] >> 24 == code {
        let offset = keys[start] & 0xFF_FFFF
        append(offset - previous, to: &bytes)
        previous = offset
        start += 1
      }
      try db.run(
        "INSERT INTO postings (first, kind, name_id, places) VALUES (?, ?, ?, ?)", .integer(first),
        .integer(column.rawValue), .integer(Int64(code)), .bytes(bytes))
    }
  }

  /// Seven bits a byte, the lowest first; the top bit says that more follow.
  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The places of the events of a name within a block.
  static func places(of code: Int64, _ column: Column, inBlock first: Int64, _ db: Database) throws -> [Int64]
  {
    let cursor = try db.query(
      "SELECT places FROM postings WHERE first = ? AND kind = ? AND name_id = ?", .integer(first),
      .integer(column.rawValue), .integer(code))
    var places: [Int64] = []
    while try cursor.next() {
      var place = first
      var delta: Int64 = 0
      var shift: Int64 = 0
      for byte in cursor.bytes(0) {
        delta |= Int64(byte & 0x7F) << shift
        shift += 7
        guard byte < 0x80 else { continue }
        place += delta
        places.append(place)
        (delta, shift) = (0, 0)
      }
    }
    return places
  }
}
