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
      let shop = try await server.shop(context)
      return try await server.takingIn(request, to: shop) { request in
        let rows = try await rows(of: &request, member: "items")
        return answer(try await shop.upsertItems(rows, source: "POST /v1/items"))
      }
    }
    api.get("items") { request, context in
      try context.require(.read)
      let query = request.query
      let (text, category) = (try query.text("query"), try query.text("category"))
      let shop = try await server.shop(context)
      let list = Listing("items") { try await shop.items(containing: text, category: category, page: $0) }
      return try await answer(list, columns: CSVColumns.items, to: request)
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
      let shop = try await server.shop(context)
      return try await server.takingIn(request, to: shop) { request in
        let rows = try await rows(of: &request, member: "customers")
        return answer(try await shop.upsertCustomers(rows, source: "POST /v1/customers"))
      }
    }
  }

  /// The rows in a body that is one object, an array, or an object whose `member` is an array.
  private func rows(of request: inout Request, member: String) async throws -> [JSONValue] {
    let body = try await request.json(limit: server.configuration.bodyLimit)
    if let rows = body.array ?? body[member]?.array {
      guard rows.count <= Self.batchLimit else {
        throw Problem.body("The body has \(rows.count) rows; a request may hold \(Self.batchLimit).")
      }
      return rows
    }
    guard let row = body.object, row[member] == nil else {
      throw Problem.body("The body is not an object, an array of objects or {\"\(member)\": […]}.")
    }
    return [body]
  }
}
