import Application
import Commerce
import Foundation
import Server
import Storage
import Testing

/// Campaigns over HTTP: from a draft to a measured result, and the webhooks.
@Suite struct CampaignRouteTests {
  /// Four hundred customers who bought once in each of the last ten weeks, with amounts of their own.
  private static func filled(_ store: InMemoryStore = InMemoryStore()) async throws -> TestServer {
    let server = try await TestServer(makeStore: { store })
    var events: [String] = []
    for customer in 0..<400 {
      for week in 0..<10 {
        let time = TestServer.now.adding(days: -Double(1 + week * 7 + customer % 7))
        events.append(
          eventJSON(
            "e\(customer)-\(week)", customer: "u\(customer)", time: "\(time)",
            amount: Double(5 + customer % 20 + week % 3)))
      }
    }
    for start in stride(from: 0, to: events.count, by: 1000) {
      let answer = try await server.post(
        "/v1/events", "[" + events[start..<min(start + 1000, events.count)].joined(separator: ",") + "]")
      #expect(answer.json["accepted"] == JSONValue(min(1000, events.count - start)))
    }
    return server
  }

  private static let draft =
    #"{"name":"Win back","holdout":0.25,"goal":{"kind":"amount","days":14},"action":{"kind":"message","text":"Hi","cost":0.5}}"#

  private func make(_ server: TestServer, _ body: String = draft) async throws -> String {
    let made = try await server.post("/v1/campaigns", body)
    #expect(made.status == 201 && made.json["state"] == "draft", "\(made.text)")
    return try #require(made.json["campaign_id"]?.string)
  }

  @Test func aDraftSaysWhomItReachesAndWhatItCanShow() async throws {
    let server = try await Self.filled()
    let preview = try await server.post("/v1/campaigns/preview", Self.draft).json
    let counts = try #require(preview["counts"])
    let (treated, held) = (
      try #require(counts["treated"]?.integer), try #require(counts["holdout"]?.integer)
    )
    #expect(treated + held == 400 && (70...130).contains(held))
    #expect(preview["most_cost"] == JSONValue(Double(treated) * 0.5))
    #expect((preview["detectable_difference"]?.number ?? 0) > 0)
    #expect(preview["words"]?["en"]?.string?.contains("With 400 customers and 25 % held out") == true)
    #expect(preview["words"]?["zh"]?.string?.contains("共 400 位客户") == true)
    #expect(abs(preview["imbalance"]?.number ?? 1) < 0.35)
    #expect(try await server.get("/v1/campaigns").json["total"] == 0)
  }

  @Test func aCampaignRunsEndsAndIsMeasured() async throws {
    let server = try await Self.filled()
    let id = try await make(server)
    #expect(try await server.get("/v1/campaigns/\(id)/result").status == 409)
    let started = try await server.post("/v1/campaigns/\(id)/start")
    #expect(started.status == 200 && started.json["state"] == "running")
    #expect(started.json["started_at"] == JSONValue(TestServer.now))
    let rows = try await server.pages("/v1/campaigns/\(id)/customers", limit: 90)
    #expect(rows.count == 400)
    let treated = rows.filter { $0["arm"] == "treated" }
    #expect(JSONValue(treated.count) == started.json["counts"]?["treated"])
    #expect(treated.allSatisfy { $0["contacted_at"] == JSONValue(TestServer.now) && $0["text"] == "Hi" })
    #expect(rows.filter { $0["arm"] == "holdout" }.allSatisfy { $0["text"] == .null })
    #expect(rows.allSatisfy { ($0["spend_before"]?.number ?? 0) > 5 && $0["spend"] == 0 })
    // Those contacted buy for 7 at once.
    let later = treated.compactMap { $0["customer_id"]?.string }.map {
      eventJSON("after-\($0)", customer: $0, time: "2024-06-01T12:00:00Z", amount: 7)
    }
    _ = try await server.post("/v1/events", "[" + later.joined(separator: ",") + "]")
    let result = try await server.get("/v1/campaigns/\(id)/result").json
    #expect(result["verdict"] == "more" && abs((result["effect"]?["difference"]?.number ?? 0) - 7) < 1e-6)
    #expect(result["cost"] == JSONValue(Double(treated.count) * 0.5))
    let profit = 0.3 * 7 * Double(treated.count) - 0.5 * Double(treated.count)
    #expect(abs((result["profit"]?.number ?? 0) - profit) < 1e-6)
    #expect(result["words"]?["en"]?.string?.contains("brought 7.00 USD more each") == true)
    #expect(result["words"]?["zh"]?.string?.contains("人均比对照多 7.00 USD") == true)
    let ended = try await server.post("/v1/campaigns/\(id)/stop")
    #expect(ended.json["state"] == "ended")
    #expect(try await server.post("/v1/campaigns/\(id)/stop").status == 409)
    #expect(try await server.send(.put, "/v1/campaigns/\(id)", Self.draft).status == 409)
    #expect(try await server.get("/v1/campaigns?state=ended").json["total"] == 1)
  }

