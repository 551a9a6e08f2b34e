import Application
import Commerce
import Demand
import Hummingbird

/// What to order, reckoned anew for each request.
struct RestockRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("restock") { request, context in
      try context.require(.read)
      let query = request.query
      let usual = RestockAdvice.Settings()
      let settings = RestockAdvice.Settings(
        serviceLevel: try query.number("service_level", in: 0.5...0.999) ?? usual.serviceLevel,
        leadTimeDays: try query.number("lead_time_days", in: 0...180) ?? usual.leadTimeDays,
        reviewDays: try query.number("review_days", in: 1...180) ?? usual.reviewDays,
        budget: try query.number("budget", in: 0...1e12), storage: try query.number("storage", in: 0...1e12))
      let filter = RestockFilter(query: try query.text("query"), category: try query.text("category"))
      let shop = try await server.shop(context)
      let list = Listing(whole: "restock") { try await shop.restock(settings, filter: filter, page: $0) }
      return try await answer(list, columns: CSVColumns.restock, to: request)
    }
  }
}
