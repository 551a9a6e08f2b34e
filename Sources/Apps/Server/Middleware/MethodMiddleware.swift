import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers

/// Answers a known path under a method that it does not have with 405 and the methods that it has, where the router
/// itself knows only that there is no such route.
struct MethodMiddleware: RouterMiddleware {
  private let routes = NIOLockedValueBox<[Route]>([])

  private struct Route {
    /// The parts of the path; nil for a parameter.
    var parts: [Substring?]
    var methods: Set<String>
  }

  /// Learns the routes, once all of them are there.
  func learn(_ router: Router<LodeRequestContext>) {
    let byPath = Dictionary(grouping: router.routes, by: \.path.description)
    routes.withLockedValue {
      $0 = byPath.map { path, routes in
        Route(
          parts: path.split(separator: "/").map { $0.hasPrefix("{") ? nil : $0 },
          methods: Set(routes.map(\.method.rawValue)))
      }
    }
  }

  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let methods = methods(of: request.uri.path)
      guard !methods.isEmpty, !methods.contains(request.method.rawValue) else { throw error }
      let allowed = methods.sorted().joined(separator: ", ")
      throw Problem(
        .methodNotAllowed, "Method not allowed",
        detail: "This path does not know \(request.method.rawValue); it knows \(allowed).",
        headers: [.allow: allowed])
    }
  }

  private func methods(of path: String) -> Set<String> {
    let parts = path.split(separator: "/")
    return routes.withLockedValue { routes in
      routes.reduce(into: []) { found, route in
        let isSame =
          route.parts.count == parts.count
          && zip(route.parts, parts).allSatisfy { expected, part in expected.map { $0 == part } ?? true }
        if isSame { found.formUnion(route.methods) }
      }
    }
  }
}
