import Application
import Commerce
import Hummingbird
import Ingestion
import NIOCore
import Storage

/// Events in and out.
struct EventRoutes {
  let server: LodeServer
  private static let batchLimit = 50_000

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("events") { request, context in
      try context.require(.ingest)
      var request = request
      let isLines = request.headers[.contentType]?.lowercased().hasPrefix("application/x-ndjson") ?? false
      let body = try await request.bytes(limit: server.configuration.bodyLimit).readableBytesView
      let shop = try await server.shop(context)
      let defaults = EventJSON.Defaults(currency: try await shop.currency)
      let batch = isLines ? EventJSON.decode(ndjson: body, defaults: defaults) : try read(body, defaults)
      guard batch.count <= Self.batchLimit else {
        throw ApplicationError.invalidParameter(
          name: "body", value: "\(batch.count) events",
          expected: "at most \(Self.batchLimit) events a request")
      }
      return answer(try await shop.ingest(batch, source: "POST /v1/events").json)
    }
    api.get("events") { request, context in
      try context.require(.read)
      let query = request.query
      let page = try await server.shop(context).events(
        EventQuery(
          customerID: try query.text("customer_id"), itemID: try query.text("item_id"),
          category: try query.text("category"), kind: try query.choice("kind"),
          from: try query.timestamp("from"),
          to: try query.timestamp("to")),
        page: try query.page())
      return try answer(page, to: request)
    }
    api.get("events/{event_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).event(try context.parameter("event_id")))
    }
  }

  private func read(
    _ body: ByteBufferView, _ defaults: EventJSON.Defaults
  ) throws -> [Result<Event, RowRejection>] {
    do {
      return try EventJSON.decode(batch: body, defaults: defaults)
    } catch {
      throw ApplicationError.invalidParameter(name: "body", value: nil, expected: "events as JSON. \(error)")
    }
  }
}
