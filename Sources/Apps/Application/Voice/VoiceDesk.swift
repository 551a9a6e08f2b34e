import Commerce
import Foundation
import Learning
import Needs
import Storage
import TextAnalysis

/// What a shop's customers wrote, as it was read: brought into memory when it is first asked for, kept current as texts arrive,
/// mined anew when asked to.
actor VoiceDesk {
  /// What was last shown, with what it was made of.
  struct Current: Sendable {
    let view: VoiceView
    /// When the needs were mined.
    let minedAt: Timestamp
    let version: Int
    /// How many texts came after the mining and were too many to read.
    let unread: Int
    let words: OnDemand<[VoiceWord]>
  }

  private let store: any ShopStore
  private let clock: @Sendable () -> Timestamp
  private var models: TextModels?
  private var reading: VoiceReading?
  private var live: (version: Int, minedAt: Timestamp)?
  /// Every text with an event of this sequence or an earlier one has been read, or counted as unread.
  private var readThrough: Int64 = 0
  private var unread = 0
  private var decisionKeys: [String] = []
  private var shown: Current?
  private var isStale = true
  private var mustLook = true
  private var catchingUp: Task<Void, Never>?
  private var searches: (through: Int64, at: ContinuousClock.Instant, found: [UnmetSearch])?
  // One after another: whatever changes what is read.
  private let steps = SerialTasks()

  /// Of more texts only the newest are mined; what comes later is read up to as many again as a fifth of them.
  static let mostTexts = 100_000
  private static let mostLater = 20_000

  init(store: any ShopStore, models: TextModels?, clock: @escaping @Sendable () -> Timestamp) {
    (self.store, self.models, self.clock) = (store, models, clock)
  }

  /// Tells what was spent, when that is asked for.
  typealias SpendingSource = @Sendable () async -> Spending

  /// Another process may have mined or decided since: the next question looks.
  func lookAgain() { mustLook = true }

  /// What was read, as of an event.
  ///
  /// - Parameter sequence: the shop's last event; texts up to it are read first.
  /// - Throws: `ApplicationError.notTrained` until needs have been mined, `TextError.missingFile` without the models of texts.
  func current(through sequence: Int64, _ spending: @escaping SpendingSource) async throws -> Current {
    let current = try await steps.run { [self] in try await updated(through: sequence, spending) }
    guard let current else { throw ApplicationError.notTrained(what: "voice board") }
    return current
  }

  /// What was last shown, be it a little old; nil when nothing was. It is brought up to date behind the answer.
  func inPassing(through sequence: Int64, _ spending: @escaping SpendingSource) -> Current? {
    if catchingUp == nil, mustLook || isStale || (reading != nil && sequence > readThrough) {
      catchingUp = Task {
        // Who asks for it by itself is told what went wrong.
        _ = try? await self.current(through: sequence, spending)
        catchingUp = nil
      }
    }
    return shown
  }

  private func updated(through sequence: Int64, _ spending: SpendingSource) async throws -> Current? {
    if mustLook {
      try await takeUpModel()
      try await takeUpDecisions()
      mustLook = false
    }
    if reading != nil, sequence > readThrough { try await takeUpTexts(through: sequence) }
    if isStale, let reading { try await build(reading, spending) }
    return reading == nil ? nil : shown
  }

  private func build(_ reading: VoiceReading, _ spending: SpendingSource) async throws {
    guard let live else { return }
    let spent = await spending()
    let unread = unread
    shown = try await Self.onBackground {
      let view = VoiceView(reading) { spent.total(of: $0, with: $1) }
      return Current(
        view: view, minedAt: live.minedAt, version: live.version, unread: unread,
        words: OnDemand { view.words() })
    }
    isStale = false
  }

  private static func onBackground<Value: Sendable>(
    _ work: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withTaskExecutorPreference(BackgroundExecutor.shared) { try await work() }
  }

  // MARK: The model

  /// Takes the version that is live in the store into use; another process may have mined it.
  private func takeUpModel() async throws {
    let records = try await store.modelRecords().filter { $0.name == ModelName.voice && $0.state == .live }
    guard let record = records.first, record.version != live?.version else { return }
    if let fault = record.fault { throw LearningError.corruptModel(reason: fault) }
    guard let envelope = try await store.model(named: record.name, version: record.version) else { return }
    let tools = try await tools()
    let minedThrough = Int64(record.header.report["read_through"]?.integer ?? 0)
    let texts = try await texts(through: minedThrough)
    let documents = try await decisionDocuments()
    reading = try await Self.onBackground {
      VoiceReading(
        try envelope.model(as: VoiceModel.self), decisions: documents.map(\.decision), minedTexts: texts,
        tools: tools)
    }
    (readThrough, unread, isStale) = (minedThrough, 0, true)
    decisionKeys = documents.map(\.key)
    live = (record.version, record.header.trainedAt)
  }

  /// What texts are read with.
  ///
  /// - Throws: `TextError.missingFile` when models have not been trained.
  private func tools() async throws -> VoiceTools {
    guard let models else {
      throw TextError.missingFile(path: "the models of texts", hint: "'make text' fetches and trains them")
    }
    return try await Self.onBackground { try models.voiceTools() }
  }

  // MARK: Texts

  /// Reads what was written since.
  private func takeUpTexts(through sequence: Int64) async throws {
    let rows = try await textRows(after: readThrough)
    let tools = rows.isEmpty ? nil : try await tools()
    for start in stride(from: 0, to: rows.count, by: 500) {
      guard let reading, let tools else { return }
      guard reading.texts.count < Self.mostTexts + Self.mostLater else {
        (unread, isStale) = (unread + rows.count - start, true)
        break
      }
      let texts = try await store.events(atSequences: Array(rows[start..<min(start + 500, rows.count)]))
        .compactMap(text(of:))
      guard !texts.isEmpty else { continue }
      self.reading = try await Self.onBackground {
        var reading = reading
        try reading.add(texts, tools)
        return reading
      }
      isStale = true
    }
    readThrough = max(readThrough, sequence)
  }

  /// The text of an event; nil when it has none. One that is dated ahead counts as of now: nothing is newer than that.
  private func text(of stored: StoredEvent) -> VoiceText? {
    stored.event.text.map {
      VoiceText(
        eventID: stored.event.eventID, text: $0, customerID: stored.event.customerID,
        itemID: stored.event.itemID, timestamp: min(stored.event.timestamp, clock()),
        rating: stored.event.rating)
    }
  }

  private func textRows(after sequence: Int64) async throws -> [Int64] {
    let found = Collected<Int64>()
    try await store.scan(after: sequence, batchSize: 50_000) { rows in
      found.add(rows.filter { $0.kind == .review || $0.kind == .message }.map(\.sequence))
    }
    return found.values
  }

  /// The newest texts among the events up to one, oldest first.
  private func texts(through sequence: Int64) async throws -> [VoiceText] {
    var found: [StoredEvent] = []
    for kind in [EventKind.review, .message] {
      var query = EventQuery(kind: kind, limit: 1_000)
      var count = 0
      while count < Self.mostTexts {
        let page = try await store.events(matching: query)
        found += page.filter { $0.sequence <= sequence && $0.event.text != nil }
        count += page.count
        guard let last = page.last, page.count == query.limit else { break }
        query.after = .init(timestamp: last.event.timestamp, sequence: last.sequence)
      }
    }
    found.sort { ($0.event.timestamp, $0.sequence) < ($1.event.timestamp, $1.sequence) }
    return found.suffix(Self.mostTexts).compactMap(text(of:))
  }

  // MARK: Mining

  /// Mines all texts after what people decided, and takes what it finds into use.
  ///
  /// - Throws: `TextError.missingFile`, `NeedError`, `CancellationError`.
  func mine(
    _ configuration: VoiceOfCustomer.Configuration, models: TextModels?, through sequence: Int64,
    now: Timestamp, context: FitContext
  ) async throws {
    if let models { self.models = models }
    let tools = try await tools()
    let texts = try await texts(through: sequence)
    guard !texts.isEmpty else {
      throw NeedError.notEnoughData(needed: "reviews or messages with a text", found: "none")
    }
    let documents = try await decisionDocuments()
    let previous = try await lastModel()
    let mined = try await Self.onBackground {
      try await VoiceOfCustomer(configuration: configuration, tools: tools).mine(
        texts, decisions: documents.map(\.decision), previous: previous, context: context)
    }
    let envelope = try ModelEnvelope(
      mined.model, configuration: try JSONValue(encoding: configuration), trainedAt: now,
      dataFingerprint: "\(texts.count) texts through event \(sequence)",
      metrics: ["needs": Double(mined.model.groups.count), "texts": Double(texts.count)],
      report: ["read_through": JSONValue(Double(sequence))])
    let version = try await store.save(envelope, name: ModelName.voice)
    try await store.promote(name: ModelName.voice, version: version)
    try await steps.run { [self] in
      await take(mined, version: version, minedAt: now, through: sequence, documents.map(\.key))
      // What was decided while the texts were mined.
      try await takeUpDecisions()
    }
  }

  private func take(
    _ mined: VoiceReading, version: Int, minedAt: Timestamp, through sequence: Int64, _ keys: [String]
  ) {
    (reading, live) = (mined, (version, minedAt))
    (readThrough, unread, decisionKeys, isStale) = (sequence, 0, keys, true)
  }

  /// The model of the last run, whose ids the next one keeps; nil before the first or when it cannot be read any more.
  private func lastModel() async throws -> VoiceModel? {
    let records = try await store.modelRecords().filter { $0.name == ModelName.voice && $0.state == .live }
    guard let record = records.first else { return nil }
    if let reading, live?.version == record.version { return reading.model }
    let envelope = try await store.model(named: record.name, version: record.version)
    return try? envelope?.model(as: VoiceModel.self)
  }

  // MARK: Decisions

  private static let decisionCollection = "voice-decisions"

  /// Notes what a person decided; it holds at once and in every later run.
  ///
  /// - Throws: what `action` throws for a need that is not on the board.
  func decide(
    through sequence: Int64, _ spending: @escaping SpendingSource, by person: String?, at moment: Timestamp,
    on id: String, _ action: @escaping @Sendable (VoiceView) throws -> AnalystDecision.Action
  ) async throws -> String {
    let view = try await current(through: sequence, spending).view
    return try await steps.run { [self] in
      guard let need = view.need(id) else {
        throw ApplicationError.notFound(what: "need in what customers wrote", id: id)
      }
      let decision = AnalystDecision(
        needID: need.needID, members: need.members, action: try action(view), decidedAt: moment,
        decidedBy: person)
      let count = try await decisionDocuments().count
      // In order, whatever the clocks of several machines say.
      let key = String(format: "%09d-%@", count, UUID().uuidString)
      try await store.put(
        try JSONValue(encoding: decision), collection: Self.decisionCollection, key: key)
      try await takeUpDecisions()
      return need.needID
    }
  }

  private func takeUpDecisions() async throws {
    guard reading != nil else { return }
    let documents = try await decisionDocuments()
    let keys = documents.map(\.key)
    guard keys != decisionKeys else { return }
    reading?.decisions = documents.map(\.decision)
    (decisionKeys, isStale) = (keys, true)
  }

  /// All that people decided, oldest first.
  private func decisionDocuments() async throws -> [(key: String, decision: AnalystDecision)] {
    try await store.documents(collection: Self.decisionCollection).map {
      ($0.key, try JSONDecoder().decode(AnalystDecision.self, from: Data($0.document.serialized)))
    }
  }

  // MARK: Searches

  private static let mostSearches = 200_000

  /// What customers search for and do not find, of the newest searches and views; as of at most a minute ago.
  func unmetSearches(through sequence: Int64) async throws -> [UnmetSearch] {
    try await steps.run { [self] in try await searched(through: sequence) }
  }

  private func searched(through sequence: Int64) async throws -> [UnmetSearch] {
    if let searches, searches.through == sequence || searches.at.duration(to: .now) < .seconds(60) {
      return searches.found
    }
    let store = store
    let found = try await Self.onBackground {
      var records: [SearchRecord] = []
      for kind in [EventKind.search, .view] {
        var query = EventQuery(kind: kind, limit: 1_000)
        var seen = 0
        while seen < Self.mostSearches {
          let page = try await store.events(matching: query)
          seen += page.count
          records += page.compactMap { SearchRecord($0.event) }
          guard let last = page.last, page.count == query.limit else { break }
          query.after = .init(timestamp: last.event.timestamp, sequence: last.sequence)
        }
      }
      return try UnmetSearches().mine(records)
    }
    searches = (sequence, .now, found)
    return found
  }
}
