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
      let shop = try await server.shop(context)
      return try await server.takingIn(request, to: shop) { request in
        let batch = try await batch(in: &request, currency: try await shop.currency)
        return answer(try await shop.ingest(batch, source: "POST /v1/events").json)
      }
    }
    api.get("events") { request, context in
      try context.require(.read)
      let query = request.query
      let filter = EventQuery(
        customerID: try query.text("customer_id"), itemID: try query.text("item_id"),
        category: try query.text("category"), kind: try query.choice("kind"),
        from: try query.timestamp("from"), to: try query.timestamp("to"))
      let shop = try await server.shop(context)
      let list = Listing("events") { try await shop.events(filter, page: $0) }
      return try await answer(list, columns: CSVColumns.events, to: request)
    }
    api.get("events/{event_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).event(try context.parameter("event_id")))
    }
  }

  private func batch(
    in request: inout Request, currency: Currency
  ) async throws -> [Result<Event, RowRejection>] {
    let isLines = request.headers[.contentType]?.lowercased().hasPrefix("application/x-ndjson") ?? false
    let body = try await request.bytes(limit: server.configuration.bodyLimit).readableBytesView
    let defaults = EventJSON.Defaults(currency: currency)
    let batch = isLines ? EventJSON.decode(ndjson: body, defaults: defaults) : try read(body, defaults)
    guard batch.count <= Self.batchLimit else {
      throw Problem.body("The body has \(batch.count) events; a request may hold \(Self.batchLimit).")
    }
    return batch
  }

  private func read(
    _ body: ByteBufferView, _ defaults: EventJSON.Defaults
  ) throws -> [Result<Event, RowRejection>] {
    do {
      return try EventJSON.decode(batch: body, defaults: defaults)
    } catch {
      throw Problem.body("The body does not hold events: \(error)")
    }
  }
}
