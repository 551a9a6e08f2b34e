import Commerce
import Foundation
import Learning
import Recommendation
import Storage

/// What a page asks a recommender for.
public struct RecommendationRequest: Sendable, Hashable {
  /// For whom.
  public var customerID: String
  /// How many items.
  public var count: Int
  /// Whether items bought before may come again.
  public var repeatPurchases: RepeatPurchases

  /// A request.
  public init(customerID: String, count: Int = 10, repeatPurchases: RepeatPurchases = .never) {
    self.customerID = customerID
    self.count = count
    self.repeatPurchases = repeatPurchases
  }
}

/// Answers of the recommender that still hold: a customer's answer holds until the customer's next event or until
/// another model goes live.
struct RecommendationCache: Sendable {
  struct Entry: Sendable {
    let events: Int
    let version: Int
    let choices: [DecisionRecord.Choice]
    /// The answer's JSON after its decision id.
    let tail: [UInt8]
  }

  private var entries: [RecommendationRequest: Entry] = [:]
  private static let capacity = 20_000

  func entry(_ request: RecommendationRequest, events: Int, version: Int) -> Entry? {
    guard let entry = entries[request], entry.events == events, entry.version == version else { return nil }
    return entry
  }

  mutating func store(_ entry: Entry, for request: RecommendationRequest) {
    if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
    entries[request] = entry
  }
}

extension Shop {
  /// How much of a customer's history a recommender looks at, newest first.
  private static let historyLength = 1000

  /// Items for a customer, as the API answers: with reasons, the model's name and the decision's id.
  public func recommend(_ request: RecommendationRequest) async throws -> [UInt8] {
    try requireReady()
    guard let live = recommender else { throw ApplicationError.notTrained(what: "recommender") }
    let customer = frame.customers.index(of: request.customerID)
    let own = customer.map { rows.rows(of: $0) } ?? []
    var entry = recommendationCache.entry(request, events: own.count, version: live.version)
    if entry == nil {
      let history = history(of: own)
      let made = await Self.compute(
        request, history: history, live: live, catalogue: catalogue, events: own.count)
      recommendationCache.store(made, for: request)
      entry = made
    }
    guard let entry else { throw ApplicationError.notTrained(what: "recommender") }
    let decision = DecisionRecord(
      decisionID: UUID().uuidString, kind: "recommendation", customerID: request.customerID, madeAt: clock(),
      model: "\(live.header.kind)@\(live.version)", choices: entry.choices)
    await decisions.record(decision)
    return Array("{\"decision_id\":\"\(decision.decisionID)\",".utf8) + entry.tail
  }

  private func history(of rows: [Int32]) -> [HistoryItem] {
    rows.suffix(Self.historyLength).compactMap { row in
      let index = Int(row)
      guard frame.item[index] >= 0, let kind = EventKind(code: frame.kind[index]), kind.defaultWeight != 0
      else {
        return nil
      }
      return HistoryItem(frame.items[frame.item[index]], weight: Float(kind.defaultWeight))
    }
  }

  // Away from the actor: scoring all items takes longer than anything else an answer needs.
  private nonisolated static func compute(
    _ request: RecommendationRequest, history: [HistoryItem], live: Live<any Recommender>,
    catalogue: Catalogue,
    events: Int
  ) async -> RecommendationCache.Entry {
    let found = live.model.recommend(
      for: history, count: request.count, repeatPurchases: request.repeatPurchases)
    let choices = found.enumerated().map { position, item in
      DecisionRecord.Choice(itemID: item.item, score: item.score, propensity: 1, position: position + 1)
    }
    let bought = Set(history.map(\.item))
    let items = found.map { json($0, bought: bought, catalogue: catalogue) }
    let isFallback = found.contains { $0.origin == .popularityFallback }
    let answer: JSONValue = [
      "customer_id": .string(request.customerID), "fallback": isFallback ? "popularity" : nil,
      "items": .array(items), "model": live.json(named: ModelName.recommendation),
    ]
    // Without its opening brace: the decision's id comes before.
    return .init(
      events: events, version: live.version, choices: choices, tail: Array(answer.serialized.dropFirst()))
  }

