import Foundation
import HTTPTypes
import Hummingbird

/// Keeps from the file middleware what it does not handle well: ranges beyond a file's end, which it answers with a
/// negative length; doubled slashes, which it redirects to another host; and control characters, at which the system
/// cuts a file's name off. The dashboard's files are small and asked for whole.
struct PlainFileMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    let path = request.uri.path
    // Ids in the API's paths may hold anything.
    guard !path.hasPrefix("/v1/") else { return try await next(request, context) }
    let text = path.removingPercentEncoding ?? ""
    guard !text.contains("//"), !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else { throw HTTPError(.notFound) }
    guard request.headers[.range] != nil else { return try await next(request, context) }
    var head = request.head
    head.headerFields[.range] = nil
    return try await next(Request(head: head, body: request.body), context)
  }
}
