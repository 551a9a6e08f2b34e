import Commerce
import Foundation
import Ingestion
import Storage

/// A folder that lasts as long as the body.
func withFolder<Outcome>(_ body: (URL) async throws -> Outcome) async throws -> Outcome {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lode-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}

/// Writes a file and gives its path.
func write(_ bytes: some Sequence<UInt8>, _ name: String, _ folder: URL) throws -> String {
  let file = folder.appendingPathComponent(name)
  try Data(bytes).write(to: file)
  return file.path
}

/// Imports a file's bytes into a fresh store.
func imported(
  _ bytes: some Sequence<UInt8>, _ name: String = "orders.csv", mapping: String
) async throws -> (store: InMemoryStore, report: ImportReport) {
  let store = InMemoryStore()
  let report = try await withFolder { folder in
    try await importer.run(
      file: try write(bytes, name, folder), mapping: try Mapping(yaml: mapping), into: store)
  }
  return (store, report)
}

/// An importer whose present is fixed.
let importer = Importer(now: { Timestamp(rfc3339: "2024-06-01T00:00:00Z")! })

/// All events of a store in order of arrival.
func allEvents(_ store: some EventStore) async throws -> [Event] {
  let count = try await store.eventCount()
  return try await store.events(atSequences: count == 0 ? [] : (1...count).map(Int64.init)).map(\.event)
}

/// The open dead letters of a store.
func openLetters(_ store: some DeadLetterStore) async throws -> [DeadLetter] {
  try await store.deadLetters(status: .open, stage: nil, after: 0, limit: 1000)
}

/// Order lines with the columns id, who, what, when, count, paid.
let orderMapping = """
  kind: events
  currency: CNY
  fields:
    event_id: id
    kind: {constant: purchase}
    customer_id: who
    item_id: what
    timestamp: when
    quantity: count
    amount: paid
  """

/// A generator of the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
