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
    router.get("health") { _, _ in answer(["status": "ok"]) }
    router.get("ready") { _, _ in
      // Any shop that is still being read makes the server not ready; one that was made since the start is read now.
      for name in try server.workspace.shopNames() where try await server.workspace.store(ofShop: name) != nil
      {
        let shop = try await server.workspace.shop(name)
        try await shop.startIfNew()
        guard await shop.isReady else { throw ApplicationError.starting }
      }
      return answer(["status": "ready"])
    }
    router.get("metrics") { _, _ in
      answer(text: metrics.text, type: "text/plain; version=0.0.4; charset=utf-8")
    }
    router.get("openapi.json") { _, _ in
      guard let description = openAPI else {
        throw ApplicationError.notFound(what: "file", id: "openapi.json")
      }
      return answer(bytes: description)
    }
  }
}
