import Application
import Commerce
import Hummingbird

/// Segments of customers: who is alike, what sets them apart, who moved.
struct SegmentRoutes {
  let server: LodeServer

  private static let bodyLimit = 64 << 10

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("segments/clustering") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      try await shop.requireRoomForJob()
      var request = request
      let wanted = try await request.json(limit: Self.bodyLimit).segmentationRequest()
      return answer(try await shop.submitSegmentation(wanted).json, status: .accepted)
    }
    api.get("segments") { request, context in
      try context.require(.read)
      let kind = try request.query.choice("kind", of: Shop.SegmentKind.self)
      let shop = try await server.shop(context)
      let list = Listing(whole: "segments") { try await shop.segments(kind, page: $0) }
      return try await answer(list, columns: CSVColumns.segments, defaultLimit: 200, to: request)
    }
    addAnalyses(to: api)
    addRules(to: api)
    api.get("segments/{segment_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).segment(try context.parameter("segment_id")))
    }
    api.get("segments/{segment_id}/customers") { request, context in
      try context.require(.read)
      let order = try request.query.choice("sort") ?? CustomerOrder.spend
      let filter = CustomerFilter(
        text: try request.query.text("query"), segment: try context.parameter("segment_id"))
      let shop = try await server.shop(context)
      let list = Listing("segment-customers") { try await shop.customers(filter, by: order, page: $0) }
      return try await answer(list, columns: CSVColumns.customers, to: request)
    }
  }

  private func addRules(to api: RouterGroup<LodeRequestContext>) {
    api.get("segments/rules") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "segment-rules") { try await shop.segmentRules(page: $0) }
      return try await answer(list, columns: CSVColumns.segmentRules, defaultLimit: 200, to: request)
    }
    api.post("segments/rules") { request, context in
      let isDry = try request.query.flag("dry_run")
      try context.require(isDry ? .read : .operate)
      let shop = try await server.shop(context)
      var request = request
      let body = try await request.json(limit: Self.bodyLimit)
      let condition = try body.ruleText("condition")
      if isDry { return answer(try await shop.trySegmentRule(condition)) }
      return answer(
        try await shop.saveSegmentRule(name: try body.ruleText("name"), condition: condition),
        status: .created)
    }
    api.put("segments/rules/{rule_id}") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      var request = request
      let body = try await request.json(limit: Self.bodyLimit)
      return answer(
        try await shop.saveSegmentRule(
          id: try context.parameter("rule_id"), name: try body.ruleText("name"),
          condition: try body.ruleText("condition")))
    }
    api.delete("segments/rules/{rule_id}") { _, context in
      try context.require(.operate)
      try await server.shop(context).removeSegmentRule(try context.parameter("rule_id"))
      return Response(status: .noContent)
    }
  }

  private func addAnalyses(to api: RouterGroup<LodeRequestContext>) {
    api.get("segments/map") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).segmentMap())
    }
    api.get("segments/migration") { request, context in
      try context.require(.read)
      let steps = try request.query.integer("steps", default: 1, in: 1...52)
      return answer(try await server.shop(context).segmentMigration(steps: steps))
    }
    api.get("segments/compare") { request, context in
      try context.require(.read)
      guard let first = try request.query.text("a"), let second = try request.query.text("b") else {
        throw ApplicationError.invalidParameter(
          name: "a, b", value: nil, expected: "the ids of two segments")
      }
      return answer(try await server.shop(context).compareSegments(first, second))
    }
  }
}

extension JSONValue {
  /// A text that a rule needs.
  fileprivate func ruleText(_ name: String) throws -> String {
    guard let text = self[name]?.string else {
      throw ApplicationError.invalidParameter(name: name, value: nil, expected: "a text")
    }
    return text
  }

  /// `segments` and `anew`; nothing for an empty body.
  fileprivate func segmentationRequest() throws -> SegmentationRequest {
    if self == .null { return SegmentationRequest() }
    guard object != nil else { throw Problem.body("Expected an object.") }
    var request = SegmentationRequest()
    if let segments = self["segments"], segments != .null {
      guard let count = segments.integer, (2...20).contains(count) else {
        throw ApplicationError.invalidParameter(
          name: "segments", value: nil, expected: "a whole number from 2 to 20")
      }
      request.segments = count
    }
    switch self["anew"] {
    case nil, .null?: break
    case .bool(let isAnew)?: request.isAnew = isAnew
    default: throw ApplicationError.invalidParameter(name: "anew", value: nil, expected: "true or false")
    }
    return request
  }
}
