import Commerce
import Learning

extension InMemoryStore: DeadLetterStore {
  /// Keeps rows; the same row from the same source and stage is kept once.
  public func add(deadLetters: [DeadLetter]) {
    for var letter in deadLetters {
      let isKnown = letters.contains {
        $0.source == letter.source && $0.stage == letter.stage && ExactID($0.raw) == ExactID(letter.raw)
      }
      if isKnown { continue }
      letter.deadLetterID = Int64(letters.count + 1)
      letters.append(letter)
    }
  }

  /// One page, oldest first, after a number.
  public func deadLetters(
    status: DeadLetter.Status?, stage: DeadLetter.Stage?, after deadLetterID: Int64, limit: Int
  ) -> [DeadLetter] {
    let found = letters.lazy.filter {
      $0.deadLetterID > deadLetterID && (status == nil || $0.status == status)
        && (stage == nil || $0.stage == stage)
    }
    return Array(found.prefix(max(0, limit)))
  }

  /// The row with this number.
  public func deadLetter(_ deadLetterID: Int64) -> DeadLetter? {
    letters.first { $0.deadLetterID == deadLetterID }
  }

  /// Records what has been done about a row.
  public func setStatus(_ status: DeadLetter.Status, ofDeadLetter deadLetterID: Int64) throws {
    guard let index = letters.firstIndex(where: { $0.deadLetterID == deadLetterID }) else {
      throw StorageError.notFound(what: "dead letter", id: String(deadLetterID))
    }
    letters[index].status = status
  }

  /// Opens a row again that has failed once more.
  public func reopen(
    deadLetter deadLetterID: Int64, stage: DeadLetter.Stage, field: String?, reason: String
  ) throws {
    guard let index = letters.firstIndex(where: { $0.deadLetterID == deadLetterID }) else {
      throw StorageError.notFound(what: "dead letter", id: String(deadLetterID))
    }
    // The same row may have failed at that stage before: there is one letter of a row and stage.
    let isTaken = letters.contains {
      $0.deadLetterID != deadLetterID && $0.source == letters[index].source && $0.stage == stage
        && ExactID($0.raw) == ExactID(letters[index].raw)
    }
    if !isTaken { letters[index].stage = stage }
    letters[index].field = field
    letters[index].reason = reason
    letters[index].status = .open
  }

  /// How many rows there are of each status.
  public func deadLetterCounts() -> [DeadLetter.Status: Int] {
    letters.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }
}

extension InMemoryStore: ModelStore {
  /// Saves a model as the next version of its name.
  public func save(_ envelope: ModelEnvelope, name: String) -> Int {
    let version = (lastVersions[name] ?? 0) + 1
    lastVersions[name] = version
    models.append((name, version, envelope))
    return version
  }

  /// The envelope of a version, or nil.
  public func model(named name: String, version: Int) -> ModelEnvelope? {
    models.first { $0.name == name && $0.version == version }?.envelope
  }

  /// What is known of all versions of all names, newest first.
  public func modelRecords() -> [ModelRecord] {
    models.reversed().map { model in
      let wasLive = promotions.contains { $0.name == model.name && $0.version == model.version }
      let isLive = live(model.name).last == model.version
      return ModelRecord(
        name: model.name, version: model.version, state: isLive ? .live : wasLive ? .retired : .staged,
        header: model.envelope.header)
    }
  }

  /// Makes a version the live one of its name.
  public func promote(name: String, version: Int) throws {
    guard model(named: name, version: version) != nil else {
      throw LearningError.unknownModel(name: name, version: version)
    }
    if live(name).last != version { promotions.append((name, version, false)) }
  }

  /// Makes the version that was live before live again, and returns its number.
  public func rollBack(name: String) throws -> Int {
    let history = live(name)
    guard history.count >= 2, let last = promotions.lastIndex(where: { $0.name == name && !$0.isUndone })
    else {
      throw LearningError.unknownModel(name: name, version: nil)
    }
    promotions[last].isUndone = true
    return history[history.count - 2]
  }

  /// Removes the versions of a name but the newest `kept`, the live one and the one to roll back to.
  public func removeVersions(ofModel name: String, keeping kept: Int) -> [Int] {
    let versions = models.filter { $0.name == name }.map(\.version).sorted()
    let spared = Set(versions.suffix(max(0, kept)) + live(name).suffix(2))
    let removed = versions.filter { !spared.contains($0) }
    models.removeAll { $0.name == name && removed.contains($0.version) }
    promotions.removeAll { $0.name == name && removed.contains($0.version) }
    return removed
  }

  /// The versions of a name that were made live and not rolled back, the live one last.
  private func live(_ name: String) -> [Int] {
    promotions.filter { $0.name == name && !$0.isUndone }.map(\.version)
  }
}

extension InMemoryStore: DecisionStore {
  /// Records decisions; one that is there already stays as it is.
  public func record(decisions: [DecisionRecord]) {
    for decision in decisions where self.decisions[ExactID(decision.decisionID)] == nil {
      self.decisions[ExactID(decision.decisionID)] = decision
    }
  }

  /// The decision with this id.
  public func decision(_ decisionID: String) -> DecisionRecord? { decisions[ExactID(decisionID)] }

  /// The events that carry this decision's id, in order of arrival.
  public func feedback(onDecision decisionID: String) -> [StoredEvent] {
    events.indices.filter { events[$0].decisionID.map(ExactID.init) == ExactID(decisionID) }.map(stored)
  }

  /// Streams the decisions made at a moment or after it, the oldest first.
  public func scanDecisions(
    madeSince moment: Timestamp, batchSize: Int, _ body: @Sendable ([DecisionRecord]) throws -> Void
  ) throws {
    precondition(batchSize > 0, "a batch holds at least one decision")
    let found = decisions.filter { $0.value.madeAt >= moment }.sorted {
      ($0.value.madeAt, $0.key) < ($1.value.madeAt, $1.key)
    }
    try Self.deliver(found.map(\.value), batchSize, body)
  }

  /// Removes decisions made before a moment, the oldest first, at most so many.
  public func removeDecisions(madeBefore moment: Timestamp, limit: Int) -> Int {
    let old = decisions.filter { $0.value.madeAt < moment }.sorted {
      ($0.value.madeAt, $0.key) < ($1.value.madeAt, $1.key)
    }
    let removed = old.prefix(max(0, limit))
    for (id, _) in removed { decisions[id] = nil }
    return removed.count
  }
}

extension InMemoryStore: DocumentStore {
  /// Saves a document, replacing one with the same key.
  public func put(_ document: JSONValue, collection: String, key: String) {
    documentTable[collection, default: [:]][ExactID(key)] = document
  }

  /// The document with this key.
  public func document(collection: String, key: String) -> JSONValue? {
    documentTable[collection]?[ExactID(key)]
  }

  /// All documents of a collection in order of key.
  public func documents(collection: String) -> [(key: String, document: JSONValue)] {
    (documentTable[collection] ?? [:]).sorted { $0.key < $1.key }.map { (key: $0.key.id, document: $0.value) }
  }

  /// Removes a document; removing what is not there is fine.
  public func remove(collection: String, key: String) { documentTable[collection]?[ExactID(key)] = nil }
}
