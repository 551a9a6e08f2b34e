import Application
import Commerce
import Demand
import Forecasting
import Hummingbird

/// What the shop will sell: forecasts of the shop, its categories and items, and the weeks that were not as expected.
struct DemandRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("demand/forecasting") { _, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      try await shop.requireRoomForJob()
      return answer(try await shop.submitDemandForecasting().json, status: .accepted)
    }
    api.get("demand") { request, context in
      try context.require(.read)
      let query = request.query
      var filter = DemandFilter()
      filter.level = try query.choice("level")
      filter.demandClass = try query.choice("class", of: DemandProfile.DemandClass.self)?.rawValue
      (filter.query, filter.category) = (try query.text("query"), try query.text("category"))
      filter.order = try query.choice("sort") ?? .units
      let (shop, chosen) = (try await server.shop(context), filter)
      let list = Listing(whole: "demand") { try await shop.demand(chosen, page: $0) }
      return try await answer(list, columns: CSVColumns.demand, to: request)
    }
    api.get("demand/subjects/{subject}") { _, context in
      try context.require(.read)
      return answer(
        try await server.shop(context).demand(ofSubject: try context.parameter("subject")))
    }
    api.get("demand/anomalies") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "demand-anomalies") { try await shop.demandAnomalies(page: $0) }
      return try await answer(list, columns: CSVColumns.demandAnomalies, to: request)
    }
  }
}
