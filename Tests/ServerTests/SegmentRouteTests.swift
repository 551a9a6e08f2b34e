import Application
import Commerce
import Foundation
import Storage
import Testing

/// Segments over HTTP: from events to groups, their customers, who moved, and segments by rule.
@Suite struct SegmentRouteTests {
  private static let days = 130

  /// A server whose shop has 90 customers: thirty come every third day, thirty every other week on promotion, thirty seldom for much.
  private static func filled() async throws -> TestServer {
    let server = try await TestServer()
    _ = try await server.post(
      "/v1/items",
      #"""
      [{"item_id":"food","title":"Food","category":"FOOD","category_path":["GROCERY","FOOD"]},
       {"item_id":"deal","title":"Deal","category":"DEAL","category_path":["OUTLET","DEAL"]},
       {"item_id":"gift","title":"Gift","category":"GIFT","category_path":["GIFTS","GIFT"]}]
      """#)
    var events: [JSONValue] = []
    for customer in 0..<90 {
      let kind = customer % 3
      for day in 0..<days where (day + customer) % [3, 14, 40][kind] == 0 {
        let moment = TestServer.now.adding(days: Double(day - days))
        var event: JSONValue = [
          "event_id": .string("e\(customer)-\(day)"), "kind": "purchase",
          "customer_id": .string("c\(customer)"), "item_id": .string(["food", "deal", "gift"][kind]),
          "order_id": .string("o\(customer)-\(day)"), "timestamp": JSONValue(moment), "quantity": 1,
          "amount": ["amount": JSONValue([20.0, 4.0, 150.0][kind]), "currency": "USD"],
        ]
        if kind == 1 { event["properties"] = ["discount": 1.0] }
        events.append(event)
      }
    }
    #expect(
      try await server.post("/v1/events", JSONValue.array(events).json).json["accepted"]
        == JSONValue(events.count))
    return server
  }

  private static func segment(_ server: TestServer, _ body: String = "") async throws {
    let job = try await server.post("/v1/segments/clustering", body)
    #expect(job.status == 202 && job.json["kind"] == "segments")
    let id = try #require(job.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    let ended = try await server.get("/v1/jobs/\(id)").json
    #expect(ended["status"] == "succeeded", "\(ended.json)")
  }

  @Test func beforeTheFirstSegmentationThePagesSaySo() async throws {
    let server = try await Self.filled()
    for path in ["/v1/segments", "/v1/segments/c1", "/v1/segments/map", "/v1/segments/migration"] {
      let answer = try await server.get(path)
      #expect(answer.status == 409 && answer.json["title"] == "Not trained yet", "\(path)")
    }
    #expect(try await server.get("/v1/customers?limit=1").json["items"]?.array?.first?["segments"] == .null)
  }

  @Test func segmentsLeadToTheirCustomersAndBack() async throws {
    let server = try await Self.filled()
    try await Self.segment(server, #"{"segments":3}"#)
    let list = try await server.get("/v1/segments?kind=cluster").json
    let rows = try #require(list["items"]?.array)
    #expect(rows.count == 3 && rows.compactMap { $0["size"]?.integer } == [30, 30, 30])
    #expect(list["customers"] == 90 && list["summary"]?["zh"]?.string?.contains("3 群") == true)
    let id = try #require(rows[0]["id"]?.string)
    let members = try await server.pages("/v1/segments/\(id)/customers?sort=id", limit: 7)
    #expect(members.count == 30)
    #expect(members.allSatisfy { $0["segments"]?["cluster"]?["id"]?.string == id })
    #expect(try await server.get("/v1/customers?segment=\(id)&limit=1").json["total"] == 30)
    let csv = try await server.get("/v1/segments/\(id)/customers?format=csv")
    #expect(csv.text.split(separator: "\r\n").count == 31)
    let customer = try #require(members[0]["customer_id"]?.string)
    #expect(
      try await server.get("/v1/customers/\(customer)").json["segments"]?["cluster"]?["id"]?.string == id)
    let detail = try await server.get("/v1/segments/\(id)").json
    #expect(detail["traits"]?.array?.isEmpty == false && detail["features"]?.array?.isEmpty == false)
    let pair = try await server.get("/v1/segments/compare?a=\(id)&b=rfm-champions").json
    #expect(pair["a"]?["id"]?.string == id && pair["features"]?.array?.first?["b"]?.number != nil)
    #expect(try await server.get("/v1/segments/map").json["points"]?.array?.count == 90)
    #expect(try await server.get("/v1/segments/none").status == 404)
    #expect(try await server.get("/v1/customers?segment=none").status == 404)
    let moves = try await server.get("/v1/segments/migration")
    #expect(moves.status == 200 && moves.json["segments"]?.array?.count == 3)
    #expect(try await server.get("/v1/segments/migration?steps=40").status == 400)
  }

  @Test func aRuleIsTriedSavedListedChangedAndRemoved() async throws {
    let server = try await Self.filled()
    try await Self.segment(server)
    let trial = try await server.post(
      "/v1/segments/rules?dry_run=true", #"{"condition":"category(\"GIFT\") > 0 and orders_365 >= 3"}"#)
    #expect(trial.status == 200 && (trial.json["customers"]?.integer ?? 0) > 0)
    #expect(trial.json["sample"]?.array?.isEmpty == false)
    #expect(try await server.get("/v1/segments/rules").json["items"] == [])
    let wrong = try await server.post("/v1/segments/rules", #"{"name":"x","condition":"ordrs_365 > 1"}"#)
    #expect([400, 422].contains(wrong.status) && wrong.json["errors"]?.array?.first?["column"] == 1)
    let saved = try await server.post(
      "/v1/segments/rules", #"{"name":"Gifts","condition":"category(\"GIFT\") > 0"}"#)
    #expect(saved.status == 201 && saved.json["customers"] == 30)
    let id = try #require(saved.json["id"]?.string)
    let row = try #require(try await server.get("/v1/segments?kind=rule").json["items"]?.array?.first)
    #expect(row["id"]?.string == id && row["size"] == 30 && row["rule"] == "category(\"GIFT\") > 0")
    #expect(try await server.get("/v1/segments/\(id)").json["traits"]?.array?.isEmpty == false)
    #expect(try await server.get("/v1/segments/\(id)/customers?limit=1").json["total"] == 30)
    let changed = try await server.send(
      .put, "/v1/segments/rules/\(id)", #"{"name":"Food","condition":"department(\"GROCERY\") > 0"}"#)
    #expect(changed.status == 200 && changed.json["customers"] == 30)
    #expect(try await server.send(.delete, "/v1/segments/rules/\(id)").status == 204)
    #expect(try await server.send(.delete, "/v1/segments/rules/\(id)").status == 404)
    #expect(try await server.get("/v1/segments/\(id)").status == 404)
  }

  @Test func aReaderMayTryRulesAndSaveNone() async throws {
    // The keys are there before the first request: without any, whoever is on this machine may do everything.
    let server = try await TestServer()
    let (reader, body) = (try await server.key(.read), #"{"name":"All","condition":"orders_all >= 1"}"#)
    #expect(
      try await server.post("/v1/segments/rules?dry_run=true", body, headers: reader).status == 200)
    #expect(try await server.post("/v1/segments/rules", body, headers: reader).status == 403)
    #expect(try await server.post("/v1/segments/clustering", "", headers: reader).status == 403)
  }
}
