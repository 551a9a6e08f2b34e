import Analytics
import Commerce
import GRDB
import MathKernels
import Testing

/// Funnels beside brute force: every chain of events that there is, by a recursive query.
@Suite struct FunnelSQLTests {
  private struct Case {
    var json: JSONValue
    var steps: [String]
    var exclusions: [(sql: String, after: Int?)]
    var window: Int64
    var isStrict: Bool
    var same: String?
    var filter: String
    var range: Range<Int64>
    var joinsOrders: Bool
  }

  private func make(_ shop: inout RandomShop) -> Case {
    let steps = (0..<2 + shop.random.index(below: 3)).map { _ in shop.selector() }
    let exclusions = (0..<shop.random.index(below: 3)).map { _ in
      (
        shop.selector(),
        shop.random.index(below: 2) == 0 ? nil : 1 + shop.random.index(below: steps.count - 1)
      )
    }
    let (filter, span) = (shop.filter(), shop.span())
    let hours = 1 + shop.random.index(below: 200)
    let isStrict = shop.random.index(below: 3) == 0
    let same = [nil, nil, "item", "channel"][shop.random.index(below: 4)]
    let unit = ["order", "event"][shop.random.index(below: 2)]
    var funnel: JSONValue = [
      "steps": JSONValue(steps.map(\.json)), "window_seconds": JSONValue(hours * 3600),
      "order": isStrict ? "strict" : "loose",
      "exclusions": JSONValue(
        exclusions.map { ["event": $0.0.json, "after_step": JSONValue($0.1)] }),
    ]
    funnel["same"] = same.map { .string("event.\($0)") }
    var json: JSONValue = ["analysis": "funnel", "unit": .string(unit), "funnel": funnel]
    json["filter"] = filter.json
    json["span"] = span.json
    return Case(
      json: json, steps: steps.map(\.sql), exclusions: exclusions.map { ($0.0.sql, $0.1) },
      window: Int64(hours) * 3_600_000, isStrict: isStrict, same: same.map { $0 == "channel" ? "ch" : $0 },
      filter: filter.sql, range: span.range, joinsOrders: unit == "order")
  }

  private func sql(_ test: Case) -> String {
    let count = test.steps.count
    let events = RandomShop.events(
      conditions: test.steps + test.exclusions.map(\.sql), filter: test.filter, range: test.range,
      joinsOrders: test.joinsOrders)
    let next = (1..<count).map { "(w.step = \($0) AND e.m\($0))" }.joined(separator: " OR ")
    let forbidden = test.exclusions.enumerated().map { place, exclusion in
      let between = exclusion.after.map { "w.step = \($0) AND " } ?? ""
      return "(\(between)x.m\(count + place))"
    }
    let gap = forbidden.isEmpty ? "0" : forbidden.joined(separator: " OR ")
    let group = test.same.map { "c || '/' || \($0)" } ?? "c"
    return """
      WITH RECURSIVE \(events),
      g AS (SELECT *, \(group) AS grp, ROW_NUMBER() OVER (PARTITION BY \(group) ORDER BY t, id) AS place FROM ev
        WHERE \(test.same.map { "\($0) IS NOT NULL" } ?? "1")),
      way(grp, c, start, began, step, place) AS (
        SELECT grp, c, place, t, 1, place FROM g WHERE m0
        UNION
        SELECT w.grp, w.c, w.start, w.began, w.step + 1, e.place FROM way w JOIN g e ON e.grp = w.grp
          AND \(test.isStrict ? "e.place = w.place + 1" : "e.place > w.place") AND e.t <= w.began + \(test.window)
          AND (\(next))
          AND NOT EXISTS (SELECT 1 FROM g x WHERE x.grp = w.grp AND x.place > w.place AND x.place < e.place
            AND (\(gap))))
      SELECT w.c AS c, w.step AS step, w.began AS began, e.t AS t, e.id AS id, b.id AS first FROM way w
        JOIN g e ON e.grp = w.grp AND e.place = w.place JOIN g b ON b.grp = w.grp AND b.place = w.start
      """
  }

  /// By customer: the depth, and from the first to the last step in seconds.
  private func bruteForce(_ test: Case, _ database: DatabaseQueue) throws -> [String: (
    depth: Int, seconds: Double
  )] {
    let rows = try database.read { try Row.fetchAll($0, sql: sql(test)) }
    var best: [String: (depth: Int, end: (Int64, Int64), start: (Int64, Int64))] = [:]
    for row in rows {
      let found: (depth: Int, end: (Int64, Int64), start: (Int64, Int64)) = (
        row["step"], (row["t"], row["id"]), (row["began"], row["first"])
      )
      guard let old = best[row["c"]] else {
        best[row["c"]] = found
        continue
      }
      let isBetter =
        found.depth != old.depth
        ? found.depth > old.depth : found.end != old.end ? found.end < old.end : found.start > old.start
      if isBetter { best[row["c"]] = found }
    }
    return best.mapValues { ($0.depth, Double($0.end.0 - $0.start.0) / 1000) }
  }

  @Test(arguments: 0..<120)
  func agreesWithEveryChainThereIs(_ seed: UInt64) throws {
    var shop = try RandomShop(seed: seed)
    let test = make(&shop)
    let definition = try AnalysisDefinition(json: test.json)
    let expected = try bruteForce(test, shop.database)
    let result = try definition.run(on: shop.data)
    let table = try #require(result.table("steps"))
    for step in 1...test.steps.count {
      let reached = expected.filter { $0.value.depth >= step }
      #expect(
        table.value(step - 1, "customers")?.integer == reached.count, "step \(step) of \(test.json.json)")
      var point = table.points[step - 1]
      #expect(try names(definition.customers(at: point, on: shop.data), shop) == Set(reached.keys))
      point["state"] = "dropped"
      let dropped = Set(expected.filter { $0.value.depth == step }.keys)
      #expect(try names(definition.customers(at: point, on: shop.data), shop) == dropped)
    }
    let seconds = expected.values.filter { $0.depth == test.steps.count }.map(\.seconds)
    let median = table.value(test.steps.count - 1, "total_p50")?.number
    #expect(median == (seconds.isEmpty ? nil : Statistics.median(seconds)), "\(test.json.json)")
  }

  private func names(_ customers: [Int32], _ shop: RandomShop) -> Set<String> {
    Set(customers.map { shop.data.frame.customers[$0] })
  }
}
