import Application
import Commerce
import Hummingbird

/// What customers do: questions, the customers behind each figure of an answer, and what the shop's people keep of both.
struct AnalyticsRoutes {
  let server: LodeServer

  private static let bodyLimit = 256 << 10
  private static let cohortLimit = 8 << 20

  func add(to api: RouterGroup<LodeRequestContext>) {
    addQuestions(to: api)
    addDocuments(.definition, at: "analytics/definitions", columns: CSVColumns.definitions, to: api)
    addDocuments(.board, at: "analytics/boards", columns: CSVColumns.boards, to: api)
    addDocuments(.cohort, at: "cohorts", columns: CSVColumns.cohorts, to: api)
    api.get("cohorts/{id}/customers") { request, context in
      try context.require(.read)
      let (shop, id) = (try await server.shop(context), try context.parameter("id"))
      let list = Listing(whole: "cohort-customers") { try await shop.customers(ofCohort: id, page: $0) }
      return try await answer(list, columns: CSVColumns.customers, to: request)
    }
  }

  private func addQuestions(to api: RouterGroup<LodeRequestContext>) {
    api.get("analytics/facts") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).analyticsFacts())
    }
    api.get("analytics/values") { request, context in
      try context.require(.read)
      let query = request.query
      guard let property = try query.text("property") else {
        throw ApplicationError.invalidParameter(
          name: "property", value: nil, expected: "a property such as item.category")
      }
      let (shop, text) = (try await server.shop(context), try query.text("query"))
      let limit = try query.integer("limit", default: 20, in: 1...50)
      return answer(try await shop.analyticsValues(of: property, containing: text, limit: limit).json)
    }
    api.post("analytics/query") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      var request = request
      let question = try await request.json(limit: Self.bodyLimit)
      guard question.object != nil else { throw Problem.body("Expected the definition of an analysis.") }
      guard try request.query.wantsCSV() else { return answer(bytes: try await shop.analyse(question)) }
      let csv = try await shop.analyseAsCSV(question, table: try request.query.text("table"))
      return answer(text: csv, type: "text/csv; charset=utf-8")
    }
    api.post("analytics/customers") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      var request = request
      let body = try await request.json(limit: Self.bodyLimit)
      guard let question = body["definition"], question.object != nil else {
        throw ApplicationError.invalidParameter(
          name: "definition", value: nil, expected: "the definition of an analysis")
      }
      guard let point = body["point"], point.object != nil else {
        throw ApplicationError.invalidParameter(
          name: "point", value: nil, expected: "the point of a row of the answer")
      }
      let list = Listing(whole: "customers") { try await shop.customers(at: point, of: question, page: $0) }
      return try await answer(list, columns: CSVColumns.customers, to: request)
    }
  }

  /// Lists, reads, keeps, replaces and removes shared documents of a kind.
  private func addDocuments(
    _ kind: SharedDocument.Kind, at path: String, columns: [String], to api: RouterGroup<LodeRequestContext>
  ) {
    let one = RouterPath("\(path)/{id}")
    api.get(RouterPath(path)) { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "\(kind.rawValue)s") { try await shop.shared(kind, page: $0) }
      return try await answer(list, columns: columns, defaultLimit: 500, to: request)
    }
    api.get(one) { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).shared(kind, id: try context.parameter("id")))
    }
    api.get(RouterPath("\(path)/{id}/versions")) { request, context in
      try context.require(.read)
      let (shop, id) = (try await server.shop(context), try context.parameter("id"))
      let list = Listing(whole: "versions") { try await shop.sharedVersions(kind, id: id, page: $0) }
      return try await answer(list, columns: columns, to: request)
    }
    api.post(RouterPath(path)) { request, context in
      try context.require(.operate)
      let (shop, body) = try await document(kind, request, context)
      return answer(try await shop.share(kind, body), status: .created)
    }
    api.put(one) { request, context in
      try context.require(.operate)
      let (shop, body) = try await document(kind, request, context)
      return answer(try await shop.share(kind, id: try context.parameter("id"), body))
    }
    api.delete(one) { _, context in
      try context.require(.operate)
      try await server.shop(context).unshare(kind, id: try context.parameter("id"))
      return Response(status: .noContent)
    }
  }

  private func document(
    _ kind: SharedDocument.Kind, _ request: Request, _ context: LodeRequestContext
  ) async throws -> (Shop, JSONValue) {
    let shop = try await server.shop(context)
    var request = request
    let body = try await request.json(limit: kind == .cohort ? Self.cohortLimit : Self.bodyLimit)
    guard body.object != nil else { throw Problem.body("Expected an object with a title.") }
    return (shop, body)
  }
}
