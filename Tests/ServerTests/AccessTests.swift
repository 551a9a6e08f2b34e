import Application
import Commerce
import Hummingbird
import Testing

struct AccessTests {
  /// What each role may ask for: a status that is not 401 or 403 means that the request reached its route.
  @Test(arguments: Role.allCases)
  func aRoleReachesWhatItCoversAndNothingElse(role: Role) async throws {
    let server = try await TestServer()
    let key = try await server.key(role)
    let routes: [(Permission, HTTPRequest.Method, String, String)] = [
      (.ingest, .post, "/v1/events", eventJSON("1")), (.ingest, .post, "/v1/items", "[]"),
      (.ingest, .post, "/v1/customers", "[]"), (.ingest, .post, "/v1/decisions/x/feedback", "{}"),
      (.read, .get, "/v1/shop", ""), (.read, .get, "/v1/events", ""), (.read, .get, "/v1/events/1", ""),
      (.read, .get, "/v1/items", ""), (.read, .get, "/v1/items/x", ""),
      (.read, .get, "/v1/items/x/similar", ""),
      (.read, .get, "/v1/customers", ""), (.read, .get, "/v1/customers/x/recommendations", ""),
      (.read, .get, "/v1/search?q=x", ""), (.read, .get, "/v1/overview", ""), (.read, .get, "/v1/models", ""),
      (.read, .get, "/v1/jobs", ""), (.read, .get, "/v1/jobs/x", ""), (.read, .get, "/v1/jobs/x/events", ""),
      (.read, .get, "/v1/dead-letters", ""), (.read, .get, "/v1/decisions/x", ""),
      (.read, .post, "/v1/pages", "{}"), (.read, .post, "/v1/pages/why-not", "{}"),
      (.read, .post, "/v1/models/compare", "{}"), (.read, .get, "/v1/items/x/customers", ""),
      (.read, .get, "/v1/rules", ""), (.read, .get, "/v1/rules/versions", ""),
      (.read, .post, "/v1/rules/validate", "{}"), (.read, .post, "/v1/rules/dry-run", "{}"),
      (.operate, .put, "/v1/rules", "{}"), (.operate, .post, "/v1/rules/rollback", ""),
      (.operate, .post, "/v1/jobs/x/cancel", ""), (.operate, .post, "/v1/models/x/rollback", ""),
      (.operate, .post, "/v1/models/x/versions/1/promote", ""),
      (.operate, .post, "/v1/dead-letters/1/discard", ""),
    ]
    for (permission, method, path, body) in routes {
      let answer = try await server.send(method, path, body, headers: key)
      if role.allows(permission) {
        #expect(![401, 403, 500].contains(answer.status), "\(role) \(path): \(answer.status)")
      } else {
        #expect(answer.status == 403, "\(role) \(path): \(answer.status)")
      }
    }
  }

  @Test func rolesCoverWhatTheirNamesSay() {
    #expect(Role.allCases.filter { $0.allows(.ingest) } == [.ingest, .operate, .admin])
    #expect(Role.allCases.filter { $0.allows(.read) } == [.read, .operate, .admin])
    #expect(Role.allCases.filter { $0.allows(.operate) } == [.operate, .admin])
  }

