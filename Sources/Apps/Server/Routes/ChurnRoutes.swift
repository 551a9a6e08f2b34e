import Application
import Commerce
import CustomerValue
import Hummingbird

/// Who stops buying: all customers together, and each.
struct ChurnRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("churn/estimation") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      var request = request
      let definition = try Self.definition(try await request.json(limit: 4096))
      try await shop.requireRoomForJob()
      return answer(try await shop.submitChurn(definition).json, status: .accepted)
    }
    api.get("churn") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).churn())
    }
    api.get("churn/customers") { request, context in
      try context.require(.read)
      let (shop, filter) = (try await server.shop(context), try Self.filter(request.query))
      let list = Listing(whole: "churn") { try await shop.churn(filter, page: $0) }
      return try await answer(list, columns: CSVColumns.churn, to: request)
    }
    api.get("churn/customers/{id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).churn(ofCustomer: try context.parameter("id")))
    }
  }

  private static func filter(_ query: Query) throws -> ChurnFilter {
    var filter = ChurnFilter()
    filter.query = try query.text("query")
    filter.riskFrom = try query.number("risk_from", in: 0...1)
    filter.riskBelow = try query.number("risk_below", in: 0...1)
    filter.stakeFrom = try query.number("value_from", in: 0...1e15)
    filter.order = try query.choice("sort") ?? .stake
    return filter
  }

  private static func definition(_ body: JSONValue) throws -> LapseFeatures.Configuration {
    var definition = LapseFeatures.Configuration()
    func number(_ name: String, _ set: (Int) -> Void) throws {
      guard let value = body[name], value != .null else { return }
      guard let number = value.number, let whole = Int(exactly: number) else {
        throw ApplicationError.invalidParameter(
          name: name, value: String(decoding: value.serialized.prefix(40), as: UTF8.self),
          expected: "a whole number of days")
      }
      set(whole)
    }
    try number("horizon_days") { definition.horizonDays = $0 }
    try number("active_days") { definition.activeDays = $0 }
    return definition
  }
}
