import Application
import Commerce
import Decisions
import Hummingbird
import Recommendation

/// Pages of recommendations and the rules they follow.
struct PageRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("pages") { request, context in
      try context.require(.read)
      let (shop, body) = try await asked(request, context)
      return answer(bytes: try await shop.recommend(try body.recommendationRequest()))
    }
    api.post("pages/why-not") { request, context in
      try context.require(.read)
      let (shop, body) = try await asked(request, context)
      return answer(
        try await shop.whyNot(
          try body.id("wanted", expected: "an item's id"), on: try body.recommendationRequest()))
    }
    api.post("models/compare") { request, context in
      try context.require(.read)
      let (shop, body) = try await asked(request, context)
      return answer(
        try await shop.compare(
          try body.id("a", expected: "a version such as recommendation@3"),
          with: try body.id("b", expected: "a version such as recommendation@4"),
          on: try body.recommendationRequest()))
    }
    api.get("items/{item_id}/customers") { request, context in
      try context.require(.read)
      let (shop, item) = (try await server.shop(context), try context.parameter("item_id"))
      let list = Listing(whole: "customers-of-item") {
        try await shop.audience(ofItem: item, count: min($0.limit, 100_000))
      }
      return try await answer(list, columns: CSVColumns.audience, defaultLimit: 20, to: request)
    }
    addRules(to: api)
  }

  private func addRules(to api: RouterGroup<LodeRequestContext>) {
    api.get("rules") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).rules())
    }
    api.put("rules") { request, context in
      try context.require(.operate)
      let (shop, body) = try await asked(request, context)
      guard let version = body["version"]?.integer else {
        throw ApplicationError.invalidParameter(
          name: "version", value: nil, expected: "the version that the text was made from, 0 for the first")
      }
      return answer(try await shop.publish(rules: try body.rulesText(), from: version))
    }
    api.get("rules/versions") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).ruleVersions())
    }
    api.post("rules/rollback") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).rollBackRules())
    }
    api.post("rules/validate") { request, context in
      try context.require(.read)
      let (shop, body) = try await asked(request, context)
      return answer(shop.validate(rules: try body.rulesText()))
    }
    api.post("rules/dry-run") { request, context in
      try context.require(.read)
      let (shop, body) = try await asked(request, context)
      return answer(try await shop.dryRun(try body.trial()))
    }
  }

  private func asked(_ request: Request, _ context: LodeRequestContext) async throws -> (Shop, JSONValue) {
    let shop = try await server.shop(context)
    var request = request
    let body = try await request.json()
    guard body.object != nil else { throw Problem.body("The body is not a JSON object.") }
    return (shop, body)
  }
}

extension JSONValue {
  private static let longest = 512
  private static let mostItems = 200

  /// The request for a page that a body describes.
  fileprivate func recommendationRequest() throws -> RecommendationRequest {
    var placement = PlacementRequest(context: try choice("context") ?? .home)
    placement.customerID = try text("customer_id")
    placement.sessionID = try text("session_id")
    placement.itemID = try text("item_id")
    placement.category = try text("category")
    placement.channel = try text("channel")
    placement.cart = try ids("cart")
    placement.viewed = try ids("viewed")
    placement.count = try number("count", default: 10, in: 1...100)
    placement.repeatPurchases = try choice("repeat_purchases")
    return RecommendationRequest(
      placement, model: try text("model"),
      rules: self["rules"] == nil || self["rules"] == .null ? nil : try rulesText("rules"),
      isPreview: try flag("preview"), isTraced: try flag("trace"))
  }

  fileprivate func trial() throws -> Shop.RuleTrialRequest {
    Shop.RuleTrialRequest(
      text: try rulesText(), context: try choice("context") ?? .home,
      customers: try number("customers", default: 200, in: 10...2000),
      days: try number("days", default: 28, in: 1...365), count: try number("count", default: 10, in: 1...100)
    )
  }

  fileprivate func rulesText(_ name: String = "text") throws -> String {
    guard let text = self[name]?.string else {
      throw ApplicationError.invalidParameter(name: name, value: nil, expected: "the rules, a text")
    }
    return text
  }

  fileprivate func id(_ name: String, expected: String) throws -> String {
    guard let text = try text(name) else {
      throw ApplicationError.invalidParameter(name: name, value: nil, expected: expected)
    }
    return text
  }

  /// A text of the length of an id; nil when absent, null or empty.
  private func text(_ name: String) throws -> String? {
    guard let value = self[name], value != .null else { return nil }
    guard let text = value.string, text.utf8.count <= Self.longest else {
      throw ApplicationError.invalidParameter(
        name: name, value: value.shown, expected: "a text of at most \(Self.longest) bytes")
    }
    return text.isEmpty ? nil : text
  }

  private func ids(_ name: String) throws -> [String] {
    guard let value = self[name], value != .null else { return [] }
    let ids = (value.array ?? []).compactMap(\.string).filter { $0.utf8.count <= Self.longest }
    guard let array = value.array, ids.count == array.count, ids.count <= Self.mostItems else {
      throw ApplicationError.invalidParameter(
        name: name, value: value.shown, expected: "a list of at most \(Self.mostItems) items' ids")
    }
    return ids
  }

  private func number(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let value = self[name], value != .null else { return fallback }
    guard let number = value.integer, range.contains(number) else {
      throw ApplicationError.invalidParameter(
        name: name, value: value.shown,
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func flag(_ name: String) throws -> Bool {
    guard let value = self[name], value != .null else { return false }
    guard case .bool(let flag) = value else {
      throw ApplicationError.invalidParameter(name: name, value: value.shown, expected: "true or false")
    }
    return flag
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws -> Choice?
  where Choice.RawValue == String {
    guard let raw = try text(name) else { return nil }
    guard let choice = Choice(rawValue: raw) else {
      throw ApplicationError.invalidParameter(
        name: name, value: raw, expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// The value as an error quotes it.
  private var shown: String { String(decoding: serialized.prefix(40), as: UTF8.self) }
}
