import Commerce
import Hummingbird
import NIOCore
import Storage
import Testing

struct IdempotencyTests {
  private let file = "event_id,kind,customer_id,item_id,timestamp\n1,view,ann,tea,2024-05-01T10:00:00Z\n"
  private let imports = "/v1/imports?kind=events&filename=a.csv"

  private func headers(_ key: String, _ more: [String: String] = [:]) -> [String: String] {
    more.merging(["Idempotency-Key": key]) { $1 }
  }

  @Test func aRequestSentAgainUnderItsKeyIsAnsweredAsTheFirstTimeAndDoneOnce() async throws {
    let server = try await TestServer()
    let first = try await server.post(imports, file, headers: headers("k1"))
    let again = try await server.post(imports, file, headers: headers("k1"))
    #expect(first.status == 202)
    #expect(first[header: "Idempotent-Replayed"] == nil)
    #expect(again.status == 202)
    #expect(again.body == first.body)
    #expect(again[header: "Content-Type"] == "application/json")
    #expect(again[header: "Idempotent-Replayed"] == "true")
    #expect(try await server.get("/v1/jobs").json["total"] == 1)
    #expect(try await server.post(imports, file, headers: headers("k2")).json != first.json)
    #expect(try await server.get("/v1/jobs").json["total"] == 2)
  }

  @Test func everyRouteThatMakesSomethingKnowsTheKey() async throws {
    let server = try await TestServer()
    for (path, body) in [
      ("/v1/items", "{\"item_id\":\"tea\"}"), ("/v1/customers", "{\"customer_id\":\"ann\"}"),
      ("/v1/events", eventJSON("1")), ("/v1/training", ""),
    ] {
      let first = try await server.post(path, body, headers: headers(path))
      let again = try await server.post(path, body, headers: headers(path))
      #expect((200...202).contains(first.status), "\(path): \(first.text)")
      #expect(again.body == first.body, "\(path)")
      #expect(again[header: "Idempotent-Replayed"] == "true", "\(path)")
    }
  }

  @Test func aKeyThatCameWithAnotherRequestIsRefused() async throws {
    let server = try await TestServer()
    _ = try await server.post(imports, file, headers: headers("k"))
    for (path, body) in [(imports, file + "\n"), ("/v1/imports?kind=items&filename=a.csv", file)] {
      let answer = try await server.post(path, body, headers: headers("k"))
      #expect(answer.status == 422)
      #expect(answer[header: "Content-Type"] == "application/problem+json")
      #expect(answer.json["field"] == "Idempotency-Key")
    }
    #expect(try await server.get("/v1/jobs").json["total"] == 1)
    for key in ["", String(repeating: "k", count: 256)] {
      let answer = try await server.post("/v1/items", "[]", headers: headers(key))
      #expect(answer.status == 400)
      #expect(answer.json["field"] == "Idempotency-Key")
    }
  }

  @Test func whatWasRefusedMayBeSentAgainUnderItsKey() async throws {
    let server = try await TestServer()
    #expect(try await server.post("/v1/items", "nothing", headers: headers("k")).status == 400)
    let answer = try await server.post("/v1/items", "{\"item_id\":\"tea\"}", headers: headers("k"))
    #expect(answer.json["accepted"] == 1)
    #expect(answer[header: "Idempotent-Replayed"] == nil)
  }

  @Test func aKeyBelongsToTheAPIKeyAndShopThatSentIt() async throws {
    let server = try await TestServer(shops: ["north", "south"])
    let callers = [
      try await server.key(.operate, shop: "north"), try await server.key(.operate, shop: "north"),
      try await server.key(.operate, shop: "south"),
    ]
    var jobs: Set<String> = []
    for caller in callers {
      let answer = try await server.post(imports, file, headers: headers("k", caller))
      jobs.insert(answer.json["job_id"]?.string ?? "")
    }
    #expect(jobs.count == 3)
    #expect(try await server.post(imports, file, headers: headers("k")).status == 401)
  }

  @Test func whileARequestIsUnderWayItsKeyIsTaken() async throws {
    let gate = Gate()
    let server = try await TestServer(makeStore: { GatedStore(appends: gate) })
    _ = try await server.get("/v1/shop")
    let first = Task { try await server.post("/v1/events", eventJSON("1"), headers: headers("k")) }
    await gate.waitForVisitor()
    let second = try await server.post("/v1/events", eventJSON("1"), headers: headers("k"))
    #expect(second.status == 409)
    gate.open()
    #expect(try await first.value.json["accepted"] == 1)
    let third = try await server.post("/v1/events", eventJSON("1"), headers: headers("k"))
    #expect(third.json["accepted"] == 1)
    #expect(third[header: "Idempotent-Replayed"] == "true")
  }

  @Test func aBodyOverTheLimitIsRefusedWhenItComesAgainToo() async throws {
    let server = try await TestServer { $0.bodyLimit = 100 }
    _ = try await server.post("/v1/items", "[]", headers: headers("k"))
    let long = String(repeating: " ", count: 200)
    #expect(try await server.post("/v1/items", long, headers: headers("k")).status == 413)
  }
}
