import Application
import Commerce
import Foundation
import Hummingbird
import ServerTesting
import ServiceLifecycleTestKit
import Storage
import StorageSQLite
import Testing

struct RealServerTests {
  @Test func servesOverARealConnectionAndShutsDownGracefully() async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-real-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let test = try await TestServer(configure: { $0.port = 0 }, makeStore: { Self.store(directory.path) })
    let shop = try await test.workspace.shop("default", create: true)
    try await shop.start()
    try await shop.jobs.start([
      .training: { _, _ in
        try await Task.sleep(for: .seconds(3600))
        return .null
      }
    ])
    let job = try await shop.jobs.submit(.training, input: .null)
    try await testGracefulShutdown { trigger in
      let (ports, found) = AsyncStream.makeStream(of: Int.self)
      async let served: Void = test.server.run { port in
        found.yield(port)
        found.finish()
      }
      for await port in ports {
        try await blocking { try Self.use(port, job: job.jobID) { trigger.triggerGracefulShutdown() } }
      }
      try await served
    }
    // The job that ran is left as it was, for the next process to take up.
    let saved = try await shop.store.document(collection: "jobs", key: job.jobID)
    #expect(saved?["status"] == "running")
    #expect(try await shop.store.eventCount() == 1)
  }

  private static func store(_ directory: String) -> any ShopStore {
    do { return try SQLiteStore(directory: directory) } catch { fatalError("\(error)") }
  }

  /// Sends requests, lets one wait on a job's progress, stops the server, and expects that one to be answered.
  private static func use(_ port: Int, job: String, stop: () -> Void) throws {
    let connection = try LoopbackConnection(port: port)
    #expect(try connection.request("GET", "/health").json == ["status": "ok"])
    let answer = try connection.request("POST", "/v1/events", body: Array(eventJSON("1").utf8))
    #expect(answer.json["accepted"] == 1)
    #expect(answer.headers["server"] == "lode")
    #expect(answer.headers["x-content-type-options"] == "nosniff")
    let progress = try LoopbackConnection(port: port)
    try progress.send("GET", "/v1/jobs/\(job)/events")
    try progress.waitForBytes()
    stop()
    let rest = try progress.readAnswer()
    #expect(rest.status == 200)
    #expect(String(decoding: rest.body, as: UTF8.self).hasPrefix("event: progress\n"))
  }
}
