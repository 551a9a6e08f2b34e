import Commerce
import Foundation
import Ingestion
import Storage

/// What became of a batch of events.
public struct IngestReport: Sendable, Equatable {
  /// How many are on disk now and were not before; an order with lines counts once a line.
  public var accepted = 0
  /// How many were on disk already.
  public var duplicates = 0
  /// Those not taken in, with the reason.
  public var rejected: [Rejection] = []

  /// One event that was not taken in.
  public struct Rejection: Sendable, Equatable {
    /// Its place in the batch, from 0.
    public var index: Int
    /// Its id, when it had one.
    public var eventID: String?
    /// The field at fault.
    public var field: String?
    /// What was wrong and what was expected.
    public var reason: String

    /// One event that was not taken in.
    public init(index: Int, eventID: String?, field: String?, reason: String) {
      self.index = index
      self.eventID = eventID
      self.field = field
      self.reason = reason
    }

    var json: JSONValue {
      [
        "index": JSONValue(index), "event_id": JSONValue(eventID), "field": JSONValue(field),
        "reason": .string(reason),
      ]
    }
  }

  /// The report as the API shows it.
  public var json: JSONValue {
    [
      "accepted": JSONValue(accepted), "duplicates": JSONValue(duplicates),
      "rejected": .array(rejected.map(\.json)),
    ]
  }
}

extension Shop {
  /// Takes in a batch as it was read: stores its events, keeps what could not be read as dead letters. When it
  /// returns, the events accepted are durable and answers know them.
  ///
  /// - Throws: `ApplicationError.overloaded` when too much waits to be written already.
  public nonisolated func ingest(
    _ batch: [Result<Event, RowRejection>], source: String
  ) async throws -> IngestReport {
    try await backlog.admitting(batch.count) {
      var tally = Tally(source: source, now: clock())
      let events = try await lines(of: batch, &tally)
      let outcomes = try await store.append(events.map(\.event))
      for ((index, event), outcome) in zip(events, outcomes) { tally.note(outcome, of: event, at: index) }
      // First: what is stored must be known even when the dead letters cannot be kept.
      if !tally.stored.isEmpty { await take(in: tally.stored) }
      if !tally.deadLetters.isEmpty { try await store.add(deadLetters: tally.deadLetters) }
      // By their places in the batch, whatever the stage at which they failed.
      tally.report.rejected.sort { $0.index < $1.index }
      return tally.report
    }
  }

  /// The events of a batch, each with its place there: an order that came with its lines is as many events.
  private nonisolated func lines(
    of batch: [Result<Event, RowRejection>], _ tally: inout Tally
  ) async throws -> [(index: Int, event: Event)] {
    var events: [(index: Int, event: Event)] = []
    events.reserveCapacity(batch.count)
    for (index, row) in batch.enumerated() {
      do {
        var event = try row.get()
        CanonicalIDs.compose(&event)
        if event.itemID == nil, event.properties["products"] != nil,
          let lines = try OrderLines.events(of: event, currency: try await currency)
        {
          events += lines.map {
            var line = $0
            CanonicalIDs.compose(&line)
            return (index, line)
          }
        } else {
          events.append((index, event))
        }
      } catch let rejection as RowRejection {
        tally.reject(rejection, at: index)
      }
    }
    return events
  }

  private func take(in stored: [EventFrame.Row]) {
    for row in stored { apply(row) }
    lastIngestedAt = clock()
  }

  /// One page of the events that match, newest first.
  public nonisolated func events(_ query: EventQuery, page: PageRequest) async throws -> Page {
    var query = query
    CanonicalIDs.compose(&query.customerID)
    CanonicalIDs.compose(&query.itemID)
    query.limit = page.limit + 1
    if let cursor = page.cursor { query.after = try EventQuery.Position(cursor: cursor) }
    let found = try await store.events(matching: query)
    let shown = Array(found.prefix(page.limit))
    let next = found.count > page.limit ? shown.last.map { EventQuery.Position($0).cursor } : nil
    return Page(
      name: "events", items: await json(shown), nextCursor: next, total: await eventCount(query))
  }

