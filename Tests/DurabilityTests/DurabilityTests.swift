import Commerce
import Foundation
import ServerTesting
import Testing

/// What a shop was told is stored stays stored, whatever happens to the process.
///
/// `LODE_KILL_CYCLES` says how often the server is killed in all; a data directory lives through 25 of them.
@Suite(.serialized, .enabled(if: ServerProcess.binary != nil, Comment(rawValue: ServerProcess.absence)))
struct DurabilityTests {
  private static let cyclesPerLife = 25

  /// The kills that each data directory lives through.
  static let lives: [Int] = {
    let cycles = ProcessInfo.processInfo.environment["LODE_KILL_CYCLES"].flatMap { Int($0) } ?? cyclesPerLife
    let whole = [Int](repeating: cyclesPerLife, count: cycles / cyclesPerLife)
    return cycles % cyclesPerLife == 0 ? whole : whole + [cycles % cyclesPerLife]
  }()

  @Test(arguments: Array(lives.enumerated()).map { Life(number: $0.offset, kills: $0.element) })
  func noAcknowledgedEventIsLostAndNoneDoubledWhenTheServerIsKilled(life: Life) async throws {
    try await withTemporaryDirectory { directory in
      var random = SplitMix(state: UInt64(life.number))
      var senders = (0..<4).map { Sender(name: "\(life.number)-\($0)", seed: random.next()) }
      for _ in 0..<life.kills {
        let server = try await ServerProcess(dataDirectory: directory)
        senders = await load(server, senders) {
          try? await Task.sleep(for: .microseconds(Int(random.next() % 120_000)))
          await server.kill()
        }
      }
      try await expectExactlyOnce(directory, senders)
    }
  }

  @Test func aServerThatIsToldToStopAnswersWhatItHasTakenInAndEndsWell() async throws {
    try await withTemporaryDirectory { directory in
      let server = try await ServerProcess(dataDirectory: directory)
      var status: Int32?
      let senders = await load(server, (0..<4).map { Sender(name: "stop-\($0)", seed: UInt64($0)) }) {
        try? await Task.sleep(for: .milliseconds(50))
        status = await server.terminate()
      }
      #expect(status == 0)
      try await expectExactlyOnce(directory, senders)
    }
  }

  /// Lets the senders send, ends the server by `stop` after the first answer, and waits until all have noticed.
  private func load(
    _ server: ServerProcess, _ senders: [Sender], stop: () async -> Void
  ) async -> [Sender] {
    let (answers, noted) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
    let port = server.port
    let work = senders.map { sender in
      Task { await sender.sending(port: port, limit: 300) { noted.yield() } }
    }
    // Ends the wait even when nothing is ever answered; what is wrong then shows at the end.
    let watch = Task {
      for task in work { _ = await task.value }
      noted.finish()
    }
    for await _ in answers { break }
    await stop()
    await watch.value
    var result: [Sender] = []
    for task in work { result.append(await task.value) }
    return result
  }

  /// Starts the server once more, sends again what has no answer, and compares what is stored with what was sent.
  private func expectExactlyOnce(_ directory: String, _ senders: [Sender]) async throws {
    let server = try await ServerProcess(dataDirectory: directory)
    var expected: [String] = []
    for sender in senders {
      let finished = await sender.finishing(port: server.port)
      #expect(finished.complaints.isEmpty, "\(finished.complaints.prefix(3))")
      expected += finished.acknowledged
    }
    try await server.waitUntilReady()
    let connection = try LoopbackConnection(port: server.port)
    let stored = try storedIDs(connection)
    let known = Set(stored)
    #expect(stored.count == known.count, "\(stored.count - known.count) events are stored twice")
    let lost = expected.filter { !known.contains($0) }
    #expect(lost.isEmpty, "\(lost.count) acknowledged events are lost, such as \(lost.prefix(3))")
    #expect(stored.count == expected.count)
    // Every life of the test is under load: a run in which little was sent would prove little.
    #expect(expected.count > 100)
    #expect(try connection.request("GET", "/v1/shop").json["events"]?.integer == expected.count)
    #expect(try connection.request("GET", "/v1/dead-letters").json["total"]?.integer == 0)
    #expect(await server.terminate() == 0)
  }

  private func storedIDs(_ connection: LoopbackConnection) throws -> [String] {
    var ids: [String] = []
    var cursor: String?
    repeat {
      let page = try connection.request(
        "GET", "/v1/events?limit=500" + (cursor.map { "&cursor=\($0)" } ?? "")
      ).json
      ids += (page["items"]?.array ?? []).compactMap { $0["event_id"]?.string }
      cursor = page["next_cursor"]?.string
    } while cursor != nil
    return ids
  }

  private func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-durability-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    try await body(directory.path)
  }
}

/// A data directory and how often its server is killed.
struct Life: Sendable, CustomTestStringConvertible {
  let number: Int
  let kills: Int

  var testDescription: String { "life \(number), \(kills) kills" }
}
