import Application
import Hummingbird
import NIOConcurrencyHelpers

/// A token bucket per caller: `rate` requests a second on average, twice that in a burst.
struct RateLimitMiddleware: RouterMiddleware {
  private let rate: Double
  private let buckets = NIOLockedValueBox<[String: Bucket]>([:])
  private let clock = ContinuousClock()
  private static let remembered = 100_000

  private struct Bucket {
    var tokens: Double
    var at: ContinuousClock.Instant
  }

  // A rate below one request a second still lets the first one through.
  private var burst: Double { max(1, rate * 2) }

  init(requestsPerSecond rate: Double) { self.rate = rate }

  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    let caller = context.caller.keyID ?? context.remoteAddress?.ipAddress ?? "local"
    guard take(caller) else {
      throw ApplicationError.rateLimited(retryAfterSeconds: max(1, Int((1 / rate).rounded(.up))))
    }
    return try await next(request, context)
  }

  private func take(_ caller: String) -> Bool {
    let now = clock.now
    return buckets.withLockedValue { buckets in
      if buckets.count > Self.remembered { buckets.removeAll(keepingCapacity: true) }
      var bucket = buckets[caller] ?? Bucket(tokens: burst, at: now)
      let elapsed = bucket.at.duration(to: now)
      let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
      bucket.tokens = min(burst, bucket.tokens + seconds * rate)
      bucket.at = now
      defer { buckets[caller] = bucket }
      guard bucket.tokens >= 1 else { return false }
      bucket.tokens -= 1
      return true
    }
  }
}
