import Application
import Commerce
import Hummingbird
import Needs
import TextAnalysis

/// What customers say: the needs in their words, aspects, comparisons, words, topics, searches.
struct VoiceRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    addBoard(to: api)
    addNeed(to: api)
    addAnalysis(to: api)
    api.get("customers/{customer_id}/voice") { _, context in
      try context.require(.read)
      return answer(
        try await server.shop(context).voice(ofCustomer: try context.parameter("customer_id")))
    }
  }

  private func addBoard(to api: RouterGroup<LodeRequestContext>) {
    api.get("voice") { request, context in
      try context.require(.read)
      var filter = VoiceBoardFilter()
      (filter.kind, filter.position) = (
        try request.query.choice("kind"), try request.query.choice("position")
      )
      (filter.trend, filter.status) = (try request.query.choice("trend"), try request.query.choice("status"))
      filter.query = try request.query.text("query")
      filter.order = try request.query.choice("sort") ?? .customers
      return answer(try await server.shop(context).voiceBoard(filter))
    }
    api.post("voice/mining") { _, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      try await shop.requireRoomForJob()
      return answer(try await shop.submitVoiceMining().json, status: .accepted)
    }
    api.get("voice/decisions") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "voice-decisions") { try await shop.voiceDecisions(page: $0) }
      return try await answer(list, columns: CSVColumns.voiceDecisions, to: request)
    }
  }

  private func addNeed(to api: RouterGroup<LodeRequestContext>) {
    api.get("voice/needs/{need_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).voiceNeed(try context.parameter("need_id")))
    }
    api.get("voice/needs/{need_id}/statements") { request, context in
      try context.require(.read)
      var filter = try request.query.voiceFilter()
      filter.needID = try context.parameter("need_id")
      return try await statements(filter, category: nil, of: try await server.shop(context), to: request)
    }
    api.get("voice/needs/{need_id}/customers") { request, context in
      try context.require(.read)
      let (need, shop) = (try context.parameter("need_id"), try await server.shop(context))
      let list = Listing(whole: "customers-saying") { try await shop.customers(ofVoiceNeed: need, page: $0) }
      return try await answer(list, columns: CSVColumns.customersSaying, to: request)
    }
    api.get("voice/needs/{need_id}/items") { request, context in
      try context.require(.read)
      let limit = try request.query.integer("limit", default: 10, in: 1...100)
      return answer(
        try await server.shop(context).items(
          forVoiceNeed: try context.parameter("need_id"), limit: limit))
    }
    api.post("voice/needs/{need_id}/decisions") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      var request = request
      let verdict = try await request.json(limit: server.configuration.bodyLimit).voiceVerdict()
      let need = try await shop.decide(
        onVoiceNeed: try context.parameter("need_id"), verdict, by: context.caller.keyID)
      return answer(try await shop.voiceNeed(need))
    }
  }

  private func addAnalysis(to api: RouterGroup<LodeRequestContext>) {
    api.get("voice/statements") { request, context in
      try context.require(.read)
      let (filter, category) = (try request.query.voiceFilter(), try request.query.text("category"))
      return try await statements(
        filter, category: category, of: try await server.shop(context), to: request)
    }
    api.get("voice/aspects") { request, context in
      try context.require(.read)
      let query = request.query
      let (item, category) = (try query.text("item_id"), try query.text("category"))
      let (text, order) = (try query.text("query"), try query.choice("sort", of: Shop.AspectOrder.self))
      let shop = try await server.shop(context)
      let list = Listing(whole: "aspects") {
        try await shop.voiceAspects(
          ofItem: item, category: category, containing: text, by: order ?? .mentions, page: $0)
      }
      return try await answer(list, columns: CSVColumns.aspects, to: request)
    }
    api.get("voice/compare") { request, context in
      try context.require(.read)
      return answer(
        try await server.shop(context).compareVoice(
          items: try request.query.texts("item_id"), categories: try request.query.texts("category")))
    }
    api.get("voice/words") { request, context in
      try context.require(.read)
      let (text, order) = (
        try request.query.text("query"), try request.query.choice("sort", of: Shop.WordOrder.self)
      )
      let shop = try await server.shop(context)
      let list = Listing(whole: "words") {
        try await shop.voiceWords(containing: text, by: order ?? .frequency, page: $0)
      }
      return try await answer(list, columns: CSVColumns.words, to: request)
    }
    api.get("voice/words/{word}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).voiceWord(try context.parameter("word")))
    }
    api.get("voice/topics") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).voiceTopics())
    }
    api.get("voice/searches") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "unmet-searches") { try await shop.unmetSearches(page: $0) }
      return try await answer(list, columns: CSVColumns.searches, to: request)
    }
  }

  private func statements(
    _ filter: VoiceFilter, category: String?, of shop: Shop, to request: Request
  ) async throws -> Response {
    let list = Listing(whole: "statements") {
      try await shop.voiceStatements(filter, category: category, page: $0)
    }
    return try await answer(list, columns: CSVColumns.statements, to: request)
  }
}

