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
    let words: OnDemand<[VoiceWord]>
  }

  private let store: any ShopStore
  private var models: TextModels?
  private var reading: VoiceReading?
  private var live: (version: Int, minedAt: Timestamp)?
  /// Every text with an event of this sequence or an earlier one has been read.
  private var readThrough: Int64 = 0
  private var decisionsRead = 0
  private var current: Current?
  private var buildTime = Duration.zero
  private var builtAt = ContinuousClock.now
  private var looked: ContinuousClock.Instant?
  private let steps = SerialTasks()

  private static let cheap = Duration.milliseconds(100)
  private static let lookInterval = Duration.seconds(5)
  /// Of more texts only the newest are read.
  static let mostTexts = 100_000

  init(store: any ShopStore, models: TextModels?) { (self.store, self.models) = (store, models) }

  /// Tells what was spent, when that is asked for.
  typealias SpendingSource = @Sendable () async -> Spending

  /// What was read, as of an event.
  ///
  /// - Parameter sequence: the shop's last event; texts up to it are read first.
  /// - Throws: `ApplicationError.notTrained` until needs have been mined, `TextError.missingFile` without the models of texts.
  func current(through sequence: Int64, _ spending: @escaping SpendingSource) async throws -> Current {
    try await steps.run { [self] in try await update(through: sequence, spending) }
    guard let current else { throw ApplicationError.notTrained(what: "voice board") }
    return current
  }

  private func update(through sequence: Int64, _ spending: SpendingSource) async throws {
    try await takeUpModel()
    try await takeUpDecisions()
    // A view costs more the more there is; texts that stream in do not make one for each.
    let mayRead =
      current == nil || buildTime < Self.cheap || builtAt.duration(to: .now) >= buildTime * 2
    if reading != nil, sequence > readThrough, mayRead { try await takeUpTexts(through: sequence) }
    if current == nil, let reading { try await build(reading, spending) }
  }

  private func build(_ reading: VoiceReading, _ spending: SpendingSource) async throws {
    guard let live else { return }
    let started = ContinuousClock.now
    let spent = await spending()
    current = try await Self.onBackground {
      let view = VoiceView(reading) { spent.total(of: $0, with: $1) }
      return Current(
        view: view, minedAt: live.minedAt, version: live.version, words: OnDemand { view.words() })
    }
    builtAt = .now
    buildTime = started.duration(to: .now)
  }

  private static func onBackground<Value: Sendable>(
    _ work: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withTaskExecutorPreference(BackgroundExecutor.shared) { try await work() }
  }

  // MARK: The model

  /// Takes the version that is live in the store into use; another process may have mined it.
  private func takeUpModel() async throws {
    if let looked, looked.duration(to: .now) < Self.lookInterval { return }
    looked = .now
    let records = try await store.modelRecords().filter { $0.name == ModelName.voice && $0.state == .live }
    guard let record = records.first, record.version != live?.version else { return }
    if let fault = record.fault { throw LearningError.corruptModel(reason: fault) }
    guard let envelope = try await store.model(named: record.name, version: record.version) else { return }
    let tools = try await tools()
    let minedThrough = Int64(record.header.report["read_through"]?.integer ?? 0)
    let texts = try await texts(through: minedThrough)
    let decisions = try await Self.decisions(in: store)
    reading = try await Self.onBackground {
      VoiceReading(
        try envelope.model(as: VoiceModel.self), decisions: decisions, minedTexts: texts, tools: tools)
    }
    (readThrough, decisionsRead, current) = (minedThrough, decisions.count, nil)
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
    let tools = try await tools()
    for start in stride(from: 0, to: rows.count, by: 500) {
      let slice = Array(rows[start..<min(start + 500, rows.count)])
      let texts = try await store.events(atSequences: slice).compactMap(VoiceText.init)
      guard !texts.isEmpty, let reading else { continue }
      self.reading = try await Self.onBackground {
        var reading = reading
        try reading.add(texts, tools)
        return reading
      }
      current = nil
    }
    readThrough = max(readThrough, sequence)
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
    return found.suffix(Self.mostTexts).compactMap(VoiceText.init)
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
    let decisions = try await Self.decisions(in: store)
    let previous = try await lastModel()
    let mined = try await Self.onBackground {
      try await VoiceOfCustomer(configuration: configuration, tools: tools).mine(
        texts, decisions: decisions, previous: previous, context: context)
    }
    let envelope = try ModelEnvelope(
      mined.model, configuration: try JSONValue(encoding: configuration), trainedAt: now,
      dataFingerprint: "\(texts.count) texts through event \(sequence)",
      metrics: ["needs": Double(mined.model.groups.count), "texts": Double(texts.count)],
      report: ["read_through": JSONValue(Double(sequence))])
    let version = try await store.save(envelope, name: ModelName.voice)
    try await store.promote(name: ModelName.voice, version: version)
    try await steps.run { [self] in
      await take(mined, version: version, minedAt: now, through: sequence, decisions: decisions.count)
      try await takeUpDecisions()
    }
  }

  private func take(
    _ mined: VoiceReading, version: Int, minedAt: Timestamp, through sequence: Int64, decisions: Int
  ) {
    (reading, live, current) = (mined, (version, minedAt), nil)
    (readThrough, decisionsRead, looked) = (sequence, decisions, .now)
  }

  /// The model of the last run, whose ids the next one keeps; nil before the first or when it cannot be read any more.
  private func lastModel() async throws -> VoiceModel? {
    if let reading { return reading.model }
    let records = try await store.modelRecords().filter { $0.name == ModelName.voice && $0.state == .live }
    guard let record = records.first else { return nil }
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
      let count = try await store.documents(collection: Self.decisionCollection).count
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
    let all = try await Self.decisions(in: store)
    guard all.count > decisionsRead else { return }
    for decision in all[decisionsRead...] { reading?.add(decision) }
    (decisionsRead, current) = (all.count, nil)
  }

  /// All that people decided, oldest first.
  static func decisions(in store: any DocumentStore) async throws -> [AnalystDecision] {
    try await store.documents(collection: decisionCollection).map {
      try JSONDecoder().decode(AnalystDecision.self, from: Data($0.document.serialized))
    }
  }
}

extension VoiceText {
  /// The text of an event; nil when it has none.
  init?(_ stored: StoredEvent) {
    guard let text = stored.event.text else { return nil }
    self.init(
      eventID: stored.event.eventID, text: text, customerID: stored.event.customerID,
      itemID: stored.event.itemID, timestamp: stored.event.timestamp, rating: stored.event.rating)
  }
}
