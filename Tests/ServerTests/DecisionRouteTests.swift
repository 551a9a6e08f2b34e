import Commerce
import Hummingbird
import Learning
import Recommendation
import Storage
import Testing

struct DecisionRouteTests {
  /// A server whose shop knows four items, `a` the most popular, and serves a model of them.
  private func trained() async throws -> TestServer {
    let server = try await TestServer()
    let rows = ["a", "a", "a", "b", "b", "c", "d"].enumerated().map { Interaction(user: "u\($0)", item: $1) }
    let model = try await Popularity().fit(Interactions(rows), context: FitContext())
    let envelope = try ModelEnvelope(
      model, trainedAt: TestServer.now, dataFingerprint: "x", metrics: ["ndcg@10": 0.5])
    let store = try #require(try await server.workspace.store(ofShop: "default"))
    #expect(try await store.save(envelope, name: "recommendation") == 1)
    let answer = try await server.post("/v1/models/recommendation/versions/1/promote")
    #expect(answer.status == 200, "\(answer.text)")
    return server
  }

  private func items(_ answer: Answer) -> [String] {
    answer.json["items"]?.array?.compactMap { $0["item_id"]?.string } ?? []
  }

  @Test func recommendationsNameTheirModelAndReasons() async throws {
    let server = try await trained()
    _ = try await server.post("/v1/items", #"{"item_id":"a","title":"Apple","category":"FRUIT"}"#)
    let answer = try await server.get("/v1/customers/ann/recommendations?limit=2")
    #expect(answer.status == 200)
    #expect(items(answer) == ["a", "b"])
    let first = try #require(answer.json["items"]?.array?.first)
    #expect(first["title"] == "Apple")
    #expect(first["reasons"]?.array?.isEmpty == false)
    #expect(answer.json["model"]?["version"] == 1)
    #expect(answer.json["decision_id"]?.string?.isEmpty == false)
  }

  @Test func whatACustomerBuysIsNoLongerRecommendedFromTheNextRequestOn() async throws {
    let server = try await trained()
    #expect(items(try await server.get("/v1/customers/ann/recommendations?limit=2")) == ["a", "b"])
    _ = try await server.post("/v1/events", eventJSON("1", item: "a"))
    #expect(items(try await server.get("/v1/customers/ann/recommendations?limit=2")) == ["b", "c"])
    #expect(
      items(try await server.get("/v1/customers/ann/recommendations?limit=2&repeat=allow")) == ["a", "b"])
    #expect(items(try await server.get("/v1/customers/bob/recommendations?limit=2")) == ["a", "b"])
  }

  @Test(arguments: ["limit=0", "limit=101", "repeat=maybe"])
  func parametersOutOfRangeAreNamed(query: String) async throws {
    let server = try await trained()
    let answer = try await server.get("/v1/customers/ann/recommendations?\(query)")
    #expect(answer.status == 400)
    #expect(answer.json["field"]?.string == query.split(separator: "=").first.map(String.init))
  }

