import Commerce
import Hummingbird
import Testing

struct PaginationTests {
  /// Events of which many share a moment, customers of which many spent the same.
  private func filled(_ count: Int) async throws -> TestServer {
    let server = try await TestServer()
    let events = (0..<count).map { number in
      eventJSON(
        "e\(number)", customer: "c\(number % 23)", item: "i\(number)",
        time: "2024-05-01T10:00:0\(number % 7)Z")
    }
    _ = try await server.post("/v1/events", "[\(events.joined(separator: ","))]")
    let items = (0..<count).map { "{\"item_id\":\"i\($0)\"}" }
    _ = try await server.post("/v1/items", "[\(items.joined(separator: ","))]")
    return server
  }

  @Test(arguments: [1, 7, 100, 101, 500])
  func noEventIsLostOrDoubledBetweenPages(limit: Int) async throws {
    let server = try await filled(101)
    let rows = try await server.pages("/v1/events", limit: limit)
    #expect(rows.count == 101)
    #expect(Set(rows.map { $0["event_id"] }).count == 101)
    let times = rows.compactMap { $0["timestamp"]?.string }
    #expect(times == times.sorted(by: >))
  }

  @Test func eventsThatArriveBetweenPagesDisturbNone() async throws {
    let server = try await filled(50)
    let first = try await server.get("/v1/events?limit=20").json
    _ = try await server.post("/v1/events", eventJSON("new", time: "2024-05-02T10:00:00Z"))
    let cursor = try #require(first["next_cursor"]?.string)
    let rest = try await server.get("/v1/events?limit=500&cursor=\(cursor)").json
    let ids = [first, rest].flatMap { $0["items"]?.array ?? [] }.map { $0["event_id"] }
    #expect(ids.count == 50)
    #expect(Set(ids).count == 50)
  }

  @Test(arguments: [
    "/v1/items", "/v1/customers?sort=spend", "/v1/customers?sort=id", "/v1/customers?sort=recency",
  ])
  func noRowIsLostOrDoubledBetweenPages(path: String) async throws {
    let server = try await filled(60)
    let key = path.hasPrefix("/v1/items") ? "item_id" : "customer_id"
    let total = path.hasPrefix("/v1/items") ? 60 : 23
    let rows = try await server.pages(path, limit: 10)
    #expect(rows.count == total)
    #expect(Set(rows.map { $0[key] }).count == total)
    #expect(try await server.get(path).json["total"] == JSONValue(total))
  }

  @Test func customersAwayForLongAreListed() async throws {
    let server = try await TestServer()
    let events = [("old", "2024-04-01"), ("new", "2024-05-20")].map { customer, day in
      eventJSON("e-\(customer)", customer: customer, time: "\(day)T10:00:00Z")
    }
    _ = try await server.post("/v1/events", "[\(events.joined(separator: ","))]")
    let away = try await server.get("/v1/customers?min_days_since_last_order=28&min_orders=1").json
    #expect(away["items"]?.array?.map { $0["customer_id"] } == ["old"])
    #expect(away["total"] == 1)
  }

  @Test func deadLettersComeInPages() async throws {
    let server = try await TestServer()
    let rows = (0..<25).map { "{\"event_id\":\"\($0)\"}" }
    _ = try await server.post("/v1/events", "[\(rows.joined(separator: ","))]")
    let letters = try await server.pages("/v1/dead-letters", limit: 10)
    #expect(letters.count == 25)
    #expect(Set(letters.map { $0["dead_letter_id"] }).count == 25)
    let first = try #require(letters.first?["dead_letter_id"]?.integer)
    #expect(try await server.post("/v1/dead-letters/\(first)/discard").json["status"] == "discarded")
    let open = try await server.get("/v1/dead-letters?status=open").json
    #expect(open["total"] == 24)
  }
}
