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
  private let writes = SerialTasks()
  /// How many decisions could not be kept, and why the last could not.
  private(set) var lost: (count: Int, reason: String)?

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

  /// Writes what waits. When it returns, what other callers were writing is written as well.
  func flush() async {
    // A failure is noted by `writeOut`; the queue itself fails only when the caller is cancelled.
    try? await writes.run { await self.writeOut() }
  }

  private func writeOut() async {
    let batch = waiting
    waiting.removeAll(keepingCapacity: true)
    guard !batch.isEmpty else { return }
    for decision in batch { leaving[decision.decisionID] = decision }
    do {
      try await store.record(decisions: batch)
    } catch is EncodingError {
      // One that cannot be written down must not keep the others from it.
      for decision in batch {
        do { try await store.record(decisions: [decision]) } catch {
          lost = ((lost?.count ?? 0) + 1, String(describing: error))
        }
      }
    } catch {
      if waiting.count + batch.count <= Self.capacity {
        // Tried again with the next; recording what is there already changes nothing.
        waiting = batch + waiting
      } else {
        lost = ((lost?.count ?? 0) + batch.count, String(describing: error))
      }
    }
    for decision in batch { leaving[decision.decisionID] = nil }
  }
}
