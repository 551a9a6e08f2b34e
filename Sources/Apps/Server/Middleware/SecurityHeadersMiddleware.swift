import HTTPTypes
import Hummingbird

/// Headers that keep a browser from running, framing or guessing anything but the dashboard's own files.
struct SecurityHeadersMiddleware: RouterMiddleware {
  private static let policy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    + "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    response.headers[.contentSecurityPolicy] = Self.policy
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
    response.headers[HTTPField.Name("Cross-Origin-Opener-Policy")!] = "same-origin"
    response.headers[HTTPField.Name("Cross-Origin-Resource-Policy")!] = "same-origin"
    let path = request.uri.path
    if path.hasPrefix("/v1") || ["/metrics", "/ready", "/health"].contains(path) {
      response.headers[.cacheControl] = "no-store"
    }
    return response
  }
}
