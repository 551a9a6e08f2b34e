import Application
import Commerce
import Hummingbird
import Storage
import Testing

struct ProblemTests {
  /// The parts that every problem has, whatever went wrong (RFC 9457).
  private func expectProblem(_ answer: Answer, _ status: Int, field: String? = nil) {
    #expect(answer.status == status, "\(answer.text)")
    #expect(answer[header: "Content-Type"] == "application/problem+json")
    let problem = answer.json
    #expect(problem["type"] == "about:blank")
    #expect(problem["status"] == JSONValue(status))
    #expect(problem["title"]?.string?.isEmpty == false)
    #expect(problem["detail"]?.string?.hasSuffix(".") == true, "\(answer.text)")
    #expect(problem["field"]?.string == field)
  }

  /// Lines of so many events.
  private static func views(_ count: Int, batch: Int) -> String {
    (0..<count).map { #"{"event_id":"\#(batch)-\#($0)","kind":"view","customer_id":"c","timestamp":1}"# }
      .joined(separator: "\n")
  }

  @Test func whatTheCallerDidWrongIsNamed() async throws {
    let server = try await TestServer()
    expectProblem(try await server.get("/v1/items?limit=many"), 400, field: "limit")
    expectProblem(try await server.get("/v1/search"), 400, field: "q")
    let accents = String(repeating: "\u{301}", count: 200)
    expectProblem(try await server.get("/v1/search?q=\(encoded("e" + accents))"), 400, field: "q")
    expectProblem(try await server.post("/v1/items", "nothing"), 400, field: "body")
    expectProblem(try await server.post("/v1/items", "7"), 400, field: "body")
    expectProblem(try await server.post("/v1/customers", ""), 400, field: "body")
    expectProblem(try await server.get("/v1/events/%ff"), 400, field: "event_id")
    expectProblem(try await server.post("/v1/models/x/versions/0/promote"), 400, field: "version")
    expectProblem(try await server.post("/v1/dead-letters/x/discard"), 400, field: "dead_letter_id")
  }

  @Test func whatIsNotThereIsNotFound() async throws {
    let server = try await TestServer()
    for path in [
      "/v1/events/x", "/v1/items/x", "/v1/jobs/x", "/v1/jobs/x/events", "/v1/decisions/x", "/v1/x", "/x",
    ] {
      expectProblem(try await server.get(path), 404)
    }
    expectProblem(try await server.post("/v1/jobs/x/cancel"), 404)
    expectProblem(try await server.post("/v1/dead-letters/1/discard"), 404)
    expectProblem(
      try await server.post("/v1/decisions/x/feedback", "{\"kind\":\"click\",\"item_id\":\"tea\"}"), 404)
    #expect(try await server.post("/v1/models/needs/versions/9/promote").status == 422)
  }

  @Test func whatNeedsTrainingFirstSaysSo() async throws {
    let server = try await TestServer()
    expectProblem(try await server.get("/v1/customers/ann/recommendations"), 409)
    expectProblem(try await server.get("/v1/items/tea/similar"), 409)
  }

  @Test func refusalsHaveTheSameForm() async throws {
    let server = try await TestServer { $0.bodyLimit = 10 }
    expectProblem(try await server.post("/v1/events", eventJSON("1")), 413)
    expectProblem(try await server.send(.get, "/v1/shop", "", host: "shop.example"), 403)
    let guarded = try await TestServer()
    let key = try await guarded.key(.ingest)
    expectProblem(try await guarded.get("/v1/shop"), 401)
    expectProblem(try await guarded.get("/v1/shop", headers: key), 403)
  }

  @Test func whenTooMuchWaitsToBeWrittenNewEventsAreTurnedAwayForAWhile() async throws {
    let gate = Gate()
    let server = try await TestServer(makeStore: { GatedStore(appends: gate) })
    _ = try await server.get("/v1/shop")
    let waiting = (0..<4).map { batch in
      Task {
        try await server.post(
          "/v1/events", Self.views(50_000, batch: batch), headers: ["Content-Type": "application/x-ndjson"])
      }
    }
    await gate.waitForVisitor(4)
    let refused = try await server.post("/v1/events", eventJSON("one more"))
    expectProblem(refused, 503)
    #expect(refused[header: "Retry-After"] == "1")
    gate.open()
    for task in waiting { #expect(try await task.value.json["accepted"] == 50_000) }
    #expect(try await server.post("/v1/events", eventJSON("one more")).json["accepted"] == 1)
  }

  @Test func aStoreThatFailsIsUnavailableAndTellsNothingOfTheInside() async throws {
    let server = try await TestServer(makeStore: { GatedStore(failure: .writeFailed(reason: "bad sector 7")) }
    )
    let answer = try await server.post("/v1/events", eventJSON("1"))
    expectProblem(answer, 503)
    #expect(answer[header: "Retry-After"] == "5")
    #expect(!answer.text.contains("sector"))
  }
}
