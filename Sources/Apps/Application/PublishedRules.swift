import Commerce
import Decisions
import Storage

/// A shop's rules of pages as they were published, one version after another.
struct PublishedRules: Sendable, Equatable {
  /// Counted from 1; 0 before any were published.
  var version = 0
  var rules = RuleSet.empty
  var updatedAt: Timestamp?

  /// What tells one publication from every other, also from one of another process under the same number.
  struct Identity: Sendable, Equatable {
    var version: Int
    var updatedAt: Timestamp?
  }

  /// See `Identity`.
  var identity: Identity { Identity(version: version, updatedAt: updatedAt) }

  private static let collection = "page-rules"
  private static let kept = 20

  /// The last version; none when nothing was published.
  ///
  /// - Throws: `RuleError.syntax` for a text that this build cannot read.
  static func load(from store: any DocumentStore) async throws -> PublishedRules {
    guard let last = try await store.documents(collection: collection).last else { return PublishedRules() }
    return try PublishedRules(last.document)
  }

  /// The versions that are kept, newest first.
  static func versions(in store: any DocumentStore) async throws -> [JSONValue] {
    try await store.documents(collection: collection).reversed().map(\.document)
  }

  init() {}

  private init(_ document: JSONValue) throws {
    version = document["version"]?.integer ?? 0
    updatedAt = document["updated_at"]?.string.flatMap { Timestamp(rfc3339: $0) }
    rules = try RuleSet(parsing: document["text"]?.string ?? "")
  }

  /// Saves a text as the next version; old ones beyond the twenty newest go.
  static func publish(
    _ rules: RuleSet, after version: Int, at moment: Timestamp, in store: any DocumentStore
  ) async throws -> PublishedRules {
    var published = PublishedRules()
    published.version = version + 1
    published.rules = rules
    published.updatedAt = moment
    try await store.put(
      [
        "version": JSONValue(published.version), "text": .string(rules.text), "updated_at": JSONValue(moment),
      ], collection: collection, key: key(published.version))
    for old in try await store.documents(collection: collection).dropLast(kept) {
      try await store.remove(collection: collection, key: old.key)
    }
    return published
  }

  /// Keys in the order of versions.
  private static func key(_ version: Int) -> String {
    let digits = String(version)
    return String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }

  /// The rules as the API shows them.
  var json: JSONValue {
    [
      "version": JSONValue(version), "text": .string(rules.text), "updated_at": JSONValue(updatedAt),
      "rules": .array(rules.rules.map(\.json)),
    ]
  }
}

extension Rule {
  /// The rule as the API shows it.
  var json: JSONValue {
    [
      "name": .string(name), "line": JSONValue(line), "text": .string(text),
      "words": ["en": .string(words.english), "zh": .string(words.chinese)],
    ]
  }
}
