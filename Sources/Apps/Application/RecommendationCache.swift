import Decisions
import Storage

/// Pages that still hold: a customer's page holds until the customer's next event, until another model goes live or other rules
/// are published, or until an item that it names changes.
///
/// Bounded by bytes: the answers are in a younger and an older half. When the younger one is full it becomes the older
/// one, and what was not asked for since it did so before is dropped.
struct RecommendationCache: Sendable {
  /// What an answer was computed of.
  struct Source: Sendable, Equatable {
    let events: Int
    let version: Int
    let complements: Int
    let hasContent: Bool
    let rules: PublishedRules.Identity
    let isFallback: Bool
  }

  /// An answer.
  struct Entry: Sendable {
    let source: Source
    let catalogueRevision: Int
    /// The items that it names.
    let mentioned: [String]
    /// Whether any other item might come into it when it changes: a page under rules, or one that was filled up.
    let dependsOnAllItems: Bool
    let choices: [DecisionRecord.Choice]
    /// How it came about, as the decision keeps it.
    let trace: String
    /// Its JSON after its decision id.
    let tail: [UInt8]

    /// About how many bytes it takes.
    fileprivate func bytes(for request: RecommendationRequest) -> Int {
      let strings = mentioned.reduce(0) { $0 + $1.utf8.count + 32 }
      return tail.count + trace.utf8.count + strings + choices.count * 88
        + request.placement.bytes + 512
    }
  }

  /// At most so many bytes.
  static let capacity = 64 << 20
  private var younger: [RecommendationRequest: Entry] = [:]
  private var older: [RecommendationRequest: Entry] = [:]
  private var youngerBytes = 0
  private var olderBytes = 0

  /// About how many bytes the answers take.
  var bytes: Int { youngerBytes + olderBytes }

  /// The answer to a request, when it still holds.
  mutating func entry(
    _ request: RecommendationRequest, of source: Source, catalogue: Catalogue
  ) -> Entry? {
    let isYoung = younger[request] != nil
    guard let entry = younger[request] ?? older[request], entry.source == source,
      entry.catalogueRevision == catalogue.revision
        || !entry.dependsOnAllItems && catalogue.isUnchanged(entry.mentioned, since: entry.catalogueRevision)
    else { return nil }
    if !isYoung { store(entry, for: request) }
    return entry
  }

  /// Keeps an answer.
  mutating func store(_ entry: Entry, for request: RecommendationRequest) {
    let bytes = entry.bytes(for: request)
    // One that alone would fill a half is not kept.
    guard bytes <= Self.capacity / 2 else { return }
    if youngerBytes + bytes > Self.capacity / 2 {
      (older, olderBytes) = (younger, youngerBytes)
      (younger, youngerBytes) = ([:], 0)
    }
    youngerBytes += bytes - (younger.updateValue(entry, forKey: request)?.bytes(for: request) ?? 0)
  }
}

extension PlacementRequest {
  /// About how many bytes the request itself takes.
  fileprivate var bytes: Int {
    let texts = [customerID, sessionID, itemID, category, channel].compactMap { $0 } + cart + viewed
    return texts.reduce(0) { $0 + $1.utf8.count + 32 }
  }
}
