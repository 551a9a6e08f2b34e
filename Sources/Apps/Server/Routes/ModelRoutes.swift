import Application
import Commerce
import Hummingbird
import Storage

/// Models and decisions.
struct ModelRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("models") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).models())
    }
    api.post("models/{name}/versions/{version}/promote") { _, context in
      try context.require(.operate)
      let version = try Self.integer("version", of: context)
      return answer(
        try await server.shop(context).promote(model: try context.parameter("name"), version: version))
    }
    api.post("models/{name}/rollback") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).rollBack(model: try context.parameter("name")))
    }
    addDecisions(to: api)
  }

  private func addDecisions(to api: RouterGroup<LodeRequestContext>) {
    api.get("decisions/{decision_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).decision(try context.parameter("decision_id")))
    }
    api.post("decisions/{decision_id}/feedback") { request, context in
      try context.require(.ingest)
      let shop = try await server.shop(context)
      let body = try await server.takingIn(request, to: shop) { request in try await request.json() }
      let kinds: [String: EventKind] = ["click": .click, "purchase": .purchase, "dismiss": .impression]
      guard let name = body["kind"]?.string, let kind = kinds[name] else {
        throw ApplicationError.invalidParameter(
          name: "kind", value: body["kind"]?.string, expected: "click, purchase or dismiss")
      }
      guard let item = body["item_id"]?.string else {
        throw ApplicationError.invalidParameter(name: "item_id", value: nil, expected: "the item's id")
      }
      let report = try await shop.addFeedback(
        toDecision: try context.parameter("decision_id"), kind: kind, itemID: item,
        eventID: body["event_id"]?.string, properties: name == "dismiss" ? ["dismissed": true] : [:])
      return answer(report.json, status: .accepted)
    }
  }

  /// A whole number in the path.
  static func integer(_ name: String, of context: LodeRequestContext) throws -> Int {
    let text = try context.parameter(name)
    guard let value = Int(text), value > 0 else {
      throw ApplicationError.invalidParameter(name: name, value: text, expected: "a whole number above 0")
    }
    return value
  }
}
