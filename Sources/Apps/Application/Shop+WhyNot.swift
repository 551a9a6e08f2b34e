import Commerce
import Decisions
import Foundation
import Learning
import Recommendation

/// Questions about pages: why an item is not there, whom to tell about it, how two models differ.
extension Shop {
  /// Why an item is not on a page, and the smallest changes that would bring it there.
  public func whyNot(_ item: String, on request: RecommendationRequest) async throws -> JSONValue {
    try requireReady()
    try beginLongQuestion()
    defer { endLongQuestion() }
    let live = try await recommender(named: request.model)
    let parts = try await parts(for: live, rules: request.rules)
    let input = try input(request.placement)
    let answer = await withTaskExecutorPreference(BackgroundExecutor.shared) {
      await Self.search(item, input, PageComposer(parts))
    }
    let catalogue = catalogue.excerpt(of: [item] + answer.changes.flatMap(\.items))
    return [
      "item_id": .string(item), "title": .string(catalogue.title(of: item)), "rank": JSONValue(answer.rank),
      "shown": .bool(answer.fate == .shown), "because": .string(answer.fate.rawValue),
      "rules": JSONValue(answer.rules), "score": JSONValue(answer.score),
      "threshold": JSONValue(answer.threshold),
      "changes": .array(answer.changes.map { $0.json(catalogue) }),
      "searched": [
        "en": .string(
          "Tried: \(answer.tried) changes of the history, each rule that bears on the item, and repeats."),
        "zh": .string("已尝试：\(answer.tried) 种历史行为的改变、每条相关规则，以及允许复购。"),
      ],
    ]
  }

  private nonisolated static func search(_ item: String, _ input: PageInput, _ composer: PageComposer) async
    -> WhyNot
  {
    composer.whyNot(item, on: input)
  }

  private static let mostLongQuestions = 2

  /// Lets a question in that takes as long as hundreds of pages; a few at a time, so that others are answered meanwhile.
  ///
  /// - Throws: `ApplicationError.overloaded` when as many are under way as may.
  func beginLongQuestion() throws {
    guard longQuestions < Self.mostLongQuestions else {
      throw ApplicationError.overloaded(retryAfterSeconds: 3)
    }
    longQuestions += 1
  }

  func endLongQuestion() { longQuestions -= 1 }

  /// The same page by two recommenders. Neither is written down.
  public func compare(
    _ first: String, with second: String, on request: RecommendationRequest
  ) async throws -> JSONValue {
    var pages: [JSONValue] = []
    for model in [first, second] {
      var own = request
      (own.model, own.isPreview) = (model, true)
      pages.append(try JSONValue(json: try await recommend(own)))
    }
    let shown = pages.map { Set(($0["items"]?.array ?? []).compactMap { $0["item_id"]?.string }) }
    return ["a": pages[0], "b": pages[1], "shared": JSONValue(shown[0].intersection(shown[1]).count)]
  }

  /// The customers whom to tell about an item: those to whom the live model would most recommend it, without those who have
  /// had it.
  ///
  /// For an item that the model does not know, those whose history is most like it in words and attributes.
  public func audience(ofItem id: String, count: Int) async throws -> Page {
    try requireReady()
    try beginLongQuestion()
    defer { endLongQuestion() }
    let started = generation
    let live = try await recommender(named: nil)
    guard catalogue[id] != nil || frame.items.index(of: id) != nil else {
      throw ApplicationError.notFound(what: "item", id: id)
    }
    var ranker: any Recommender = live.model
    // An item without a place in the model, or without any likeness there, is judged by its words.
    if live.model.similarItems(to: id, count: 1).isEmpty, let content { ranker = content }
    var audience = Audience(of: id, ranker: ranker, count: count)
    for customer in 0..<frame.customers.count {
      // Others have their turn: this takes seconds for a million customers.
      if customer % 500 == 499 {
        await Task.yield()
        // The shop is being read anew: the customers so far are not those of the frame any more.
        guard started == generation else { throw ApplicationError.starting }
        try Task.checkCancellation()
      }
      let own = rows.rows(of: Int32(customer))
      guard !own.isEmpty, !had(own).contains(id) else { continue }
      audience.consider(customer, history(of: own))
    }
    let found = audience.best()
    let named = found.flatMap { $0.reasons.prefix(3).compactMap(\.item) }
    let catalogue = catalogue.excerpt(of: named)
    return Page(
      name: "items",
      items: found.map { member in
        [
          "customer_id": .string(frame.customers[Int32(member.customer)]), "score": JSONValue(member.score),
          "reasons": .array(member.reasons.prefix(3).map { $0.json(catalogue) }),
        ]
      }, nextCursor: nil, total: nil,
      extra: [
        "model": live.json(named: ModelName.recommendation), "considered": JSONValue(audience.considered),
        "source": ranker is ContentModel ? "content" : "model",
      ])
  }
}

extension WhyNot.Change {
  fileprivate func json(_ catalogue: Catalogue) -> JSONValue {
    [
      "kind": .string(kind.rawValue), "text": text(catalogue), "item_ids": JSONValue(items),
      "rules": JSONValue(rules), "rank_after": JSONValue(rankAfter),
    ]
  }

  private func text(_ catalogue: Catalogue) -> JSONValue {
    let titles = items.map { catalogue.title(of: $0) }
    let (english, chinese) = (titles.joined(separator: ", "), titles.map { "「\($0)」" }.joined(separator: "、"))
    let names = rules.map { "'\($0)'" }.joined(separator: ", ")
    func say(_ english: String, _ chinese: String) -> JSONValue {
      ["en": .string(english), "zh": .string(chinese)]
    }
    switch kind {
    case .addToHistory: return say("If the customer had also bought \(english)", "如果客户还买过\(chinese)")
    case .removeFromHistory: return say("If the customer had never had \(english)", "如果客户没有买过\(chinese)")
    case .rules:
      return say(
        rules.count == 1 ? "Without the rule \(names)" : "Without the rules \(names)",
        "如果没有规则" + rules.map { "「\($0)」" }.joined(separator: "、"))
    case .repeatPurchases: return say("If items bought before might come again", "如果允许推荐买过的商品")
    }
  }
}
