import Application
import Commerce
import Foundation
import Hummingbird
import Yams

/// Health, readiness, metrics and the API's own description.
struct SystemRoutes {
  let server: LodeServer
  let metrics: PrometheusMetrics
  private let openAPI: [UInt8]?

  init(server: LodeServer, metrics: PrometheusMetrics) {
    self.server = server
    self.metrics = metrics
    openAPI =
      server.configuration.openAPI
      .flatMap { try? String(contentsOf: $0, encoding: .utf8) }
      .flatMap { try? YAMLDecoder().decode(JSONValue.self, from: $0) }?.serialized
  }

  func add(to router: Router<LodeRequestContext>) {
    for method in [HTTPRequest.Method.get, .head] {
      router.on("health", method: method) { _, _ in tell(["status": "ok"], by: method) }
      router.on("ready", method: method) { _, _ in
        var status: JSONValue = ["status": "ready"]
        let degraded = try await degradedParts()
        if !degraded.isEmpty { status["degraded"] = .array(degraded) }
        return tell(status, by: method)
      }
    }
    router.get("openapi.json") { _, _ in
      guard let description = openAPI else {
        throw ApplicationError.notFound(what: "file", id: "openapi.json")
      }
      return answer(bytes: description)
    }
  }

  /// The figures of the whole process. They tell how much is asked for and how often it fails, so they are for those who
  /// may read.
  func addMetrics(to guarded: RouterGroup<LodeRequestContext>) {
    guarded.get("metrics") { _, context in
      try context.require(.read)
      return answer(text: metrics.text, type: "text/plain; version=0.0.4; charset=utf-8")
    }
  }

  // Load balancers ask for the head alone.
  private func tell(_ status: JSONValue, by method: HTTPRequest.Method) -> Response {
    let response = answer(status)
    return method == .head ? response.createHeadResponse() : response
  }

  /// What does not work of shops that answer all the same. Any shop that is still being read makes the server not ready;
  /// one that was made since the start is read now.
  private func degradedParts() async throws -> [JSONValue] {
    var degraded: [JSONValue] = []
    for name in try server.workspace.shopNames() where try await server.workspace.store(ofShop: name) != nil {
      let shop = try await server.workspace.shop(name)
      try await shop.startIfNew()
      guard await shop.isReady else { throw ApplicationError.starting }
      degraded += await shop.degraded.map { ["shop": .string(name), "part": $0["part"] ?? nil] }
    }
    return degraded
  }
}
