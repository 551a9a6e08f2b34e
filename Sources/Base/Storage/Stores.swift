import Commerce
import Learning

/// What became of one event that was handed to a store.
public enum AppendOutcome: Sendable, Equatable {
  /// It is on disk, at this place in the order of arrival.
  case stored(sequence: Int64)
  /// The same event was there already.
  case duplicate
  /// Another event with the same id was there already; nothing was changed.
  case conflict
}

/// The log of a shop's events: appended to, never changed.
public protocol EventStore: Sendable {
  /// Stores events in one transaction. When it returns they are durable.
  ///
  /// - Returns: one outcome per event, in the same order.
  func append(_ events: [Event]) async throws -> [AppendOutcome]

  /// The events with these ids, in no particular order; unknown ids are left out.
  func events(withIDs ids: [String]) async throws -> [StoredEvent]

  /// The events at these places in the order of arrival.
  func events(atSequences sequences: [Int64]) async throws -> [StoredEvent]

  /// One page of the events that match, newest first.
  func events(matching query: EventQuery) async throws -> [StoredEvent]

  /// Streams all events after a place in order of arrival, in batches, in memory bounded by the batch.
  func scan(after sequence: Int64, batchSize: Int, _ body: @Sendable ([EventFrame.Row]) throws -> Void)
    async throws

  /// How many events there are.
  func eventCount() async throws -> Int
}

/// A store that can take many events at once faster when told beforehand. Everything else holds as before in between:
/// ids are unique, queries are answered, if more slowly, and appends of others are durable.
public protocol BulkLoadingStore: Sendable {
  /// Readies the store for many appends.
  func beginBulkLoad() async throws
  /// Stores events as `EventStore.append` does, but for this: they survive a killed process when it returns, a power
  /// cut only once `endBulkLoad` has returned.
  func appendInBulk(_ events: [Event]) async throws -> [AppendOutcome]
  /// Ends what `beginBulkLoad` began. Not called after a crash: the store puts itself right when it is opened again.
  func endBulkLoad() async throws
}

/// Which events to list.
public struct EventQuery: Sendable, Equatable {
  /// Only this customer's.
  public var customerID: String?
  /// Only those about this item.
  public var itemID: String?
  /// Only those about items of this category.
  public var category: String?
  /// Only those of this kind.
  public var kind: EventKind?
  /// Only at or after this moment.
  public var from: Timestamp?
  /// Only before this moment.
  public var to: Timestamp?
  /// The last event of the page before: only those that come after it when listed newest first.
  public var after: Position?
  /// At most so many.
  public var limit: Int

  /// A place in the list: newest first, and among events of the same moment the last to arrive first.
  public struct Position: Sendable, Equatable {
    /// The event's time.
    public var timestamp: Timestamp
    /// The event's place in the order of arrival.
    public var sequence: Int64

    /// A place.
    public init(timestamp: Timestamp, sequence: Int64) {
      self.timestamp = timestamp
      self.sequence = sequence
    }
  }

  /// A query; without arguments it lists the newest 50 events.
  public init(
    customerID: String? = nil, itemID: String? = nil, category: String? = nil, kind: EventKind? = nil,
    from: Timestamp? = nil, to: Timestamp? = nil, after: Position? = nil, limit: Int = 50
  ) {
    self.customerID = customerID
    self.itemID = itemID
    self.category = category
    self.kind = kind
    self.from = from
    self.to = to
    self.after = after
    self.limit = limit
  }
}

/// Rows that were added or replaced, in the order in which that happened.
public struct RecordChanges<Row: Sendable>: Sendable {
  /// The rows as they are now; a row that was replaced several times is there once, at its last place.
  public var rows: [Row]
  /// The number of the last change among them; ask for those after it next.
  public var last: Int64

  /// Rows with the number of the last change among them.
  public init(rows: [Row], last: Int64) {
    self.rows = rows
    self.last = last
  }
}

/// The shop's items.
public protocol CatalogueStore: Sendable {
  /// Adds items, or replaces those with the same id, in one transaction.
  func upsert(items: [Item]) async throws
  /// The items with these ids; unknown ids are left out.
  func items(withIDs ids: [String]) async throws -> [Item]
  /// One page of items in order of the bytes of their ids: those whose id, title, brand or category contains `text`
  /// (Latin letters in either case) when it is given.
  func items(containing text: String?, category: String?, afterID: String?, limit: Int) async throws -> [Item]
  /// Streams all items in order of id.
  func scanItems(batchSize: Int, _ body: @Sendable ([Item]) throws -> Void) async throws
  /// The items added or replaced after a change, by this process or another, at most so many; after change 0 all.
  func items(changedAfter change: Int64, limit: Int) async throws -> RecordChanges<Item>
  /// How many items there are.
  func itemCount() async throws -> Int
}

