import Application
import Foundation
import Hummingbird

/// Health, readiness, metrics and the API's own description.
struct SystemRoutes {
  let server: LodeServer
  let metrics: PrometheusMetrics

  func add(to router: Router<LodeRequestContext>) {
    router.get("health") { _, _ in answer(["status": "ok"]) }
    router.get("ready") { _, _ in
      // Any shop that is still being read makes the server not ready; one that nobody has opened yet does not.
      for name in try server.workspace.shopNames() {
        guard try await server.workspace.shop(name).isReady else { throw ApplicationError.starting }
      }
      return answer(["status": "ready"])
    }
    router.get("metrics") { _, _ in answer(text: metrics.text, type: "text/plain; version=0.0.4; charset=utf-8") }
    router.get("openapi.json") { _, _ in
      guard let file = server.configuration.openAPI, let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw ApplicationError.notFound(what: "file", id: "openapi.json")
      }
      return answer(text: text, type: "application/json")
    }
  }
}
