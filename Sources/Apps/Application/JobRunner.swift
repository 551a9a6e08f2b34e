import Commerce
import Foundation
import Storage

/// Runs a shop's jobs one after another on background threads and keeps their state in the store, so that a job that
/// was waiting or running when the process ended starts again with the next process.
public actor JobRunner {
  /// Does one kind of work; reports progress and returns the result.
  public typealias Work = @Sendable (Job, @escaping @Sendable (JobProgress) -> Void) async throws -> JSONValue

  private static let collection = "jobs"
  private static let kept = 200
  /// A job whose work ended the process this often is not begun again.
  public static let mostAttempts = 3

  private let store: any ShopStore
  private let clock: @Sendable () -> Timestamp
  private var work: [Job.Kind: Work] = [:]
  private var whenOver: @Sendable (Job) async -> Void = { _ in }
  private var jobs: [String: Job] = [:]
  private var queue: [String] = []
  private var running: (id: String, task: Task<Void, Never>)?
  private var watchers: [String: [UUID: AsyncStream<Job>.Continuation]] = [:]
  private var isStarted = false
  private var isStopping = false

  /// A runner over a shop's store.
  public init(store: any ShopStore, clock: @escaping @Sendable () -> Timestamp) {
    self.store = store
    self.clock = clock
  }

  /// Jobs in the store that this version cannot read, by key: they are left as they are.
  public private(set) var unreadable: [String: String] = [:]

  /// Reads the jobs of earlier processes and starts those that had not ended, except those that have ended the process
  /// `mostAttempts` times: they fail.
  ///
  /// Jobs that are submitted before wait until then. `whenOver` is told of every job that ends from now on.
  public func start(
    _ work: [Job.Kind: Work], whenOver: @escaping @Sendable (Job) async -> Void = { _ in }
  ) async throws {
    self.whenOver = whenOver
    for (key, document) in try await store.documents(collection: Self.collection) where jobs[key] == nil {
      do {
        jobs[key] = try JSONDecoder().decode(Job.self, from: Data(document.serialized))
      } catch {
        unreadable[key] = String(describing: error)
      }
    }
    for job in jobs.values where !job.isOver && job.attempts >= Self.mostAttempts {
      await conclude(job.jobID, .failure(Interrupted(times: job.attempts)))
    }
    for (key, job) in jobs where !job.isOver {
      jobs[key]?.status = .queued
      jobs[key]?.stage = nil
    }
    queue = jobs.values.filter { $0.status == .queued }.sorted { $0.createdAt < $1.createdAt }.map(\.jobID)
    self.work = work
    isStarted = true
    startNext()
  }

  /// Queues a job. When it returns, the job is in the store.
  ///
  /// - Parameter isShared: whether a job of the kind that waits or runs already is answered instead.
  public func submit(_ kind: Job.Kind, input: JSONValue, isShared: Bool = false) async throws -> Job {
    if isShared, let known = list().first(where: { $0.kind == kind && !$0.isOver }) { return known }
    let job = Job(jobID: UUID().uuidString.lowercased(), kind: kind, input: input, createdAt: clock())
    do {
      try await save(job)
    } catch {
      jobs[job.jobID] = nil
      throw error
    }
    // While the runner starts it finds the waiting jobs itself.
    if !queue.contains(job.jobID) { queue.append(job.jobID) }
    startNext()
    return jobs[job.jobID] ?? job
  }

  /// All jobs, newest first.
  public func list() -> [Job] { jobs.values.sorted { ($0.createdAt, $0.jobID) > ($1.createdAt, $1.jobID) } }

  /// The jobs in the store that have not ended, also those that this runner has not taken up yet.
  public func unfinished() async throws -> [Job] {
    let stored = try await store.documents(collection: Self.collection).compactMap { key, document in
      unreadable[key] == nil ? try JSONDecoder().decode(Job.self, from: Data(document.serialized)) : nil
    }
    let known = jobs
    return stored.map { known[$0.jobID] ?? $0 }.filter { !$0.isOver }
  }

  /// The job with this id.
  public func job(_ id: String) throws -> Job {
    guard let job = jobs[id] else { throw ApplicationError.notFound(what: "job", id: id) }
    return job
  }

  /// Stops a job that waits or runs.
  public func cancel(_ id: String) async throws -> Job {
    var job = try job(id)
    guard !job.isOver else { throw ApplicationError.conflict(reason: "The job has already ended.") }
    if let running, running.id == id {
      running.task.cancel()
      await running.task.value
      return try self.job(id)
    }
    queue.removeAll { $0 == id }
    job.status = .cancelled
    job.finishedAt = clock()
    try await save(job)
    publish(job)
    await whenOver(job)
    return job
  }

  /// The states of a job from now until it ends.
  public func watch(_ id: String) throws -> AsyncStream<Job> {
    let job = try job(id)
    let (stream, continuation) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingNewest(16))
    continuation.yield(job)
    if job.isOver {
      continuation.finish()
      return stream
    }
    let watcher = UUID()
    watchers[id, default: [:]][watcher] = continuation
    continuation.onTermination = { [weak self] _ in
      Task { await self?.removeWatcher(watcher, of: id) }
    }
    return stream
  }

  /// Interrupts the running job, which the next process starts again, and takes no more.
  public func stop() async {
    isStopping = true
    running?.task.cancel()
    await running?.task.value
  }

  /// Waits until nothing runs or waits.
  public func drain() async {
    while let running { await running.task.value }
  }

  private func removeWatcher(_ watcher: UUID, of id: String) { watchers[id]?[watcher] = nil }

  private func startNext() {
    guard isStarted, running == nil, !isStopping, !queue.isEmpty else { return }
    let id = queue.removeFirst()
    let task = Task(executorPreference: BackgroundExecutor.shared) { await self.run(id) }
    running = (id, task)
  }

  private func run(_ id: String) async {
    guard var job = jobs[id], job.status == .queued else { return finishRunning() }
    guard let body = work[job.kind] else {
      let reason = "Nothing here does jobs of the kind '\(job.kind.rawValue)'."
      await conclude(id, .failure(ApplicationError.conflict(reason: reason)))
      return finishRunning()
    }
    job.status = .running
    job.startedAt = clock()
    job.attempts += 1
    do {
      // Before the work: what ends the process must not go uncounted.
      try await save(job)
    } catch {
      await Task { await self.conclude(id, .failure(error)) }.value
      return finishRunning()
    }
    publish(job)
    let (progress, continuation) = AsyncStream.makeStream(
      of: JobProgress.self, bufferingPolicy: .bufferingNewest(8))
    let listener = Task { for await step in progress { self.note(step, of: id) } }
    let outcome: Result<JSONValue, any Error>
    do {
      outcome = .success(
        try await Self.perform(body, job) { continuation.yield($0) })
    } catch { outcome = .failure(error) }
    continuation.finish()
    await listener.value
    // In a task of its own: this one may be cancelled, and then a store refuses to write.
    await Task { await self.conclude(id, outcome) }.value
    finishRunning()
  }

  // Away from the actor, so that the runner answers while the work goes on.
  private nonisolated static func perform(
    _ work: Work, _ job: Job, _ progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    try await work(job, progress)
  }

  private func note(_ step: JobProgress, of id: String) {
    guard var job = jobs[id] else { return }
    job.stage = step.stage
    job.step = step.step
    job.totalSteps = step.totalSteps
    job.fraction = step.fraction
    job.metrics = step.metrics
    jobs[id] = job
    publish(job)
  }

  private func conclude(_ id: String, _ outcome: Result<JSONValue, any Error>) async {
    guard var job = jobs[id] else { return }
    // A job interrupted by shutdown stays unfinished in the store: the next process takes it up, and this beginning of
    // it does not count.
    if isStopping, case .failure(let error) = outcome, error is CancellationError {
      job.attempts -= 1
      // When this cannot be saved, the next process counts one attempt too many.
      try? await save(job)
      return
    }
    job.finishedAt = clock()
    switch outcome {
    case .success(let result):
      job.status = .succeeded
      job.fraction = 1
      job.result = result
    case .failure(is CancellationError): job.status = .cancelled
    case .failure(let error):
      job.status = .failed
      job.error = String(describing: error)
    }
    do { try await save(job) } catch {
      job.status = .failed
      job.error = "The job's result could not be saved: \(error)"
      jobs[id] = job
    }
    publish(job)
    await whenOver(job)
    await forgetOldest()
  }

  private func finishRunning() {
    running = nil
    startNext()
  }

  private func publish(_ job: Job) {
    guard let continuations = watchers[job.jobID]?.values else { return }
    for continuation in continuations {
      continuation.yield(job)
      if job.isOver { continuation.finish() }
    }
    if job.isOver { watchers[job.jobID] = nil }
  }

  private func save(_ job: Job) async throws {
    jobs[job.jobID] = job
    try await store.put(try JSONValue(encoding: job), collection: Self.collection, key: job.jobID)
  }

  private func forgetOldest() async {
    for job in list().filter(\.isOver).dropFirst(Self.kept) {
      jobs[job.jobID] = nil
      try? await store.remove(collection: Self.collection, key: job.jobID)
    }
  }
}

/// Why a job is not begun again.
private struct Interrupted: Error, CustomStringConvertible {
  let times: Int

  var description: String {
    "The process ended \(times) times while this job ran, so it is not begun again. Look in the server's log for the "
      + "cause, then start the job anew."
  }
}
