import Commerce
import Customers
import Decisions
import Demand
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
  /// The answers to requests that may be sent again.
  public nonisolated let idempotency: IdempotencyLog
  nonisolated let decisions: DecisionLog
  /// The models that texts are read with; nil when none are installed.
  public nonisolated let textModels: TextModels?
  nonisolated let voice: VoiceDesk
  nonisolated let analytics = AnalyticsDesk()
  nonisolated let sharedDocuments: SharedDocuments
  /// What tells the shop's own systems what was decided.
  public nonisolated let webhooks: WebhookDesk
  nonisolated let directory: URL
  nonisolated let clock: @Sendable () -> Timestamp
  nonisolated let backlog = Backlog(limit: 200_000)
  nonisolated let uploadsUnderWay = UploadsUnderWay()

  // One after another: readings and promotions of models, of items and customers, of rules, of events.
  nonisolated let modelChanges = SerialTasks()
  nonisolated let recordChanges = SerialTasks()
  nonisolated let ruleChanges = SerialTasks()
  nonisolated let arrivals = SerialTasks()
  nonisolated let campaignChanges = SerialTasks()

  var phase = Phase.cold
  var troubles: [ShopPart: String] = [:]
  var settings: ShopSettings
  var frame = EventFrame()
  var rows = CustomerRows()
  var customers = CustomerDirectory()
  var trade = TradeLedger()
  var lines = LineTally()
  var states = CustomerStates()
  var calendar = ShopCalendar.utc
  var catalogue = Catalogue()
  var describedCustomers: [String: Customer] = [:]
  var lastIngestedAt: Timestamp?
  var recommender: Live<any Recommender>?
  /// The version last asked for by its number that is not the live one.
  var otherRecommender: Live<any Recommender>?
  /// What goes together in one order.
  var complements: Live<any Recommender>?
  var recommendationCache = RecommendationCache()
  var pageRules = PublishedRules()
  var pageKits: [PageKit] = []
  var kitsBeingMade: [(source: PageKit.Source, task: Task<PageKit, Never>)] = []
  var putWhileMakingKits: [Item] = []
  var content: ContentModel?
  var contentBeingMade: Task<Void, Never>?
  var putWhileMakingContent: [Item] = []
  var visits = VisitRows()
  /// Questions under way that take as long as hundreds of pages.
  var longQuestions = 0
  /// What was shown to whom, as long as a rule looks at it.
  var impressions = ImpressionLedger()
  var impressionsBeingRead: Task<Void, Never>?
  /// By id, what was shown since the reading of what was shown before began.
  var shownWhileReading: [String: DecisionRecord] = [:]
  var unitPrices = UnitPrices()
  var interestMarket = InterestMarketCache()
  var behaviourMarket = BehaviourMarketCache()
  /// What was bought in each full week, as it was last counted.
  var demandHistory = DemandHistoryCache()
  var launchStudy: LaunchStudy.Making?
  var trendStudy: TrendStudy?
  var needModel: Live<NeedModel>?
  var needPredictor: NeedPredictor?
  var modelFaults: [String: ModelFault] = [:]
  var demand: Live<DemandForecasts>?
  /// The forecasts as they are shown, with the weeks they were made from.
  var demandScenes:
    (key: DemandScene.Key, history: Task<DemandHistory, Never>, task: Task<DemandScene, Never>)?
  var segments: Live<ShopSegments>?
  var segmentScenes: SegmentScene?
  /// The purchases by customer, as they were last sorted.
  var segmentLedgers = SegmentLedgerCache()
  var segmentRuleCache = SegmentRuleCache()
  var ruleSegments = RuleSegmentCache()
  var value: Live<CustomerValuation>?
  /// The values as they are shown, of one version.
  var valueScene: (version: Int, task: Task<ValueScene, Never>)?
  var churn: Live<LapseForecast>?
  /// The risks as they are shown, of one version.
  var churnScene: (version: Int, task: Task<ChurnScene, Never>)?
  var patterns: Live<ShopPatterns>?
  /// The patterns as they are shown, with the orders that they are of.
  var patternScene: (key: PatternScene.Key, task: Task<PatternScene, Never>)?
  var board: BoardSnapshot?
  var boardRefresh: Task<BoardSnapshot, any Error>?
  var needing: (key: NeedingKey?, found: [NeedCustomer]) = (nil, [])
  var eventCounted: (filters: EventQuery, events: Int, count: Int)?
  var overviewCache: (key: Overview.Key, overview: Overview)?

  private var opening: Task<Void, any Error>?
  private var startBackoff = Backoff()
  private var hasFailedToStart = false
  private var areSettingsRead = false

  private static let watchInterval = Duration.seconds(5)
  private var watcher: Task<Void, Never>?
  private var housekeeper: Task<Void, Never>?

  // Every event up to `appliedThrough` is in memory, and of the later ones those in `appliedAhead`.
  var appliedThrough: Int64 = 0
  var appliedAhead: Set<Int64> = []
  // The last changes of items and customers that are in memory.
  var itemChange: Int64 = 0
  var customerChange: Int64 = 0

  // What is computed of the log as a whole: how often it was made anew, whether it must be again, and what was put
  // while it was.
  var rebuilds = 0
  var isOutdated = false
  var rebuilding: Task<Void, any Error>?
  var putMeanwhile: [Item] = []
  /// Counts the readings of the whole shop: what was computed of an earlier one is dropped.
  var generation = 0

  /// Whether the shop can answer.
  enum Phase: Sendable, Equatable {
    case cold, loading, ready
    case failed(String)
  }

  init(
    name: String, store: any ShopStore, directory: URL, textModels: TextModels? = nil,
    sending: WebhookSending = WebhookSending(), clock: @escaping @Sendable () -> Timestamp
  ) {
    self.name = name
    webhooks = WebhookDesk(store: store, sending: sending, clock: clock)
    self.store = store
    self.directory = directory
    self.clock = clock
    settings = ShopSettings(name: name)
    jobs = JobRunner(store: store, clock: clock)
    decisions = DecisionLog(store: store)
    self.textModels = textModels
    voice = VoiceDesk(store: store, models: textModels, clock: clock)
    sharedDocuments = SharedDocuments(store: store, clock: clock)
    idempotency = IdempotencyLog(store: store, clock: clock)
  }

  /// Reads the shop into memory; afterwards it answers.
  public func load() async throws {
    guard phase != .ready, phase != .loading else { return }
    phase = .loading
    do {
      try await readSettings()
      calendar = try ShopCalendar(timeZone: settings.timeZone)
      let expected = try await store.eventCount()
      try await arrivals.run { [self] in
        await forget()
        await reserve(expected)
        try await takeUpRecords()
        try await takeUpEvents()
      }
      try await rebuildStates()
      try await readModels()
      try await readRules()
      phase = .ready
      prepareForPages()
    } catch {
      phase = .failed(String(describing: error))
      throw error
    }
  }

  /// Reads the shop into memory, then takes up the jobs that an earlier process left.
  ///
  /// Callers at the same time share one reading; after a failure the next caller tries again.
  public func start() async throws {
    let task =
      opening
      ?? Task {
        try await load()
        try await startJobs()
        if needModel != nil { startBoardRefresh() }
        watchStore()
        await webhooks.start()
        if housekeeper == nil { housekeeper = keepHouse() }
      }
    opening = task
    do {
      try await task.value
      (hasFailedToStart, startBackoff) = (false, Backoff())
    } catch {
      if opening == task { noteFailedStart() }
      throw error
    }
  }

  /// The next request after a while starts the shop again.
  private func noteFailedStart() {
    opening = nil
    hasFailedToStart = true
    startBackoff.fail(at: clock())
  }

  /// Starts the shop when nobody has yet, and again, after a while, when that failed.
  public func startIfNew() async throws {
    guard opening == nil else { return }
    if phase == .cold || (hasFailedToStart && startBackoff.isDue(at: clock())) { try await start() }
  }

  private func startJobs() async throws {
    try await jobs.start(work) { [weak self] job in await self?.cleanUp(after: job) }
    for (key, reason) in await jobs.unreadable { troubles[.jobs] = "job \(key) cannot be read: \(reason)" }
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
      .voice: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runVoiceMining(job, progress: progress)
      },
      .demand: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runDemandForecasting(job, progress: progress)
      },
      .segments: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runSegmentation(job, progress: progress)
      },
      .value: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runValuation(job, progress: progress)
      },
      .churn: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runChurn(job, progress: progress)
      },
      .patterns: { [weak self] job, progress in
        guard let self else { throw CancellationError() }
        return try await self.runPatternMining(job, progress: progress)
      },
    ]
  }

  /// Looks every few seconds for what other processes have written: events and items of a `lode import`, models of a
  /// `lode train`, settings.
  private func watchStore() {
    guard watcher == nil else { return }
    watcher = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.watchInterval)
        guard !Task.isCancelled, let self else { return }
        do {
          try await catchUpWithOthers()
          await solved(.watching)
        } catch is CancellationError {
          return
        } catch {
          // A store that is busy is looked at again the next time.
          await note(error, in: .watching)
        }
      }
    }
  }

  /// Takes up what other processes have written since: settings, items, customers, events and models.
  public func catchUpWithOthers() async throws {
    guard phase == .ready else { return }
    try await takeUpSettings()
    try await takeUpRecords()
    try await catchUp()
    try await readModels()
    try await readRules()
    await voice.lookAgain()
  }

  private func takeUpSettings() async throws {
    let found = try await ShopSettings.load(from: store) ?? ShopSettings(name: name)
    guard found != settings else { return }
    let mustReread = found.currency != settings.currency || found.timeZone != settings.timeZone
    settings = found
    guard mustReread, phase == .ready else { return }
    // Amounts and days are kept in the shop's currency and time zone, so all of them are read again.
    phase = .cold
    do {
      try await load()
    } catch {
      noteFailedStart()
      throw error
    }
    board = nil
    if needModel != nil { startBoardRefresh() }
  }

  /// The currency of amounts that name none. Events come in while the shop is still being read, so this does not wait
  /// for that, but never guesses either.
  public var currency: Currency {
    get async throws {
      try await currentSettings().currency
    }
  }

  /// The zone of times that name none, when a file's columns are guessed.
  var timeZone: String {
    get async throws { try await currentSettings().timeZone }
  }

  /// The shop's settings, read from the store when they have not been yet.
  func currentSettings() async throws -> ShopSettings {
    if !areSettingsRead { try await readSettings() }
    return settings
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

  func close() async {
    watcher?.cancel()
    housekeeper?.cancel()
    boardRefresh?.cancel()
    rebuilding?.cancel()
    contentBeingMade?.cancel()
    impressionsBeingRead?.cancel()
    await webhooks.stop()
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

extension Shop {
  private static let jobsWaiting = 100

  /// Whether more can be taken in, to be asked before a request's body is read.
  ///
  /// - Throws: `ApplicationError.overloaded` when as much waits to be written as may.
  public nonisolated func requireRoom() throws { try backlog.requireRoom() }

  /// Whether one more job can wait.
  ///
  /// - Throws: `ApplicationError.overloaded` when too many wait already, or too much to be written.
  public nonisolated func requireRoomForJob() async throws {
    try requireRoom()
    guard await jobs.list().count(where: { !$0.isOver }) < Self.jobsWaiting else {
      throw ApplicationError.overloaded(retryAfterSeconds: 30)
    }
  }
}

/// How many rows wait to be written, across all requests; a full backlog turns new ones away.
final class Backlog: Sendable {
  private let waiting = Atomic<Int>(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Throws when not even one more row would be let in.
  func requireRoom() throws {
    let waiting = waiting.load(ordering: .relaxed)
    guard waiting == 0 || waiting < limit else { throw ApplicationError.overloaded(retryAfterSeconds: 1) }
  }

  /// Runs `body` while `count` rows count as waiting.
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