  @Test func onceAKeyExistsEveryRequestMustShowAValidOne() async throws {
    let server = try await TestServer()
    let key = try #require(try await server.key(.read)["Authorization"])
    let forged = String(key.dropLast(4)) + "0000"
    for wrong in [
      "", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", forged,
      key.replacing("default", with: "other"),
    ] {
      let answer = try await server.get("/v1/shop", headers: wrong.isEmpty ? [:] : ["Authorization": wrong])
      #expect(answer.status == 401, "\(wrong)")
      #expect(answer[header: "WWW-Authenticate"] == "Bearer realm=\"lode\"")
      #expect(answer.json["status"] == 401)
    }
    #expect(try await server.get("/v1/shop", headers: ["Authorization": key]).status == 200)
    #expect(
      try await server.get("/v1/shop", headers: ["Authorization": "bearer " + key.dropFirst(7)]).status == 200
    )
  }

  @Test func aKeyOpensItsOwnShopAndNoOther() async throws {
    let server = try await TestServer(shops: ["north", "south"])
    let north = try await server.key(.admin, shop: "north")
    let south = try await server.key(.admin, shop: "south")
    _ = try await server.post("/v1/events", eventJSON("1", customer: "ann"), headers: north)
    _ = try await server.post("/v1/items", "{\"item_id\":\"tea\"}", headers: north)
    _ = try await server.post("/v1/events", "{}", headers: north)
    #expect(try await server.get("/v1/shop", headers: north).json["shop"] == "north")
    #expect(try await server.get("/v1/shop", headers: south).json["shop"] == "south")
    #expect(try await server.get("/v1/events", headers: north).json["items"]?.array?.count == 1)
    for path in ["/v1/events", "/v1/customers", "/v1/items", "/v1/dead-letters", "/v1/jobs"] {
      #expect(try await server.get(path, headers: south).json["items"] == [], "\(path)")
    }
    for path in ["/v1/events/1", "/v1/items/tea"] {
      #expect(try await server.get(path, headers: south).status == 404, "\(path)")
    }
    #expect(
      try await server.post("/v1/events", eventJSON("1", customer: "eve"), headers: south).json["accepted"]
        == 1)
    #expect(try await server.get("/v1/events/1", headers: north).json["customer_id"] == "ann")
  }

  @Test func aShopMadeWhileTheServerRunsAnswersItsFirstRequest() async throws {
    let server = try await TestServer(shops: [])
    _ = try await server.workspace.store(ofShop: "late", create: true)
    let key = try await server.key(.admin, shop: "late")
    #expect(try await server.get("/v1/shop", headers: key).json["shop"] == "late")
  }

  @Test(arguments: [
    ("127.0.0.1:8080", 200), ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:8080", 200),
    ("shop.example", 403), ("127.0.0.1.shop.example:8080", 403), ("localhost.shop.example", 403),
    ("10.0.0.5:8080", 403),
    ("", 403),
  ])
  func withoutKeysOnlyALoopbackNameIsAnswered(host: String, status: Int) async throws {
    let server = try await TestServer()
    #expect(try await server.send(.get, "/v1/shop", "", host: host).status == status)
    #expect(try await server.send(.post, "/v1/events", eventJSON("1"), host: host).status == status)
  }

  @Test(arguments: [
    ("http://127.0.0.1:8080", 200), ("http://shop.example", 403), ("http://127.0.0.1:9000", 403),
    ("null", 403),
    ("http://127.0.0.1:8080.shop.example", 403), ("nonsense", 403), ("", 403),
  ])
  func withoutKeysAPageOfAnotherSiteCanSendNothing(origin: String, status: Int) async throws {
    let server = try await TestServer()
    let answer = try await server.post("/v1/events", eventJSON("1"), headers: ["Origin": origin])
    #expect(answer.status == status)
    #expect(try await server.get("/v1/shop").json["events"] == JSONValue(status == 200 ? 1 : 0))
  }

  @Test func aCallerOverItsRateIsToldWhenToComeBackAndOthersAreNot() async throws {
    let server = try await TestServer { $0.requestsPerSecond = 0.001 }
    let (busy, calm) = (try await server.key(.read), try await server.key(.read))
    var answers: [Answer] = []
    for _ in 0..<3 { answers.append(try await server.get("/v1/shop", headers: busy)) }
    let refused = try #require(answers.last)
    #expect(refused.status == 429)
    #expect(refused[header: "Retry-After"] == "1000")
    #expect(refused.json["status"] == 429)
    #expect(try await server.get("/v1/shop", headers: calm).status == 200)
    #expect(try await server.get("/health").status == 200)
  }
}
