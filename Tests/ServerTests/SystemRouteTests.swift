import Application
import Commerce
import Foundation
import Hummingbird
import Learning
import Server
import Storage
import Testing

struct SystemRouteTests {
  @Test func healthAndReadinessAnswerWithoutAKey() async throws {
    let server = try await TestServer()
    _ = try await server.key(.admin)
    #expect(try await server.get("/health").json == ["status": "ok"])
    #expect(try await server.get("/ready").json == ["status": "ready"])
  }

  @Test func aShopThatIsBeingReadIsNotReadyYetTakesInEventsAndMissesNone() async throws {
    let gate = Gate()
    let server = try await TestServer(makeStore: { GatedStore(scans: gate) })
    let opening = Task { try await server.get("/v1/shop") }
    await gate.waitForVisitor()
    #expect(try await server.get("/health").status == 200)
    let early = try await server.get("/v1/shop")
    #expect(early.status == 503)
    #expect(early[header: "Retry-After"] != nil)
    #expect(try await server.get("/ready").status == 503)
    #expect(try await server.post("/v1/events", eventJSON("1")).json["accepted"] == 1)
    gate.open()
    _ = try await opening.value
    #expect(try await server.get("/ready").status == 200)
    #expect(try await server.get("/v1/shop").json["events"] == 1)
    #expect(try await server.get("/v1/customers").json["total"] == 1)
  }

  @Test func aModelThatCannotBeReadDoesNotKeepTheShopFromAnswering() async throws {
    let server = try await TestServer()
    let store = try #require(try await server.workspace.store(ofShop: "default"))
    for name in ["recommendation", "needs"] {
      let envelope = ModelEnvelope(
        kind: "PopularityModel", formatVersion: 1, configuration: .null, trainedAt: TestServer.now,
        dataFingerprint: "", metrics: [:], payload: Data([7]))
      _ = try await store.save(envelope, name: name)
      try await store.promote(name: name, version: 1)
    }
    _ = try await server.post("/v1/events", eventJSON("1", item: "tea"))
    let ready = try await server.get("/ready")
    #expect(ready.status == 200)
    #expect(
      ready.json["degraded"] == [
        ["shop": "default", "part": "model needs"], ["shop": "default", "part": "model recommendation"],
      ])
    #expect(try await server.get("/v1/overview").json["degraded"]?.array?.count == 2)
    #expect(try await server.get("/v1/customers").json["total"] == 1)
    let needs = try await server.get("/v1/customers/ann/needs")
    #expect(needs.status == 409)
    #expect(needs.json["detail"]?.string?.contains("cannot be read") == true)
  }

  @Test func aFolderThatIsNoShopDoesNotKeepTheServerFromBeingReady() async throws {
    let server = try await TestServer()
    try FileManager.default.createDirectory(
      at: server.workspace.dataDirectory.appendingPathComponent("uploads"), withIntermediateDirectories: true)
    #expect(try await server.get("/ready").status == 200)
  }

  @Test func loadBalancersMayAskForTheHeadAlone() async throws {
    let server = try await TestServer()
    for path in ["/health", "/ready"] {
      let answer = try await server.send(.head, path)
      #expect(answer.status == 200)
      #expect(answer.body.isEmpty)
    }
  }

  @Test func metricsAreForThoseWhoMayRead() async throws {
    let open = try await TestServer()
    #expect(try await open.get("/metrics").status == 200)
    #expect(try await open.send(.get, "/metrics", host: "shop.example").status == 403)
    let guarded = try await TestServer()
    let (ingest, read) = (try await guarded.key(.ingest), try await guarded.key(.read))
    #expect(try await guarded.get("/metrics").status == 401)
    #expect(try await guarded.get("/metrics", headers: ingest).status == 403)
    #expect(try await guarded.get("/metrics", headers: read).status == 200)
  }

  @Test func metricsAreInPrometheusTextFormat() async throws {
    let server = try await TestServer()
    _ = try await server.get("/v1/events/unknown")
    let answer = try await server.get("/metrics")
    #expect(answer[header: "Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    var types: [Substring: Substring] = [:]
    for line in answer.text.split(separator: "\n") {
      if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
        #expect(types.updateValue(match.2, forKey: match.1) == nil, "one type line a metric")
      } else {
        let sample = line.wholeMatch(
          of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="[^"\n]*",?)*\})? -?[0-9.e+-]+/)
        #expect(sample != nil, "\(line)")
        let name = sample?.1 ?? ""
        #expect(types.keys.contains { name == $0 || name.hasPrefix($0 + "_") }, "\(line)")
      }
    }
    #expect(answer.text.contains("le=\"+Inf\""))
    // A label for each id asked for would grow without end.
    #expect(!answer.text.contains("unknown"))
  }

  @Test func theDescriptionOfTheAPIIsServedAsJSON() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    let server = try await TestServer { $0.openAPI = root.appendingPathComponent("docs/openapi.yaml") }
    let answer = try await server.get("/openapi.json")
    #expect(answer.status == 200)
    #expect(answer.json["openapi"]?.string?.hasPrefix("3.1") == true)
    #expect(answer.json["paths"]?["/v1/events"]?["post"] != nil)
    let without = try await TestServer()
    #expect(try await without.get("/openapi.json").status == 404)
  }

  @Test func everyAnswerCarriesTheHeadersThatKeepBrowsersSafe() async throws {
    let web = FileManager.default.temporaryDirectory.appendingPathComponent("lode-web-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: web, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: web) }
    try "<!doctype html>".write(
      to: web.appendingPathComponent("index.html"), atomically: true, encoding: .utf8)
    try "secret".write(to: web.appendingPathExtension("txt"), atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: web.appendingPathExtension("txt")) }
    let server = try await TestServer { $0.webRoot = web }
    let paths: [(String, Int)] = [
      ("/", 200), ("/index.html", 200), ("/health", 200), ("/metrics", 200), ("/v1/shop", 200),
      ("/nowhere", 404),
      ("/v1/nowhere", 404), ("/v1/events/unknown", 404), ("/v1/events?limit=0", 400),
      ("//index.html", 404), ("/index.html%00", 404), ("/%0d%0aSet-Cookie:x", 404),
      ("/../\(web.lastPathComponent).txt", 400), ("/%2e%2e/\(web.lastPathComponent).txt", 400),
    ]
    for (path, status) in paths {
      let answer = try await server.get(path)
      #expect(answer.status == status, "\(path)")
      #expect(answer[header: "X-Content-Type-Options"] == "nosniff", "\(path)")
      #expect(answer[header: "Content-Security-Policy"]?.contains("default-src 'self'") == true, "\(path)")
      #expect(
        answer[header: "Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true, "\(path)")
      #expect(answer[header: "Referrer-Policy"] == "no-referrer", "\(path)")
      #expect(answer[header: "Cross-Origin-Resource-Policy"] == "same-origin", "\(path)")
      if path.hasPrefix("/v1") { #expect(answer[header: "Cache-Control"] == "no-store", "\(path)") }
    }
    #expect(try await server.get("/").text == "<!doctype html>")
    for range in ["bytes=0-3", "bytes=99-", "bytes=99-100", "bytes=-1", "lines=1"] {
      let answer = try await server.get("/index.html", headers: ["Range": range])
      #expect(answer.status == 200, "\(range)")
      #expect(answer[header: "Content-Length"].map { $0 == "15" } ?? true, "\(range)")
      #expect(answer.text == "<!doctype html>", "\(range)")
    }
  }
}
