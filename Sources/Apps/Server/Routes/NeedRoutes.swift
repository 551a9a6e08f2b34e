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
      let page = try await server.shop(context).marketNeeds(
        trend: try query.choice("trend"), containing: try query.text("query"),
        by: try query.choice("sort") ?? .atStake, page: try query.page())
      return try answer(page, to: request)
    }
    api.get("needs/{subject_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).marketNeed(try context.parameter("subject_id")))
    }
    api.get("needs/{subject_id}/customers") { request, context in
      try context.require(.read)
      let page = try await server.shop(context).customers(
        needing: try context.parameter("subject_id"), filter: try request.query.needFilter(),
        page: try request.query.page())
      return try answer(page, to: request)
    }
    api.post("training") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).submitTraining().json, status: .accepted)
    }
  }
}

extension Query {
  /// `kind` and `min_strength`.
  func needFilter() throws -> NeedFilter {
    NeedFilter(kind: try choice("kind"), minStrength: try number("min_strength", in: 0...1) ?? 0)
  }
}
