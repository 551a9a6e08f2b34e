import Commerce
import Decisions
import Learning
import Recommendation

/// A page as the API answers it.
struct PageAnswer {
  private static let reasonsShown = 3
  private static let historyShown = 10

  let request: RecommendationRequest
  let input: PageInput
  let page: RecommendedPage
  let rules: RuleTable
  let live: Live<any Recommender>
  let fault: String?
  let asOf: Timestamp
  let catalogue: Catalogue

  private var placement: PlacementRequest { request.placement }

  /// The whole answer but the decision's id, as JSON text.
  var text: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("context", placement.context.rawValue)
      writer.member("customer_id", placement.customerID)
      writer.member("as_of", asOf.description)
      writer.member("fallback", fallback)
      writer.member("fallback_reason", fault)
      writer.array("items", page.entries) { write($1, to: &$0) }
      writer.member("model", live.json(named: ModelName.recommendation))
      writer.member("rules_version", JSONValue(rules.version))
      guard request.isTraced else { return }
      var trace = keptTrace
      trace["history"] = history
      trace["candidates"] = .array(page.trace.candidates.map(json))
      writer.member("trace", trace)
    }
    return writer.bytes
  }

  private var fallback: String? {
    if let source = page.fallback, source == .popular || live.version == 0 { return "popularity" }
    if live.version == 0 { return "popularity" }
    if fault != nil { return "earlier_version" }
    return page.fallback?.rawValue
  }

  private func write(_ entry: RecommendedPage.Entry, to writer: inout JSONWriter) {
    let item = catalogue[entry.item]
    writer.object {
      $0.member("item_id", entry.item)
      $0.member("position", entry.position)
      $0.member("title", catalogue.title(of: entry.item))
      $0.member("category", item?.category)
      $0.member("brand", item?.brand)
      $0.member("price", JSONValue(item?.price))
      $0.member("score", entry.score)
      $0.member("source", entry.source.rawValue)
      $0.member("propensity", entry.propensity)
      $0.array("rules", entry.rules) { $0.write($1) }
      $0.array("reasons", entry.reasons.prefix(Self.reasonsShown)) { $1.write(to: &$0, catalogue) }
    }
  }

  // MARK: The trace

  /// What is kept with the decision: all but the history and the candidates.
  var keptTrace: JSONValue {
    let trace = page.trace
    return [
      "request": asUnderstood, "rules_version": JSONValue(rules.version),
      "sources": .array(
        trace.sources.map {
          [
            "name": .string($0.source.rawValue), "items": JSONValue($0.named), "used": JSONValue($0.used),
            "note": $0.source.note,
          ]
        }),
      "rules": .array(deeds),
      "reranking": [
        "diversify": trace.diversity.map {
          ["method": .string($0.method.rawValue), "strength": JSONValue($0.strength)]
        } ?? nil,
        "calibrate": JSONValue(trace.calibration),
      ],
      "exploration": trace.exploration.map {
        [
          "share": JSONValue($0.share), "slots": JSONValue($0.slots),
          "explored": .array($0.explored.map { JSONValue($0) }),
        ]
      } ?? nil,
      "timings_ms": .object(
        trace.milliseconds.merging(["total": trace.milliseconds.values.reduce(0, +)]) { $1 }
          .mapValues { JSONValue(($0 * 1000).rounded() / 1000) }),
    ]
  }

  private var asUnderstood: JSONValue {
    var request: JSONValue = [
      "context": .string(placement.context.rawValue), "count": JSONValue(placement.count),
      "repeat_purchases": .string(placement.repeats.rawValue), "events": JSONValue(input.history.count),
    ]
    let texts = [
      ("customer_id", placement.customerID), ("session_id", placement.sessionID),
      ("item_id", placement.itemID),
      ("category", placement.category), ("channel", placement.channel),
    ]
    for (name, text) in texts where text != nil { request[name] = JSONValue(text) }
    if !placement.cart.isEmpty { request["cart"] = JSONValue(placement.cart) }
    if !placement.viewed.isEmpty { request["viewed"] = JSONValue(placement.viewed) }
    return request
  }

  /// What rules did; without a full trace only which were active is known.
  private var deeds: [JSONValue] {
    page.trace.rules.map { deed in
      var rule = rules.rules.rules[deed.rule].json
      rule["active"] = .bool(deed.isActive)
      rule["removed"] = JSONValue(deed.removed)
      rule["moved"] = JSONValue(deed.moved)
      return rule
    }
  }

  private var history: JSONValue {
    [
      "events": JSONValue(input.history.count), "items": JSONValue(Set(input.history.map(\.item)).count),
      "newest": .array(
        input.history.suffix(Self.historyShown).reversed().map {
          [
            "item_id": .string($0.item), "title": .string(catalogue.title(of: $0.item)),
            "weight": JSONValue(Double($0.weight)), "age_days": JSONValue($0.ageDays),
          ]
        }),
    ]
  }

  private func json(_ candidate: PageTrace.Candidate) -> JSONValue {
    [
      "item_id": .string(candidate.item), "title": .string(catalogue.title(of: candidate.item)),
      "category": JSONValue(catalogue[candidate.item]?.category),
      "source": .string(candidate.source.rawValue),
      "model_score": JSONValue(candidate.sourceScore), "model_rank": JSONValue(candidate.sourceRank),
      "page_score": JSONValue(candidate.score), "place": JSONValue(candidate.place),
      "why": .string(candidate.fate.rawValue), "rules": JSONValue(candidate.rules),
    ]
  }

  /// All items that an answer names.
  static func itemsMentioned(_ page: RecommendedPage, _ input: PageInput, isTraced: Bool) -> [String] {
    var items = page.entries.flatMap { [$0.item] + $0.reasons.prefix(reasonsShown).compactMap(\.item) }
    if isTraced {
      items += page.trace.candidates.map(\.item) + input.history.suffix(historyShown).map(\.item)
    }
    return items
  }
}

