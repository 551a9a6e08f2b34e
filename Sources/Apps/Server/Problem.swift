import Analytics
import Application
import Campaigns
import Commerce
import Customers
import CustomerValue
import Decisions
import Demand
import Features
import Foundation
import HTTPTypes
import Hummingbird
import Ingestion
import Learning
import Needs
import Patterns
import Recommendation
import Storage
import TextAnalysis

/// The one place where errors become HTTP: `application/problem+json` (RFC 9457).
struct Problem: Error {
  var status: HTTPResponse.Status
  var title: String
  var detail: String
  var field: String?
  var retryAfterSeconds: Int?
  /// Whether the cause is of the inside and belongs into the log.
  var isLogged = false
  var headers: HTTPFields
  /// What is wrong, place by place, when there are several.
  var errors: [JSONValue]

  init(
    _ status: HTTPResponse.Status, _ title: String, detail: String, field: String? = nil,
    retryAfterSeconds: Int? = nil, isLogged: Bool = false, headers: HTTPFields = [:], errors: [JSONValue] = []
  ) {
    self.errors = errors
    self.status = status
    self.title = title
    self.detail = Self.sentence(detail)
    self.field = field
    self.retryAfterSeconds = retryAfterSeconds
    self.isLogged = isLogged
    self.headers = headers
  }

  /// What to answer for any error. Errors that nobody foresaw say nothing about the inside.
  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let error as ApplicationError: self.init(error)
    case let error as StorageError: self.init(error)
    case let error as IngestionError: self.init(error)
    case let error as NeedError: self.init(error)
    case let error as LearningError: self.init(error)
    case let error as RecommendationError: self.init(error)
    case let error as FeatureError: self.init(error)
    case let error as RuleError: self.init(error)
    case let error as TextError: self.init(error)
    case let error as AnalyticsError: self.init(error)
    case let error as DemandError: self.init(refusal: error.description)
    case let error as SegmentsError: self.init(refusal: error.description)
    case let error as CustomerValueError: self.init(error)
    case let error as PatternError: self.init(refusal: error.description)
    case let error as CampaignError: self.init(error)
    case let error as any HTTPResponseError:
      self.init(error.status, error.status.reasonPhrase, detail: Self.detail(of: error))
    // What the file system says when the data directory is gone, full or not to be written.
    case is CocoaError, is POSIXError: self = .storageUnavailable
    case is CancellationError:
      self.init(.serviceUnavailable, "Stopped", detail: "The server is shutting down.", retryAfterSeconds: 5)
    default: self = .internalError
    }
  }

  /// A body that is not what the route takes.
  static func body(_ reason: String) -> Problem {
    Problem(.badRequest, "Invalid body", detail: reason, field: "body")
  }

  private static let storageUnavailable = Problem(
    .serviceUnavailable, "Storage unavailable",
    detail: "The store cannot be used at present; nothing was kept.", retryAfterSeconds: 5, isLogged: true)

  private static let internalError = Problem(
    .internalServerError, "Internal error",
    detail: "The server failed; its log has the cause under this request's id.", isLogged: true)

  private static func detail(of error: any HTTPResponseError) -> String {
    if let text = (error as? HTTPError)?.body { return text }
    if error.status == .notFound { return "There is nothing under this path." }
    return "The request cannot be answered as it stands (\(error.status.code))."
  }

  /// One full stop at the end, whatever the reasons inside end with.
  private static func sentence(_ text: String) -> String {
    var text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    while text.hasSuffix(".."), !text.hasSuffix("...") { text.removeLast() }
    return text.hasSuffix(".") || text.hasSuffix("…") ? text : text + "."
  }

  /// The answer.
  var response: Response {
    var body: JSONValue = [
      "type": "about:blank", "title": .string(title), "status": .number(Double(status.code)),
      "detail": .string(detail),
    ]
    if let field { body["field"] = .string(field) }
    if !errors.isEmpty { body["errors"] = .array(errors) }
    var headers = headers
    headers[.contentType] = "application/problem+json"
    if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
    if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"lode\"" }
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body.serialized)))
  }
}

