import Analytics
import Commerce
import GRDB
import Testing

/// Paths beside brute force in SQL.
@Suite struct PathsSQLTests {
  /// The ways of a session-bound or a window-bound question: customer, way, level and node.
  private func sql(
    _ events: String, isSession: Bool, window: Int64, inactivity: Int64, node: String, collapse: Bool,
    steps: Int
  ) -> String {
    let gap = "CASE WHEN s IS NULL AND ls IS NULL THEN t - lt > \(inactivity) ELSE s IS NOT ls END"
    let ways =
      isSession
      ? """
      lags AS (SELECT *, LAG(s) OVER w AS ls, LAG(t) OVER w AS lt FROM ev WINDOW w AS (PARTITION BY c ORDER BY pos)),
      visits AS (SELECT *, SUM(CASE WHEN lt IS NULL THEN 1 ELSE \(gap) END) OVER (PARTITION BY c ORDER BY pos) AS v
        FROM lags),
      ways AS (SELECT c, v AS way, MIN(pos) AS a, (SELECT MAX(pos) FROM visits y WHERE y.c = x.c AND y.v = x.v) AS z
        FROM visits x WHERE m0 GROUP BY c, v),
      """
      : """
      ways(c, way, a, z) AS (
        SELECT c, 1, MIN(pos), (SELECT MAX(y.pos) FROM ev y WHERE y.c = x.c AND y.t <= x.t + \(window)) FROM
          (SELECT * FROM ev WHERE m0 ORDER BY pos) x GROUP BY c
        UNION ALL
        SELECT w.c, w.way + 1, e.pos, (SELECT MAX(y.pos) FROM ev y WHERE y.c = e.c AND y.t <= e.t + \(window))
          FROM ways w JOIN ev e ON e.c = w.c
          AND e.pos = (SELECT MIN(y.pos) FROM ev y WHERE y.c = w.c AND y.pos > w.z AND y.m0)),
      """
    return """
      WITH RECURSIVE \(events), \(ways)
      steps AS (SELECT w.c, w.way, e.pos, COALESCE(\(node), '(none)') AS node FROM ways w JOIN ev e ON e.c = w.c
        AND e.pos BETWEEN w.a AND w.z AND (e.pos = w.a OR e.m1)),
      named AS (SELECT *, LAG(node) OVER (PARTITION BY c, way ORDER BY pos) AS before FROM steps),
      kept AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY c, way ORDER BY pos) - 1 AS level FROM named
        WHERE \(collapse ? "before IS NULL OR before <> node" : "1"))
      SELECT c, way, level, node FROM kept WHERE level <= \(steps) ORDER BY c, way, level
      """
  }

  @Test(arguments: 0..<120)
  func agreesWithWindowsOverAllEvents(_ seed: UInt64) throws {
    var shop = try RandomShop(seed: seed)
    let (anchor, steps, filter, span) = (shop.selector(), shop.selector(), shop.filter(), shop.span())
    let isBackward = shop.random.index(below: 2) == 0
    let isSession = shop.random.index(below: 2) == 0
    let node = [("event.kind", "k"), ("event.item", "item"), ("event.channel", "ch")][
      shop.random.index(below: 3)]
    let collapse = shop.random.index(below: 2) == 0
    let unit = ["order", "event"][shop.random.index(below: 2)]
    let (hours, count) = (1 + shop.random.index(below: 60), 1 + shop.random.index(below: 4))
    var json: JSONValue = [
      "analysis": "paths", "unit": .string(unit),
      "paths": [
        "direction": isBackward ? "to" : "from", "event": anchor.json, "events": steps.json,
        "node": .string(node.0), "bound": isSession ? "session" : "window",
        "window_seconds": JSONValue(hours * 3600),
        "inactivity_seconds": JSONValue(hours * 3600), "max_steps": JSONValue(count), "top": 50,
        "collapse": .bool(collapse),
      ],
    ]
    json["filter"] = filter.json
    json["span"] = span.json
    let events = RandomShop.events(
      conditions: [anchor.sql, steps.sql], filter: filter.sql, range: span.range,
      joinsOrders: unit == "order",
      reversed: isBackward)
    let milliseconds = Int64(hours) * 3_600_000
    let query = sql(
      events, isSession: isSession, window: milliseconds, inactivity: milliseconds, node: node.1,
      collapse: collapse,
      steps: count)
    let rows = try shop.database.read { try Row.fetchAll($0, sql: query) }
    let definition = try AnalysisDefinition(json: json)
    try compare(definition, try definition.run(on: shop.data), rows, shop, isBackward)
  }

  private func compare(
    _ definition: AnalysisDefinition, _ result: AnalysisResult, _ rows: [Row], _ shop: RandomShop,
    _ isBackward: Bool
  ) throws {
    var nodes: [String: [String]] = [:]
    var links: [String: [String]] = [:]
    for (place, row) in rows.enumerated() {
      let (level, node, customer): (Int, String, String) = (row["level"], row["node"], row["c"])
      nodes["\(level) \(node)", default: []].append(customer)
      guard level > 0 else { continue }
      let before: String = rows[place - 1]["node"]
      links[isBackward ? "\(level) \(node) \(before)" : "\(level - 1) \(before) \(node)", default: []].append(
        customer)
    }
    let tables = (try #require(result.table("nodes")), try #require(result.table("links")))
    #expect(tables.0.rows.count == nodes.count)
    #expect(tables.1.rows.count == links.count)
    for (table, fields, expected) in [
      (tables.0, ["level", "node"], nodes), (tables.1, ["level", "source", "target"], links),
    ] {
      for row in table.rows.indices {
        let key = fields.map { table.value(row, $0).map { $0.string ?? $0.json } ?? "" }.joined(
          separator: " ")
        let own = expected[key] ?? []
        #expect(table.value(row, "paths")?.integer == own.count, "\(key) of \(definition.jsonValue.json)")
        #expect(table.value(row, "customers")?.integer == Set(own).count)
        let customers = try definition.customers(at: table.points[row], on: shop.data)
        #expect(Set(customers.map { shop.data.frame.customers[$0] }) == Set(own))
      }
    }
  }
}