extension CandidateSource {
  /// What the source is, in words.
  fileprivate var note: JSONValue {
    switch self {
    case .model: ["en": "Scored by the live model for this history", "zh": "线上模型按历史行为打分"]
    case .similar: ["en": "Like the item shown, by the live model", "zh": "线上模型认为与当前商品相似"]
    case .complements: ["en": "Bought in one order with what is in the cart", "zh": "常与购物车商品同单购买"]
    case .content: ["en": "Alike in words and attributes, for what is new", "zh": "文字与属性相近，适用于新品"]
    case .popular: ["en": "Popular in the shop", "zh": "店内热销"]
    case .pinned: ["en": "Put there by a rule", "zh": "规则置顶"]
    case .explored: ["en": "Being tried out", "zh": "探索流量"]
    }
  }
}

extension PageReason {
  /// Writes the reason as the API shows it.
  func write(to writer: inout JSONWriter, _ catalogue: Catalogue) {
    let words = words(catalogue)
    writer.object {
      $0.member("kind", kind.rawValue)
      $0.object("text") {
        $0.member("en", words.english)
        $0.member("zh", words.chinese)
      }
      $0.member("item_id", item)
      $0.member("weight", contribution)
    }
  }

  /// The reason as the API shows it.
  func json(_ catalogue: Catalogue) -> JSONValue {
    let words = words(catalogue)
    return [
      "kind": .string(kind.rawValue), "text": ["en": .string(words.english), "zh": .string(words.chinese)],
      "item_id": JSONValue(item), "weight": JSONValue(contribution),
    ]
  }

  private func words(_ catalogue: Catalogue) -> (english: String, chinese: String) {
    let title = item.map { catalogue.title(of: $0) } ?? ""
    return switch kind {
    case .bought: ("Bought before", "以前买过")
    case .similar: ("Often bought by customers who bought \(title)", "买过「\(title)」的客户也常买")
    case .complement: ("Goes into one order with \(title)", "常与「\(title)」同单购买")
    case .content: ("Like \(title)", "与「\(title)」相近")
    case .personal: ("Suits what the customer has bought", "符合该客户的购买偏好")
    case .popular: ("Popular in the shop", "店内热销")
    case .pinned: ("Put here by the rule '\(rule ?? "")'", "由规则「\(rule ?? "")」置顶")
    case .explored: ("Being tried out", "正在探索")
    }
  }
}