  private nonisolated static func json(
    _ recommendation: Recommendation, bought: Set<String>, catalogue: Catalogue
  ) -> JSONValue {
    let item = catalogue[recommendation.item]
    var reasons = recommendation.reasons.prefix(3).map { reason(of: $0, catalogue: catalogue) }
    if bought.contains(recommendation.item) {
      reasons.insert(
        ["kind": "bought", "text": ["en": "Bought before", "zh": "以前买过"], "weight": nil, "item_id": nil],
        at: 0)
    }
    return [
      "item_id": .string(recommendation.item), "title": .string(catalogue.title(of: recommendation.item)),
      "category": JSONValue(item?.category), "brand": JSONValue(item?.brand), "price": JSONValue(item?.price),
      "score": JSONValue(recommendation.score), "reasons": .array(reasons),
    ]
  }

  private nonisolated static func reason(
    of reason: Recommendation.Reason, catalogue: Catalogue
  ) -> JSONValue {
    guard let because = reason.because else {
      return [
        "kind": "popular", "text": ["en": "Popular in the shop", "zh": "店内热销"],
        "weight": JSONValue(reason.contribution), "item_id": nil,
      ]
    }
    let title = catalogue.title(of: because)
    return [
      "kind": "similar",
      "text": [
        "en": .string("Often bought by customers who bought \(title)"), "zh": .string("买过「\(title)」的客户也常买"),
      ],
      "item_id": .string(because), "weight": JSONValue(reason.contribution),
    ]
  }

  /// The items most like another.
  public func similarItems(to id: String, count: Int) throws -> JSONValue {
    try requireReady()
    guard let live = recommender else { throw ApplicationError.notTrained(what: "recommender") }
    guard catalogue[id] != nil || frame.items.index(of: id) != nil else {
      throw ApplicationError.notFound(what: "item", id: id)
    }
    let items = live.model.similarItems(to: id, count: count).map { similar -> JSONValue in
      [
        "item_id": .string(similar.item), "title": .string(catalogue.title(of: similar.item)),
        "category": JSONValue(catalogue.category(of: similar.item)), "score": JSONValue(similar.similarity),
        "reasons": [],
      ]
    }
    return ["model": live.json(named: ModelName.recommendation), "items": .array(items)]
  }

  /// A decision with what followed from it.
  public func decision(_ id: String) async throws -> JSONValue {
    guard let decision = try await decisions.decision(id) else {
      throw ApplicationError.notFound(what: "decision", id: id)
    }
    let feedback = try await store.feedback(onDecision: id)
    return [
      "decision_id": .string(id), "kind": .string(decision.kind),
      "customer_id": JSONValue(decision.customerID),
      "made_at": JSONValue(decision.madeAt),
      "model": [
        "name": .string(ModelName.recommendation),
        "kind": JSONValue(decision.model.split(separator: "@").first.map(String.init)),
        "version": JSONValue(decision.model.split(separator: "@").last.flatMap { Double($0) }),
      ],
      "items": try JSONValue(encoding: decision.choices), "feedback": .array(feedback.map { json($0) }),
    ]
  }

  /// Notes what followed from a decision, as an event that carries its id.
  ///
  /// In a shop whose data end in the past the event belongs to their end, as the decision did: a click of today would
  /// make all that the shop knows look years old.
  public func addFeedback(
    toDecision id: String, kind: EventKind, itemID: String, eventID: String?,
    properties: [String: JSONValue] = [:]
  ) async throws -> IngestReport {
    guard let decision = try await decisions.decision(id) else {
      throw ApplicationError.notFound(what: "decision", id: id)
    }
    guard decision.choices.contains(where: { $0.itemID == itemID }) else {
      throw ApplicationError.invalidParameter(
        name: "item_id", value: itemID, expected: "an item that the decision showed")
    }
    if let eventID, !(1...512).contains(eventID.utf8.count) {
      throw ApplicationError.invalidParameter(
        name: "event_id", value: String(eventID.prefix(40)), expected: "1 to 512 bytes")
    }
    // Feedback that is sent again is the same event only when it keeps its time.
    let known = try await store.events(withIDs: eventID.map { [$0] } ?? []).first?.event
    let isRetry = known?.decisionID == id
    let event = Event(
      eventID: eventID ?? "feedback-\(UUID().uuidString)", kind: kind, customerID: decision.customerID,
      itemID: itemID, timestamp: (isRetry ? known?.timestamp : nil) ?? asOf, decisionID: id,
      properties: properties)
    return try await ingest([.success(event)], source: "POST /v1/decisions")
  }
}
