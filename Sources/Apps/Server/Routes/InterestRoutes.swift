import Application
import Features
import Hummingbird

/// What customers are interested in, and their habits.
struct InterestRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("customers/{customer_id}/interests") { request, context in
      try context.require(.read)
      let customer = try context.parameter("customer_id")
      let kind: InterestPoint.Kind? = try request.query.choice("kind")
      let most = try request.query.integer("per_dimension", default: 10, in: 1...500)
      let shop = try await server.shop(context)
      let list = Listing(whole: "interests-of-customer") {
        try await shop.interests(ofCustomer: customer, kind: kind, perDimension: most, limit: $0.limit)
      }
      return try await answer(list, columns: CSVColumns.interests, defaultLimit: 500, to: request)
    }
    api.get("customers/{customer_id}/patterns") { request, context in
      try context.require(.read)
      let customer = try context.parameter("customer_id")
      let foundOnly = try request.query.flag("found")
      let shop = try await server.shop(context)
      let list = Listing(whole: "patterns-of-customer") {
        try await shop.patterns(ofCustomer: customer, foundOnly: foundOnly, limit: $0.limit)
      }
      return try await answer(list, columns: CSVColumns.habits, defaultLimit: 500, to: request)
    }
  }
}
