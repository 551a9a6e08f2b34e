import Commerce
import Foundation
import Storage

/// What the people of a shop make of its analyses and share: a saved analysis, a board of several, a cohort of customers.
public struct SharedDocument: Sendable, Equatable {
  /// What is shared.
  public enum Kind: String, Sendable, CaseIterable {
    /// A definition under a name.
    case definition
    /// Several analyses side by side.
    case board
    /// Customers under a name.
    case cohort

    fileprivate var collection: String { "analytics-\(rawValue)" }
    fileprivate var olderCollection: String { "analytics-\(rawValue)-older" }
  }

  /// Its id, which does not change.
  public let id: String
  /// The name that people gave it.
  public var title: String
  /// Its further members: the definition of an analysis, the cards of a board, the customers of a cohort.
  public var members: [String: JSONValue]
  /// How often it was saved.
  public var version: Int
  /// When it was made.
  public var createdAt: Timestamp
  /// When this version was saved.
  public var updatedAt: Timestamp

  /// The document as the API shows it, but for the members named.
  public func json(without hidden: Set<String> = []) -> JSONValue {
    var object = members.filter { !hidden.contains($0.key) }
    object["id"] = .string(id)
    object["title"] = .string(title)
    object["version"] = JSONValue(version)
    object["created_at"] = JSONValue(createdAt)
    object["updated_at"] = JSONValue(updatedAt)
    return .object(object)
  }

  private static let own: Set<String> = ["id", "title", "version", "created_at", "updated_at"]

  fileprivate init(_ document: JSONValue) throws {
    guard let id = document["id"]?.string, let title = document["title"]?.string,
      let version = document["version"]?.integer,
      let created = document["created_at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
      let updated = document["updated_at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
    else {
      throw ApplicationError.conflict(
        reason: "A saved analysis, board or cohort was written by another build.")
    }
    self.init(
      id: id, title: title, members: (document.object ?? [:]).filter { !Self.own.contains($0.key) },
      version: version, createdAt: created, updatedAt: updated)
  }

  init(
    id: String, title: String, members: [String: JSONValue], version: Int, createdAt: Timestamp,
    updatedAt: Timestamp
  ) {
    (self.id, self.title, self.members, self.version) = (id, title, members, version)
    (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
  }
}

/// The shared documents of a shop. Changes are made one after another; the versions before stay for a while.
struct SharedDocuments: Sendable {
  let store: any DocumentStore
  let clock: @Sendable () -> Timestamp
  private let changes = SerialTasks()

  /// So many of one kind can be kept.
  static let most = 500
  /// So many versions before the present one are kept.
  static let olderKept = 10
  private static let longestTitle = 120

  init(store: any DocumentStore, clock: @escaping @Sendable () -> Timestamp) {
    (self.store, self.clock) = (store, clock)
  }

  /// All of a kind, the last saved first.
  func all(_ kind: SharedDocument.Kind) async throws -> [SharedDocument] {
    try await store.documents(collection: kind.collection).map { try SharedDocument($0.document) }
      .sorted { ($0.updatedAt, $1.id) > ($1.updatedAt, $0.id) }
  }

  /// One document.
  ///
  /// - Throws: `ApplicationError.notFound`.
  func one(_ kind: SharedDocument.Kind, id: String) async throws -> SharedDocument {
    guard let found = try await store.document(collection: kind.collection, key: id) else {
      throw ApplicationError.notFound(what: kind.rawValue, id: id)
    }
    return try SharedDocument(found)
  }

  /// The versions of a document, the present one first.
  func versions(_ kind: SharedDocument.Kind, id: String) async throws -> [SharedDocument] {
    let present = try await one(kind, id: id)
    return [present] + (try await older(kind, id: id)).reversed().map(\.document)
  }

  private func older(
    _ kind: SharedDocument.Kind, id: String
  ) async throws -> [(key: String, document: SharedDocument)] {
    try await store.documents(collection: kind.olderCollection).filter { $0.key.hasPrefix("\(id)/") }
      .map { ($0.key, try SharedDocument($0.document)) }
  }

  /// Keeps a new document.
  func add(
    _ kind: SharedDocument.Kind, title: String, members: [String: JSONValue]
  ) async throws -> SharedDocument {
    let title = try Self.title(title)
    return try await changes.run { [self] in
      guard try await store.documents(collection: kind.collection).count < Self.most else {
        throw ApplicationError.conflict(
          reason: "There are \(Self.most) of these already; remove some that nobody uses.")
      }
      let now = clock()
      let id = String(UUID().uuidString.lowercased().prefix(13))
      let made = SharedDocument(
        id: id, title: title, members: members, version: 1, createdAt: now, updatedAt: now)
      try await store.put(made.json(), collection: kind.collection, key: id)
      return made
    }
  }

  /// Puts a new version in the place of a document.
  ///
  /// - Parameter version: the one that the change was made from, so that nobody overwrites what another has just saved; nil
  ///   to replace whatever is there.
  func replace(
    _ kind: SharedDocument.Kind, id: String, title: String, members: [String: JSONValue], from version: Int?
  ) async throws -> SharedDocument {
    let title = try Self.title(title)
    return try await changes.run { [self] in
      let before = try await one(kind, id: id)
      if let version, version != before.version {
        throw ApplicationError.conflict(
          reason:
            "'\(before.title)' was saved as version \(before.version) since version \(version) was read.")
      }
      try await keepOlder(before, kind)
      var next = before
      (next.title, next.members, next.version, next.updatedAt) = (
        title, members, before.version + 1, clock()
      )
      try await store.put(next.json(), collection: kind.collection, key: id)
      return next
    }
  }

  private func keepOlder(_ document: SharedDocument, _ kind: SharedDocument.Kind) async throws {
    let digits = String(document.version)
    let padded = String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    try await store.put(
      document.json(), collection: kind.olderCollection, key: "\(document.id)/\(padded)")
    for old in try await older(kind, id: document.id).dropLast(Self.olderKept) {
      try await store.remove(collection: kind.olderCollection, key: old.key)
    }
  }

  /// Removes a document with its versions.
  func remove(_ kind: SharedDocument.Kind, id: String) async throws {
    try await changes.run { [self] in
      _ = try await one(kind, id: id)
      for old in try await store.documents(collection: kind.olderCollection)
      where old.key.hasPrefix("\(id)/") {
        try await store.remove(collection: kind.olderCollection, key: old.key)
      }
      try await store.remove(collection: kind.collection, key: id)
    }
  }

  private static func title(_ text: String) throws -> String {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...longestTitle).contains(text.unicodeScalars.count) else {
      throw ApplicationError.invalidParameter(
        name: "title", value: text.isEmpty ? nil : String(text.prefix(20)),
        expected: "a name of 1 to \(longestTitle) characters")
    }
    return text
  }
}
