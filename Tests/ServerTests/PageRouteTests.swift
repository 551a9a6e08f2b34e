import Application
import Commerce
import Hummingbird
import Learning
import Recommendation
import Storage
import Testing

struct PageRouteTests {
  /// A server whose shop serves a, b, c and d by popularity.
  private func trained() async throws -> TestServer {
    let server = try await TestServer()
    let rows = ["a", "a", "a", "b", "b", "c", "d"].enumerated().map { Interaction(user: "u\($0)", item: $1) }
    let model = try await Popularity().fit(Interactions(rows), context: FitContext())
    let store = try #require(try await server.workspace.store(ofShop: "default"))
    for _ in 0..<2 {
      let envelope = try ModelEnvelope(model, trainedAt: TestServer.now, dataFingerprint: "x", metrics: [:])
      _ = try await store.save(envelope, name: "recommendation")
    }
    #expect(try await server.post("/v1/models/recommendation/versions/1/promote").status == 200)
    return server
  }

  private func items(_ value: JSONValue?) -> [String] {
    value?["items"]?.array?.compactMap { $0["item_id"]?.string } ?? []
  }

  @Test func aPageIsMadeRecordedAndExplained() async throws {
    let server = try await trained()
    let made = try await server.post("/v1/pages", #"{"customer_id":"ann","count":2,"trace":true}"#)
    #expect(made.status == 200, "\(made.text)")
    #expect(items(made.json) == ["a", "b"])
    #expect(made.json["trace"]?["candidates"]?.array?.count == 4)
    let id = try #require(made.json["decision_id"]?.string)
    #expect(try await server.get("/v1/decisions/\(id)").json["trace"]?["request"]?["count"] == 2)
    let preview = try await server.post("/v1/pages", #"{"preview":true,"count":1}"#)
    #expect(preview.json["decision_id"] == .null)
  }

  @Test(arguments: [
    (#"{"context":"attic"}"#, "context"), (#"{"count":0}"#, "count"), (#"{"count":"5"}"#, "count"),
    (#"{"cart":[1]}"#, "cart"), (#"{"preview":"yes"}"#, "preview"), (#"{"customer_id":7}"#, "customer_id"),
    (#"{"context":"item"}"#, "item_id"), (#"[]"#, "body"), (#"{"rules":5}"#, "rules"),
    (#"{"repeat_purchases":"maybe"}"#, "repeat_purchases"),
  ])
  func aBodyThatIsNotARequestIsRefusedByField(body: String, field: String) async throws {
    let answer = try await trained().post("/v1/pages", body)
    #expect(answer.status == 400 && answer.json["field"] == .string(field), "\(answer.text)")
  }

  @Test func rulesArePublishedTriedAndTakenBack() async throws {
    let server = try await trained()
    #expect(try await server.get("/v1/rules").json["version"] == 0)
    let text = #"no-a: filter out where item = \"a\""#
    let published = try await server.send(.put, "/v1/rules", "{\"text\":\"\(text)\",\"version\":0}")
    #expect(published.status == 200 && published.json["version"] == 1, "\(published.text)")
    #expect(published.json["rules"]?.array?.first?["words"]?["zh"]?.string?.isEmpty == false)
    #expect(items(try await server.post("/v1/pages", #"{"count":2}"#).json) == ["b", "c"])
    #expect(try await server.send(.put, "/v1/rules", "{\"text\":\"\",\"version\":0}").status == 409)
    #expect(try await server.send(.put, "/v1/rules", "{\"text\":\"\",\"version\":1}").status == 200)
    #expect(try await server.post("/v1/rules/rollback").json["version"] == 3)
    #expect(try await server.get("/v1/rules/versions").json["items"]?.array?.count == 3)
    let tried = try await server.post("/v1/rules/dry-run", #"{"text":"","customers":10}"#)
    #expect(tried.status == 200 && tried.json["customers"] == 0, "\(tried.text)")
  }

  @Test func everyErrorOfRulesIsNamedWithItsPlace() async throws {
    let server = try await trained()
    let wrong = "{\"text\":\"filtr out where stock = 0\\nboost 300 where stock > 1\",\"version\":0}"
    let answer = try await server.send(.put, "/v1/rules", wrong)
    #expect(answer.status == 422 && answer.json["field"] == "text")
    #expect(answer.json["errors"]?.array?.map { $0["line"] } == [1, 2])
    let checked = try await server.post("/v1/rules/validate", wrong)
    #expect(checked.status == 200 && checked.json["valid"] == false)
    #expect(checked.json["errors"]?.array?.first?["column"] == 1)
    let fine = try await server.post("/v1/rules/validate", #"{"text":"calibrate 0.5"}"#)
    #expect(fine.json["valid"] == true && fine.json["rules"]?.array?.count == 1)
  }

  @Test func questionsAboutPagesAreAnswered() async throws {
    let server = try await trained()
    let why = try await server.post("/v1/pages/why-not", #"{"wanted":"d","count":2}"#)
    #expect(why.status == 200 && why.json["because"] == "outranked" && why.json["rank"] == 4, "\(why.text)")
    #expect(try await server.post("/v1/pages/why-not", "{}").json["field"] == "wanted")
    let both = try await server.post(
      "/v1/models/compare", #"{"a":"recommendation@1","b":"recommendation@2","count":3}"#)
    #expect(both.status == 200 && both.json["shared"] == 3, "\(both.text)")
    #expect(items(both.json["a"]) == items(both.json["b"]))
    #expect(
      try await server.post("/v1/models/compare", #"{"a":"recommendation@1","b":"recommendation@9"}"#).status
        == 404)
    _ = try await server.post("/v1/items", #"{"item_id":"a","title":"Apple"}"#)
    let audience = try await server.get("/v1/items/a/customers?limit=3")
    #expect(audience.status == 200 && audience.json["considered"] == 0, "\(audience.text)")
    #expect(try await server.get("/v1/items/zz/customers").status == 404)
  }

  @Test(arguments: [Role.read, .ingest])
  func onlyOperatorsPublishRules(role: Role) async throws {
    let server = try await TestServer()
    let key = try await server.key(role)
    #expect(try await server.send(.put, "/v1/rules", "{}", headers: key).status == 403)
    #expect(try await server.send(.post, "/v1/rules/rollback", "", headers: key).status == 403)
    let reads = try await server.get("/v1/rules", headers: key).status
    #expect((reads == 403) == (role == .ingest))
  }
}