  @Test func theArmsSurviveARestart() async throws {
    let store = InMemoryStore()
    let server = try await Self.filled(store)
    let id = try await make(server)
    _ = try await server.post("/v1/campaigns/\(id)/start")
    let before = try await server.pages("/v1/campaigns/\(id)/customers", limit: 500)
    let again = try await TestServer(makeStore: { store })
    #expect(try await again.pages("/v1/campaigns/\(id)/customers", limit: 500) == before)
  }

  @Test func capsHoldOverAllCampaigns() async throws {
    let server = try await Self.filled()
    for _ in 0..<2 {
      let id = try await make(server)
      #expect(try await server.post("/v1/campaigns/\(id)/start").json["counts"]?["frequency"] != nil)
    }
    let third = try await make(server)
    let counts = try await server.post("/v1/campaigns/preview", Self.draft).json["counts"]
    // Two contacts in four weeks are allowed: those who were contacted by both are left out of the third.
    #expect((counts?["frequency"]?.integer ?? 0) > 150)
    let started = try await server.post("/v1/campaigns/\(third)/start").json
    #expect(started["counts"]?["frequency"] == counts?["frequency"])
  }

  @Test func audiencesAndBudgetsNarrowWhoIsReached() async throws {
    let server = try await Self.filled()
    func counts(_ members: String) async throws -> JSONValue? {
      try await server.post("/v1/campaigns/preview", #"{"name":"x","holdout":0.2,"# + members + "}").json[
        "counts"]
    }
    #expect(try await counts(#""audience":{"customers":["u1","u2","stranger"]}"#)?["audience"] == 2)
    #expect(try await counts(#""audience":{"min_orders":11}"#)?["audience"] == 0)
    let recent = try await counts(#""audience":{"max_days_since_last_order":2}"#)?["audience"]?.integer ?? 0
    #expect((100...130).contains(recent))
    let capped = try await counts(#""budget":10,"action":{"kind":"call","cost":2}"#)
    #expect(capped?["treated"] == 5 && (capped?["budget"]?.integer ?? 0) > 380)
  }

  @Test(arguments: [
    (#"{"name":""}"#, "name"), (#"{"name":"x","holdout":0}"#, "holdout"),
    (#"{"name":"x","audience":{"age":3}}"#, "audience.age"), (#"{"name":"x","typo":1}"#, "typo"),
    (#"{"name":"x","goal":{"kind":"fame"}}"#, "kind"),
    (#"{"name":"x","ends_at":"2001-01-01T00:00:00Z"}"#, "ends_at"),
    (#"{"name":"x","frequency_cap":{"contacts":0}}"#, "frequency_cap"),
  ]) func faultyDraftsAreRefusedByName(body: String, field: String) async throws {
    let server = try await TestServer()
    let answer = try await server.post("/v1/campaigns", body)
    #expect(answer.status == 400 && answer.json["field"]?.string == field, "\(answer.text)")
  }

  @Test func anAudienceThatIsTooSmallDoesNotStart() async throws {
    let server = try await Self.filled()
    let id = try await make(server, #"{"name":"x","audience":{"customers":["u1"]}}"#)
    let answer = try await server.post("/v1/campaigns/\(id)/start")
    #expect(answer.status == 409 && answer.json["detail"]?.string?.contains("two to hold out") == true)
    #expect(try await server.get("/v1/campaigns/\(id)").json["state"] == "draft")
    #expect(try await server.get("/v1/campaigns/none").status == 404)
  }

  @Test func webhooksAreForOperatorsAndHideTheirSecrets() async throws {
    let server = try await TestServer()
    let (reader, operator_) = (try await server.key(.read), try await server.key(.operate))
    let body =
      #"{"webhooks":[{"id":"crm","url":"https://crm.example.com/","secret":"a-secret-of-some-length"}]}"#
    #expect(try await server.send(.put, "/v1/webhooks", body, headers: reader).status == 403)
    #expect(try await server.get("/v1/webhooks", headers: reader).status == 403)
    #expect(try await server.post("/v1/campaigns", Self.draft, headers: reader).status == 403)
    #expect(try await server.get("/v1/campaigns", headers: reader).status == 200)
    let kept = try await server.send(.put, "/v1/webhooks", body, headers: operator_)
    #expect(kept.status == 200 && !kept.text.contains("a-secret"))
    #expect(try await server.get("/v1/webhooks", headers: operator_).json["webhooks"]?.array?.count == 1)
    let tried = try await server.post("/v1/webhooks/crm/test", headers: operator_).json
    #expect(tried["last_error"] == "Only a running server sends webhooks.")
    #expect(try await server.get("/v1/webhooks/deliveries", headers: operator_).json["total"] == 0)
  }

  @Test(arguments: ["127.0.0.1", "localhost"]) func privateReceiversAreRefused(host: String) async throws {
    let target = try WebhookTarget("https://\(host):9/", allowsPrivate: false)
    await #expect(throws: WebhookError.privateAddress(host: host)) {
      try await HTTPWebhookTransport().post([], headers: [], to: target, allowsPrivate: false)
    }
  }
}
