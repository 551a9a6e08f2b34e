import Commerce
import Hummingbird
import Synchronization
import Testing

struct ExportTests {
  /// A server with so many events, a hundred to a customer.
  private func filled(_ count: Int) async throws -> TestServer {
    let server = try await TestServer()
    let lines = (0..<count).map { eventJSON("e\($0)", customer: "c\($0 / 100)", item: "i\($0 % 50)") }
    let answer = try await server.post(
      "/v1/events", lines.joined(separator: "\n"), headers: ["Content-Type": "application/x-ndjson"])
    #expect(answer.json["accepted"] == JSONValue(count))
    return server
  }

  private func rows(_ answer: Answer) -> [String] {
    answer.text.components(separatedBy: "\r\n").dropLast().map { $0 }
  }

  @Test func aListIsAlsoACSVFile() async throws {
    let server = try await TestServer()
    _ = try await server.post(
      "/v1/events", "[\(eventJSON("=1+1", customer: "Ann, \"A\"")),\(eventJSON("2", customer: "安娜"))]")
    let answer = try await server.get("/v1/events?format=csv")
    #expect(answer[header: "Content-Type"] == "text/csv; charset=utf-8")
    #expect(answer[header: "Content-Disposition"] == "attachment; filename=\"events.csv\"")
    let lines = rows(answer)
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("event_id,kind,timestamp,customer_id,"))
    #expect(lines[1].hasPrefix("2,purchase,2024-05-01T10:00:00Z,安娜,"))
    #expect(lines[2].hasPrefix("'=1+1,"))
    #expect(lines[2].contains("\"Ann, \"\"A\"\"\""))
  }

  @Test func anExportHoldsEveryRowAndIsSentAsItIsRead() async throws {
    let server = try await filled(12_345)
    let writes = Mutex(0)
    let answer = try await server.send(
      .get, "/v1/events?format=csv", onWrite: { writes.withLock { $0 += 1 } })
    let ids = rows(answer).dropFirst().map { $0.prefix { $0 != "," } }
    #expect(ids.count == 12_345)
    #expect(Set(ids).count == 12_345)
    #expect(writes.withLock { $0 } > 12)
    #expect(rows(try await server.get("/v1/customers?format=csv")).count == 125)
  }

  @Test func anExportHasAsManyRowsAsItsLimitAllows() async throws {
    let server = try await filled(2_500)
    for limit in [1, 1_000, 1_001, 2_499, 2_500, 9_999] {
      let answer = try await server.get("/v1/events?format=csv&limit=\(limit)")
      #expect(rows(answer).count - 1 == min(limit, 2_500), "\(limit)")
    }
    #expect(try await server.get("/v1/events?format=csv&limit=0").json["field"] == "limit")
  }

  @Test(arguments: [
    ("text/csv", nil, true), ("text/csv;q=0.9, */*;q=0.1", nil, true), ("application/json", nil, false),
    ("*/*", nil, false), ("application/json, text/csv", nil, false), ("text/csv", "json", false),
    ("application/json", "csv", true),
  ])
  func csvIsAlsoAskedForByTheHeaderAccept(accept: String, format: String?, isCSV: Bool) async throws {
    let server = try await filled(1)
    let query = format.map { "?format=\($0)" } ?? ""
    let answer = try await server.get("/v1/events\(query)", headers: ["Accept": accept])
    #expect(answer[header: "Content-Type"]?.hasPrefix("text/csv") == isCSV)
  }

  @Test func anExportThatCannotBeginIsAProblem() async throws {
    let server = try await filled(1)
    #expect(try await server.get("/v1/events?format=csv&cursor=nonsense").json["field"] == "cursor")
    #expect(try await server.get("/v1/needs?format=csv").status == 409)
  }

  /// Every member that a row has must have a column, or an export would lose it without a word.
  @Test func aMemberOfARowIsAColumnOfItsExport() async throws {
    let server = try await filled(3)
    let event = #"""
      {"event_id":"full","kind":"review","customer_id":"c0","session_id":"s","item_id":"tea","order_id":"o",
       "timestamp":"2024-05-01T10:00:00Z","quantity":1,"amount":{"amount":2,"currency":"USD"},"rating":4,"text":"x",
       "query":"y","dwell_ms":7,"channel":"web","device":"phone","decision_id":"d","properties":{"discount":1}}
      """#
    _ = try await server.post("/v1/events", event)
    _ = try await server.post("/v1/events", "{\"event_id\":\"bad\"}")
    let item = #"""
      {"item_id":"tea","title":"Tea","category":"DRINKS","category_path":["FOOD","DRINKS"],"brand":"B",
       "price":{"amount":2,"currency":"USD"},"available_from":"2024-01-01T00:00:00Z","attributes":{"size":"L"}}
      """#
    _ = try await server.post("/v1/items", item)
    let file = "event_id,kind,customer_id,item_id,timestamp\n1,view,ann,tea,2024-05-01T10:00:00Z\n"
    let job = try await server.post("/v1/imports?kind=events&filename=a.csv", file)
    _ = try await server.get("/v1/jobs/\(job.json["job_id"]?.string ?? "")/events")
    for path in ["events", "items", "customers", "dead-letters", "imports", "jobs"] {
      try await server.expectColumnsForAllMembers(of: "/v1/\(path)")
    }
  }
}

extension TestServer {
  /// Expects that the CSV file of a list has a column for each member of its rows, and a line for each row.
  func expectColumnsForAllMembers(of path: String) async throws {
    let list = try await get(path).json["items"]?.array ?? []
    #expect(!list.isEmpty, "\(path)")
    let export = try await get("\(path)?format=csv").text.components(separatedBy: "\r\n").dropLast()
    #expect(export.count > list.count, "\(path)")
    let columns = Set(export[0].split(separator: ",").map(String.init))
    for (name, value) in list.flatMap({ $0.object ?? [:] }) {
      let parts = columns.filter { $0.hasPrefix("\(name).") }
      // What is not there has the columns of its members all the same.
      let isNested =
        value.object.map { $0.keys.allSatisfy { columns.contains("\(name).\($0)") } }
        ?? (value == .null && !parts.isEmpty)
      #expect(columns.contains(name) || isNested, "\(path): \(name)")
    }
  }
}
