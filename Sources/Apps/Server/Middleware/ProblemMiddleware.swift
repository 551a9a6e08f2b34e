import Hummingbird
import Logging

/// Turns every error into problem+json, and logs those that nobody foresaw.
struct ProblemMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let problem = Problem(error)
      if problem.status.code >= 500, problem.status != .serviceUnavailable {
        context.logger.error(
          "request failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
      }
      return problem.response
    }
  }
}