/// Questions to texts one by one.
struct TextRoutes {
  let server: LodeServer

  private static let mostTexts = 100
  private static let longestText = 100_000

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("text/{task}") { request, context in
      try context.require(.read)
      let name = try context.parameter("task")
      guard let task = TextTask(rawValue: name) else {
        throw ApplicationError.notFound(what: "question to texts", id: name)
      }
      let shop = try await server.shop(context)
      var request = request
      let texts = try Self.texts(in: try await request.json(limit: server.configuration.bodyLimit))
      return answer(["results": .array(try await shop.answers(to: texts, task))])
    }
  }

  private static func texts(in body: JSONValue) throws -> [String] {
    guard let values = body["texts"]?.array, (1...mostTexts).contains(values.count) else {
      throw ApplicationError.invalidParameter(
        name: "texts", value: nil, expected: "an array of 1 to \(mostTexts) texts")
    }
    return try values.enumerated().map { place, value in
      guard let text = value.string, text.utf8.count <= longestText else {
        throw ApplicationError.invalidParameter(
          name: "texts[\(place)]", value: nil, expected: "a text of at most \(longestText) bytes")
      }
      return text
    }
  }
}

extension Query {
  /// `query`, `aspect`, `word`, `need_id`, `kind`, `polarity`, `item_id`, `customer_id`, `from` and `to`.
  fileprivate func voiceFilter() throws -> VoiceFilter {
    VoiceFilter(
      query: try text("query"), aspect: try text("aspect"), word: try text("word"),
      needID: try text("need_id"), kind: try choice("kind"), tone: try choice("polarity"),
      items: try text("item_id").map { [$0] }, customerID: try text("customer_id"),
      from: try timestamp("from"), to: try timestamp("to"))
  }
}

extension JSONValue {
  /// What a person decides about a need.
  fileprivate func voiceVerdict() throws -> Shop.VoiceVerdict {
    switch self["action"]?.string {
    case "confirm": return .confirm
    case "reject": return .reject
    case "reopen": return .reopen
    case "rename":
      guard let label = self["label"]?.string else {
        throw ApplicationError.invalidParameter(name: "label", value: nil, expected: "the need's new name")
      }
      return .rename(label)
    case "merge":
      let others = self["others"]?.array?.map(\.string) ?? []
      guard !others.isEmpty, others.count <= 100, !others.contains(nil) else {
        throw ApplicationError.invalidParameter(
          name: "others", value: nil, expected: "the ids of 1 to 100 needs that are the same")
      }
      return .merge(others.compactMap { $0 })
    case "split":
      let parts = try (self["parts"]?.array ?? []).map { try $0.voicePart() }
      guard parts.count <= 50 else {
        throw ApplicationError.invalidParameter(name: "parts", value: nil, expected: "at most 50 parts")
      }
      return .split(parts)
    case let other:
      throw ApplicationError.invalidParameter(
        name: "action", value: other, expected: "confirm, reject, reopen, rename, merge or split")
    }
  }

  private func voicePart() throws -> (label: String, statements: Set<StatementKey>) {
    let label = (self["label"]?.string ?? "").trimmed
    let keys = try (self["statements"]?.array ?? []).map { statement in
      guard let event = statement["event_id"]?.string, let start = statement["start"]?.integer else {
        throw ApplicationError.invalidParameter(
          name: "statements", value: nil, expected: "sentences by event_id and start")
      }
      return StatementKey(eventID: event, start: start)
    }
    guard (1...200).contains(label.unicodeScalars.count), !keys.isEmpty else {
      throw ApplicationError.invalidParameter(
        name: "parts", value: nil, expected: "parts with a label of 1 to 200 characters and sentences")
    }
    return (label, Set(keys))
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
