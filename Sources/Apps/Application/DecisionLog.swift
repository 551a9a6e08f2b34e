import Commerce
import Storage

/// Records decisions in groups, so that answering a request does not wait for the disk; a full queue makes callers
/// wait, and closing writes out the rest.
///
/// The newest decisions, up to half a second's, may be lost when the process is killed: a decision is not a shop's
/// data but Lode's own note.
actor DecisionLog {
  private static let capacity = 20_000
  private let store: any DecisionStore
  private var waiting: [DecisionRecord] = []
  /// Those on their way to the store, which does not know them yet.
  private var leaving: [String: DecisionRecord] = [:]
  private var writer: Task<Void, Never>?

  init(store: any DecisionStore) { self.store = store }

  func record(_ decision: DecisionRecord) async {
    waiting.append(decision)
    if waiting.count >= Self.capacity { await flush() }
    if writer == nil { writer = Task { await self.write() } }
  }

  /// The decision, whether it is on disk yet or not.
  func decision(_ id: String) async throws -> DecisionRecord? {
    if let recent = leaving[id] ?? waiting.last(where: { $0.decisionID == id }) { return recent }
    return try await store.decision(id)
  }

  /// Writes until nothing waits, also what comes in meanwhile.
  private func write() async {
    while !waiting.isEmpty {
      try? await Task.sleep(for: .milliseconds(200))
      await flush()
    }
    writer = nil
  }

  func flush() async {
    let batch = waiting
    waiting.removeAll(keepingCapacity: true)
    guard !batch.isEmpty else { return }
    for decision in batch { leaving[decision.decisionID] = decision }
    do {
      try await store.record(decisions: batch)
    } catch  where waiting.count + batch.count <= Self.capacity {
      // Tried again with the next; recording what is there already changes nothing. Beyond the capacity they are lost.
      waiting = batch + waiting
    } catch {}
    for decision in batch { leaving[decision.decisionID] = nil }
  }
}