  /// The event with an id.
  public nonisolated func event(_ id: String) async throws -> JSONValue {
    guard let event = try await store.events(withIDs: [CanonicalIDs.composed(id)]).first else {
      throw ApplicationError.notFound(what: "event", id: id)
    }
    return await json([event])[0]
  }

  /// Events as the API shows them, with what the catalogue says of their items.
  nonisolated func json(_ events: [StoredEvent]) async -> [JSONValue] {
    let about = await labels(ofItems: events.compactMap(\.event.itemID))
    return events.map { stored in
      var json = stored.event.jsonValue
      if let item = stored.event.itemID {
        json["item_title"] = .string(about[item]?.title ?? item)
        json["category"] = JSONValue(about[item]?.category)
      }
      return json
    }
  }

  /// What to call items, and their categories.
  func labels(ofItems ids: [String]) -> [String: (title: String, category: String?)] {
    Dictionary(
      ids.map { ($0, (catalogue.title(of: $0), catalogue.category(of: $0))) }, uniquingKeysWith: { $1 })
  }
}

/// What becomes of a batch's events, collected one by one.
private struct Tally {
  let source: String
  let now: Timestamp
  var report = IngestReport()
  var stored: [EventFrame.Row] = []
  var deadLetters: [DeadLetter] = []

  mutating func note(_ outcome: AppendOutcome, of event: Event, at index: Int) {
    switch outcome {
    case .stored(let sequence):
      report.accepted += 1
      stored.append(EventFrame.Row(StoredEvent(sequence: sequence, event: event)))
    case .duplicate: report.duplicates += 1
    case .conflict:
      reject(
        RowRejection(
          stage: .conflict, field: "event_id",
          reason: "another event with this id and other content is stored already", eventID: event.eventID,
          raw: event.jsonValue.json),
        at: index)
    }
  }

  mutating func reject(_ rejection: RowRejection, at index: Int) {
    report.rejected.append(
      .init(index: index, eventID: rejection.eventID, field: rejection.field, reason: rejection.reason))
    deadLetters.append(
      DeadLetter(
        stage: rejection.stage, source: "\(source):\(index + 1)", kind: "events", field: rejection.field,
        reason: rejection.reason, raw: rejection.raw, receivedAt: now))
  }
}

extension EventQuery.Position {
  init(_ stored: StoredEvent) { self.init(timestamp: stored.event.timestamp, sequence: stored.sequence) }

  var cursor: String { "\(timestamp.milliseconds).\(sequence)" }

  init(cursor: String) throws {
    let parts = cursor.split(separator: ".").map { Int64($0) }
    guard parts.count == 2, let time = parts[0], let sequence = parts[1] else {
      throw ApplicationError.invalidParameter(
        name: "cursor", value: cursor, expected: "the next_cursor of the page before")
    }
    self.init(timestamp: Timestamp(milliseconds: time), sequence: sequence)
  }
}

extension EventFrame.Row {
  /// The columns of a stored event.
  init(_ stored: StoredEvent) {
    let event = stored.event
    self.init(
      sequence: stored.sequence, kind: event.kind, customerID: event.customerID, sessionID: event.sessionID,
      itemID: event.itemID, orderID: event.orderID, timestamp: event.timestamp, quantity: event.quantity,
      amount: event.amount, discount: event.discount, rating: event.rating, channel: event.channel,
      device: event.device, query: event.query, campaign: event.campaign)
  }
}

extension StoredEvent {
  /// What a row holds of its event: all that features look at.
  init(_ row: EventFrame.Row) {
    self.init(
      sequence: row.sequence,
      event: Event(
        eventID: "", kind: row.kind, customerID: row.customerID, sessionID: row.sessionID, itemID: row.itemID,
        timestamp: row.timestamp, quantity: row.quantity, amount: row.amount, rating: row.rating,
        orderID: row.orderID, properties: row.discount.map { ["discount": .number($0)] } ?? [:]))
  }
}
