import Commerce
import Features
import Foundation
import Learning
import Needs
import Recommendation
import Storage
import Synchronization

/// One shop, live: its store on disk and what answers need in memory, kept current as events arrive.
///
/// Files beside this one hold its use cases: `Shop+Events`, `Shop+Customers`, `Shop+Needs`, …
public actor Shop {
  /// The shop's name in paths and keys.
  public nonisolated let name: String
  /// What is on disk.
  public nonisolated let store: any ShopStore
  /// The shop's long work.
  public nonisolated let jobs: JobRunner
  nonisolated let decisions: DecisionLog
  nonisolated let directory: URL
  nonisolated let clock: @Sendable () -> Timestamp
  nonisolated let backlog = Backlog(limit: 200_000)

  var phase = Phase.cold
  var settings: ShopSettings
  var frame = EventFrame()
  var rows = CustomerRows()
  var customers = CustomerDirectory()
  var states = CustomerStates()
  var calendar = ShopCalendar.utc
  var catalogue = Catalogue()
  var describedCustomers: [String: Customer] = [:]
  var lastIngestedAt: Timestamp?
  var recommender: Live<any Recommender>?
  var recommendationCache = RecommendationCache()
  var unitPrices: (events: Int, byCategory: [Int32: Double]) = (0, [:])
  var needModel: Live<NeedModel>?
  var needPredictor: NeedPredictor?
  var board: BoardSnapshot?
  var checksCache: (events: Int, items: Int, checks: [JSONValue]) = (-1, -1, [])
  var boardRefresh: Task<BoardSnapshot, any Error>?
  var needingCache: (key: String, found: [NeedCustomer]) = ("", [])
  var overviewCache: (events: Int, overview: Overview)?

  private var opening: Task<Void, any Error>?
  private var areSettingsRead = false
  private var itemsPut = PutMeanwhile<Item>()
  private var customersPut = PutMeanwhile<Customer>()

  private static let watchInterval = Duration.seconds(5)
  private var watcher: Task<Void, Never>?

  // Every event up to `appliedThrough` is in memory, and of the later ones those in `appliedAhead`.
  private var appliedThrough: Int64 = 0
  private var appliedAhead: Set<Int64> = []

  /// Whether the shop can answer.
  enum Phase: Sendable, Equatable {
    case cold, loading, ready
    case failed(String)
  }

  init(name: String, store: any ShopStore, directory: URL, clock: @escaping @Sendable () -> Timestamp) {
    self.name = name
    self.store = store
    self.directory = directory
    self.clock = clock
    settings = ShopSettings(name: name)
    jobs = JobRunner(store: store, clock: clock)
    decisions = DecisionLog(store: store)
  }

  /// Reads the shop into memory; afterwards it answers.
  public func load() async throws {
    guard phase != .ready, phase != .loading else { return }
    phase = .loading
    do {
      try await readSettings()
      calendar = try ShopCalendar(timeZone: settings.timeZone)
      forgetEvents()
      frame.reserveCapacity(try await store.eventCount())
      try await readCatalogue()
      try await readCustomers()
      try await catchUp()
      try await readModels()
      phase = .ready
    } catch {
      phase = .failed(String(describing: error))
      throw error
    }
  }

  // All that events are taken into, at once: one that came in before, while the shop was not loaded, is in the store
  // already and is read from there.
  private func forgetEvents() {
    frame = EventFrame(currency: settings.currency)
    rows = CustomerRows()
    customers = CustomerDirectory()
    (appliedThrough, appliedAhead) = (0, [])
  }

  /// Reads the shop into memory, then takes up the jobs that an earlier process left.
  ///
  /// Callers at the same time share one reading; after a failure the next caller tries again.
  public func start() async throws {
    let task =
      opening
      ?? Task {
        try await load()
        try await jobs.start(work)
        if needModel != nil { startBoardRefresh() }
        watchStore()
      }
    opening = task
    do {
      try await task.value
    } catch {
      if opening == task { opening = nil }
      throw error
    }
  }

  /// What the shop's jobs do. The shop owns the runner, so the runner does not own the shop.
  private nonisolated var work: [Job.Kind: JobRunner.Work] {
    [
      .import: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runImport(job, progress: progress)
      },
      .training: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runTraining(job, progress: progress)
      },
    ]
  }

  /// Looks every few seconds for what other processes have written: events of a `lode import`, models of a `lode train`.
  private func watchStore() {
    guard watcher == nil else { return }
    watcher = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.watchInterval)
        // A store that is busy or closing is looked at again the next time.
        try? await self?.catchUpWithOthers()
      }
    }
  }

  private func catchUpWithOthers() async throws {
    guard phase == .ready else { return }
    try await catchUp()
    try await readModels()
  }

  /// Starts the shop when nobody has yet.
  public func startIfNew() async throws {
    if phase == .cold, opening == nil { try await start() }
  }

  /// The currency of amounts that name none. Events come in while the shop is still being read, so this does not wait
  /// for that, but never guesses either.
  public var currency: Currency {
    get async throws {
      if !areSettingsRead { try await readSettings() }
      return settings.currency
    }
  }

  private func readSettings() async throws {
    settings = try await ShopSettings.load(from: store) ?? settings
    areSettingsRead = true
  }

  /// Whether the shop answers.
  public var isReady: Bool { phase == .ready }

  func requireReady() throws {
    switch phase {
    case .ready: return
    case .cold, .loading: throw ApplicationError.starting
    case .failed(let reason): throw StorageError.unavailable(path: name, reason: reason)
    }
  }

  /// Takes in what the store holds and memory does not: after an import, or when another process has written.
  public func catchUp() async throws {
    let start = appliedThrough
    let inbox = Mutex<[EventFrame.Row]>([])
    try await store.scan(after: start, batchSize: 50_000) { batch in
      inbox.withLock { $0.append(contentsOf: batch) }
    }
    let arrived = inbox.withLock { $0 }
    // Above this it is quicker to build what depends on the log anew than event by event.
    let isMany = arrived.count > max(10_000, frame.count / 4)
    for row in arrived { apply(row, updatingStates: !isMany) }
    if let last = arrived.last?.sequence {
      appliedThrough = max(appliedThrough, last)
      appliedAhead = appliedAhead.filter { $0 > appliedThrough }
    }
    if isMany { rebuildStates() }
  }

  private func rebuildStates() {
    rows = CustomerRows(frame)
    states = CustomerStates(
      settings: FeatureSettings(calendar: calendar), catalogue: catalogue.index,
      currency: frame.currency)
    states.replay(frame)
    bindNeeds()
  }

  /// Takes a stored event into memory, once.
  func apply(_ row: EventFrame.Row, updatingStates: Bool = true) {
    guard row.sequence > appliedThrough, appliedAhead.insert(row.sequence).inserted else { return }
    while appliedAhead.remove(appliedThrough + 1) != nil { appliedThrough += 1 }
    let index = frame.count
    frame.append(row)
    customers.append(row: index, of: frame)
    guard updatingStates, frame.customer[index] >= 0 else { return }
    rows.append(Int32(index), of: frame.customer[index], in: frame)
    states.update(StoredEvent(row))
  }

  func readCatalogue() async throws {
    let inbox = Mutex<[Item]>([])
    itemsPut.beginReading()
    defer { itemsPut.endReading() }
    try await store.scanItems(batchSize: 10_000) { batch in inbox.withLock { $0.append(contentsOf: batch) } }
    catalogue = Catalogue(inbox.withLock { $0 } + itemsPut.rows)
    rebuildStates()
  }

  /// Brings the models that are live in the store into memory; a version already there is not read again.
  func readModels() async throws {
    for record in try await store.modelRecords() where record.state == .live {
      switch record.name {
      case ModelName.recommendation where recommender?.version != record.version:
        recommender = try await liveModel(record) { try SavedRecommender.decode($0) }
      case ModelName.needs where needModel?.version != record.version:
        needModel = try await liveModel(record) { try $0.model(as: NeedModel.self) }
        bindNeeds()
      default: break
      }
    }
  }

  /// Binds the needs model to the catalogue's present numbering of categories.
  func bindNeeds() {
    needPredictor = needModel.map { NeedPredictor(model: $0.model, catalogue: states.catalogue) }
  }

  private func liveModel<Model: Sendable>(
    _ record: ModelRecord, decode: (ModelEnvelope) throws -> Model
  ) async throws -> Live<Model>? {
    guard let envelope = try await store.model(named: record.name, version: record.version) else {
      return nil
    }
    return Live(model: try decode(envelope), version: record.version, header: record.header)
  }

  /// Takes items that are in the store into memory.
  func put(_ items: [Item]) {
    itemsPut.note(items)
    catalogue.insert(items)
    states.upsert(items: items)
    bindNeeds()
  }

  /// Takes customers that are in the store into memory.
  func put(_ customers: [Customer]) {
    customersPut.note(customers)
    for customer in customers { describedCustomers[customer.customerID] = customer }
  }

  func readCustomers() async throws {
    let inbox = Mutex<[Customer]>([])
    customersPut.beginReading()
    defer { customersPut.endReading() }
    try await store.scanCustomers(batchSize: 10_000) { batch in
      inbox.withLock { $0.append(contentsOf: batch) }
    }
    // Two ids of different bytes may be one and the same string to Swift ("é" in one scalar or in two).
    describedCustomers = Dictionary(
      (inbox.withLock { $0 } + customersPut.rows).map { ($0.customerID, $0) }, uniquingKeysWith: { $1 })
  }

  func close() async {
    watcher?.cancel()
    await jobs.stop()
    await decisions.flush()
  }

  /// The moment that needs are computed for: now in a live shop; in a shop whose data end in the past, their end.
  public var asOf: Timestamp {
    let now = clock()
    guard let last = frame.lastTimestamp else { return now }
    return now.days(since: last) <= 2 ? now : last
  }
}

/// What is put while the store is being read: the reading may have passed the place by, and must not undo it.
private struct PutMeanwhile<Row: Sendable>: Sendable {
  private(set) var rows: [Row] = []
  private var readings = 0

  mutating func beginReading() { readings += 1 }

  mutating func endReading() {
    readings -= 1
    if readings == 0 { rows = [] }
  }

  mutating func note(_ put: [Row]) {
    if readings > 0 { rows += put }
  }
}

/// How many events wait to be written, across all requests; a full backlog turns new ones away.
final class Backlog: Sendable {
  private let waiting = Atomic<Int>(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Runs `body` while `count` events count as waiting.
  ///
  /// - Throws: `ApplicationError.overloaded` when there are too many already.
  func admitting<Result: Sendable>(
    _ count: Int, _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    let before = waiting.add(count, ordering: .relaxed).oldValue
    defer { waiting.subtract(count, ordering: .relaxed) }
    guard before == 0 || before + count <= limit else {
      throw ApplicationError.overloaded(retryAfterSeconds: 1)
    }
    return try await body()
  }
}
