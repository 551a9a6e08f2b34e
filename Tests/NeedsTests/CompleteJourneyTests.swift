import Commerce
import Features
import Foundation
import Ingestion
import Learning
import Needs
import Storage
import Synchronization
import Testing

/// Quality on a year of real grocery shopping, when the data are at hand.
@Suite struct CompleteJourneyTests {
  static let folder = ProcessInfo.processInfo.environment["LODE_CACHE"].map { "\($0)/data/complete-journey" }
  static let isThere =
    folder.map { FileManager.default.fileExists(atPath: "\($0)/transactions.parquet") } ?? false

  @Test(.enabled(if: isThere, "scripts/fetch-data complete-journey brings the data into $LODE_CACHE"))
  func reachesTheReferenceOnTheLast28Days() async throws {
    let folder = try #require(Self.folder)
    let store = InMemoryStore()
    for name in ["products", "transactions"] {
      let report = try await Importer().run(
        file: "\(folder)/\(name).parquet", mapping: try Self.mapping(name), into: store)
      #expect(report.stored == report.rows)
    }
    let data = NeedDataset(
      frame: try await Self.frame(of: store), catalogue: try await Self.catalogue(of: store))
    let mined = try await NeedMining().mine(data, context: FitContext())
    let metrics = try #require(mined.evaluation.learned?.metrics)
    #expect(try #require(metrics["ndcg@10"]) >= 0.6489)
    #expect(try #require(metrics["auc"]) >= 0.9051)
    #expect(try #require(metrics["brier"]) <= 0.04864)
    #expect(try #require(metrics["ece"]) <= 0.0053)
    let popularity = try #require(mined.evaluation.table.first?.metrics)
    #expect(abs(try #require(popularity["ndcg@10"]) - 0.5443) < 0.0001)
    #expect(abs(try #require(popularity["auc"]) - 0.8224) < 0.0001)
    #expect(abs(try #require(popularity["brier"]) - 0.06175) < 0.00001)
    #expect(mined.evaluation.customers == 2469 && mined.evaluation.categories == 302)
  }

  private static func mapping(_ name: String) throws -> Mapping {
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try Mapping(
      contentsOf: repository.appendingPathComponent("Mappings/complete-journey-\(name).yaml").path)
  }

  private static func frame(of store: InMemoryStore) async throws -> EventFrame {
    let frame = Mutex(EventFrame(currency: .usd))
    try await store.scan(after: 0, batchSize: 50_000) { rows in
      frame.withLock { frame in for row in rows { frame.append(row) } }
    }
    return frame.withLock { $0 }
  }

  private static func catalogue(of store: InMemoryStore) async throws -> CatalogueIndex {
    let catalogue = Mutex(CatalogueIndex())
    try await store.scanItems(batchSize: 10_000) { items in
      catalogue.withLock { catalogue in for item in items { catalogue.upsert(item) } }
    }
    return catalogue.withLock { $0 }
  }
}
