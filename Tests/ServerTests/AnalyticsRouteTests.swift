import Application
import Commerce
import Foundation
import Storage
import Testing

/// Questions about behaviour, the customers behind their figures, and what a shop's people keep of both, over HTTP.
@Suite struct AnalyticsRouteTests {
  private static let start = Timestamp(rfc3339: "2024-05-01T10:00:00Z")!

  /// Twenty customers look at tea, ten of them buy it, four buy it again two days later.
  private func shop(
    _ server: TestServer? = nil, headers: [String: String] = [:]
  ) async throws -> TestServer {
    let server = if let server { server } else { try await TestServer() }
    var events: [JSONValue] = []
    func add(_ kind: String, _ customer: Int, days: Double) {
      events.append([
        "event_id": .string("\(kind)-\(customer)-\(days)"), "kind": .string(kind),
        "customer_id": .string("c\(customer)"), "item_id": "tea",
        "channel": .string(customer < 6 ? "app" : "web"),
        "timestamp": JSONValue(Self.start.adding(days: days)), "amount": JSONValue(Double(customer + 1)),
        "currency": "USD", "order_id": kind == "purchase" ? .string("o\(customer)-\(days)") : .null,
      ])
    }
    for customer in 0..<20 {
      add("view", customer, days: 0)
      if customer < 10 { add("purchase", customer, days: 0.25) }
      if customer < 4 { add("purchase", customer, days: 2.25) }
    }
    let answer = try await server.post("/v1/events", JSONValue.array(events).json, headers: headers)
    #expect(answer.json["accepted"] == JSONValue(events.count))
    return server
  }

  private static let funnel: JSONValue = [
    "analysis": "funnel", "funnel": ["steps": ["view", "purchase", "purchase"], "window_days": 7],
  ]

  private func steps(_ answer: JSONValue) -> [JSONValue] {
    answer["tables"]?.array?.first { $0["name"] == "steps" }?["rows"]?.array ?? []
  }

  /// A step of the funnel; fails with the answer's text where there is none.
  private func step(_ number: Int, of server: TestServer) async throws -> JSONValue {
    let answer = try await server.post("/v1/analytics/query", Self.funnel.json)
    return try #require(steps(answer.json).dropFirst(number - 1).first, "\(answer.text)")
  }

  @Test func aQuestionIsAnsweredAndEveryFigureLeadsToItsCustomers() async throws {
    let server = try await shop()
    let answer = try await server.post("/v1/analytics/query", Self.funnel.json)
    #expect(answer.status == 200)
    let rows = steps(answer.json)
    #expect(rows.map { $0["customers"] } == [20, 10, 4])
    let body: JSONValue = ["definition": Self.funnel, "point": rows.last?["point"] ?? .null]
    let people = try await server.post("/v1/analytics/customers?limit=3", body.json).json
    #expect(people["total"] == 4 && people["items"]?.array?.count == 3)
    // Most money first: c3 bought for 4 twice.
    #expect(people["items"]?.array?.first?["customer_id"] == "c3")
    let next = try await server.post(
      "/v1/analytics/customers?limit=3&cursor=\(people["next_cursor"]?.string ?? "")", body.json
    ).json
    #expect(next["items"]?.array?.map { $0["customer_id"] } == ["c0"] && next["next_cursor"] == .null)
  }

  @Test func answersAndListsOfCustomersComeAsCSV() async throws {
    let server = try await shop()
    let csv = try await server.post("/v1/analytics/query?format=csv&table=steps", Self.funnel.json)
    #expect(csv[header: "Content-Type"]?.hasPrefix("text/csv") == true)
    #expect(csv.text.split(separator: "\r\n").count == 4 && csv.text.contains("step_rate"))
    let unknown = try await server.post("/v1/analytics/query?format=csv&table=none", Self.funnel.json)
    #expect(unknown.status == 400 && unknown.json["field"] == "table")
    let point = try await step(2, of: server)["point"]
    let body: JSONValue = ["definition": Self.funnel, "point": point ?? .null]
    let people = try await server.post("/v1/analytics/customers?format=csv", body.json)
    #expect(people.text.split(separator: "\r\n").count == 11)
  }

