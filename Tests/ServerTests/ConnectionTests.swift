import Application
import Commerce
import Foundation
import Hummingbird
import Server
import ServerTesting
import ServiceLifecycleTestKit
import Storage
import Testing

/// What a client that stalls, trickles or breaks off can do to a server: not much.
struct ConnectionTests {
  /// Serves on a free port while `use` runs.
  private func serving(
    configure: @escaping (inout LodeServer.Configuration) -> Void = { _ in },
    makeStore: @escaping @Sendable () -> any ShopStore = { InMemoryStore() },
    before: @escaping @Sendable (Int) async throws -> Void = { _ in },
    _ use: @escaping @Sendable (Int) throws -> Void
  ) async throws {
    let test = try await TestServer(
      configure: {
        $0.port = 0
        configure(&$0)
      }, makeStore: makeStore)
    try await test.workspace.shop("default", create: true).start()
    try await testGracefulShutdown { trigger in
      let (ports, found) = AsyncStream.makeStream(of: Int.self)
      async let served: Void = test.server.run { port in
        found.yield(port)
        found.finish()
      }
      for await port in ports {
        try await before(port)
        try await blocking { try use(port) }
      }
      trigger.triggerGracefulShutdown()
      try await served
    }
  }

  private func head(_ method: String, _ path: String, _ fields: String...) -> [UInt8] {
    Array(
      (["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"] + fields + ["", ""]).joined(separator: "\r\n").utf8)
  }

  /// Expects that a connection's place is free again: with room for one, a second is answered only then.
  private func expectRoom(_ port: Int) throws {
    #expect(try LoopbackConnection(port: port).request("GET", "/health").status == 200)
  }

  @Test func aHeadThatDoesNotEndIsNotWaitedForForEver() async throws {
    try await serving(configure: {
      $0.connectionLimit = 1
      $0.idleTimeout = .seconds(1)
    }) { port in
      let slow = try LoopbackConnection(port: port)
      try slow.send(Array("GET /health HTTP/1.1\r\nHo".utf8))
      try expectRoom(port)
      try slow.waitForEnd()
    }
  }

  @Test func aBodyThatTricklesEndsItsConnection() async throws {
    try await serving(configure: {
      $0.connectionLimit = 1
      $0.bodyInterval = .seconds(1)
    }) { port in
      let slow = try LoopbackConnection(port: port)
      try slow.send(head("POST", "/v1/events", "Content-Length: 100000") + Array("[".utf8))
      try expectRoom(port)
      try slow.waitForEnd()
      let shop = try LoopbackConnection(port: port).request("GET", "/v1/dead-letters")
      #expect(shop.json["total"] == 0)
    }
  }

