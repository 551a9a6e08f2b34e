import Commerce
import Storage

/// Records decisions in groups, so that answering a request does not wait for the disk; a full queue makes callers
/// wait, and closing writes out the rest.
///
/// The newest decisions, up to half a second's, may be lost when the process is killed: a decision is not a shop's
/// data but Lode's own note, and feedback on an unknown decision is still stored as an event.
actor DecisionLog {
  private static let capacity = 20_000
  private let store: any DecisionStore
  private var waiting: [DecisionRecord] = []
  private var writer: Task<Void, Never>?
  private(set) var failure: String?

  init(store: any DecisionStore) { self.store = store }

  func record(_ decision: DecisionRecord) async {
    waiting.append(decision)
    if waiting.count >= Self.capacity { await flush() }
    if writer == nil {
      writer = Task {
        try? await Task.sleep(for: .milliseconds(200))
        await self.flush()
        self.writer = nil
      }
    }
  }

  /// The decision, whether it is on disk yet or not.
  func decision(_ id: String) async throws -> DecisionRecord? {
    if let recent = waiting.last(where: { $0.decisionID == id }) { return recent }
    return try await store.decision(id)
  }

  func flush() async {
    let batch = waiting
    waiting.removeAll(keepingCapacity: true)
    guard !batch.isEmpty else { return }
    do {
      try await store.record(decisions: batch)
      failure = nil
    } catch { failure = String(describing: error) }
  }
}
