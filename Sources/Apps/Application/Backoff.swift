import Commerce

/// When to try again what has failed: after 2, 4, 8 … seconds, at most after five minutes.
struct Backoff: Sendable {
  private var failures = 0
  private var next: Timestamp?

  /// Whether it is time to try.
  func isDue(at now: Timestamp) -> Bool { next.map { now >= $0 } ?? true }

  /// Notes a failure.
  mutating func fail(at now: Timestamp) {
    failures += 1
    let seconds = min(300, 1 << min(failures, 10))
    next = now.adding(days: Double(seconds) / 86_400)
  }
}
