import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// Turns every error into problem+json, and logs those whose cause is inside; their answers carry the request's id.
struct ProblemMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPParserError {
      // What came is not HTTP, or broke off: nobody is there to read a problem, and nothing here has failed.
      throw error
    } catch {
      let problem = Problem(error)
      if problem.isLogged {
        context.logger.error(
          "request failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
      }
      var response = problem.response
      if problem.isLogged {
        response.headers[.requestID] = context.logger[metadataKey: "hb.request.id"]?.description
      }
      // Answered before the body has come: the rest of it is not waited for.
      if request.mayHaveMuchToCome { response.headers[.connection] = "close" }
      return response
    }
  }
}

extension HTTPField.Name {
  static let requestID = HTTPField.Name("X-Request-Id")!
}