  @Test func whatIsAtFaultIsNamedByItsPath() async throws {
    let server = try await shop()
    let cases: [(JSONValue, String)] = [
      (["analysis": "funel"], "analysis"),
      (["analysis": "funnel", "funnel": ["steps": ["view", "looked"]]], "funnel.steps[1]"),
      (["analysis": "trends", "span": ["last_days": 0]], "span.last_days"),
      (["analysis": "trends", "filter": ["cohort": "nobody"]], "filter"),
    ]
    for (question, field) in cases {
      let answer = try await server.post("/v1/analytics/query", question.json)
      #expect(answer.status == 400, "\(question.json): \(answer.text)")
      #expect(answer.json["field"]?.string?.hasPrefix(field) == true, "\(question.json): \(answer.text)")
    }
    #expect(try await server.post("/v1/analytics/query", "[]").json["field"] == "body")
    #expect(try await server.post("/v1/analytics/customers", "{}").json["field"] == "definition")
  }

  @Test func theFactsSayWhatTheShopHasSent() async throws {
    let server = try await shop()
    let facts = try await server.get("/v1/analytics/facts").json
    let kinds = facts["kinds"]?.array ?? []
    #expect(kinds.map { $0["kind"] } == ["view", "purchase"])
    #expect(kinds.map { $0["events"] } == [20, 14] && kinds.map { $0["customers"] } == [20, 10])
    #expect(facts["values"]?["event.channel"] == 2 && facts["values"]?["event.campaign"] == 0)
    let values = try await server.get("/v1/analytics/values?property=event.channel").json
    #expect(values["items"]?.array?.map { $0["value"] } == ["web", "app"])
    #expect(try await server.get("/v1/analytics/values?property=event.channel&query=ap").json["total"] == 1)
    #expect(try await server.get("/v1/analytics/values").json["field"] == "property")
  }

  @Test func newEventsAreInTheNextAnswer() async throws {
    let server = try await shop()
    _ = try await server.post("/v1/analytics/query", Self.funnel.json)
    let more = eventJSON("more", customer: "c15", time: "2024-05-01T20:00:00Z")
    #expect(try await server.post("/v1/events", more).status < 300)
    var bought: JSONValue?
    // A snapshot serves for some seconds while events arrive.
    for _ in 0..<60 where bought != 11 {
      bought = try await step(2, of: server)["customers"]
      if bought != 11 { try await Task.sleep(for: .milliseconds(100)) }
    }
    #expect(bought == 11)
  }

  @Test func definitionsAreKeptReplacedAndRemoved() async throws {
    let server = try await shop()
    let body: JSONValue = ["title": "Looks to purchases", "definition": Self.funnel]
    let made = try await server.post("/v1/analytics/definitions", body.json)
    #expect(made.status == 201 && made.json["version"] == 1)
    let path = "/v1/analytics/definitions/\(made.json["id"]?.string ?? "")"
    #expect(try await server.get("/v1/analytics/definitions").json["total"] == 1)
    var next = body
    next["title"] = "Renamed"
    next["version"] = 1
    #expect(try await server.send(.put, path, next.json).json["version"] == 2)
    let stale = try await server.send(.put, path, next.json)
    #expect(stale.status == 409)
    let versions = try await server.get("\(path)/versions").json["items"]?.array ?? []
    #expect(versions.map { $0["title"] } == ["Renamed", "Looks to purchases"])
    #expect(try await server.send(.delete, path).status == 204)
    #expect(try await server.get(path).status == 404)
    let faulty: JSONValue = [
      "title": "x", "definition": ["analysis": "funnel", "funnel": ["steps": ["view"]]],
    ]
    let refused = try await server.post("/v1/analytics/definitions", faulty.json)
    #expect(refused.json["field"]?.string?.hasPrefix("definition.funnel.steps") == true, "\(refused.text)")
    #expect(try await server.post("/v1/analytics/definitions", "{}").json["field"] == "title")
  }

