import Application
import Commerce
import Foundation
import Hummingbird
import StorageSQLite
import Testing

struct JobRouteTests {
  /// A server whose training waits at a gate, and the shop's jobs.
  private func server(_ gate: Gate) async throws -> (TestServer, JobRunner) {
    let server = try await TestServer()
    let shop = try await server.workspace.shop("default", create: true)
    try await shop.start()
    try await shop.jobs.start([
      .training: { _, progress in
        progress(JobProgress(stage: "Waiting", step: 1, totalSteps: 2, fraction: 0.5))
        await gate.pass()
        try Task.checkCancellation()
        return ["trained": true]
      }
    ])
    return (server, shop.jobs)
  }

  @Test func aJobTellsItsProgressAsServerSentEventsUntilItsEnd() async throws {
    let gate = Gate()
    let (server, jobs) = try await server(gate)
    let job = try await jobs.submit(.training, input: .null)
    await gate.waitForVisitor()
    let answer = try await server.send(.get, "/v1/jobs/\(job.jobID)/events", onWrite: { gate.open() })
    #expect(answer[header: "Content-Type"] == "text/event-stream")
    let events = answer.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
    #expect(events.count >= 2)
    for event in events.dropLast() { #expect(event.hasPrefix("event: progress\ndata: {")) }
    let last = try #require(events.last)
    #expect(last.hasPrefix("event: end\ndata: {"))
    let state = try JSONValue(json: last.dropFirst("event: end\ndata: ".count).utf8)
    #expect(state["status"] == "succeeded")
    #expect(state["result"] == ["trained": true])
    #expect(try await server.get("/v1/jobs/\(job.jobID)").json == state)
    let again = try await server.get("/v1/jobs/\(job.jobID)/events")
    #expect(again.text.hasPrefix("event: end\n"))
  }

  @Test func aRunningAndAWaitingJobCanBeCancelledAndAnEndedOneNot() async throws {
    let gate = Gate()
    let (server, jobs) = try await server(gate)
    let running = try await jobs.submit(.training, input: .null)
    let waiting = try await jobs.submit(.training, input: .null)
    await gate.waitForVisitor()
    #expect(try await server.post("/v1/jobs/\(waiting.jobID)/cancel").json["status"] == "cancelled")
    let cancelling = Task { try await server.post("/v1/jobs/\(running.jobID)/cancel") }
    // The work notices its cancellation once the gate lets it go on, whenever the request to cancel arrives.
    while try await server.get("/v1/jobs/\(running.jobID)").json["status"] == "running" {
      try await Task.sleep(for: .milliseconds(1))
      gate.open()
    }
    let answer = try await cancelling.value
    #expect([200, 409].contains(answer.status))
    await jobs.drain()
    #expect(try await server.get("/v1/jobs/\(waiting.jobID)").json["started_at"] == .null)
    #expect(try await server.post("/v1/jobs/\(running.jobID)/cancel").status == 409)
  }

  @Test func aCancelledJobIsCancelledOnDiskTooAndDoesNotRunAgain() async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-jobs-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try SQLiteStore(directory: directory.path)
    let runner = JobRunner(store: store, clock: { TestServer.now })
    let gate = Gate()
    gate.open()
    try await runner.start([
      .training: { _, _ in
        await gate.pass()
        try await Task.sleep(for: .seconds(3600))
        return .null
      }
    ])
    let job = try await runner.submit(.training, input: .null)
    await gate.waitForVisitor()
    #expect(try await runner.cancel(job.jobID).status == .cancelled)
    #expect(try await store.document(collection: "jobs", key: job.jobID)?["status"] == "cancelled")
    let next = JobRunner(store: store, clock: { TestServer.now })
    try await next.start([.training: { _, _ in ["ran": true] }])
    await next.drain()
    #expect(try await next.job(job.jobID).status == .cancelled)
  }

  @Test func jobsAreListedNewestFirstWithEveryMember() async throws {
    let gate = Gate()
    gate.open()
    let (server, jobs) = try await server(gate)
    for _ in 0..<3 { _ = try await jobs.submit(.training, input: ["secret": "input"]) }
    await jobs.drain()
    let list = try await server.get("/v1/jobs").json
    #expect(list["total"] == 3)
    let members: Set = [
      "job_id", "kind", "status", "stage", "step", "total_steps", "fraction", "metrics", "error", "result",
      "created_at", "started_at", "finished_at", "attempts",
    ]
    for job in try #require(list["items"]?.array) {
      #expect(Set(try #require(job.object).keys) == members)
      #expect(job["status"] == "succeeded")
    }
    #expect(try await server.pages("/v1/jobs", limit: 2).count == 3)
  }
}
