import Application
import Demand
import Hummingbird

/// What rises and falls, and what goes with sales.
struct TrendRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("trends") { request, context in
      try context.require(.read)
      let query = request.query
      var filter = TrendFilter()
      filter.level = try query.choice("level") ?? .category
      filter.direction = try query.choice("direction")
      filter.query = try query.text("query", maximumLength: 500)
      filter.order = try query.choice("sort") ?? .change
      let (chosen, shop) = (filter, try await server.shop(context))
      let list = Listing(whole: "trends") { try await shop.trends(chosen, page: $0) }
      return try await answer(list, columns: CSVColumns.trends, to: request)
    }
    api.get("trends/correlations") { request, context in
      try context.require(.read)
      let category = try request.query.text("category")
      let shop = try await server.shop(context)
      let list = Listing(whole: "sales-correlations") {
        try await shop.salesCorrelations(category: category, page: $0)
      }
      return try await answer(list, columns: CSVColumns.correlations, to: request)
    }
  }
}
