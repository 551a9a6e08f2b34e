import Application
import Hummingbird
import Synchronization

/// What may be taken in at the same time, across all callers. Whoever comes when there is no room is told to come
/// again before a byte of the body is read.
final class Admission: Sendable {
  private let bodyBytes = Atomic<Int>(0)
  private let uploads = Atomic<Int>(0)
  private let bodyBytesLimit: Int
  private let uploadLimit: Int

  init(bodyBytes: Int, uploads: Int) {
    bodyBytesLimit = bodyBytes
    uploadLimit = uploads
  }

  /// Does what reads a request's body into memory.
  func body<Result>(
    of request: Request, limit: Int, _ work: (inout Request) async throws -> Result
  ) async throws -> Result {
    var request = request
    guard let length = request.headers[.contentLength].flatMap({ Int($0) }) else {
      let metered = MeteredBody(base: request.body, admission: self)
      defer { metered.release() }
      request.body = RequestBody(asyncSequence: metered)
      return try await work(&request)
    }
    guard length <= limit else { throw ApplicationError.tooLarge(limitBytes: limit) }
    return try await Self.counting(max(0, length), in: bodyBytes, upTo: bodyBytesLimit) {
      try await work(&request)
    }
  }

  /// Room for more of a body, to be given back later.
  fileprivate func take(_ bytes: Int) throws {
    let before = bodyBytes.add(bytes, ordering: .relaxed).oldValue
    guard before == 0 || before + bytes <= bodyBytesLimit else {
      giveBack(bytes)
      throw ApplicationError.overloaded(retryAfterSeconds: 1)
    }
  }

  fileprivate func giveBack(_ bytes: Int) { bodyBytes.subtract(bytes, ordering: .relaxed) }

  /// Does what takes an upload to disk.
  func upload<Result>(_ work: () async throws -> Result) async throws -> Result {
    try await Self.counting(1, in: uploads, upTo: uploadLimit, work)
  }

  private static func counting<Result>(
    _ amount: Int, in total: borrowing Atomic<Int>, upTo limit: Int, _ work: () async throws -> Result
  ) async throws -> Result {
    let before = total.add(amount, ordering: .relaxed).oldValue
    defer { total.subtract(amount, ordering: .relaxed) }
    guard before == 0 || before + amount <= limit else {
      throw ApplicationError.overloaded(retryAfterSeconds: 1)
    }
    return try await work()
  }
}

/// A body that does not say how long it is: room is taken for each part as it comes.
private final class MeteredBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  private let base: RequestBody
  private let admission: Admission
  private let taken = Atomic<Int>(0)

  init(base: RequestBody, admission: Admission) {
    self.base = base
    self.admission = admission
  }

  func release() { admission.giveBack(taken.exchange(0, ordering: .relaxed)) }

  func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), body: self) }

  struct Iterator: AsyncIteratorProtocol {
    var base: RequestBody.AsyncIterator
    let body: MeteredBody

    mutating func next() async throws -> ByteBuffer? {
      guard let part = try await base.next() else { return nil }
      try body.admission.take(part.readableBytes)
      body.taken.add(part.readableBytes, ordering: .relaxed)
      return part
    }
  }
}

extension LodeServer {
  /// Does what takes rows into a shop when there is room for them.
  func takingIn<Result: Sendable>(
    _ request: Request, to shop: Shop, _ work: (inout Request) async throws -> Result
  ) async throws -> Result {
    try shop.requireRoom()
    return try await admission.body(of: request, limit: configuration.bodyLimit, work)
  }
}

extension Request {
  /// Whether much of a body may still be on its way when the request is answered early.
  var mayHaveMuchToCome: Bool {
    headers[.contentLength].map { Int($0) ?? .max > 64 << 10 } ?? (headers[.transferEncoding] != nil)
  }
}
