import Application
import Commerce
import Foundation
import Storage
import Testing

/// What customers are worth, over HTTP: from events to values.
@Suite struct ValueRouteTests {
  /// A server whose shop has sold to customers for a year until now, to each in a rhythm of their own.
  private static func filled(customers: Int) async throws -> TestServer {
    let store = InMemoryStore()
    let server = try await TestServer(makeStore: { store })
    var events: [JSONValue] = []
    let start = Timestamp(rfc3339: "2023-06-05T10:00:00Z")!
    for customer in 0..<customers {
      let gap = 5 + (customer * 37) % 90
      // Every seventh stays away from some day on.
      let end = customer % 7 == 3 ? 120 + customer % 100 : 361
      for (place, day) in stride(from: customer % 20, to: end, by: gap).enumerated() {
        let amount = Double(10 + customer % 30 + (place * 7 + customer) % 9)
        events.append([
          "event_id": .string("\(customer)-\(place)"), "kind": "purchase", "customer_id": "c\(customer)",
          "item_id": "tea", "order_id": "\(customer)-\(place)",
          "timestamp": JSONValue(start.adding(days: Double(day) + Double(place % 3))), "quantity": 1,
          "amount": ["amount": JSONValue(amount), "currency": "USD"],
        ])
      }
    }
    for part in stride(from: 0, to: events.count, by: 2000) {
      let batch = JSONValue.array(Array(events[part..<min(part + 2000, events.count)]))
      _ = try await server.post("/v1/events", batch.json)
    }
    return server
  }

  private static func value(_ server: TestServer, _ body: String = "{}") async throws -> JSONValue {
    let job = try await server.post("/v1/value/estimation", body)
    #expect(job.status == 202 && job.json["kind"] == "value")
    let id = try #require(job.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    let ended = try await server.get("/v1/jobs/\(id)").json
    #expect(ended["status"] == "succeeded", "\(ended.json)")
    return ended
  }

  @Test(arguments: ["/v1/value", "/v1/value/customers", "/v1/value/customers/c1"])
  func beforeTheFirstValuationThereIsNone(path: String) async throws {
    let server = try await Self.filled(customers: 3)
    let answer = try await server.get(path)
    #expect(answer.status == 409 && answer.json["title"] == "Not trained yet")
  }

  @Test func tooFewCustomersAreToldWhatIsMissing() async throws {
    let server = try await Self.filled(customers: 20)
    _ = try await Self.value(server)
    let found = try await server.get("/v1/value").json
    #expect(found["sufficiency"]?["met"] == false && found["total"] == .null && found["deciles"] == .null)
    let open = found["sufficiency"]?["gates"]?.array?.filter { $0["met"] == false } ?? []
    #expect(open.map { $0["name"] } == ["customers"])
    #expect(open.first?["text"]?["zh"]?.string?.contains("500") == true)
    #expect(try await server.get("/v1/value/customers").json["items"] == [])
    #expect(try await server.get("/v1/value/customers/c1").status == 409)
  }

  @Test func customersAreValuedListedAndCounted() async throws {
    let server = try await Self.filled(customers: 520)
    let job = try await Self.value(server)
    #expect(job["result"]?["customers"] == 520 && job["result"]?["sufficient"] == true)
    let found = try await server.get("/v1/value").json
    #expect(found["customers"] == 520 && found["sufficiency"]?["met"] == true)
    let total = try #require(found["total"]?["value"]?["amount"]?.number)
    let deciles = try #require(found["deciles"]?.array)
    let sum = deciles.reduce(0) { $0 + ($1["value"]?["amount"]?.number ?? 0) }
    #expect(deciles.count == 10 && abs(sum / total - 1) < 1e-3)
    let bins = try #require(found["histogram"]?.array)
    #expect(bins.reduce(0) { $0 + ($1["customers"]?.integer ?? 0) } == 520)
    #expect(found["check"]?["deciles"]?.array?.count == 10)
    #expect(found["lorenz"]?.array?.last?["value"] == 1)
    // A bin leads to as many customers as it says.
    let bin = try #require(bins.first { ($0["customers"]?.integer ?? 0) > 0 && $0["to"] != .null })
    let narrowed = try await server.get(
      "/v1/value/customers?value_from=\(bin["from"]?.number ?? 0)&value_below=\(bin["to"]?.number ?? 0)")
    #expect(narrowed.json["total"] == bin["customers"])
    for quadrant in found["quadrants"]?.array ?? [] {
      let name = quadrant["quadrant"]?.string ?? ""
      #expect(
        try await server.get("/v1/value/customers?quadrant=\(name)").json["total"] == quadrant["customers"])
    }
    let rows = try await server.pages("/v1/value/customers?sort=at_risk", limit: 100)
    let lost = rows.compactMap { $0["at_risk"]?["amount"]?.number }
    #expect(rows.count == 520 && lost == lost.sorted(by: >) && (lost.first ?? 0) > 0)
  }

  @Test func oneCustomerTheCSVAndWhatIsRefused() async throws {
    let server = try await Self.filled(customers: 520)
    _ = try await Self.value(server, #"{"horizon_months":6,"margin":0.5}"#)
    let one = try await server.get("/v1/value/customers/c5").json
    #expect(one["customer_id"] == "c5" && one["terms"]?["horizon_months"] == 6)
    #expect(one["terms"]?["margin"] == 0.5 && one["customers"] == 520)
    #expect(one["words"]?["en"]?.string?.contains("6 months") == true)
    #expect(try await server.get("/v1/value/customers/nobody").status == 404)
    let csv = try await server.get("/v1/value/customers?format=csv&sort=p_alive").text
    #expect(
      csv.hasPrefix("customer_id,value.amount,value.currency") && csv.split(separator: "\r\n").count == 521)
    #expect(try await server.get("/v1/value/customers?sort=luck").status == 400)
    #expect(try await server.get("/v1/value/customers?decile=11").status == 400)
    #expect(try await server.post("/v1/value/estimation", #"{"margin":3}"#).status == 400)
    #expect(try await server.post("/v1/value/estimation", #"{"horizon_months":"long"}"#).status == 400)
  }
}
