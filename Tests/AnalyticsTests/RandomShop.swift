import Analytics
import Commerce
import GRDB
import MathKernels

/// A small shop with random events, in a frame and in a table of SQLite.
///
/// Times lie close together, so that many events share a moment; orders have several lines; some events name a session.
struct RandomShop {
  static let kinds: [EventKind] = [.view, .cartAdd, .purchase, .search]
  static let day: Int64 = 86_400_000
  static let start: Int64 = 17_167 * day

  let data: AnalyticsData
  let database: DatabaseQueue
  var random: RandomSource

  init(seed: UInt64, days: Int = 20, customers: Int = 12, events: Int = 400) throws {
    var random = RandomSource(seed: seed)
    database = try DatabaseQueue()
    var frame = EventFrame(currency: .usd)
    var rows: [[(any DatabaseValueConvertible)?]] = []
    for sequence in 1...events {
      let kind = Self.kinds[random.index(below: Self.kinds.count)]
      let customer = random.index(below: customers + 1)
      // A few moments for many events.
      let time = Self.start + Int64(random.index(below: days * 24)) * 3_600_000
      let item = random.index(below: 5)
      let session = random.index(below: 3) == 0 ? random.index(below: 6) : -1
      let order = kind == .purchase && random.index(below: 4) > 0 ? random.index(below: 30) : -1
      let channel = ["web", "app", "shop"][random.index(below: 3)]
      let cents = Int64(random.index(below: 1000) + 1)
      frame.append(
        EventFrame.Row(
          sequence: Int64(sequence), kind: kind, customerID: customer == customers ? nil : "c\(customer)",
          sessionID: session < 0 ? nil : "s\(session)", itemID: item == 4 ? nil : "i\(item)",
          orderID: order < 0 ? nil : "o\(order)", timestamp: Timestamp(milliseconds: time), quantity: nil,
          amount: kind == .purchase ? Money(minorUnits: cents, currency: .usd) : nil, discount: nil,
          rating: nil,
          channel: channel))
      if customer == customers { continue }
      rows.append([
        sequence, "c\(customer)", time, kind.rawValue, item == 4 ? nil : "i\(item)",
        session < 0 ? nil : "s\(session)", order < 0 ? nil : "o\(order)", channel,
        kind == .purchase ? Double(cents) / 100 : 0,
      ])
    }
    data = AnalyticsData(
      frame: frame, calendar: .utc, asOf: Timestamp(milliseconds: Self.start + Int64(days) * Self.day - 1))
    self.random = random
    try database.write { db in
      try db.execute(
        sql:
          "CREATE TABLE raw (id INTEGER, c TEXT, t INTEGER, k TEXT, item TEXT, s TEXT, o TEXT, ch TEXT, amount REAL)"
      )
      for row in rows {
        try db.execute(
          sql: "INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", arguments: StatementArguments(row))
      }
    }
  }

  /// A selector and the same as a condition in SQL.
  mutating func selector() -> (json: JSONValue, sql: String) {
    switch random.index(below: 8) {
    case 0: return ("view", "k = 'view'")
    case 1: return ("cart_add", "k = 'cart_add'")
    case 2: return ("purchase", "k = 'purchase'")
    case 3: return (["kind": ["view", "search"]], "k IN ('view', 'search')")
    case 4:
      return (
        ["kind": "view", "filter": ["property": "event.item", "op": "in", "value": ["i0", "i1"]]],
        "(k = 'view' AND item IS NOT NULL AND item IN ('i0', 'i1'))"
      )
    case 5:
      return (
        ["filter": ["property": "event.channel", "op": "is_not", "value": "web"]], "ch <> 'web'"
      )
    case 6:
      return (["filter": ["property": "event.amount", "op": "at_least", "value": 5]], "amount >= 5")
    default: return ([:], "1")
    }
  }

  /// A filter, or none.
  mutating func filter() -> (json: JSONValue?, sql: String) {
    switch random.index(below: 3) {
    case 0:
      return (
        [
          "any": [
            ["property": "event.channel", "op": "contains", "value": "P"],
            ["not": ["property": "event.item", "op": "exists"]],
          ]
        ], "(ch LIKE '%p%' OR item IS NULL)"
      )
    default: return (nil, "1")
    }
  }

  /// A span in days of UTC, and where it begins and ends.
  mutating func span(days: Int = 20) -> (json: JSONValue?, range: Range<Int64>) {
    guard random.index(below: 2) == 0 else { return (nil, Self.start..<Self.start + Int64(days) * Self.day) }
    let first = random.index(below: days / 2)
    let last = first + random.index(below: days / 2)
    func text(_ day: Int) -> JSONValue {
      .string(String(Timestamp(milliseconds: Self.start + Int64(day) * Self.day).description.prefix(10)))
    }
    return (
      ["from": text(first), "to": text(last)],
      Self.start + Int64(first) * Self.day..<Self.start + Int64(last + 1) * Self.day
    )
  }

  /// The events that are looked at as a table `ev`: customers' events in order of time and arrival, with a flag for each
  /// condition; lines of one order that follow one another are one when orders are joined.
  ///
  /// - Parameter reversed: in the opposite order.
  static func events(
    conditions: [String], filter: String, range: Range<Int64>, joinsOrders: Bool, reversed: Bool = false
  ) -> String {
    let flags = conditions.enumerated().map { "MAX(\($1)) AS m\($0)" }.joined(separator: ", ")
    let sign = reversed ? "-" : ""
    let island =
      joinsOrders
      ? """
      SUM(CASE WHEN k = 'purchase' AND o IS NOT NULL AND lk = k AND lo = o THEN 0 ELSE 1 END)
        OVER (PARTITION BY c ORDER BY t, id)
      """ : "id"
    return """
      lagged AS (SELECT *, LAG(k) OVER (PARTITION BY c ORDER BY t, id) AS lk,
        LAG(o) OVER (PARTITION BY c ORDER BY t, id) AS lo FROM raw),
      islands AS (SELECT *, \(island) AS island FROM lagged),
      heads AS (SELECT c, island, MIN(t * 100000 + id) % 100000 AS first, \(flags) FROM islands
        WHERE t >= \(range.lowerBound) AND t < \(range.upperBound) AND \(filter) GROUP BY c, island),
      ev AS (SELECT raw.c, \(sign)raw.t AS t, \(sign)raw.id AS id, raw.k, raw.item, raw.s, raw.ch,
        \(conditions.indices.map { "m\($0)" }.joined(separator: ", ")),
        ROW_NUMBER() OVER (PARTITION BY raw.c ORDER BY \(sign)raw.t, \(sign)raw.id) AS pos
        FROM heads JOIN raw ON raw.id = heads.first)
      """
  }
}
