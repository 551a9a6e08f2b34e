import Synchronization

/// Runs operations one after another in the order in which they are handed in.
///
/// An actor alone does not: while one of its methods waits, another one runs.
final class SerialTasks: Sendable {
  private let last = Mutex<Task<Void, Never>?>(nil)

  /// Runs an operation once those before it are over, and returns what it returns.
  ///
  /// Not from within an operation of the same queue: it would wait for itself.
  func run<Outcome: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Outcome
  ) async throws -> Outcome {
    let task = last.withLock { last in
      let before = last
      let task = Task {
        await before?.value
        try Task.checkCancellation()
        return try await operation()
      }
      last = Task { _ = await task.result }
      return task
    }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
