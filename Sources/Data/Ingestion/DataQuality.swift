import Commerce
import Storage

/// The quality of all data of a shop: its imports, what was noticed about them, how fresh it is.
public struct DataQuality: Sendable, Codable, Equatable {
  /// How recent the data are.
  public struct Freshness: Sendable, Codable, Equatable {
    /// The time of the newest event.
    public var lastEventAt: Timestamp?
    /// When an import last ended.
    public var lastIngestedAt: Timestamp?

    private enum CodingKeys: String, CodingKey {
      case lastEventAt = "last_event_at"
      case lastIngestedAt = "last_ingested_at"
    }
  }

  /// How much there is.
  public struct Totals: Sendable, Codable, Equatable {
    /// Events.
    public var events: Int
    /// Items of the catalogue.
    public var items: Int
    /// Customers whom the shop has described.
    public var customers: Int
    /// Dead letters that nothing has been done about.
    public var deadLetters: Int

    private enum CodingKeys: String, CodingKey {
      case events, items, customers
      case deadLetters = "dead_letters"
    }
  }

  /// When the report was made.
  public var generatedAt: Timestamp
  /// The imports, newest first.
  public var sources: [ImportReport]
  /// How recent the data are.
  public var freshness: Freshness
  /// How much there is.
  public var totals: Totals
  /// The findings on all imports together; of a file that was imported again, those of the last time.
  public var checks: [QualityCheck]

  private enum CodingKeys: String, CodingKey {
    case generatedAt = "generated_at"
    case sources, freshness, totals, checks
  }

  /// The report on a shop's store.
  public static func report(of store: any ShopStore, now: Timestamp) async throws -> DataQuality {
    let documents = try await store.documents(collection: Importer.reports)
    let sources = try documents.map { try $0.document.decoded(as: ImportReport.self) }
      .sorted { ($0.startedAt, $0.importID) > ($1.startedAt, $1.importID) }
    let newest = try await store.events(matching: EventQuery(limit: 1)).first
    return DataQuality(
      generatedAt: now, sources: sources,
      freshness: Freshness(
        lastEventAt: newest?.event.timestamp, lastIngestedAt: sources.map(\.finishedAt).max()),
      totals: Totals(
        events: try await store.eventCount(), items: try await store.itemCount(),
        customers: try await store.customerCount(),
        deadLetters: try await store.deadLetterCounts()[.open] ?? 0),
      checks: combined(sources))
  }

  private static func combined(_ sources: [ImportReport]) -> [QualityCheck] {
    var seen: Set<String> = []
    // Newest first, so that the last import of a file is the one that counts.
    let latest = sources.filter { seen.insert("\($0.kind) \($0.file)").inserted }
    let rows = latest.reduce(0) { $0 + $1.rows }
    var counts: [String: (count: Int, examples: [String])] = [:]
    for check in latest.flatMap(\.checks) {
      counts[check.id, default: (0, [])].count += check.count
      counts[check.id]?.examples += check.examples
    }
    return counts.map {
      QualityCheck(id: $0, count: $1.count, of: rows, examples: Array($1.examples.prefix(5)))
    }
    .sorted(by: QualityCheck.isGraver)
  }
}
