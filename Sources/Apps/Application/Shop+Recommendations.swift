import Commerce
import Foundation
import Ingestion
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
  /// Which saved recommender to ask: `recommendation`, or a version of it such as `recommendation@3`; nil for the live one.
  public var model: String?

  /// A request.
  public init(
    customerID: String, count: Int = 10, repeatPurchases: RepeatPurchases = .never, model: String? = nil
  ) {
    self.customerID = customerID
    self.count = count
    self.repeatPurchases = repeatPurchases
    self.model = model
  }
}

extension Shop {
  /// The most bytes that answers kept for later requests may take.
  public static let recommendationCacheCapacity = RecommendationCache.capacity

  /// About how many bytes they take.
  public var recommendationCacheBytes: Int { recommendationCache.bytes }

  /// How much of a customer's history a recommender looks at, newest first.
  private static let historyLength = 1000

  /// Items for a customer, as the API answers: with reasons, the model's name and the decision's id.
  ///
  /// - Throws: `LearningError.unknownModel` when the model asked for is not there.
  public func recommend(_ request: RecommendationRequest) async throws -> [UInt8] {
    let (made, model) = try await answer(to: request)
    let decision = DecisionRecord(
      decisionID: UUID().uuidString, kind: "recommendation", customerID: request.customerID, madeAt: clock(),
      model: model, choices: made.choices)
    await decisions.record(decision)
    return Array("{\"decision_id\":\"\(decision.decisionID)\",".utf8) + made.tail
  }

  private func answer(
    to request: RecommendationRequest
  ) async throws -> (entry: RecommendationCache.Entry, model: String) {
    try requireReady()
    let live = try await recommender(named: request.model)
    let model = "\(live.header.kind)@\(live.version)"
    let customer = frame.customers.index(of: request.customerID)
    let own = customer.map { rows.rows(of: $0) } ?? []
    // Only the live version can be stood in for.
    let fault = live.version == recommender?.version ? fault(ofModel: ModelName.recommendation) : nil
    let source = RecommendationCache.Source(
      events: own.count, version: live.version, isFallback: fault != nil)
    if let entry = recommendationCache.entry(request, of: source, catalogue: catalogue) {
      return (entry, model)
    }
    let (history, started) = (history(of: own), generation)
    let made = await compute(request, history: history, live: live, source: source, fault: fault)
    if started == generation { recommendationCache.store(made, for: request) }
    return (made, model)
  }

  /// The recommender that a request asks for. One that is not live is kept for the next request that asks for it.
  private func recommender(named text: String?) async throws -> Live<any Recommender> {
    let parts = (text ?? ModelName.recommendation).split(separator: "@", omittingEmptySubsequences: false)
    let version = parts.count == 2 ? Int(parts[1]) : nil
    guard parts[0] == ModelName.recommendation, parts.count == 1 || version != nil else {
      throw LearningError.unknownModel(name: text ?? "", version: nil)
    }
    if let recommender, version == nil || version == recommender.version { return recommender }
    guard let version else { throw missing("recommender", ModelName.recommendation) }
    if let otherRecommender, otherRecommender.version == version { return otherRecommender }
    guard let envelope = try await store.model(named: ModelName.recommendation, version: version) else {
      throw LearningError.unknownModel(name: ModelName.recommendation, version: version)
    }
    let other = Live(
      model: try AnyRecommender.saved(in: envelope), version: version, header: envelope.header)
    otherRecommender = other
    return other
  }

  private func history(of rows: [Int32]) -> [HistoryItem] {
    let moment = asOf
    return rows.suffix(Self.historyLength).compactMap { row in
      let index = Int(row)
      guard frame.item[index] >= 0, let kind = EventKind(code: frame.kind[index]), kind.defaultWeight != 0
      else {
        return nil
      }
      return HistoryItem(
        frame.items[frame.item[index]], weight: Float(kind.defaultWeight),
        ageDays: max(0, moment.days(since: Timestamp(milliseconds: frame.timestamp[index]))))
    }
  }

