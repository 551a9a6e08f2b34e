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
    next = now.adding(days: Double(Self.seconds(afterFailures: failures)) / 86_400)
  }

  /// How long to wait after so many failures in a row.
  static func seconds(afterFailures failures: Int) -> Int { min(300, 1 << min(failures, 10)) }
}
