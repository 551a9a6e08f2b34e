import Application
import Commerce
import Customers
import Hummingbird
import Patterns

/// What is bought together, and one after another: rules, relations, sequences, bundles.
struct PatternRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("patterns/mining") { _, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      try await shop.requireRoomForJob()
      return answer(try await shop.submitPatternMining().json, status: .accepted)
    }
    api.get("patterns") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).patternSummary())
    }
    addLists(to: api)
    api.post("patterns/bundles/price") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      var request = request
      let bundle = try Bundle(try await request.json(limit: 16_384))
      return answer(try await shop.priceBundle(bundle.items, price: bundle.price, margin: bundle.margin))
    }
  }

  private func addLists(to api: RouterGroup<LodeRequestContext>) {
    api.get("patterns/rules") { request, context in
      let (shop, filter) = try await opened(request, context)
      let list = Listing(whole: "pattern-rules") { try await shop.patternRules(filter, page: $0) }
      return try await answer(list, columns: CSVColumns.patternRules, to: request)
    }
    api.get("patterns/relations") { request, context in
      let (shop, filter) = try await opened(request, context)
      let list = Listing(whole: "pattern-relations") { try await shop.patternRelations(filter, page: $0) }
      return try await answer(list, columns: CSVColumns.patternRelations, to: request)
    }
    api.get("patterns/sequences") { request, context in
      let (shop, filter) = try await opened(request, context)
      let list = Listing(whole: "pattern-sequences") { try await shop.patternSequences(filter, page: $0) }
      return try await answer(list, columns: CSVColumns.patternSequences, to: request)
    }
    api.get("patterns/bundles") { request, context in
      let (shop, filter) = try await opened(request, context)
      let margin = try request.query.number("margin", in: 0...1)
      let list = Listing(whole: "bundles") { try await shop.bundles(filter, margin: margin, page: $0) }
      return try await answer(list, columns: CSVColumns.bundles, to: request)
    }
    api.get("patterns/orders") { request, context in
      try context.require(.read)
      let (shop, names) = (try await server.shop(context), try request.query.texts("id"))
      guard (1...5).contains(names.count) else {
        throw ApplicationError.invalidParameter(
          name: "id", value: String(names.count), expected: "one to five categories or items")
      }
      let level = try request.query.choice("level", of: OrderTable.Level.self) ?? .category
      let list = Listing(whole: "pattern-orders") {
        try await shop.patternOrders(names, level: level, page: $0)
      }
      return try await answer(list, columns: CSVColumns.patternOrders, to: request)
    }
  }

  private func opened(
    _ request: Request, _ context: LodeRequestContext
  ) async throws -> (Shop, PatternFilter) {
    try context.require(.read)
    return (try await server.shop(context), try Self.filter(request.query))
  }

  private static func filter(_ query: Query) throws -> PatternFilter {
    var filter = PatternFilter()
    filter.level = try query.choice("level")
    (filter.item, filter.category) = (try query.text("item"), try query.text("category"))
    filter.query = try query.text("query")
    filter.kind = try query.choice("kind")
    filter.validatedOnly = try query.flag("validated")
    filter.minSupport = try query.number("min_support", in: 0...1) ?? 0
    filter.minConfidence = try query.number("min_confidence", in: 0...1) ?? 0
    filter.minLift = try query.number("min_lift", in: 0...1e6) ?? 0
    filter.order = try query.choice("sort") ?? .leverage
    return filter
  }

  /// A bundle that someone put together.
  private struct Bundle {
    let items: [String]
    let price: Double?
    let margin: Double?

    init(_ body: JSONValue) throws {
      func refuse(_ name: String, _ expected: String) -> ApplicationError {
        let text = body[name].map { String(decoding: $0.serialized.prefix(40), as: UTF8.self) } ?? "absent"
        return .invalidParameter(name: name, value: text, expected: expected)
      }
      func number(_ name: String, _ range: ClosedRange<Double>) throws -> Double? {
        guard let value = body[name], value != .null else { return nil }
        guard let number = value.number, range.contains(number) else {
          throw refuse(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
      }
      let names = body["items"]?.array?.compactMap(\.string) ?? []
      guard !names.isEmpty, names.count == body["items"]?.array?.count,
        names.allSatisfy({ (1...512).contains($0.unicodeScalars.count) })
      else { throw refuse("items", "two to five ids of items") }
      items = names
      price = try number("price", 0...1e12)
      margin = try number("margin", 0...1)
    }
  }
}