/// The shop's customers, as the shop describes them. Customers known only from events are not here.
public protocol CustomerStore: Sendable {
  /// Adds customers, or replaces those with the same id, in one transaction.
  func upsert(customers: [Customer]) async throws
  /// The customers with these ids; unknown ids are left out.
  func customers(withIDs ids: [String]) async throws -> [Customer]
  /// Streams all customers in order of id.
  func scanCustomers(batchSize: Int, _ body: @Sendable ([Customer]) throws -> Void) async throws
  /// The customers added or replaced after a change, by this process or another, at most so many; after change 0 all.
  func customers(changedAfter change: Int64, limit: Int) async throws -> RecordChanges<Customer>
  /// How many customers there are.
  func customerCount() async throws -> Int
}

/// A row that could not be taken in, kept with its reason until someone fixes, replays or discards it.
public struct DeadLetter: Sendable, Equatable, Codable {
  /// Where it failed.
  public enum Stage: String, Sendable, Codable, CaseIterable {
    /// The row could not be read.
    case parse
    /// A field was missing or out of range.
    case validate
    /// Its event id was already taken by a different event.
    case conflict
  }

  /// What has been done about it.
  public enum Status: String, Sendable, Codable, CaseIterable {
    /// Nothing yet.
    case open
    /// It was fixed and taken in.
    case replayed
    /// It was given up.
    case discarded
  }

  /// Its number; the store assigns it, 0 before.
  public var deadLetterID: Int64
  /// Where it failed.
  public var stage: Stage
  /// Where it came from: `orders.csv:17` or `POST /v1/events`.
  public var source: String
  /// What it was to become: `events`, `items` or `customers`.
  public var kind: String
  /// The field at fault, when one is.
  public var field: String?
  /// What was wrong and what was expected.
  public var reason: String
  /// The row as it came.
  public var raw: String
  /// What the row needs to be read again: the key of a document with its import's mapping and header; nil for Lode's
  /// own JSON.
  public var context: String?
  /// When it came.
  public var receivedAt: Timestamp
  /// What has been done about it.
  public var status: Status

  /// A row that could not be taken in.
  public init(
    deadLetterID: Int64 = 0, stage: Stage, source: String, kind: String, field: String?, reason: String,
    raw: String,
    context: String? = nil, receivedAt: Timestamp, status: Status = .open
  ) {
    self.deadLetterID = deadLetterID
    self.stage = stage
    self.source = source
    self.kind = kind
    self.field = field
    self.reason = reason
    self.raw = raw
    self.context = context
    self.receivedAt = receivedAt
    self.status = status
  }

  private enum CodingKeys: String, CodingKey {
    case deadLetterID = "dead_letter_id"
    case stage, source, kind, field, reason, raw, context
    case receivedAt = "received_at"
    case status
  }
}

/// The rows that could not be taken in.
public protocol DeadLetterStore: Sendable {
  /// Keeps rows; the same row from the same source and stage is kept once.
  func add(deadLetters: [DeadLetter]) async throws
  /// One page, oldest first, after a number.
  func deadLetters(
    status: DeadLetter.Status?, stage: DeadLetter.Stage?, after deadLetterID: Int64, limit: Int
  ) async throws -> [DeadLetter]
  /// The row with this number.
  func deadLetter(_ deadLetterID: Int64) async throws -> DeadLetter?
  /// Records what has been done about a row.
  func setStatus(_ status: DeadLetter.Status, ofDeadLetter deadLetterID: Int64) async throws
  /// Opens a row again that has failed once more, with where it failed and why this time.
  func reopen(
    deadLetter deadLetterID: Int64, stage: DeadLetter.Stage, field: String?, reason: String
  ) async throws
  /// How many rows there are of each status.
  func deadLetterCounts() async throws -> [DeadLetter.Status: Int]
}

/// Versions of saved models by name.
public protocol ModelStore: Sendable {
  /// Saves a model as the next version of its name and returns that version's number, counted from 1. It is not live
  /// until promoted.
  func save(_ envelope: ModelEnvelope, name: String) async throws -> Int
  /// The envelope of a version, or nil.
  func model(named name: String, version: Int) async throws -> ModelEnvelope?
  /// What is known of all versions of all names, newest first.
  func modelRecords() async throws -> [ModelRecord]
  /// Makes a version the live one of its name; the live one before becomes the one to roll back to.
  func promote(name: String, version: Int) async throws
  /// Makes the version that was live before live again, and returns its number.
  func rollBack(name: String) async throws -> Int
  /// Removes the versions of a name but the newest `kept`, the live one and the one to roll back to. Their numbers are
  /// not given again.
  ///
  /// - Returns: the numbers of those removed, ascending.
  func removeVersions(ofModel name: String, keeping kept: Int) async throws -> [Int]
}

