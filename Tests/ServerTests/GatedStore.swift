import Commerce
import Learning
import Storage
import Synchronization

/// Something that holds up whoever comes until a test opens it.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var visitors = 0
    var held: [CheckedContinuation<Void, Never>] = []
    var watching: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  func pass() async {
    await withCheckedContinuation { continuation in
      let (isOpen, watching) = state.withLock { state in
        state.visitors += 1
        if !state.isOpen { state.held.append(continuation) }
        let due = state.watching.filter { $0.count <= state.visitors }
        state.watching.removeAll { $0.count <= state.visitors }
        return (state.isOpen, due)
      }
      for watcher in watching { watcher.continuation.resume() }
      if isOpen { continuation.resume() }
    }
  }

  /// Returns once so many have come.
  func waitForVisitor(_ count: Int = 1) async {
    await withCheckedContinuation { continuation in
      let isDue = state.withLock { state in
        if state.visitors < count { state.watching.append((count, continuation)) }
        return state.visitors >= count
      }
      if isDue { continuation.resume() }
    }
  }

  func open() {
    let held = state.withLock { state in
      state.isOpen = true
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }
}

/// A store in memory whose scans or appends wait at a gate, or whose appends fail.
struct GatedStore: EventStore, CatalogueStore, CustomerStore, DeadLetterStore, ModelStore, DecisionStore,
  DocumentStore
{
  private let base = InMemoryStore()
  private let scans: Gate?
  private let appends: Gate?

  private let failure: (any Error)?

  init(scans: Gate? = nil, appends: Gate? = nil, failure: (any Error)? = nil) {
    self.scans = scans
    self.appends = appends
    self.failure = failure
  }

  func append(_ events: [Event]) async throws -> [AppendOutcome] {
    await appends?.pass()
    if let failure { throw failure }
    return await base.append(events)
  }
  func scan(after sequence: Int64, batchSize: Int, _ body: @Sendable ([EventFrame.Row]) throws -> Void)
    async throws
  {
    await scans?.pass()
    try await base.scan(after: sequence, batchSize: batchSize, body)
  }
  func events(withIDs ids: [String]) async -> [StoredEvent] { await base.events(withIDs: ids) }
  func events(atSequences sequences: [Int64]) async -> [StoredEvent] {
    await base.events(atSequences: sequences)
  }
  func events(matching query: EventQuery) async -> [StoredEvent] { await base.events(matching: query) }
  func eventCount() async -> Int { await base.eventCount() }

  func upsert(items: [Item]) async { await base.upsert(items: items) }
  func items(withIDs ids: [String]) async -> [Item] { await base.items(withIDs: ids) }
  func items(containing text: String?, category: String?, afterID: String?, limit: Int) async -> [Item] {
    await base.items(containing: text, category: category, afterID: afterID, limit: limit)
  }
  func scanItems(batchSize: Int, _ body: @Sendable ([Item]) throws -> Void) async throws {
    try await base.scanItems(batchSize: batchSize, body)
  }
  func items(changedAfter change: Int64, limit: Int) async -> RecordChanges<Item> {
    await base.items(changedAfter: change, limit: limit)
  }
  func itemCount() async -> Int { await base.itemCount() }

  func upsert(customers: [Customer]) async { await base.upsert(customers: customers) }
  func customers(withIDs ids: [String]) async -> [Customer] { await base.customers(withIDs: ids) }
  func scanCustomers(batchSize: Int, _ body: @Sendable ([Customer]) throws -> Void) async throws {
    try await base.scanCustomers(batchSize: batchSize, body)
  }
  func customers(changedAfter change: Int64, limit: Int) async -> RecordChanges<Customer> {
    await base.customers(changedAfter: change, limit: limit)
  }
  func customerCount() async -> Int { await base.customerCount() }

  func add(deadLetters: [DeadLetter]) async { await base.add(deadLetters: deadLetters) }
  func deadLetters(
    status: DeadLetter.Status?, stage: DeadLetter.Stage?, after deadLetterID: Int64, limit: Int
  ) async -> [DeadLetter] {
    await base.deadLetters(status: status, stage: stage, after: deadLetterID, limit: limit)
  }
  func deadLetter(_ deadLetterID: Int64) async -> DeadLetter? { await base.deadLetter(deadLetterID) }
  func setStatus(_ status: DeadLetter.Status, ofDeadLetter deadLetterID: Int64) async throws {
    try await base.setStatus(status, ofDeadLetter: deadLetterID)
  }
  func reopen(deadLetter id: Int64, stage: DeadLetter.Stage, field: String?, reason: String) async throws {
    try await base.reopen(deadLetter: id, stage: stage, field: field, reason: reason)
  }
  func deadLetterCounts() async -> [DeadLetter.Status: Int] { await base.deadLetterCounts() }

  func save(_ envelope: ModelEnvelope, name: String) async -> Int { await base.save(envelope, name: name) }
  func model(named name: String, version: Int) async -> ModelEnvelope? {
    await base.model(named: name, version: version)
  }
  func modelRecords() async -> [ModelRecord] { await base.modelRecords() }
  func promote(name: String, version: Int) async throws {
    try await base.promote(name: name, version: version)
  }
  func rollBack(name: String) async throws -> Int { try await base.rollBack(name: name) }
  func removeVersions(ofModel name: String, keeping kept: Int) async -> [Int] {
    await base.removeVersions(ofModel: name, keeping: kept)
  }

  func record(decisions: [DecisionRecord]) async { await base.record(decisions: decisions) }
  func decision(_ decisionID: String) async -> DecisionRecord? { await base.decision(decisionID) }
  func feedback(onDecision decisionID: String) async -> [StoredEvent] {
    await base.feedback(onDecision: decisionID)
  }
  func scanDecisions(
    madeSince moment: Timestamp, batchSize: Int, _ body: @Sendable ([DecisionRecord]) throws -> Void
  ) async throws {
    try await base.scanDecisions(madeSince: moment, batchSize: batchSize, body)
  }
  func removeDecisions(madeBefore moment: Timestamp, limit: Int) async -> Int {
    await base.removeDecisions(madeBefore: moment, limit: limit)
  }

  func put(_ document: JSONValue, collection: String, key: String) async {
    await base.put(document, collection: collection, key: key)
  }
  func document(collection: String, key: String) async -> JSONValue? {
    await base.document(collection: collection, key: key)
  }
  func documents(collection: String) async -> [(key: String, document: JSONValue)] {
    await base.documents(collection: collection)
  }
  func remove(collection: String, key: String) async { await base.remove(collection: collection, key: key) }
}