  @Test func feedbackIsJoinedToItsDecisionAndCountsOnce() async throws {
    let server = try await trained()
    let shown = try await server.get("/v1/customers/ann/recommendations?limit=2")
    let id = try #require(shown.json["decision_id"]?.string)
    #expect(try await server.get("/v1/decisions/\(id)").json["feedback"] == [])
    let body = #"{"kind":"click","item_id":"b","event_id":"f1"}"#
    let first = try await server.post("/v1/decisions/\(id)/feedback", body)
    #expect(first.status == 202)
    #expect(first.json["accepted"] == 1)
    #expect(try await server.post("/v1/decisions/\(id)/feedback", body).json["duplicates"] == 1)
    _ = try await server.post("/v1/decisions/\(id)/feedback", #"{"kind":"dismiss","item_id":"a"}"#)
    let decision = try await server.get("/v1/decisions/\(id)").json
    #expect(decision["customer_id"] == "ann")
    #expect(decision["items"]?.array?.compactMap { $0["item_id"] } == ["a", "b"])
    #expect(decision["items"]?.array?.compactMap { $0["position"] } == [1, 2])
    let feedback = try #require(decision["feedback"]?.array)
    #expect(feedback.map { $0["kind"] } == ["click", "impression"])
    #expect(feedback.allSatisfy { $0["decision_id"]?.string == id && $0["customer_id"] == "ann" })
  }

  @Test func feedbackOnWhatWasNotShownIsRefused() async throws {
    let server = try await trained()
    let shown = try await server.get("/v1/customers/ann/recommendations?limit=1")
    let id = try #require(shown.json["decision_id"]?.string)
    for (body, field) in [
      (#"{"kind":"click","item_id":"d"}"#, "item_id"), (#"{"kind":"click"}"#, "item_id"),
      (#"{"kind":"stare","item_id":"a"}"#, "kind"), ("", "kind"), ("[]", "kind"),
    ] {
      let answer = try await server.post("/v1/decisions/\(id)/feedback", body)
      #expect(answer.status == 400)
      #expect(answer.json["field"]?.string == field)
    }
    #expect(try await server.get("/v1/shop").json["events"] == 0)
  }

  @Test func modelsAreListedPromotedAndRolledBack() async throws {
    let server = try await trained()
    let model = try await Popularity().fit(
      Interactions([Interaction(user: "u", item: "z")]), context: FitContext())
    let store = try #require(try await server.workspace.store(ofShop: "default"))
    _ = try await store.save(
      try ModelEnvelope(model, trainedAt: TestServer.now, dataFingerprint: "y", metrics: [:]),
      name: "recommendation")
    func states() async throws -> [JSONValue?] {
      try await server.get("/v1/models").json["items"]?.array?.first?["versions"]?.array?.map { $0["state"] }
        ?? []
    }
    #expect(try await states() == ["staged", "live"])
    _ = try await server.post("/v1/models/recommendation/versions/2/promote")
    #expect(try await states() == ["live", "retired"])
    #expect(items(try await server.get("/v1/customers/ann/recommendations")) == ["z"])
    let back = try await server.post("/v1/models/recommendation/rollback")
    #expect(back.json["version"] == 1)
    #expect(items(try await server.get("/v1/customers/ann/recommendations?limit=1")) == ["a"])
    let tooFar = try await server.post("/v1/models/recommendation/rollback")
    #expect(tooFar.status == 409)
    #expect(tooFar.json["detail"]?.string?.contains("none to go back to") == true)
  }

  @Test func anySavedRecommenderCanBeAskedByItsName() async throws {
    let server = try await trained()
    let model = try await Popularity().fit(
      Interactions([Interaction(user: "u", item: "z")]), context: FitContext())
    let store = try #require(try await server.workspace.store(ofShop: "default"))
    let envelope = try ModelEnvelope(
      model, trainedAt: TestServer.now, dataFingerprint: "y", metrics: [:])
    _ = try await store.save(envelope, name: "recommendation")
    let path = "/v1/customers/ann/recommendations?limit=1"
    for (name, item, version) in [
      ("recommendation", "a", 1), ("recommendation@1", "a", 1), ("recommendation@2", "z", 2), ("", "a", 1),
    ] {
      let answer = try await server.get("\(path)&model=\(encoded(name))")
      #expect(items(answer) == [item], "\(name)")
      #expect(answer.json["model"]?["version"] == JSONValue(version), "\(name)")
      let decision = try await server.get("/v1/decisions/\(answer.json["decision_id"]?.string ?? "")")
      #expect(decision.json["model"]?["version"] == JSONValue(version), "\(name)")
    }
    for name in [
      "needs", "recommendation@3", "recommendation@", "recommendation@x", "recommendation@1@2", "@1",
    ] {
      let answer = try await server.get("\(path)&model=\(encoded(name))")
      #expect(answer.status == 404, "\(name)")
    }
    #expect(items(try await server.get(path)) == ["a"])
  }

  @Test func aModelThatCannotBeReadIsNotTakenIntoUse() async throws {
    let server = try await trained()
    let model = try await Popularity().fit(
      Interactions([Interaction(user: "u", item: "z")]), context: FitContext())
    let store = try #require(try await server.workspace.store(ofShop: "default"))
    // A recommender under the name of the needs model.
    let envelope = try ModelEnvelope(
      model, trainedAt: TestServer.now, dataFingerprint: "y", metrics: [:])
    _ = try await store.save(envelope, name: "needs")
    let answer = try await server.post("/v1/models/needs/versions/1/promote")
    #expect(answer.status == 409)
    #expect(answer.json["title"] == "Model of another build")
    #expect(try await store.modelRecords().first { $0.name == "needs" }?.state == .staged)
  }
}
