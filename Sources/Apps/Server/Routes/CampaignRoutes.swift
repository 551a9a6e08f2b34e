import Application
import Campaigns
import Commerce
import Hummingbird

/// Campaigns with their customers and results, and the webhooks that carry contacts out.
struct CampaignRoutes {
  let server: LodeServer

  /// Lists of customers may be long.
  private static let bodyLimit = 16 << 20

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("campaigns") { request, context in
      try context.require(.read)
      let (shop, state) = (
        try await server.shop(context), try request.query.choice("state", of: Campaign.State.self)
      )
      let list = Listing(whole: "campaigns") { try await shop.campaigns(state: state, page: $0) }
      return try await answer(list, columns: CSVColumns.campaigns, to: request)
    }
    api.post("campaigns") { request, context in
      try context.require(.operate)
      let (shop, body) = try await asked(request, context)
      return answer(try await shop.createCampaign(body), status: .created)
    }
    api.post("campaigns/preview") { request, context in
      try context.require(.read)
      let (shop, body) = try await asked(request, context)
      return answer(try await shop.previewCampaign(body))
    }
    api.get("campaigns/{campaign_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).campaign(try context.parameter("campaign_id")))
    }
    api.put("campaigns/{campaign_id}") { request, context in
      try context.require(.operate)
      let (shop, body) = try await asked(request, context)
      return answer(try await shop.changeCampaign(try context.parameter("campaign_id"), body))
    }
    api.post("campaigns/{campaign_id}/start") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).startCampaign(try context.parameter("campaign_id")))
    }
    api.post("campaigns/{campaign_id}/stop") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).stopCampaign(try context.parameter("campaign_id")))
    }
    api.get("campaigns/{campaign_id}/customers") { request, context in
      try context.require(.read)
      let (shop, id) = (try await server.shop(context), try context.parameter("campaign_id"))
      let list = Listing("campaign-customers") { try await shop.customers(ofCampaign: id, page: $0) }
      return try await answer(list, columns: CSVColumns.campaignCustomers, to: request)
    }
    api.get("campaigns/{campaign_id}/result") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).campaignResult(try context.parameter("campaign_id")))
    }
    addWebhooks(to: api)
  }

  /// Addresses of webhooks may hold keys of other systems, so that reading them is for operators too.
  private func addWebhooks(to api: RouterGroup<LodeRequestContext>) {
    api.get("webhooks") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).webhooks.list())
    }
    api.put("webhooks") { request, context in
      try context.require(.operate)
      let (shop, body) = try await asked(request, context)
      return answer(try await shop.webhooks.replace(by: body))
    }
    api.post("webhooks/{webhook_id}/test") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).webhooks.test(try context.parameter("webhook_id")))
    }
    api.get("webhooks/deliveries") { request, context in
      try context.require(.operate)
      let (shop, status) = (try await server.shop(context), try request.query.text("status"))
      let list = Listing(whole: "webhook-deliveries") {
        try await shop.webhooks.deliveries(status: status, page: $0)
      }
      return try await answer(list, columns: CSVColumns.webhookDeliveries, to: request)
    }
    api.post("webhooks/deliveries/{delivery_id}/retry") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).webhooks.retry(try context.parameter("delivery_id")))
    }
  }

  private func asked(_ request: Request, _ context: LodeRequestContext) async throws -> (Shop, JSONValue) {
    let shop = try await server.shop(context)
    var request = request
    let body = try await request.json(limit: Self.bodyLimit)
    guard body.object != nil else { throw Problem.body("The body is not a JSON object.") }
    return (shop, body)
  }
}
