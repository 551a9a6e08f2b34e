import Commerce
import Decisions
import Foundation
import Ingestion
import Learning
import Recommendation
import Storage

/// A page asked for, and how.
public struct RecommendationRequest: Sendable, Hashable {
  /// For whom, where and how many.
  public var placement: PlacementRequest
  /// Which saved recommender to ask: `recommendation`, or a version of it such as `recommendation@3`; nil for the live one.
  public var model: String?
  /// Rules to try instead of the published ones.
  public var rules: String?
  /// Whether the page is only looked at: nothing is written down, and nobody counts as having seen it.
  public var isPreview: Bool
  /// Whether the answer tells in full how the page came about.
  public var isTraced: Bool

  /// A page asked for.
  public init(
    _ placement: PlacementRequest, model: String? = nil, rules: String? = nil, isPreview: Bool = false,
    isTraced: Bool = false
  ) {
    self.placement = placement
    self.model = model
    self.rules = rules
    self.isPreview = isPreview
    self.isTraced = isTraced
  }

  /// A customer's first page.
  public init(
    customerID: String, count: Int = 10, repeatPurchases: RepeatPurchases = .never, model: String? = nil
  ) {
    self.init(
      PlacementRequest(customerID: customerID, count: count, repeatPurchases: repeatPurchases), model: model)
  }
}

extension Shop {
  /// The most bytes that answers kept for later requests may take.
  public static let recommendationCacheCapacity = RecommendationCache.capacity

  /// About how many bytes they take.
  public var recommendationCacheBytes: Int { recommendationCache.bytes }

  /// A page, as the API answers: items with reasons, the model's name and the decision's id.
  ///
  /// - Throws: `LearningError.unknownModel` when the model asked for is not there, `RuleError` for rules to try that cannot be
  ///   read, `ApplicationError.notFound` for an item or category of the request that the shop does not know.
  public func recommend(_ request: RecommendationRequest) async throws -> [UInt8] {
    let id = UUID()
    // A page by rules that are only tried is looked at, not shown.
    let isPreview = request.isPreview || request.rules != nil
    let (made, model) = try await answer(to: request, seed: isPreview ? 0 : Self.seed(of: id))
    guard !isPreview else { return Array("{\"decision_id\":null,".utf8) + made.tail }
    let decision = DecisionRecord(
      decisionID: id.uuidString, kind: "recommendation", customerID: request.placement.customerID,
      madeAt: clock(), model: model, choices: made.choices, trace: made.trace)
    await decisions.record(decision)
    if pageRules.rules.looksBack {
      impressions.note(decision)
      if impressionsBeingRead != nil { shownWhileReading[decision.decisionID] = decision }
    }
    return Array("{\"decision_id\":\"\(id.uuidString)\",".utf8) + made.tail
  }

  /// What a decision tries out depends on its id alone, so that it can be reckoned again.
  private static func seed(of id: UUID) -> UInt64 {
    withUnsafeBytes(of: id.uuid) { $0.loadUnaligned(as: UInt64.self) }
  }

  private func answer(
    to request: RecommendationRequest, seed: UInt64
  ) async throws -> (entry: RecommendationCache.Entry, model: String) {
    try requireReady()
    let live = try await recommender(named: request.model)
    let model = "\(live.header.kind)@\(live.version)"
    // Only the live version can be stood in for.
    let fault = live.version == recommender?.version ? fault(ofModel: ModelName.recommendation) : nil
    let source = RecommendationCache.Source(
      events: eventCount(of: request.placement), version: live.version,
      complements: complements?.version ?? 0, hasContent: content != nil, rules: pageRules.identity,
      isFallback: fault != nil)
    let isKept = request.rules == nil && !request.isTraced && pageRules.rules.isStable
    if isKept, let entry = recommendationCache.entry(request, of: source, catalogue: catalogue) {
      return (entry, model)
    }
    // Of the items as they are now: what changes from here on makes the answer old.
    let (started, revision) = (generation, catalogue.revision)
    let parts = try await parts(for: live, rules: request.rules)
    let input = try input(request.placement, seed: seed)
    let made = await Self.compute(request, input, parts, live, source, fault, revision, asOf: asOf) {
      [self] in
      await excerpt(ofItems: $0)
    }
    if isKept, started == generation { recommendationCache.store(made, for: request) }
    return (made, model)
  }

  /// The recommender that a request asks for. One that is not live is kept for the next request that asks for it.
  func recommender(named text: String?) async throws -> Live<any Recommender> {
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

  // Away from the actor: scoring all items takes longer than anything else an answer needs.
  @concurrent
  private nonisolated static func compute(
    _ request: RecommendationRequest, _ input: PageInput, _ parts: PageParts, _ live: Live<any Recommender>,
    _ source: RecommendationCache.Source, _ fault: String?, _ revision: Int, asOf: Timestamp,
    excerpt: @Sendable ([String]) async -> Catalogue
  ) async -> RecommendationCache.Entry {
    let page = PageComposer(parts).compose(input, tracing: request.isTraced)
    let mentioned = PageAnswer.itemsMentioned(page, input, isTraced: request.isTraced)
    let catalogue = await excerpt(mentioned)
    let answer = PageAnswer(
      request: request, input: input, page: page, rules: parts.rules, live: live, fault: fault, asOf: asOf,
      catalogue: catalogue)
    return .init(
      source: source, catalogueRevision: revision, mentioned: mentioned,
      dependsOnAllItems: !parts.rules.rules.rules.isEmpty || page.fallback != nil
        || page.entries.count < input.request.count,
      choices: page.entries.map {
        DecisionRecord.Choice(
          itemID: $0.item, score: $0.score, propensity: $0.propensity, position: $0.position,
          source: $0.source.rawValue, rules: $0.rules.isEmpty ? nil : $0.rules)
      },
      trace: request.isPreview ? "" : String(decoding: answer.keptTrace.serialized, as: UTF8.self),
      // Without its opening brace: the decision's id comes before.
      tail: Array(answer.text.dropFirst()))
  }

  func excerpt(ofItems ids: [String]) -> Catalogue { catalogue.excerpt(of: ids) }

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
    let trace = decision.trace.flatMap { try? JSONValue(json: Array($0.utf8)) }
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
      "context": trace?["request"]?["context"] ?? nil, "trace": trace ?? nil,
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
