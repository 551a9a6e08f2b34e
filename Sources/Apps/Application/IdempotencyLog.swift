import Commerce
import Crypto
import Foundation
import Storage

/// The answers to requests that came with a key of their sender's choice (`Idempotency-Key`), so that a request sent
/// again is answered again and not done again.
///
/// An answer is in the store before it is sent, and is forgotten after 24 hours; of too many the oldest go first.
public actor IdempotencyLog {
  /// An answer that was given.
  public struct Answer: Sendable, Equatable, Codable {
    /// The HTTP status.
    public let status: Int
    /// The media type of the body.
    public let contentType: String
    /// The body as text.
    public let body: String

    /// An answer.
    public init(status: Int, contentType: String, body: String) {
      self.status = status
      self.contentType = contentType
      self.body = body
    }
  }

  /// An answer with the request that it belongs to.
  public struct Known: Sendable, Equatable, Codable {
    /// What tells the request from others: its `RequestFingerprint`.
    public let fingerprint: String
    /// The answer that it got.
    public let answer: Answer
    let answeredAt: Timestamp

    private enum CodingKeys: String, CodingKey {
      case fingerprint, answer
      case answeredAt = "answered_at"
    }
  }

  /// How many answers and how many bytes of them are kept, and how large a single one may be.
  public struct Limits: Sendable {
    /// The number of answers.
    public var answers = 10_000
    /// Their bytes together.
    public var bytes = 32 << 20
    /// The bytes of one; a larger one is not kept.
    public var answerBytes = 256 << 10

    /// The usual limits.
    public init() {}
  }

  private struct Entry {
    let id: String
    let answeredAt: Timestamp
    let bytes: Int
  }

  private static let collection = "idempotency"
  private static let lifetimeDays = 1.0

  private let store: any DocumentStore
  private let clock: @Sendable () -> Timestamp
  private let limits: Limits
  private var underWay: Set<String> = []
  /// What is in the store, oldest first; nil before it has been looked at.
  private var entries: [Entry]?
  private var bytes = 0

  /// The answers that a store keeps.
  public init(store: any DocumentStore, limits: Limits = Limits(), clock: @escaping @Sendable () -> Timestamp)
  {
    self.store = store
    self.limits = limits
    self.clock = clock
  }

  /// Begins a request under a key; `end` must follow.
  ///
  /// - Parameter caller: whose key it is: two callers may choose the same.
  /// - Returns: the answer given before, or nil when the request is to be done.
  /// - Throws: `ApplicationError.conflict` while an earlier request under the key is under way.
  public func begin(_ key: String, of caller: String) async throws -> Known? {
    let id = Self.id(key, of: caller)
    guard underWay.insert(id).inserted else {
      throw ApplicationError.conflict(
        reason: "A request with this Idempotency-Key is under way; send it again when it has ended.")
    }
    do {
      guard let document = try await store.document(collection: Self.collection, key: id) else { return nil }
      let known = try JSONDecoder().decode(Known.self, from: Data(document.serialized))
      return isOver(known.answeredAt) ? nil : known
    } catch {
      underWay.remove(id)
      throw error
    }
  }

  /// Ends a request that `begin` began.
  ///
  /// - Parameter answer: what is to be answered when it comes again; nil when nothing was done, or was answered before.
  public func end(
    _ key: String, of caller: String, fingerprint: String = "", answer: Answer? = nil
  ) async throws {
    let id = Self.id(key, of: caller)
    defer { underWay.remove(id) }
    guard let answer, answer.body.utf8.count <= limits.answerBytes else { return }
    try await readEntries()
    let known = Known(fingerprint: fingerprint, answer: answer, answeredAt: clock())
    try await store.put(try JSONValue(encoding: known), collection: Self.collection, key: id)
    // An answer that had expired under the same key is replaced by this one.
    if let old = entries?.firstIndex(where: { $0.id == id }) { drop(old) }
    entries?.append(Entry(id: id, answeredAt: known.answeredAt, bytes: answer.body.utf8.count))
    bytes += answer.body.utf8.count
    try await forgetOldest()
  }

  private func isOver(_ answeredAt: Timestamp) -> Bool {
    clock().days(since: answeredAt) >= Self.lifetimeDays
  }

  private func readEntries() async throws {
    guard entries == nil else { return }
    let found = try await store.documents(collection: Self.collection).map { key, document in
      let known = try JSONDecoder().decode(Known.self, from: Data(document.serialized))
      return Entry(id: key, answeredAt: known.answeredAt, bytes: known.answer.body.utf8.count)
    }
    // Another request may have read them while this one waited.
    guard entries == nil else { return }
    entries = found.sorted { $0.answeredAt < $1.answeredAt }
    bytes = found.reduce(0) { $0 + $1.bytes }
  }

  private func drop(_ index: Int) {
    guard let entry = entries?.remove(at: index) else { return }
    bytes -= entry.bytes
  }

  private func forgetOldest() async throws {
    while let oldest = entries?.first, let count = entries?.count,
      count > limits.answers || bytes > limits.bytes || isOver(oldest.answeredAt)
    {
      drop(0)
      try await store.remove(collection: Self.collection, key: oldest.id)
    }
  }

  // A hash: the sender's keys and the keys' ids are not kept as they are.
  private static func id(_ key: String, of caller: String) -> String {
    var fingerprint = RequestFingerprint(caller)
    fingerprint.update(Array(key.utf8))
    return fingerprint.text
  }
}

/// What tells one request from another: SHA-256 of what it asks for and of its body.
public struct RequestFingerprint: Sendable {
  private var hash = SHA256()

  /// The fingerprint of a request before its body.
  public init(_ head: String) {
    hash.update(data: Data(SHA256.hash(data: Data(head.utf8))))
  }

  /// Takes in a part of the body.
  public mutating func update(_ bytes: some Sequence<UInt8>) { hash.update(data: Data(bytes)) }

  /// The fingerprint of what was taken in so far, in hexadecimal.
  public var text: String {
    hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
