import Application
import Commerce
import Customers
import Hummingbird

/// What customers are worth: all of them together, and each.
struct ValueRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("value/estimation") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      var request = request
      let terms = try Self.terms(try await request.json(limit: 4096))
      try await shop.requireRoomForJob()
      return answer(try await shop.submitValuation(terms).json, status: .accepted)
    }
    api.get("value") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).value())
    }
    api.get("value/customers") { request, context in
      try context.require(.read)
      let (shop, filter) = (try await server.shop(context), try Self.filter(request.query))
      let list = Listing(whole: "customer-values") { try await shop.values(filter, page: $0) }
      return try await answer(list, columns: CSVColumns.values, to: request)
    }
    api.get("value/customers/{id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).value(ofCustomer: try context.parameter("id")))
    }
  }

  private static func filter(_ query: Query) throws -> ValueFilter {
    var filter = ValueFilter()
    filter.query = try query.text("query")
    filter.quadrant = try query.choice("quadrant")
    filter.decile =
      try query.text("decile") == nil ? nil : try query.integer("decile", default: 1, in: 1...10)
    filter.valueFrom = try query.number("value_from", in: 0...1e15)
    filter.valueBelow = try query.number("value_below", in: 0...1e15)
    filter.aliveFrom = try query.number("p_alive_from", in: 0...1)
    filter.aliveBelow = try query.number("p_alive_below", in: 0...1)
    filter.order = try query.choice("sort") ?? .value
    return filter
  }

  private static func terms(_ body: JSONValue) throws -> ValueTerms {
    var terms = ValueTerms()
    func number(_ name: String, _ set: (Double) -> Void) throws {
      guard let value = body[name], value != .null else { return }
      guard let number = value.number else {
        throw ApplicationError.invalidParameter(
          name: name, value: String(decoding: value.serialized.prefix(40), as: UTF8.self),
          expected: "a number")
      }
      set(number)
    }
    try number("horizon_months") { terms.horizonMonths = $0 }
    try number("monthly_discount") { terms.monthlyDiscount = $0 }
    try number("margin") { terms.margin = $0 }
    if let anyway = body["anyway"], anyway != .null {
      guard let isWanted = anyway.bool else {
        throw ApplicationError.invalidParameter(
          name: "anyway", value: String(decoding: anyway.serialized.prefix(40), as: UTF8.self),
          expected: "true or false")
      }
      terms.ignoresGates = isWanted
    }
    try terms.validate()
    return terms
  }
}