  @Test func aRequestIsNotMeasuredByTheBodyOfAnEarlierOne() async throws {
    try await serving(configure: { $0.bodyInterval = .seconds(1) }) { port in
      let connection = try LoopbackConnection(port: port)
      let body = Array(#"{"text":""}"#.utf8)
      // The second request is between its head and its body when a second has passed since the first one's head.
      for wait in [0.05, 0.5] {
        try connection.send(head("POST", "/v1/rules/validate", "Content-Length: \(body.count)"))
        Thread.sleep(forTimeInterval: wait)
        try connection.send(body)
        #expect(try connection.readAnswer().status == 200)
        Thread.sleep(forTimeInterval: 0.7)
      }
    }
  }

  @Test func anAnswerThatNobodyReadsEndsItsConnection() async throws {
    let text = String(repeating: "x", count: 4_000)
    let items = (0..<3_500).map { "{\"item_id\":\"\($0)\",\"title\":\"\(text)\"}" }.joined(separator: ",")
    try await serving(configure: {
      $0.connectionLimit = 1
      $0.answerStall = .seconds(1)
    }) { port in
      let reader = try LoopbackConnection(port: port, receiveBuffer: 4_096)
      let answer = try reader.request("POST", "/v1/items", body: Array("[\(items)]".utf8))
      #expect(answer.json["accepted"] == 3_500)
      try reader.send("GET", "/v1/items?format=csv")
      try expectRoom(port)
      #expect(throws: LoopbackError.cutOff) { try reader.readAnswer() }
    }
  }

  @Test func moreConnectionsThanAllowedWaitForAFreePlace() async throws {
    try await serving(configure: { $0.connectionLimit = 2 }) { port in
      var open = [try LoopbackConnection(port: port), try LoopbackConnection(port: port)]
      for connection in open { #expect(try connection.request("GET", "/health").status == 200) }
      let third = try LoopbackConnection(port: port)
      try third.send("GET", "/health")
      #expect(!third.hasBytes(within: 300))
      open.removeLast()
      #expect(try third.readAnswer().status == 200)
    }
  }

  @Test func aRequestThatFindsNoRoomIsToldSoBeforeItsBodyComes() async throws {
    let gate = Gate()
    try await serving(
      configure: { $0.bodyMemory = 100 }, makeStore: { GatedStore(appends: gate) },
      before: { port in
        Task.detached {
          try await blocking {
            _ = try LoopbackConnection(port: port).request(
              "POST", "/v1/events", body: Array(eventJSON("1").utf8))
          }
        }
        // The first is taken in now and waits to be written.
        await gate.waitForVisitor()
      }
    ) { port in
      defer { gate.open() }
      let second = try LoopbackConnection(port: port)
      try second.send(head("POST", "/v1/events", "Content-Length: 9000000"))
      let refused = try second.readAnswer()
      #expect(refused.status == 503)
      #expect(refused.headers["retry-after"] == "1")
      #expect(refused.headers["connection"] == "close")
      #expect(refused.json["title"] == "Overloaded")
      try second.waitForEnd()
    }
  }

  @Test func theSenderOfALargeBodyThatIsRefusedStillReadsTheAnswer() async throws {
    try await serving(configure: { $0.bodyLimit = 1 << 20 }) { port in
      let connection = try LoopbackConnection(port: port)
      try connection.send(head("POST", "/v1/events", "Content-Length: 3000000"))
      // The body is on its way already when the refusal comes.
      try? connection.send([UInt8](repeating: 0x20, count: 3_000_000))
      let refused = try connection.readAnswer()
      #expect(refused.status == 413)
      #expect(refused.headers["connection"] == "close")
      try connection.waitForEnd()
    }
  }

  @Test func aSenderThatAsksWhetherItsBodyIsWantedIsToldToGoOn() async throws {
    try await serving { port in
      let connection = try LoopbackConnection(port: port)
      let body = Array(eventJSON("1").utf8)
      try connection.send(
        head("POST", "/v1/events", "Content-Length: \(body.count)", "Expect: 100-continue"))
      #expect(try connection.readAnswer().status == 100)
      try connection.send(body)
      #expect(try connection.readAnswer().json["accepted"] == 1)
      #expect(try connection.request("GET", "/v1/shop").json["events"] == 1)
    }
  }

  @Test func aFileThatBreaksOffIsNotImported() async throws {
    try await serving { port in
      do {
        let sender = try LoopbackConnection(port: port)
        try sender.send(
          head("POST", "/v1/imports?kind=events&filename=a.csv", "Content-Length: 100000")
            + Array("event_id,kind,customer_id,timestamp\n1,view,ann,2024-05-01T10:00:00Z\n".utf8))
        _ = sender.hasBytes(within: 100)
      }
      let other = try LoopbackConnection(port: port)
      #expect(try other.request("GET", "/v1/jobs").json["total"] == 0)
    }
    let server = try await TestServer()
    let answer = try await server.post(
      "/v1/imports?kind=events&filename=a.csv", "event_id\n", headers: ["Content-Length": "1000"])
    #expect(answer.status == 400)
    #expect(try await server.get("/v1/jobs").json["total"] == 0)
  }
}
