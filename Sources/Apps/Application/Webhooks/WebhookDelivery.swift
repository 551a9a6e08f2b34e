import Commerce
import Foundation

/// One body on its way to a webhook.
struct WebhookDelivery: Sendable, Codable, Equatable {
  /// How far it has come.
  enum Status: String, Sendable, Codable, CaseIterable {
    /// It waits for its first attempt or the next.
    case pending
    /// The receiver took it.
    case delivered
    /// It was given up.
    case dead
  }

  /// What tells it from all others: the same for the same contacts, so that they are handed over once.
  let id: String
  let webhook: String
  let topic: Webhook.Topic
  let body: JSONValue
  var status = Status.pending
  var attempts = 0
  var lastStatus: Int?
  var lastError: String?
  let createdAt: Timestamp
  var nextAttemptAt: Timestamp
  var endedAt: Timestamp?

  static let mostAttempts = 8

  init(id: String, webhook: String, topic: Webhook.Topic, body: JSONValue, at moment: Timestamp) {
    (self.id, self.webhook, self.topic, self.body) = (id, webhook, topic, body)
    (createdAt, nextAttemptAt) = (moment, moment)
  }

  /// Notes that the receiver took it.
  mutating func succeed(_ answer: Int, at moment: Timestamp) {
    attempts += 1
    (status, lastStatus, lastError, endedAt) = (.delivered, answer, nil, moment)
  }

  /// Notes a failed attempt; the last one ends it.
  mutating func fail(_ answer: Int?, _ reason: String, at moment: Timestamp) {
    attempts += 1
    (lastStatus, lastError) = (answer, reason)
    if attempts >= Self.mostAttempts {
      (status, endedAt) = (.dead, moment)
    } else {
      nextAttemptAt = moment.adding(days: Double(Backoff.seconds(afterFailures: attempts)) / 86_400)
    }
  }

  /// The delivery as the API shows it, without its body.
  var json: JSONValue {
    [
      "delivery_id": .string(id), "webhook": .string(webhook), "topic": .string(topic.rawValue),
      "status": .string(status.rawValue), "attempts": JSONValue(attempts),
      "last_status": lastStatus.map { JSONValue($0) } ?? .null, "last_error": JSONValue(lastError),
      "created_at": JSONValue(createdAt),
      "next_attempt_at": status == .pending ? JSONValue(nextAttemptAt) : .null,
      "ended_at": JSONValue(endedAt),
    ]
  }
}
