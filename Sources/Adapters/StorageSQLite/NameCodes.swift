import GRDB

/// The places of ids in the table `names`, as far as they have been needed; the writer's own.
struct NameCodes {
  /// Beyond this many the codes start afresh, which bounds the memory; what is forgotten is looked up again.
  private static let limit = 500_000

  private struct Key: Hashable {
    var id: String

    // Swift's strings are equal when they look alike; ids are equal when their bytes are.
    static func == (a: Key, b: Key) -> Bool { a.id.utf8.elementsEqual(b.id.utf8) }

    func hash(into hasher: inout Hasher) {
      var id = id
      id.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }

  private var codes: [Key: Int64] = [:]
  private var lastCustomer: (key: Key, code: Int64)?

  /// The code of a customer's id. The lines of an order come one after another, so the last one is at hand.
  @inline(__always)
  mutating func customerCode(of id: String, _ db: Database) throws -> Int64 {
    if let lastCustomer, lastCustomer.key.id.utf8.elementsEqual(id.utf8) { return lastCustomer.code }
    let code = try code(of: id, db)
    lastCustomer = (Key(id: id), code)
    return code
  }

  /// The code of an id, made within the current transaction when it is new.
  @inline(__always)
  mutating func code(of id: String, _ db: Database) throws -> Int64 {
    if let code = codes[Key(id: id)] { return code }
    return try newCode(of: id, db)
  }

  private mutating func newCode(of id: String, _ db: Database) throws -> Int64 {
    if codes.count >= Self.limit { codes.removeAll(keepingCapacity: true) }
    try db.run("INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING", .text(id))
    var code = db.lastInsertedRowID
    if db.changesCount == 0 {
      code = try db.number("SELECT name_id FROM names WHERE name = ?", .text(id)) ?? 0
    }
    codes[Key(id: id)] = code
    return code
  }

  /// Forgets all codes: those of a transaction that failed are not there.
  mutating func removeAll() { self = NameCodes() }
}
