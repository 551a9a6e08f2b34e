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
      let (filter, order) = (try query.customerFilter(), try query.choice("sort") ?? CustomerOrder.spend)
      let shop = try await server.shop(context)
      let list = Listing("customers") { try await shop.customers(filter, by: order, page: $0) }
      return try await answer(list, columns: CSVColumns.customers, to: request)
    }
    api.get("customers/{customer_id}/recommendations") { request, context in
      try context.require(.read)
      let query = request.query
      return answer(
        bytes: try await server.shop(context).recommend(
          RecommendationRequest(
            customerID: try context.parameter("customer_id"),
            count: try query.integer("limit", default: 10, in: 1...100),
            repeatPurchases: try query.choice("repeat") ?? .never, model: try query.text("model"))))
    }
    api.get("customers/{customer_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).customer(try context.parameter("customer_id")))
    }
    api.get("customers/{customer_id}/needs") { request, context in
      try context.require(.read)
      let query = request.query
      let (customer, filter) = (try context.parameter("customer_id"), try query.needFilter())
      let shop = try await server.shop(context)
      let list = Listing(whole: "needs-of-customer") {
        try await shop.needs(ofCustomer: customer, filter: filter, limit: $0.limit)
      }
      return try await answer(list, columns: CSVColumns.customerNeeds, defaultLimit: 20, to: request)
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

extension Query {
  private static let anyDays = 0...100_000

  /// `query`, `min_orders`, `min_days_since_last_order` and `max_days_since_last_order`.
  fileprivate func customerFilter() throws -> CustomerFilter {
    var filter = CustomerFilter(
      text: try text("query"), minOrders: try integer("min_orders", default: 0, in: 0...1_000_000))
    filter.segment = try text("segment")
    let (least, most) = ("min_days_since_last_order", "max_days_since_last_order")
    if try text(least) != nil || text(most) != nil {
      let from = try integer(least, default: Self.anyDays.lowerBound, in: Self.anyDays)
      let to = try integer(most, default: Self.anyDays.upperBound, in: Self.anyDays)
      guard from <= to else {
        throw ApplicationError.invalidParameter(
          name: most, value: String(to), expected: "at least \(least), which is \(from)")
      }
      filter.daysSinceLastOrder = from...to
    }
    return filter
  }
}
