import Application
import Commerce
import HTTPTypes
import Hummingbird
import Ingestion
import Learning
import Needs
import Storage

/// The one place where errors become HTTP: `application/problem+json` (RFC 9457).
struct Problem: Error {
  var status: HTTPResponse.Status
  var title: String
  var detail: String
  var field: String?
  var retryAfterSeconds: Int?

  init(
    _ status: HTTPResponse.Status, _ title: String, detail: String, field: String? = nil,
    retryAfterSeconds: Int? = nil
  ) {
    self.status = status
    self.title = title
    self.detail = detail
    self.field = field
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// What to answer for any error. Errors that nobody foresaw say nothing about the inside.
  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let error as ApplicationError: self.init(error)
    case let error as StorageError: self.init(error)
    case let error as IngestionError:
      self.init(.badRequest, "The file or its mapping is at fault", detail: error.description)
    case let error as NeedError:
      self.init(.unprocessableContent, "The data do not allow this", detail: String(describing: error))
    case let error as LearningError:
      self.init(.unprocessableContent, "The data do not allow this", detail: error.description)
    case let error as any HTTPResponseError:
      self.init(error.status, error.status.reasonPhrase, detail: Self.detail(of: error))
    case is CancellationError:
      self.init(.serviceUnavailable, "Stopped", detail: "The server is shutting down.", retryAfterSeconds: 5)
    default:
      self.init(
        .internalServerError, "Internal error",
        detail: "The server failed; its log has the cause under this request's id.")
    }
  }

  private static func detail(of error: any HTTPResponseError) -> String {
    (error as? HTTPError)?.body ?? "The request cannot be answered as it stands (\(error.status.code))."
  }

  private init(_ error: ApplicationError) {
    let detail = error.description
    switch error {
    case .invalidParameter(let name, _, _):
      self.init(.badRequest, "Invalid parameter", detail: detail, field: name)
    case .notFound: self.init(.notFound, "Not found", detail: detail)
    case .notTrained: self.init(.conflict, "Not trained yet", detail: detail)
    case .conflict: self.init(.conflict, "Conflict", detail: detail)
    case .overloaded(let after):
      self.init(.serviceUnavailable, "Overloaded", detail: detail, retryAfterSeconds: after)
    case .tooLarge: self.init(.contentTooLarge, "Too large", detail: detail)
    case .unauthenticated: self.init(.unauthorized, "Key required", detail: detail)
    case .forbidden: self.init(.forbidden, "Not allowed", detail: detail)
    case .rateLimited(let after):
      self.init(.tooManyRequests, "Too many requests", detail: detail, retryAfterSeconds: after)
    case .starting: self.init(.serviceUnavailable, "Starting", detail: detail, retryAfterSeconds: 2)
    }
  }

  private init(_ error: StorageError) {
    switch error {
    case .notFound: self.init(.notFound, "Not found", detail: error.description)
    case .unavailable, .newerSchema, .writeFailed:
      self.init(
        .serviceUnavailable, "Storage unavailable",
        detail: "The store cannot be used at present; nothing was kept.",
        retryAfterSeconds: 5)
    }
  }

  /// The answer.
  var response: Response {
    var body: JSONValue = [
      "type": "about:blank", "title": .string(title), "status": .number(Double(status.code)),
      "detail": .string(detail),
    ]
    if let field { body["field"] = .string(field) }
    var headers = HTTPFields([HTTPField(name: .contentType, value: "application/problem+json")])
    if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
    if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"lode\"" }
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body.serialized)))
  }
}
