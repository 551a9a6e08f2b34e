import Application
import Hummingbird
import Needs

/// The market board: what customers as a whole need.
struct NeedRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("needs") { request, context in
      try context.require(.read)
      let query = request.query
      let trend: NeedTrend.Direction? = try query.choice("trend")
      let (text, order) = (try query.text("query"), try query.choice("sort") ?? BoardOrder.atStake)
      let shop = try await server.shop(context)
      let list = Listing(whole: "needs") {
        try await shop.marketNeeds(trend: trend, containing: text, by: order, page: $0)
      }
      return try await answer(list, columns: CSVColumns.needs, to: request)
    }
    api.get("needs/{subject_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).marketNeed(try context.parameter("subject_id")))
    }
    api.get("needs/{subject_id}/customers") { request, context in
      try context.require(.read)
      let (subject, filter) = (try context.parameter("subject_id"), try request.query.needCustomerFilter())
      let shop = try await server.shop(context)
      let list = Listing("customers-needing") {
        try await shop.customers(needing: subject, filter: filter, page: $0)
      }
      return try await answer(list, columns: CSVColumns.customersNeeding, to: request)
    }
    api.post("training") { _, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      try await shop.requireRoomForJob()
      return answer(try await shop.submitTraining().json, status: .accepted)
    }
  }
}

extension Query {
  /// `kind` and `min_strength`.
  func needFilter() throws -> NeedFilter {
    NeedFilter(kind: try choice("kind"), minStrength: try number("min_strength", in: 0...1) ?? 0)
  }

  /// `kind`, `min_strength`, `max_strength`, `overdue` and `days`.
  func needCustomerFilter() throws -> NeedCustomerFilter {
    NeedCustomerFilter(
      kind: try choice("kind"), minStrength: try number("min_strength", in: 0...1) ?? 0,
      maxStrength: try number("max_strength", in: 0...1) ?? 1, isOverdue: try flag("overdue"),
      days: try integer("days", default: NeedMining.horizonDays, in: 1...NeedMining.horizonDays))
  }
}
