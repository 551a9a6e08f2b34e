import Application
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import NIOCore

/// Answers a POST that comes again under the same `Idempotency-Key` as the first time, without doing it again.
///
/// Only what was done is remembered: a request that was refused or failed may be sent again under its key.
struct IdempotencyMiddleware: RouterMiddleware {
  let server: LodeServer
  private static let longestKey = 255

  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    // Without a role the request gets no further; whether it had come before is not its sender's to know.
    guard request.method == .post, context.caller.role != nil, let key = request.headers[.idempotencyKey]
    else { return try await next(request, context) }
    guard (1...Self.longestKey).contains(key.utf8.count) else {
      throw ApplicationError.invalidParameter(
        name: "Idempotency-Key", value: String(key.prefix(40)),
        expected: "1 to \(Self.longestKey) characters of your choice")
    }
    let log = try await server.shop(context).idempotency
    let caller = context.caller.keyID ?? "local"
    let known = try await log.begin(key, of: caller)
    let body = FingerprintedBody(request)
    do {
      if let known {
        try await body.readToEnd(limit: server.longestBody(of: request))
        try await log.end(key, of: caller)
        return try replay(known, fingerprint: body.fingerprint)
      }
      var hashed = request
      hashed.body = RequestBody(asyncSequence: body)
      let response = try await next(hashed, context)
      return try await keep(response, log, key, caller, body, context)
    } catch {
      try? await log.end(key, of: caller)
      throw error
    }
  }

  private func replay(_ known: IdempotencyLog.Known, fingerprint: String) throws -> Response {
    guard fingerprint == known.fingerprint else {
      throw Problem(
        .unprocessableContent, "Key used before",
        detail: "This Idempotency-Key came with another request before; take a new one for a new request.",
        field: "Idempotency-Key")
    }
    return Response(
      status: .init(code: known.answer.status),
      headers: [.contentType: known.answer.contentType, .idempotentReplayed: "true"],
      body: .init(byteBuffer: ByteBuffer(string: known.answer.body)))
  }

  private func keep(
    _ response: Response, _ log: IdempotencyLog, _ key: String, _ caller: String, _ body: FingerprintedBody,
    _ context: LodeRequestContext
  ) async throws -> Response {
    guard response.status.kind == .successful else {
      try await log.end(key, of: caller)
      return response
    }
    let written = BufferingWriter()
    try await response.body.write(written)
    let answer = IdempotencyLog.Answer(
      status: response.status.code, contentType: response.headers[.contentType] ?? "application/json",
      body: String(buffer: written.buffer))
    do {
      try await log.end(key, of: caller, fingerprint: body.fingerprint, answer: answer)
    } catch {
      // What was asked for is done: its sender is told so even when the answer cannot be kept.
      context.logger.error("an answer could not be kept", metadata: ["error": "\(error)"])
    }
    var response = response
    response.body = .init(byteBuffer: written.buffer)
    return response
  }
}

extension HTTPField.Name {
  static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
  static let idempotentReplayed = HTTPField.Name("Idempotent-Replayed")!
}

/// A request's body that is hashed as it passes by, however long it is.
private final class FingerprintedBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  private let base: RequestBody
  private let hash: NIOLockedValueBox<RequestFingerprint>

  init(_ request: Request) {
    base = request.body
    hash = .init(RequestFingerprint("\(request.method.rawValue) \(request.head.path ?? "")"))
  }

  /// Of all that has passed.
  var fingerprint: String { hash.withLockedValue { $0.text } }

  func readToEnd(limit: Int) async throws {
    var length = 0
    for try await part in self {
      length += part.readableBytes
      guard length <= limit else { throw ApplicationError.tooLarge(limitBytes: limit) }
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), body: self) }

  struct Iterator: AsyncIteratorProtocol {
    var base: RequestBody.AsyncIterator
    let body: FingerprintedBody

    mutating func next() async throws -> ByteBuffer? {
      guard let part = try await base.next() else { return nil }
      body.hash.withLockedValue { $0.update(part.readableBytesView) }
      return part
    }
  }
}

/// Takes a response's body in.
private final class BufferingWriter: ResponseBodyWriter, Sendable {
  private let written = NIOLockedValueBox(ByteBuffer())

  var buffer: ByteBuffer { written.withLockedValue { $0 } }

  func write(_ buffer: ByteBuffer) async throws {
    written.withLockedValue { _ = $0.writeImmutableBuffer(buffer) }
  }

  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
