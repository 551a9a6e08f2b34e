import Application
import Commerce
import Storage
import Synchronization
import Testing

struct IdempotencyLogTests {
  /// A clock that a test moves.
  private final class Clock: Sendable {
    private let time = Mutex(Timestamp(rfc3339: "2024-06-01T12:00:00Z")!)
    var now: Timestamp { time.withLock { $0 } }
    func advance(hours: Double) { time.withLock { $0 = $0.adding(days: hours / 24) } }
  }

  private let clock = Clock()
  private let store = InMemoryStore()

  private func log(_ limits: IdempotencyLog.Limits = .init()) -> IdempotencyLog {
    IdempotencyLog(store: store, limits: limits) { [clock] in clock.now }
  }

  private func answer(_ body: String) -> IdempotencyLog.Answer {
    .init(status: 202, contentType: "application/json", body: body)
  }

  private func keep(_ key: String, _ body: String, in log: IdempotencyLog) async throws {
    #expect(try await log.begin(key, of: "ann") == nil)
    try await log.end(key, of: "ann", fingerprint: "f", answer: answer(body))
  }

  /// What is known under a key, asked without doing anything.
  private func known(_ key: String, in log: IdempotencyLog, of caller: String = "ann") async throws -> String?
  {
    let known = try await log.begin(key, of: caller)
    try await log.end(key, of: caller)
    return known?.answer.body
  }

  @Test func anAnswerIsKnownAgainAlsoToTheNextProcess() async throws {
    try await keep("k", "{}", in: log())
    let next = log()
    let found = try await next.begin("k", of: "ann")
    #expect(found?.answer == answer("{}"))
    #expect(found?.fingerprint == "f")
    try await next.end("k", of: "ann")
    #expect(try await known("k", in: next, of: "bob") == nil)
    #expect(try await known("K", in: next) == nil)
  }

  @Test func aRequestUnderWayHoldsItsKeyUntilItEnds() async throws {
    let log = log()
    #expect(try await log.begin("k", of: "ann") == nil)
    await #expect(throws: ApplicationError.self) { try await log.begin("k", of: "ann") }
    #expect(try await known("k", in: log, of: "bob") == nil)
    try await log.end("k", of: "ann")
    #expect(try await known("k", in: log) == nil)
  }

  @Test func anAnswerIsForgottenAfterADay() async throws {
    let log = log()
    try await keep("k", "first", in: log)
    clock.advance(hours: 23.9)
    #expect(try await known("k", in: log) == "first")
    clock.advance(hours: 0.2)
    try await keep("k", "second", in: log)
    #expect(try await known("k", in: log) == "second")
    clock.advance(hours: 25)
    try await keep("other", "x", in: log)
    #expect(await store.documents(collection: "idempotency").count == 1)
  }

  @Test func ofTooManyAnswersTheOldestAreForgottenFirst() async throws {
    var limits = IdempotencyLog.Limits()
    limits.answers = 3
    limits.bytes = 9
    limits.answerBytes = 8
    let first = log(limits)
    for key in ["a", "b", "c"] {
      try await keep(key, key, in: first)
      clock.advance(hours: 0.1)
    }
    // The next process goes on where the first one was.
    let log = log(limits)
    try await keep("d", "d", in: log)
    #expect(try await known("a", in: log) == nil)
    #expect(try await known("b", in: log) == "b")
    clock.advance(hours: 0.1)
    try await keep("e", "12345678", in: log)
    #expect(try await known("c", in: log) == nil)
    #expect(try await known("d", in: log) == "d")
    try await keep("f", "123456789", in: log)
    #expect(try await known("f", in: log) == nil)
    #expect(try await known("e", in: log) == "12345678")
  }

  @Test func fingerprintsTellHeadsAndBodiesApartButNotHowABodyCameInParts() {
    func fingerprint(_ head: String, _ parts: String...) -> String {
      var fingerprint = RequestFingerprint(head)
      for part in parts { fingerprint.update(part.utf8) }
      return fingerprint.text
    }
    #expect(fingerprint("POST /a", "xy") == fingerprint("POST /a", "x", "y"))
    #expect(fingerprint("POST /a", "xy") != fingerprint("POST /ax", "y"))
    #expect(fingerprint("POST /a", "xy") != fingerprint("POST /b", "xy"))
    #expect(fingerprint("POST /a") != fingerprint("POST /a", "x"))
  }
}