  // Away from the actor: scoring all items takes longer than anything else an answer needs.
  private nonisolated func compute(
    _ request: RecommendationRequest, history: [HistoryItem], live: Live<any Recommender>,
    source: RecommendationCache.Source, fault: String?
  ) async -> RecommendationCache.Entry {
    let found = live.model.recommend(
      for: history, count: request.count, repeatPurchases: request.repeatPurchases)
    let choices = found.enumerated().map { position, item in
      DecisionRecord.Choice(itemID: item.item, score: item.score, propensity: 1, position: position + 1)
    }
    let bought = Set(history.map(\.item))
    let mentioned = found.flatMap { [$0.item] + $0.reasons.prefix(3).compactMap(\.because) }
    let catalogue = await excerpt(ofItems: mentioned)
    let items = found.map { Self.json($0, bought: bought, catalogue: catalogue) }
    let isPopularity = live.version == 0 || found.contains { $0.origin == .popularityFallback }
    let answer: JSONValue = [
      "customer_id": .string(request.customerID),
      "fallback": isPopularity ? "popularity" : fault == nil ? nil : "earlier_version",
      "fallback_reason": JSONValue(fault), "items": .array(items),
      "model": live.json(named: ModelName.recommendation),
    ]
    // Without its opening brace: the decision's id comes before.
    return .init(
      source: source, catalogueRevision: catalogue.revision,
      mentioned: mentioned, choices: choices,
      tail: Array(answer.serialized.dropFirst()))
  }

  private func excerpt(ofItems ids: [String]) -> Catalogue { catalogue.excerpt(of: ids) }

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
  public nonisolated func similarItems(to id: String, count: Int) async throws -> JSONValue {
    let (live, fault) = try await similaritySource(id)
    let found = live.model.similarItems(to: id, count: count)
    let about = await labels(ofItems: found.map(\.item))
    let items = found.map { similar -> JSONValue in
      [
        "item_id": .string(similar.item), "title": .string(about[similar.item]?.title ?? similar.item),
        "category": JSONValue(about[similar.item]?.category), "score": JSONValue(similar.similarity),
        "reasons": [],
      ]
    }
    return [
      "model": live.json(named: ModelName.recommendation), "fallback_reason": JSONValue(fault),
      "items": .array(items),
    ]
  }

  private func similaritySource(_ id: String) throws -> (live: Live<any Recommender>, fault: String?) {
    try requireReady()
    guard let live = recommender else { throw missing("recommender", ModelName.recommendation) }
    guard catalogue[id] != nil || frame.items.index(of: id) != nil else {
      throw ApplicationError.notFound(what: "item", id: id)
    }
    return (live, fault(ofModel: ModelName.recommendation))
  }

  /// A decision with what followed from it.
  public nonisolated func decision(_ id: String) async throws -> JSONValue {
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
      "items": try JSONValue(encoding: decision.choices), "feedback": .array(await json(feedback)),
    ]
  }

  /// Notes what followed from a decision, as an event that carries its id.
  ///
  /// Feedback is not an order: `purchase` is kept as a click with the property `outcome`. The order itself is an event of
  /// its own, which may carry the decision's id too.
  ///
  /// In a shop whose data end in the past the event belongs to their end, as the decision did: a click of today would
  /// make all that the shop knows look years old.
  public nonisolated func addFeedback(
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
    let known = try await store.events(withIDs: eventID.map { [CanonicalIDs.composed($0)] } ?? []).first?
      .event
    let isRetry = known?.decisionID == id
    let moment = await asOf
    // What someone says to have been bought is not an order: that comes as an event of its own, and would count twice.
    var properties = properties
    if kind == .purchase { properties["outcome"] = "purchase" }
    let event = Event(
      eventID: eventID ?? "feedback-\(UUID().uuidString)", kind: kind == .purchase ? .click : kind,
      customerID: decision.customerID,
      itemID: itemID, timestamp: (isRetry ? known?.timestamp : nil) ?? moment, decisionID: id,
      properties: properties)
    return try await ingest([.success(event)], source: "POST /v1/decisions")
  }
}