  @Test func aBoardHoldsItsCardsInOrder() async throws {
    let server = try await shop()
    let live: JSONValue = ["analysis": "live"]
    let cards: JSONValue = [
      ["title": "A", "definition": Self.funnel], ["title": "B", "definition": live],
    ]
    let board: JSONValue = ["title": "Board", "cards": cards]
    let made = try await server.post("/v1/analytics/boards", board.json)
    let path = "/v1/analytics/boards/\(made.json["id"]?.string ?? "")"
    #expect(try await server.get(path).json["cards"]?.array?.map { $0["title"] } == ["A", "B"])
    let wrong: JSONValue = ["title": "Board", "cards": [["title": "A", "definition": ["analysis": "x"]]]]
    let refused = try await server.send(.put, path, wrong.json)
    #expect(refused.status == 400 && refused.json["field"] == "cards[0].definition.analysis")
  }

  @Test func aCohortIsAListOrAQuestionAndNarrowsOtherQuestions() async throws {
    let server = try await shop()
    let point = try await step(3, of: server)["point"] ?? .null
    var ids: [String] = []
    for kind in ["fixed", "rule"] {
      let body: JSONValue = [
        "title": .string("Twice, \(kind)"), "kind": .string(kind), "definition": Self.funnel, "point": point,
      ]
      let made = try await server.post("/v1/cohorts", body.json)
      #expect(made.status == 201 && made.json["size"] == 4 && made.json["customers"] == nil, "\(made.text)")
      ids.append(made.json["id"]?.string ?? "")
    }
    for id in ids {
      let people = try await server.get("/v1/cohorts/\(id)/customers").json
      #expect(people["items"]?.array?.map { $0["customer_id"] } == ["c3", "c2", "c1", "c0"])
      var question = Self.funnel
      question["filter"] = ["cohort": .string(id)]
      let rows = steps(try await server.post("/v1/analytics/query", question.json).json)
      #expect(rows.map { $0["customers"] } == [4, 4, 4])
    }
    let list: JSONValue = ["title": "By hand", "customers": ["c1", "c1", "nobody"]]
    let byHand = try await server.post("/v1/cohorts", list.json).json
    #expect(byHand["size"] == 2 && byHand["kind"] == "fixed")
    let csv = try await server.get("/v1/cohorts/\(byHand["id"]?.string ?? "")/customers?format=csv").text
    #expect(csv.split(separator: "\r\n").count == 2)
  }

  @Test func aCohortByRuleFollowsNewEventsAndAListDoesNot() async throws {
    let server = try await shop()
    let point = try await step(2, of: server)["point"] ?? .null
    func make(_ kind: String) async throws -> String {
      let body: JSONValue = [
        "title": .string(kind), "kind": .string(kind), "definition": Self.funnel, "point": point,
      ]
      return try await server.post("/v1/cohorts", body.json).json["id"]?.string ?? ""
    }
    let (fixed, rule) = (try await make("fixed"), try await make("rule"))
    let more = eventJSON("more", customer: "c15", time: "2024-05-01T20:00:00Z")
    #expect(try await server.post("/v1/events", more).status < 300)
    var size: JSONValue?
    for _ in 0..<60 where size != 11 {
      size = try await server.get("/v1/cohorts/\(rule)/customers").json["total"]
      if size != 11 { try await Task.sleep(for: .milliseconds(100)) }
    }
    #expect(size == 11)
    #expect(try await server.get("/v1/cohorts/\(fixed)/customers").json["total"] == 10)
  }

  @Test func readingAsksAndOnlyOperatingKeeps() async throws {
    // Keys come first: that there are none is remembered for a few seconds.
    let bare = try await TestServer()
    let reader = try await bare.key(.read)
    let server = try await shop(bare, headers: try await bare.key(.admin))
    #expect(
      try await server.post("/v1/analytics/query", Self.funnel.json, headers: reader).status == 200)
    let body: JSONValue = ["title": "x", "definition": Self.funnel]
    for path in ["/v1/analytics/definitions", "/v1/analytics/boards", "/v1/cohorts"] {
      #expect(try await server.get(path, headers: reader).status == 200)
      #expect(try await server.post(path, body.json, headers: reader).status == 403)
      #expect(try await server.send(.delete, "\(path)/x", headers: reader).status == 403)
    }
    let operating = try await server.key(.operate)
    #expect(
      try await server.post("/v1/analytics/definitions", body.json, headers: operating).status == 201)
  }
}