/// What is known of one version of a model, without its payload.
public struct ModelRecord: Sendable, Equatable {
  /// Whether the version is in use.
  public enum State: String, Sendable, Codable {
    /// Saved, never promoted.
    case staged
    /// In use.
    case live
    /// Was in use before.
    case retired
  }

  /// The model's name, such as `needs`.
  public var name: String
  /// The version, counted from 1.
  public var version: Int
  /// Whether it is in use.
  public var state: State
  /// Everything but the bytes.
  public var header: ModelEnvelope.Header
  /// Why the header cannot be read, when it cannot; `header` is an empty one then.
  public var fault: String?

  /// One record.
  public init(
    name: String, version: Int, state: State, header: ModelEnvelope.Header, fault: String? = nil
  ) {
    self.name = name
    self.version = version
    self.state = state
    self.header = header
    self.fault = fault
  }
}

/// What was shown to whom, with what probability: the record that later feedback is joined to.
public struct DecisionRecord: Sendable, Equatable, Codable {
  /// One thing shown.
  public struct Choice: Sendable, Equatable, Codable {
    /// The item shown.
    public var itemID: String
    /// Its score.
    public var score: Double
    /// The probability with which the policy shows it at this position.
    public var propensity: Double
    /// Its place, counted from 1.
    public var position: Int
    /// Where it came from, such as `model`; nil in records of early versions.
    public var source: String?
    /// The names of the rules that moved it; nil for none.
    public var rules: [String]?

    /// One thing shown.
    public init(
      itemID: String, score: Double, propensity: Double, position: Int, source: String? = nil,
      rules: [String]? = nil
    ) {
      self.itemID = itemID
      self.score = score
      self.propensity = propensity
      self.position = position
      self.source = source
      self.rules = rules
    }

    private enum CodingKeys: String, CodingKey {
      case itemID = "item_id"
      case score, propensity, position, source, rules
    }
  }

  /// The decision's id; events that follow from it carry it.
  public var decisionID: String
  /// What was decided, such as `recommendation`.
  public var kind: String
  /// For whom.
  public var customerID: String?
  /// When.
  public var madeAt: Timestamp
  /// The model's name and version, `ItemKNN@3`.
  public var model: String
  /// What was shown, in order.
  public var choices: [Choice]
  /// How it came about, as JSON; nil when that was not kept.
  public var trace: String?

  /// A record.
  public init(
    decisionID: String, kind: String, customerID: String?, madeAt: Timestamp, model: String,
    choices: [Choice],
    trace: String? = nil
  ) {
    self.trace = trace
    self.decisionID = decisionID
    self.kind = kind
    self.customerID = customerID
    self.madeAt = madeAt
    self.model = model
    self.choices = choices
  }
}

/// The log of decisions.
public protocol DecisionStore: Sendable {
  /// Records decisions; one whose id is there already stays as it is.
  func record(decisions: [DecisionRecord]) async throws
  /// The decision with this id.
  func decision(_ decisionID: String) async throws -> DecisionRecord?
  /// Streams the decisions made at a moment or after it, the oldest first.
  func scanDecisions(
    madeSince moment: Timestamp, batchSize: Int, _ body: @Sendable ([DecisionRecord]) throws -> Void
  ) async throws
  /// The events that carry this decision's id, in order of arrival.
  func feedback(onDecision decisionID: String) async throws -> [StoredEvent]
  /// Removes decisions made before a moment, the oldest first, at most so many; events that carry their ids stay.
  ///
  /// - Returns: how many were removed.
  func removeDecisions(madeBefore moment: Timestamp, limit: Int) async throws -> Int
}

/// Small documents by name that must survive a restart: the shop's settings, import reports, jobs, computed boards.
public protocol DocumentStore: Sendable {
  /// Saves a document, replacing one with the same key.
  func put(_ document: JSONValue, collection: String, key: String) async throws
  /// The document with this key.
  func document(collection: String, key: String) async throws -> JSONValue?
  /// All documents of a collection in order of key.
  func documents(collection: String) async throws -> [(key: String, document: JSONValue)]
  /// Removes a document; removing what is not there is fine.
  func remove(collection: String, key: String) async throws
}

/// Everything that one shop keeps.
public typealias ShopStore = EventStore & CatalogueStore & CustomerStore & DeadLetterStore & ModelStore
  & DecisionStore & DocumentStore
