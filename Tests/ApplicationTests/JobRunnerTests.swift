import Application
import Commerce
import Storage
import Synchronization
import Testing

struct JobRunnerTests {
  /// A clock that moves on by a second each time it is looked at, so that jobs have an order.
  private static func clock() -> @Sendable () -> Timestamp {
    let ticks = Ticks()
    return { Timestamp(milliseconds: 1_700_000_000_000 + ticks.next() * 1000) }
  }

  private final class Ticks: Sendable {
    private let count = Mutex<Int64>(0)
    func next() -> Int64 {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  /// What the work has been asked to do, in order.
  private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func note(_ line: String) { lines.withLock { $0.append(line) } }
  }

  private func name(_ job: Job) -> String { job.input.string ?? "" }

  /// Waits until something holds; that it holds at all is what a test then expects.
  private func wait(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<10_000 where try await !condition() { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test func jobsRunOneAfterAnotherInTheOrderOfTheirArrival() async throws {
    let (journal, runner) = (Journal(), JobRunner(store: InMemoryStore(), clock: Self.clock()))
    try await runner.start([
      .training: { job, _ in
        journal.note("begin \(job.input.string ?? "")")
        try await Task.sleep(for: .milliseconds(2))
        journal.note("end \(job.input.string ?? "")")
        return job.input
      }
    ])
    for name in ["a", "b", "c"] { _ = try await runner.submit(.training, input: .string(name)) }
    await runner.drain()
    #expect(journal.all == ["begin a", "end a", "begin b", "end b", "begin c", "end c"])
    let jobs = await runner.list()
    #expect(jobs.map(name) == ["c", "b", "a"])
    #expect(jobs.allSatisfy { $0.status == .succeeded && $0.fraction == 1 && $0.result == $0.input })
    #expect(jobs.allSatisfy { $0.startedAt != nil && $0.finishedAt != nil && $0.error == nil })
  }

  @Test func watchersSeeProgressAndTheEnd() async throws {
    let (gate, runner) = (AsyncGate(), JobRunner(store: InMemoryStore(), clock: Self.clock()))
    try await runner.start([
      .import: { _, progress in
        progress(JobProgress(stage: "Reading", step: 1, totalSteps: 2, fraction: 0.25, metrics: ["rows": 10]))
        await gate.pass()
        progress(JobProgress(stage: "Writing", step: 2, totalSteps: 2, fraction: 0.75))
        return ["rows": 10]
      }
    ])
    let job = try await runner.submit(.import, input: .null)
    try await wait { try await runner.job(job.jobID).stage == "Reading" }
    let half = try await runner.job(job.jobID)
    #expect(half.status == .running)
    #expect(half.step == 1 && half.totalSteps == 2 && half.fraction == 0.25 && half.metrics == ["rows": 10])
    let states = try await runner.watch(job.jobID)
    await gate.open()
    var seen: [Job] = []
    for await state in states { seen.append(state) }
    #expect(seen.first?.stage == "Reading")
    #expect(seen.contains { $0.stage == "Writing" && $0.status == .running })
    #expect(seen.last?.status == .succeeded)
    #expect(seen.last?.result == ["rows": 10])
    // Whoever comes later still gets the end.
    var late: [Job] = []
    for await state in try await runner.watch(job.jobID) { late.append(state) }
    #expect(late.map(\.status) == [.succeeded])
  }

  @Test func aJobThatFailsSaysWhyAndTheNextOneRuns() async throws {
    let store = InMemoryStore()
    let runner = JobRunner(store: store, clock: Self.clock())
    try await runner.start([
      .training: { job, _ in
        if job.input == "bad" { throw ApplicationError.conflict(reason: "There is nothing to train on.") }
        return .null
      }
    ])
    let bad = try await runner.submit(.training, input: "bad")
    let good = try await runner.submit(.training, input: "good")
    await runner.drain()
    let failed = try await runner.job(bad.jobID)
    #expect(failed.status == .failed)
    #expect(failed.error == "There is nothing to train on.")
    #expect(failed.finishedAt != nil)
    #expect(try await runner.job(good.jobID).status == .succeeded)
    #expect(await store.document(collection: "jobs", key: bad.jobID)?["status"] == "failed")
  }

  @Test func cancellingStopsARunningJobAndAWaitingOneNeverRuns() async throws {
    let (journal, runner) = (Journal(), JobRunner(store: InMemoryStore(), clock: Self.clock()))
    try await runner.start([
      .training: { job, _ in
        journal.note(job.input.string ?? "")
        try await Task.sleep(for: .seconds(3600))
        return .null
      }
    ])
    let running = try await runner.submit(.training, input: "running")
    let waiting = try await runner.submit(.training, input: "waiting")
    try await wait { try await runner.job(running.jobID).status == .running }
    #expect(try await runner.cancel(waiting.jobID).status == .cancelled)
    #expect(try await runner.cancel(running.jobID).status == .cancelled)
    await runner.drain()
    #expect(journal.all == ["running"])
    for id in [running.jobID, waiting.jobID] {
      #expect(try await runner.job(id).finishedAt != nil)
      await #expect(throws: ApplicationError.conflict(reason: "The job has already ended.")) {
        try await runner.cancel(id)
      }
    }
    await #expect(throws: ApplicationError.notFound(what: "job", id: "x")) { try await runner.cancel("x") }
  }

  @Test func jobsThatHadNotEndedRunAgainInTheNextProcessAndEndedOnesDoNot() async throws {
    let (store, clock) = (InMemoryStore(), Self.clock())
    let first = JobRunner(store: store, clock: clock)
    try await first.start([
      .training: { job, _ in
        if job.input != "done" { try await Task.sleep(for: .seconds(3600)) }
        return job.input
      }
    ])
    let done = try await first.submit(.training, input: "done")
    await first.drain()
    let interrupted = try await first.submit(.training, input: "interrupted")
    let waiting = try await first.submit(.training, input: "waiting")
    try await wait { try await first.job(interrupted.jobID).status == .running }
    await first.stop()

    let journal = Journal()
    let second = JobRunner(store: store, clock: clock)
    try await second.start([
      .training: { job, _ in
        journal.note(job.input.string ?? "")
        return job.input
      }
    ])
    await second.drain()
    #expect(journal.all == ["interrupted", "waiting"])
    for id in [done.jobID, interrupted.jobID, waiting.jobID] {
      #expect(try await second.job(id).status == .succeeded)
    }
    #expect(try await second.job(done.jobID) == first.job(done.jobID))
  }

  /// A store as a process leaves it that ended while a job ran: with nothing written after the beginning.
  private func crash(_ store: InMemoryStore, during input: JSONValue) async throws -> String {
    let runner = JobRunner(store: store, clock: Self.clock())
    try await runner.start([
      .training: { _, _ in
        try await Task.sleep(for: .seconds(3600))
        return .null
      }
    ])
    var job: Job
    if let known = await runner.list().first {
      job = known
    } else {
      job = try await runner.submit(.training, input: input)
    }
    let id = job.jobID
    try await wait { try await runner.job(id).status == .running }
    job = try await runner.job(id)
    let left = try #require(await store.document(collection: "jobs", key: id))
    await runner.stop()
    await store.put(left, collection: "jobs", key: id)
    return id
  }

  @Test func aJobThatEndsTheProcessIsBegunThreeTimesAndThenFails() async throws {
    let store = InMemoryStore()
    var id = ""
    for attempt in 1...3 {
      id = try await crash(store, during: "deadly")
      #expect(await store.document(collection: "jobs", key: id)?["attempts"] == .number(Double(attempt)))
    }
    let (journal, runner) = (Journal(), JobRunner(store: store, clock: Self.clock()))
    let ended = Journal()
    try await runner.start(
      [
        .training: { job, _ in
          journal.note(job.input.string ?? "")
          return .null
        }
      ], whenOver: { ended.note($0.jobID) })
    await runner.drain()
    #expect(journal.all.isEmpty)
    #expect(ended.all == [id])
    let job = try await runner.job(id)
    #expect(job.status == .failed)
    #expect(job.error?.contains("ended 3 times") == true)
    #expect(job.finishedAt != nil)
    #expect(job.json["attempts"] == 3)
    #expect(await store.document(collection: "jobs", key: id)?["status"] == "failed")
  }

  @Test func anOrderlyStopDoesNotCountAsAnAttempt() async throws {
    let store = InMemoryStore()
    for _ in 0..<5 {
      let runner = JobRunner(store: store, clock: Self.clock())
      try await runner.start([
        .training: { _, _ in
          try await Task.sleep(for: .seconds(3600))
          return .null
        }
      ])
      if await runner.list().isEmpty { _ = try await runner.submit(.training, input: "long") }
      try await wait { await runner.list().first?.status == .running }
      #expect(await runner.list().first?.attempts == 1)
      await runner.stop()
    }
    #expect(await store.documents(collection: "jobs").map { $0.document["attempts"] } == [0])
  }

  @Test func aJobOfAnEarlierVersionAndOneThatCannotBeReadDoNotKeepTheRestFromRunning() async throws {
    let store = InMemoryStore()
    await store.put(
      [
        "job_id": "old", "kind": "training", "input": "old", "status": "running", "step": 1, "metrics": [:],
        "created_at": "2024-01-01T00:00:00Z",
      ], collection: "jobs", key: "old")
    await store.put(["job_id": "odd", "kind": "later"], collection: "jobs", key: "odd")
    let runner = JobRunner(store: store, clock: Self.clock())
    try await runner.start([.training: { job, _ in job.input }])
    await runner.drain()
    #expect(try await runner.job("old").status == .succeeded)
    #expect(try await runner.job("old").attempts == 1)
    #expect(await runner.unreadable.keys.sorted() == ["odd"])
    #expect(await store.document(collection: "jobs", key: "odd") == ["job_id": "odd", "kind": "later"])
  }

  @Test func aJobThatMayBeSharedIsSubmittedOnceHoweverManyAsk() async throws {
    let runner = JobRunner(store: InMemoryStore(), clock: Self.clock())
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 {
        group.addTask { try await runner.submit(.training, input: [:], isShared: true).jobID }
      }
      var ids: Set<String> = []
      for try await id in group { ids.insert(id) }
      return ids
    }
    #expect(ids.count == 1)
  }

  @Test func aRunnerThatIsStoppingStartsNothingMore() async throws {
    let (store, journal) = (InMemoryStore(), Journal())
    let runner = JobRunner(store: store, clock: Self.clock())
    try await runner.start([
      .training: { job, _ in
        journal.note(job.input.string ?? "")
        return .null
      }
    ])
    await runner.stop()
    let job = try await runner.submit(.training, input: "late")
    await runner.drain()
    #expect(journal.all.isEmpty)
    #expect(await store.document(collection: "jobs", key: job.jobID)?["status"] == "queued")
  }
}

/// Something that holds up whoever comes until a test opens it.
actor AsyncGate {
  private var isOpen = false
  private var held: [CheckedContinuation<Void, Never>] = []

  func pass() async {
    if isOpen { return }
    await withCheckedContinuation { held.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in held { continuation.resume() }
    held = []
  }
}
