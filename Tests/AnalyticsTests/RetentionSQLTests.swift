import Analytics
import Commerce
import GRDB
import Testing

/// Retention beside brute force in SQL.
@Suite struct RetentionSQLTests {
  private struct Cell: Hashable {
    var cohort: Int
    var period: Int
  }

  @Test(arguments: 0..<120)
  func agreesWithJoinsOfAllEvents(_ seed: UInt64) throws {
    var shop = try RandomShop(seed: seed)
    let (first, back, filter) = (shop.selector(), shop.selector(), shop.filter())
    let span = shop.span()
    let mode = ["first", "any", "recurring"][Int(seed % 3)]
    let later = shop.random.index(below: 2) == 0
    let isWeekly = shop.random.index(below: 2) == 0
    let unit = ["order", "event"][shop.random.index(below: 2)]
    var json: JSONValue = [
      "analysis": "retention", "interval": isWeekly ? "week" : "day", "unit": .string(unit),
      "retention": [
        "first": first.json, "return": back.json, "cohorts": .string(mode),
        "returning": later ? "on_or_after" : "in", "periods": 8,
      ],
    ]
    json["filter"] = filter.json
    json["span"] = span.json
    let definition = try AnalysisDefinition(json: json)
    let bucket = isWeekly ? "((t / 86400000 + 3) / 7)" : "(t / 86400000)"
    let base = Int((span.range.lowerBound / RandomShop.day + (isWeekly ? 3 : 0)) / (isWeekly ? 7 : 1))
    let looked = mode == "first" ? 0..<span.range.upperBound : span.range
    let events = RandomShop.events(
      conditions: [first.sql, back.sql], filter: filter.sql, range: looked, joinsOrders: unit == "order")
    let period = "(r.b - m.b)"
    let sql = """
      WITH \(events), b AS (SELECT *, \(bucket) - \(base) AS b FROM ev),
      starts AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY c\(mode == "recurring" ? ", b" : "") ORDER BY t, id) AS n
        FROM b WHERE m0),
      members AS (SELECT * FROM starts WHERE n = 1 AND t >= \(span.range.lowerBound)),
      periods(p) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8))
      SELECT m.c AS c, m.b AS cohort, p.p AS period, EXISTS (
        SELECT 1 FROM b r WHERE r.c = m.c AND r.m1 AND r.pos > m.pos AND r.b >= m.b AND r.t >= \(span.range.lowerBound)
        AND \(later ? "\(period) >= p.p" : "\(period) = p.p")) AS hit
      FROM members m, periods p
      """
    let rows = try shop.database.read { try Row.fetchAll($0, sql: sql) }
    var (sizes, hits): ([Int: Set<String>], [Cell: Set<String>]) = ([:], [:])
    for row in rows {
      sizes[row["cohort"], default: []].insert(row["c"])
      if row["hit"] as Int == 1 {
        hits[Cell(cohort: row["cohort"], period: row["period"]), default: []].insert(row["c"])
      }
    }
    let table = try #require(try definition.run(on: shop.data).table("cohorts"))
    #expect(Set(table.rows.indices.map { table.value($0, "cohort")?.integer }) == Set(sizes.keys.map { $0 }))
    for row in table.rows.indices {
      let cohort = try #require(table.value(row, "cohort")?.integer)
      let cell = Cell(cohort: cohort, period: try #require(table.value(row, "period")?.integer))
      #expect(table.value(row, "size")?.integer == sizes[cohort]?.count)
      #expect(table.value(row, "customers")?.integer == hits[cell]?.count ?? 0, "\(cell) of \(json.json)")
      let customers = try definition.customers(at: table.points[row], on: shop.data)
      #expect(Set(customers.map { shop.data.frame.customers[$0] }) == hits[cell] ?? [])
    }
  }
}
