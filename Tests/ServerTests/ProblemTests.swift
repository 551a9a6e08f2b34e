import Application
import Commerce
import Features
import Foundation
import Hummingbird
import Ingestion
import Learning
import Needs
import Recommendation
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
    for (parameters, field) in [
      ("min_orders=-1", "min_orders"), ("min_days_since_last_order=soon", "min_days_since_last_order"),
      ("min_days_since_last_order=5&max_days_since_last_order=4", "max_days_since_last_order"),
    ] {
      expectProblem(try await server.get("/v1/customers?\(parameters)"), 400, field: field)
    }
    for (parameters, field) in [
      ("days=29", "days"), ("overdue=maybe", "overdue"), ("max_strength=2", "max_strength"),
    ] {
      expectProblem(try await server.get("/v1/needs/tea/customers?\(parameters)"), 400, field: field)
    }
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
    expectProblem(try await server.post("/v1/models/needs/versions/9/promote"), 404)
    expectProblem(try await server.post("/v1/models/needs/rollback"), 404)
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
    // Nothing of these bodies is ever sent: whoever waited for one would wait for ever.
    for path in ["events", "items", "customers", "imports?kind=events&filename=a.csv"] {
      let (body, source) = RequestBody.makeStream()
      defer { source.finish() }
      let answer = try await server.send(.post, "/v1/\(path)", body: body)
      expectProblem(answer, 503)
      #expect(answer[header: "Retry-After"] == "1", "\(path)")
    }
    gate.open()
    for task in waiting { #expect(try await task.value.json["accepted"] == 50_000) }
    #expect(try await server.post("/v1/events", eventJSON("one more")).json["accepted"] == 1)
  }

  @Test func aBodyOfUnknownLengthTakesAsMuchRoomAsItHas() async throws {
    let gate = Gate()
    let server = try await TestServer(
      configure: { $0.bodyMemory = 1_000 }, makeStore: { GatedStore(appends: gate) })
    _ = try await server.get("/v1/shop")
    let first = Task { try await server.post("/v1/events", eventJSON("1")) }
    await gate.waitForVisitor()
    let long = "[" + (2..<20).map { eventJSON("\($0)") }.joined(separator: ",") + "]"
    expectProblem(try await server.post("/v1/events", long), 503)
    let second = Task { try await server.post("/v1/events", eventJSON("2")) }
    await gate.waitForVisitor(2)
    gate.open()
    #expect(try await first.value.json["accepted"] == 1)
    #expect(try await second.value.json["accepted"] == 1)
    // One request is let in whatever its length, and what was taken has been given back.
    #expect(try await server.post("/v1/events", "{\"events\":[\(eventJSON("3"))]}").json["accepted"] == 1)
  }

  @Test func aStoreThatFailsIsUnavailableAndTellsNothingOfTheInside() async throws {
    let failure = StorageError.writeFailed(reason: "bad sector 7")
    let server = try await TestServer(makeStore: { GatedStore(failure: failure) })
    let answer = try await server.post("/v1/events", eventJSON("1"))
    expectProblem(answer, 503)
    #expect(answer[header: "Retry-After"] == "5")
    #expect(!answer.text.contains("sector"))
  }

  /// An error that a use case may throw, with what its caller is told.
  static let errors: [(any Error & Sendable, Int, String)] = [
    (StorageError.unavailable(path: "/srv/shop", reason: "disk I/O error"), 503, "Storage unavailable"),
    (StorageError.newerSchema(found: "9"), 503, "Storage unavailable"),
    (StorageError.notFound(what: "row", id: "7"), 404, "Not found"),
    (CocoaError(.fileWriteOutOfSpace), 503, "Storage unavailable"),
    (POSIXError(.EACCES), 503, "Storage unavailable"),
    (LearningError.unknownModel(name: "needs", version: 9), 404, "Not found"),
    (LearningError.corruptModel(reason: "the sum in /srv/shop is wrong"), 500, "Model damaged"),
    (
      LearningError.unsupportedFormat(kind: "FactorModel", version: 9, supported: 1), 409,
      "Model of another build"
    ),
    (LearningError.libraryFailure(library: "xgboost", reason: "/srv/shop"), 500, "Internal error"),
    (LearningError.notEnoughData(needed: "more.", found: "less."), 422, "The data do not allow this"),
    (LearningError.didNotConverge(steps: 7), 422, "The data do not allow this"),
    (NeedError.unknownSubject("TEA"), 404, "Not found"),
    (NeedError.notEnoughData(needed: "112 days", found: "3"), 422, "The data do not allow this"),
    (RecommendationError.unknownModel(name: "x", known: []), 404, "Not found"),
    (RecommendationError.nothingToEvaluate(reason: "nobody"), 422, "The data do not allow this"),
    (RecommendationError.unreadableFile(path: "/srv/shop", reason: "x"), 500, "Internal error"),
    (FeatureError.unknownTimeZone("Mars/Base"), 500, "The shop's settings are at fault"),
    (
      IngestionError.missingTool(name: "duckdb", hint: "run scripts/setup."), 501,
      "Not available on this server"
    ),
    (IngestionError.unreadableFile(path: "/srv/shop/a.csv", reason: "I/O"), 503, "Storage unavailable"),
    (
      IngestionError.malformedFile(path: "a.csv", line: 3, reason: "a quote is open"), 400,
      "The file or its mapping is at fault"
    ),
    (
      IngestionError.invalidMapping(source: "mapping", line: 1, column: 2, reason: "x"), 400,
      "The file or its mapping is at fault"
    ),
    (CancellationError(), 503, "Stopped"), (Unforeseen(), 500, "Internal error"),
  ]

  private struct Unforeseen: Error, CustomStringConvertible { let description = "/srv/shop burns" }

  @Test(arguments: errors.indices)
  func everyErrorHasAStatusASentenceAndNoSecrets(index: Int) async throws {
    let (error, status, title) = Self.errors[index]
    let server = try await TestServer(makeStore: { GatedStore(failure: error) })
    let answer = try await server.post("/v1/events", eventJSON("1"))
    #expect(answer.status == status, "\(error)")
    #expect(answer.json["title"]?.string == title, "\(error)")
    let detail = try #require(answer.json["detail"]?.string)
    #expect(detail.hasSuffix(".") && !detail.hasSuffix(".."), "\(detail)")
    #expect(!detail.contains("/srv/shop"), "\(detail)")
    #expect((answer[header: "Retry-After"] != nil) == (status == 503), "\(error)")
  }

  @Test(arguments: [
    (HTTPRequest.Method.delete, "/v1/events", "GET, POST"), (.trace, "/v1/shop", "GET"),
    (.put, "/v1/items/a%2Fb", "GET"), (.patch, "/v1/customers/x/recommendations", "GET"),
    (.get, "/v1/training", "POST"), (.head, "/v1/overview", "GET"), (.options, "/v1/imports", "GET, POST"),
    (.get, "/v1/dead-letters/7/discard", "POST"), (.post, "/health", "GET, HEAD"), (.post, "/metrics", "GET"),
    (HTTPRequest.Method("BREW")!, "/v1/jobs/x", "GET"),
  ])
  func aMethodThatAPathDoesNotKnowIsAnsweredWithThoseItKnows(
    method: HTTPRequest.Method, path: String, allowed: String
  ) async throws {
    let server = try await TestServer()
    let answer = try await server.send(method, path)
    expectProblem(answer, 405)
    #expect(answer[header: "Allow"] == allowed)
    #expect(try await server.send(method, path + "/further/than/that").status == 404)
  }
}
