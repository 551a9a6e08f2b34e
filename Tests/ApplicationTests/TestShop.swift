import Application
import Commerce
import Foundation
import Ingestion
import Learning
import Recommendation
import Storage
import Synchronization

/// A workspace over stores in memory, at a fixed moment.
struct TestWorkspace {
  static let now = Timestamp(rfc3339: "2024-06-01T12:00:00Z")!
  let stores: [String: InMemoryStore]
  let workspace: Workspace

  init(
    _ stores: [String: InMemoryStore] = ["default": InMemoryStore()], textModels: TextModels? = nil,
    clock: @escaping @Sendable () -> Timestamp = { now }
  ) {
    self.stores = stores
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-none-\(UUID().uuidString)")
    workspace = Workspace(dataDirectory: directory, textModels: textModels, clock: clock) { shop, _ in
      stores[shop]
    }
  }

  /// A loaded shop over a store.
  static func shop(
    _ store: InMemoryStore = InMemoryStore(), textModels: TextModels? = nil
  ) async throws -> Shop {
    let shop = try await TestWorkspace(["default": store], textModels: textModels).workspace.shop("default")
    try await shop.load()
    return shop
  }
}

/// A purchase at a minute of one morning.
func purchase(
  _ id: String, by customer: String = "ann", of item: String = "tea", minute: Int = 0, amount: Double = 2.5
) -> Event {
  Event(
    eventID: id, kind: .purchase, customerID: customer, itemID: item,
    timestamp: Timestamp(milliseconds: 1_717_000_000_000 + Int64(minute) * 60_000), quantity: 1,
    amount: Money(amount, currency: .usd), orderID: "order-\(id)")
}

/// Saves a model of what is popular, the first item most, and makes it live.
func servePopularity(of items: [String], in store: InMemoryStore) async throws {
  let rows = items.enumerated().flatMap { place, item in
    (0..<(items.count - place)).map { Interaction(user: "u\($0)", item: item) }
  }
  let model = try await Popularity().fit(Interactions(rows), context: FitContext())
  let envelope = try ModelEnvelope(model, trainedAt: TestWorkspace.now, dataFingerprint: "", metrics: [:])
  let version = await store.save(envelope, name: "recommendation")
  try await store.promote(name: "recommendation", version: version)
}

/// A clock that a test moves on.
final class TestClock: Sendable {
  private let moment = Mutex(TestWorkspace.now)

  var now: Timestamp { moment.withLock { $0 } }

  func advance(seconds: Double) { moment.withLock { $0 = $0.adding(days: seconds / 86_400) } }
}

/// Saves a version of a model whose bytes mean nothing, and makes it live.
@discardableResult
func serveUnreadable(_ name: String, kind: String, in store: InMemoryStore) async throws -> Int {
  let envelope = ModelEnvelope(
    kind: kind, formatVersion: 1, configuration: .null, trainedAt: TestWorkspace.now, dataFingerprint: "",
    metrics: [:], payload: Data([1, 2, 3]))
  let version = await store.save(envelope, name: name)
  try await store.promote(name: name, version: version)
  return version
}
