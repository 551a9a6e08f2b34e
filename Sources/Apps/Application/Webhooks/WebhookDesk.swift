import Campaigns
import Commerce
import Foundation
import Storage

/// A shop's webhooks and what is on its way to them.
///
/// A delivery is in the store before its first attempt and until it was taken or given up, so a restart loses none. A receiver may be
/// sent the same delivery twice (its answer can get lost): `Lode-Delivery` names it.
public actor WebhookDesk {
  private let store: any DocumentStore
  private let transport: (any WebhookTransport)?
  private let allowsPrivate: Bool
  private let clock: @Sendable () -> Timestamp
  private let changes = SerialTasks()

  private static let webhooks = "webhooks"
  private static let deliveries = "webhook-deliveries"
  private static let mostWebhooks = 20
  private static let customersInBody = 500
  private static let keptWhenOver = 2_000
  private static let pause = Duration.seconds(2)
  /// What waits is read from the store once, then kept: nobody else writes it while the server runs.
  private var waiting: [String: WebhookDelivery]?
  private var sender: Task<Void, Never>?
  private var isSending = false

  /// The desk of a shop.
  public init(
    store: any DocumentStore, sending: WebhookSending, clock: @escaping @Sendable () -> Timestamp
  ) {
    (self.store, self.clock) = (store, clock)
    (transport, allowsPrivate) = (sending.transport, sending.allowsPrivate)
  }

  // MARK: Webhooks

  /// The webhooks, without their secrets.
  public func list() async throws -> JSONValue { ["webhooks": .array(try await all().map(\.json))] }

  private func all() async throws -> [Webhook] {
    try await store.documents(collection: Self.webhooks).map {
      try JSONDecoder().decode(Webhook.self, from: Data($0.document.serialized))
    }
  }

  /// Replaces all webhooks by those of a body; one that is there already may come without its secret and keeps it.
  ///
  /// - Throws: `ApplicationError.invalidParameter`.
  public func replace(by body: JSONValue) async throws -> JSONValue {
    guard let rows = body["webhooks"]?.array, rows.count <= Self.mostWebhooks else {
      throw ApplicationError.invalidParameter(
        name: "webhooks", value: nil, expected: "a list of at most \(Self.mostWebhooks)")
    }
    try await changes.run { [self] in try await save(rows) }
    return try await list()
  }

  private func save(_ rows: [JSONValue]) async throws {
    let known = Dictionary(uniqueKeysWithValues: try await all().map { ($0.id, $0) })
    let made = try rows.map { try webhook($0, known: known) }
    guard Set(made.map(\.id)).count == made.count else {
      throw ApplicationError.invalidParameter(name: "id", value: nil, expected: "each id once")
    }
    for webhook in made {
      try await store.put(try JSONValue(encoding: webhook), collection: Self.webhooks, key: webhook.id)
    }
    for id in known.keys where !made.contains(where: { $0.id == id }) {
      try await store.remove(collection: Self.webhooks, key: id)
    }
  }

  private func webhook(_ row: JSONValue, known: [String: Webhook]) throws -> Webhook {
    guard let id = row["id"]?.string, Workspace.isValidShopName(id) else {
      throw ApplicationError.invalidParameter(
        name: "id", value: row["id"]?.string, expected: "1 to 40 lower-case letters, digits and hyphens")
    }
    guard let url = row["url"]?.string else {
      throw ApplicationError.invalidParameter(name: "url", value: nil, expected: "an https address")
    }
    _ = try WebhookTarget(url, allowsPrivate: allowsPrivate)
    guard let secret = row["secret"]?.string ?? known[id]?.secret, (16...256).contains(secret.utf8.count)
    else {
      throw ApplicationError.invalidParameter(
        name: "secret", value: nil, expected: "a text of 16 to 256 bytes; it is never shown again")
    }
    let names = row["topics"]?.array ?? [.string(Webhook.Topic.campaignContacts.rawValue)]
    let topics = names.compactMap { $0.string.flatMap(Webhook.Topic.init) }
    guard topics.count == names.count, !topics.isEmpty else {
      throw ApplicationError.invalidParameter(
        name: "topics", value: nil,
        expected: "some of \(Webhook.Topic.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return Webhook(id: id, url: url, topics: topics, secret: secret, updatedAt: clock())
  }

  // MARK: Deliveries

  /// Hands whom a campaign contacts to the webhooks that want to know, some hundred customers at a time.
  public func enqueue(contacts entries: [CampaignAssignment.Entry], of campaign: Campaign) async throws {
    let contacted = entries.filter { $0.arm == .treated }.map(\.customer)
    let starts = Array(stride(from: 0, to: contacted.count, by: Self.customersInBody))
    for webhook in try await all() where webhook.topics.contains(.campaignContacts) {
      for (part, start) in starts.enumerated() {
        let customers = contacted[start..<min(start + Self.customersInBody, contacted.count)]
        let id = "\(webhook.id).\(campaign.id).\(part)"
        let body: JSONValue = [
          "delivery_id": .string(id), "topic": .string(Webhook.Topic.campaignContacts.rawValue),
          "campaign_id": .string(campaign.id), "name": .string(campaign.name),
          "action": .string(campaign.action.kind.rawValue), "text": .string(campaign.action.text),
          "coupon": JSONValue(campaign.action.coupon), "part": JSONValue(part + 1),
          "parts": JSONValue(starts.count), "customers": .array(customers.map { .string($0) }),
        ]
        try await enqueue(
          WebhookDelivery(id: id, webhook: webhook.id, topic: .campaignContacts, body: body, at: clock()))
      }
    }
  }

  /// Keeps a delivery that is to be made; one with the same id is kept once.
  private func enqueue(_ delivery: WebhookDelivery) async throws {
    guard try await store.document(collection: Self.deliveries, key: delivery.id) == nil else { return }
    try await keep(delivery)
  }

  private func keep(_ delivery: WebhookDelivery) async throws {
    _ = try await readWaiting()
    try await store.put(try JSONValue(encoding: delivery), collection: Self.deliveries, key: delivery.id)
    waiting?[delivery.id] = delivery.status == .pending ? delivery : nil
  }

  private func readWaiting() async throws -> [String: WebhookDelivery] {
    if let waiting { return waiting }
    let found = try await readDeliveries().filter { $0.status == .pending }
    if waiting == nil { waiting = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) }) }
    return waiting ?? [:]
  }

  private func readDeliveries() async throws -> [WebhookDelivery] {
    try await store.documents(collection: Self.deliveries).map {
      try JSONDecoder().decode(WebhookDelivery.self, from: Data($0.document.serialized))
    }
  }

  /// One page of the deliveries, the newest first.
  public func deliveries(status: String? = nil, page: PageRequest) async throws -> Page {
    let found = try await readDeliveries().filter { status == nil || $0.status.rawValue == status }
      .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
    return try Page.slice(found, name: "webhook-deliveries", page, \.json)
  }

  /// Makes a delivery that was given up anew.
  ///
  /// - Throws: `ApplicationError.notFound`, or `.conflict` for one that was not given up.
  public func retry(_ id: String) async throws -> JSONValue {
    guard let document = try await store.document(collection: Self.deliveries, key: id) else {
      throw ApplicationError.notFound(what: "delivery", id: id)
    }
    var delivery = try JSONDecoder().decode(WebhookDelivery.self, from: Data(document.serialized))
    guard delivery.status == .dead else {
      throw ApplicationError.conflict(reason: "The delivery is \(delivery.status.rawValue), not dead.")
    }
    (delivery.status, delivery.attempts, delivery.endedAt) = (.pending, 0, nil)
    delivery.nextAttemptAt = clock()
    try await keep(delivery)
    return delivery.json
  }

  /// Sends a webhook a test at once and says what came of it.
  ///
  /// - Throws: `ApplicationError.notFound`.
  public func test(_ id: String) async throws -> JSONValue {
    guard try await all().contains(where: { $0.id == id }) else {
      throw ApplicationError.notFound(what: "webhook", id: id)
    }
    let name = "\(id).test.\(UUID().uuidString.lowercased())"
    let body: JSONValue = ["delivery_id": .string(name), "topic": .string(Webhook.Topic.test.rawValue)]
    return await attempt(WebhookDelivery(id: name, webhook: id, topic: .test, body: body, at: clock())).json
  }

  // MARK: Sending

  /// Begins to send what waits, until `stop`.
  func start() {
    guard transport != nil, sender == nil else { return }
    sender = Task(executorPreference: BackgroundExecutor.shared) { [weak self] in
      while !Task.isCancelled {
        // A store that is busy is asked again after the pause.
        try? await self?.sendDue()
        try? await Task.sleep(for: Self.pause)
      }
    }
  }

  func stop() {
    sender?.cancel()
    sender = nil
  }

  /// Makes an attempt of each delivery that is due, the oldest first; nothing while that is under way already.
  public func sendDue() async throws {
    guard !isSending else { return }
    isSending = true
    defer { isSending = false }
    let moment = clock()
    let due = try await readWaiting().values.filter { $0.nextAttemptAt <= moment }
      .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    for delivery in due {
      try Task.checkCancellation()
      try await keep(await attempt(delivery))
    }
    if !due.isEmpty { try await forgetOldest() }
  }

  private func attempt(_ delivery: WebhookDelivery) async -> WebhookDelivery {
    var delivery = delivery
    do {
      let status = try await send(delivery)
      if (200..<300).contains(status) {
        delivery.succeed(status, at: clock())
      } else {
        delivery.fail(status, "The receiver answered \(status).", at: clock())
      }
    } catch let error as WebhookError {
      delivery.fail(nil, error.description, at: clock())
    } catch let error as ApplicationError {
      delivery.fail(nil, error.description, at: clock())
    } catch {
      // Other errors may quote what was sent.
      delivery.fail(nil, "It could not be sent.", at: clock())
    }
    return delivery
  }

  private func send(_ delivery: WebhookDelivery) async throws -> Int {
    guard let transport else { throw WebhookError.noTransport }
    guard let webhook = try await all().first(where: { $0.id == delivery.webhook }) else {
      throw ApplicationError.notFound(what: "webhook", id: delivery.webhook)
    }
    let body = delivery.body.serialized
    return try await transport.post(
      body,
      headers: [
        ("Content-Type", "application/json"), ("Lode-Delivery", delivery.id),
        ("Lode-Topic", delivery.topic.rawValue),
        ("Lode-Signature", Webhook.signature(secret: webhook.secret, body: body, at: clock())),
      ], to: try WebhookTarget(webhook.url, allowsPrivate: allowsPrivate), allowsPrivate: allowsPrivate)
  }

  /// Of deliveries that are over the newest are kept.
  private func forgetOldest() async throws {
    let over = try await readDeliveries().filter { $0.status == .delivered }.sorted {
      $0.createdAt > $1.createdAt
    }
    for delivery in over.dropFirst(Self.keptWhenOver) {
      try await store.remove(collection: Self.deliveries, key: delivery.id)
    }
  }
}