extension Problem {
  private init(_ error: CampaignError) {
    switch error {
    case .invalidParameter(let name, _, _):
      self.init(.badRequest, "Invalid parameter", detail: error.description, field: name)
    case .wrongState, .notEnoughCustomers: self.init(.conflict, "Conflict", detail: error.description)
    }
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
    case .tooSlow: self.init(.unprocessableContent, "Takes too long", detail: detail, field: "span")
    }
  }

  private init(_ error: StorageError) {
    switch error {
    case .notFound: self.init(.notFound, "Not found", detail: error.description)
    case .newerSchema:
      self.init(
        .serviceUnavailable, "Storage unavailable", detail: error.description, retryAfterSeconds: 60,
        isLogged: true)
    // Its own words name a path, and so do the reasons of the others.
    case .olderSchema:
      self.init(
        .serviceUnavailable, "Storage unavailable",
        detail:
          "The store was written by an early version of Lode; its data are to be imported into a new data directory.",
        retryAfterSeconds: 60, isLogged: true)
    case .unavailable, .writeFailed: self = .storageUnavailable
    }
  }

  private init(_ error: IngestionError) {
    let title = "The file or its mapping is at fault"
    switch error {
    case .malformedFile, .cannotGuess: self.init(.badRequest, title, detail: error.description, field: "body")
    case .invalidMapping, .unknownColumn:
      self.init(.badRequest, title, detail: error.description, field: "mapping")
    case .missingTool:
      self.init(.notImplemented, "Not available on this server", detail: error.description, isLogged: true)
    // An upload that lies on the server's own disk: that is not its sender's fault.
    case .unreadableFile: self = .storageUnavailable
    }
  }

  private init(_ error: NeedError) {
    switch error {
    case .unknownSubject: self.init(.notFound, "Not found", detail: error.description)
    case .invalidParameter, .notEnoughData: self.init(refusal: error.description)
    }
  }

  private init(_ error: LearningError) {
    switch error {
    case .unknownModel: self.init(.notFound, "Not found", detail: error.description)
    case .invalidParameter, .notEnoughData, .didNotConverge: self.init(refusal: error.description)
    case .unsupportedFormat: self.init(.conflict, "Model of another build", detail: error.description)
    case .corruptModel:
      self.init(
        .internalServerError, "Model damaged",
        detail: "The saved model is damaged; train again, or take another version into use.", isLogged: true)
    case .libraryFailure: self = .internalError
    }
  }

  private init(_ error: RecommendationError) {
    switch error {
    case .unknownModel: self.init(.notFound, "Not found", detail: error.description)
    case .invalidSetting, .nothingToEvaluate, .missingKnowledge: self.init(refusal: error.description)
    // Of files that the command line reads: no route does.
    case .unreadableFile, .missingColumn, .malformedRow: self = .internalError
    }
  }

  private init(_ error: AnalyticsError) {
    let title = "The analysis cannot be read"
    switch error {
    case .invalid(let field, _, _):
      self.init(.badRequest, title, detail: error.description, field: field.isEmpty ? "definition" : field)
    case .unknownCohort(let field, _): self.init(.badRequest, title, detail: error.description, field: field)
    }
  }

  private init(_ error: RuleError) {
    switch error {
    case .syntax(let issues):
      self.init(
        .unprocessableContent, "The rules cannot be read", detail: error.description, field: "text",
        errors: issues.map(\.json))
    }
  }

  private init(_ error: CustomerValueError) {
    switch error {
    case .invalidParameter(let name, _, _):
      self.init(.badRequest, "Invalid parameter", detail: error.description, field: name)
    default: self.init(refusal: error.description)
    }
  }

  private init(_ error: TextError) {
    switch error {
    // Its own words name a path.
    case .missingFile(_, let hint):
      self.init(
        .notImplemented, "Not available on this server",
        detail: "The models that texts are read with are not installed: \(hint).", isLogged: true)
    case .damagedFile:
      self.init(
        .internalServerError, "Model damaged",
        detail: "A model that texts are read with is damaged; train it again.", isLogged: true)
    case .invalidParameter, .notEnoughData: self.init(refusal: error.description)
    // Of files that the command line reads: no route does.
    case .malformedLine: self = .internalError
    }
  }

  private init(_ error: FeatureError) {
    switch error {
    case .unknownTimeZone:
      self.init(
        .internalServerError, "The shop's settings are at fault", detail: error.description, isLogged: true)
    case .invalidSetting: self.init(refusal: error.description)
    }
  }

  private init(refusal detail: String) {
    self.init(.unprocessableContent, "The data do not allow this", detail: detail)
  }
}
