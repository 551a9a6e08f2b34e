import Commerce
import Dispatch
import GRDB
import Storage
import Synchronization

/// Group commit: the appends that arrive while a transaction is being written to disk wait together and share the
/// next one, so that many small appends at once cost one flush rather than one each.
final class AppendQueue: Sendable {
  private struct Request: Sendable {
    var events: [Event]
    /// Whether the events must be on disk when the request is answered.
    var flushed: Bool
    var continuation: CheckedContinuation<[AppendOutcome], any Error>
  }

  private struct State {
    var waiting: [Request] = []
    var isWriting = false
    /// How many bulk loads are under way.
    var bulkLoads = 0
  }

  /// A transaction takes no more than this many events, however many wait: the first in line should not wait for all.
  private static let eventsPerTransaction = 50_000

  private let pool: DatabasePool
  private let state = Mutex(State())
  // Taken by the one transaction under way; the lock is never waited for.
  private let names = Mutex(NameCodes())
  // Commits block on the disk, so they run on a thread of their own and not on the cooperative pool.
  private let queue = DispatchQueue(label: "lode.storage.append", qos: .userInitiated)

  init(pool: DatabasePool) { self.pool = pool }

  /// Stores the events; returns once they are on disk, or, when they need not be flushed, in the hands of the system,
  /// which writes them even when this process is killed.
  func append(_ events: [Event], flushed: Bool = true) async throws -> [AppendOutcome] {
    if events.isEmpty { return [] }
    return try await withCheckedThrowingContinuation { continuation in
      let mustStart = state.withLock { state in
        state.waiting.append(Request(events: events, flushed: flushed, continuation: continuation))
        defer { state.isWriting = true }
        return !state.isWriting
      }
      if mustStart { queue.async { self.drain() } }
    }
  }

  private func drain() {
    while let group = nextGroup() {
      let outcomes = Result { try commit(group) }
      switch outcomes {
      case .success(let outcomes):
        for (request, outcomes) in zip(group, outcomes) { request.continuation.resume(returning: outcomes) }
        settle()
      case .failure(let error):
        for request in group { request.continuation.resume(throwing: SQLiteStore.translated(error)) }
      }
    }
  }

  /// Begins a bulk load.
  func beginBulk() { state.withLock { $0.bulkLoads += 1 } }

  /// Ends a bulk load.
  func endBulk() { state.withLock { $0.bulkLoads -= 1 } }

  /// Puts events into blocks when there are enough. They are stored and found without that as well, so a failure, such
  /// as another process's long transaction, only puts it off.
  private func settle() {
    let (isBulk, isIdle) = state.withLock { ($0.bulkLoads > 0, $0.waiting.isEmpty) }
    try? pool.writeWithoutTransaction { db in
      guard try Postings.needsSettling(db, isBulk: isBulk) else { return }
      try db.inTransaction(.immediate) {
        try Postings.settle(db, isBulk: isBulk, isIdle: isIdle)
        return .commit
      }
    }
  }

  /// The requests of the next transaction; nil, and writing is over, when none wait.
  private func nextGroup() -> [Request]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isWriting = false
        return nil
      }
      var count = 0
      var events = 0
      while count < state.waiting.count, events < Self.eventsPerTransaction {
        events += state.waiting[count].events.count
        count += 1
      }
      defer { state.waiting.removeFirst(count) }
      return Array(state.waiting.prefix(count))
    }
  }

  private func commit(_ group: [Request]) throws -> [[AppendOutcome]] {
    try names.withLock { names in
      do {
        return try pool.writeWithoutTransaction { db in
          let mustFlush = group.contains(where: \.flushed)
          // A flushed commit takes with it all that came before: they share one log.
          if !mustFlush { try db.execute(sql: "PRAGMA synchronous = NORMAL") }
          defer { if !mustFlush { try? db.execute(sql: "PRAGMA synchronous = FULL") } }
          var outcomes: [[AppendOutcome]] = []
          try db.inTransaction(.immediate) {
            var writer = try EventWriter(db)
            for request in group { outcomes.append(try writer.append(request.events, &names)) }
            return .commit
          }
          return outcomes
        }
      } catch {
        names.removeAll()
        throw error
      }
    }
  }
}
