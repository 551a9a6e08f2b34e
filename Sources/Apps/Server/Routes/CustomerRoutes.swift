import Application
import Commerce
import Hummingbird
import Recommendation

/// Customers: lists, profiles, needs and recommendations.
struct CustomerRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("customers") { request, context in
      try context.require(.read)
      let query = request.query
      let page = try await server.shop(context).customers(
        containing: try query.text("query"), by: try query.choice("sort") ?? .spend, page: try query.page())
      return try answer(page, to: request)
    }
    api.get("customers/{customer_id}/recommendations") { request, context in
      try context.require(.read)
      let query = request.query
      return answer(
        bytes: try await server.shop(context).recommend(
          RecommendationRequest(
            customerID: try context.parameter("customer_id"),
            count: try query.integer("limit", default: 10, in: 1...100),
            repeatPurchases: try query.choice("repeat") ?? .never)))
    }
    api.get("customers/{customer_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).customer(try context.parameter("customer_id")))
    }
    api.get("customers/{customer_id}/needs") { request, context in
      try context.require(.read)
      let query = request.query
      let page = try await server.shop(context).needs(
        ofCustomer: try context.parameter("customer_id"), filter: try query.needFilter(),
        limit: try query.integer("limit", default: 20, in: 1...500))
      return try answer(page, to: request)
    }
    api.get("search") { request, context in
      try context.require(.read)
      guard let text = try request.query.text("q", maximumLength: 200) else {
        throw ApplicationError.invalidParameter(name: "q", value: nil, expected: "the words to look for")
      }
      return answer(try await server.shop(context).search(text))
    }
  }
}
