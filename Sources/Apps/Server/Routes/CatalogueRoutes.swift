import Application
import Commerce
import Hummingbird

/// Items and what is like them.
struct CatalogueRoutes {
  let server: LodeServer
  private static let batchLimit = 50_000

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("items") { request, context in
      try context.require(.ingest)
      let rows = try await rows(of: request, member: "items")
      return answer(try await server.shop(context).upsertItems(rows, source: "POST /v1/items"))
    }
    api.get("items") { request, context in
      try context.require(.read)
      let query = request.query
      let page = try await server.shop(context).items(
        containing: try query.text("query"), category: try query.text("category"), page: try query.page())
      return try answer(page, to: request)
    }
    api.get("items/{item_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).item(try context.parameter("item_id")))
    }
    api.get("items/{item_id}/similar") { request, context in
      try context.require(.read)
      return answer(
        try await server.shop(context).similarItems(
          to: try context.parameter("item_id"),
          count: try request.query.integer("limit", default: 10, in: 1...100)))
    }
    api.post("customers") { request, context in
      try context.require(.ingest)
      let rows = try await rows(of: request, member: "customers")
      return answer(try await server.shop(context).upsertCustomers(rows, source: "POST /v1/customers"))
    }
  }

  /// The rows in a body that is one object, an array, or an object whose `member` is an array.
  private func rows(of request: Request, member: String) async throws -> [JSONValue] {
    var request = request
    let body = try await request.json(limit: server.configuration.bodyLimit)
    if let rows = body.array ?? body[member]?.array {
      guard rows.count <= Self.batchLimit else {
        throw ApplicationError.invalidParameter(
          name: "body", value: "\(rows.count) rows", expected: "at most \(Self.batchLimit) rows a request")
      }
      return rows
    }
    guard let row = body.object, row[member] == nil else {
      throw ApplicationError.invalidParameter(
        name: "body", value: nil, expected: "an object, an array of objects or {\"\(member)\": […]}")
    }
    return [body]
  }
}
