import Application
import Commerce
import Foundation
import Testing

/// What customers are interested in, over HTTP.
@Suite struct InterestRouteTests {
  private static let start = Timestamp(rfc3339: "2023-09-04T10:00:00Z")!

  /// Thirty customers who buy tea, milk and bread alike for thirty weeks; c0 buys tea on Saturdays besides.
  static func shop() async throws -> TestServer {
    let server = try await TestServer()
    let items = ["tea": "TEA", "milk": "MILK", "bread": "BREAD"].sorted { $0.key < $1.key }
      .map { id, category -> JSONValue in
        [
          "item_id": .string(id), "title": .string(id), "category": .string(category), "brand": "Leaf",
          "price": ["amount": 2.5, "currency": "USD"],
        ]
      }
    #expect(try await server.post("/v1/items", JSONValue.array(items).json).status < 300)
    var events: [JSONValue] = []
    func buy(_ customer: String, _ item: String, day: Int) {
      events.append([
        "event_id": .string("\(customer)-\(day)-\(item)"), "kind": "purchase",
        "customer_id": .string(customer), "item_id": .string(item),
        "timestamp": JSONValue(start.adding(days: Double(day))), "amount": 2.5, "currency": "USD",
        "quantity": 1, "order_id": .string("\(customer)-\(day)"),
      ])
    }
    for week in 0..<30 {
      for customer in 0..<30 {
        buy(
          "c\(customer)", ["tea", "milk", "bread"][(week + customer) % 3],
          day: 7 * week + (customer + week) % 5)
      }
      buy("c0", "tea", day: 7 * week + 5)
    }
    for first in Swift.stride(from: 0, to: events.count, by: 1000) {
      let batch = Array(events[first..<min(first + 1000, events.count)])
      let answer = try await server.post("/v1/events", JSONValue.array(batch).json)
      #expect(answer.json["accepted"] == JSONValue(batch.count))
    }
    return server
  }

  @Test func interestsSayWhatStandsOutWithItsEvidence() async throws {
    let server = try await Self.shop()
    let answer = try await server.get("/v1/customers/c0/interests").json
    let rows = try #require(answer["items"]?.array)
    let tea = try #require(rows.first { $0["value"] == "TEA" })
    #expect(tea["standing"] == "above" && tea["kind"] == "category")
    #expect(try #require(tea["lift"]?.number) > 1.5)
    #expect(try #require(tea["lift_interval"]?["lower"]?.number) > 1)
    #expect(tea["evidence"]?.array?.first?.string?.hasPrefix("c0-") == true)
    #expect(answer["market"]?["customers"] == 30 && answer["sentences"]?["zh"]?.array?.isEmpty == false)
    let moments = try await server.get("/v1/customers/c0/interests?kind=moment").json
    let first = try #require(moments["items"]?.array?.first)
    #expect(first["value"] == "saturday-morning" && first["label"]?["zh"] == "周六上午")
    #expect(try await server.get("/v1/customers/c0/interests?kind=taste").json["field"] == "kind")
    #expect(try await server.get("/v1/customers/nobody/interests").status == 404)
    let csv = try await server.get("/v1/customers/c0/interests", headers: ["Accept": "text/csv"])
    #expect(csv.text.hasPrefix("kind,name,value,strength,market_share,lift,"))
  }

  @Test func anEventThatArrivesCountsAtOnce() async throws {
    let server = try await Self.shop()
    let before = try await server.get("/v1/customers/c1/interests").json
    let event: JSONValue = [
      "event_id": "late", "kind": "purchase", "customer_id": "c1", "item_id": "milk",
      "timestamp": JSONValue(Self.start.adding(days: 209)), "amount": 2.5, "currency": "USD",
    ]
    #expect(try await server.post("/v1/events", JSONValue.array([event]).json).status < 300)
    let after = try await server.get("/v1/customers/c1/interests").json
    #expect(after["events"]?.integer == (before["events"]?.integer ?? 0) + 1)
    #expect(after["market"]?["events"]?.integer == (before["market"]?["events"]?.integer ?? 0) + 1)
  }
}
