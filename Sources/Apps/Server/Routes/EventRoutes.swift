import Application
import Commerce
import Hummingbird
import Storage

/// Events in and out.
struct EventRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("events") { request, context in
      try context.require(.read)
      let query = request.query
      let page = try await server.shop(context).events(
        EventQuery(
          customerID: try query.text("customer_id"), itemID: try query.text("item_id"),
          category: try query.text("category"), kind: try query.choice("kind"), from: try query.timestamp("from"),
          to: try query.timestamp("to")),
        page: try query.page())
      return try answer(page, to: request)
    }
    api.get("events/{event_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).event(try context.parameters.require("event_id")))
    }
  }
}
