import Campaigns
import Commerce
import Foundation
import Storage

/// The campaigns of a shop and who was assigned to which arm, in the store.
///
/// Assignments are written in parts before the campaign says that it runs: a campaign that runs has all of them, and one that was
/// interrupted while it began is still a draft, whose parts the next beginning writes anew.
struct CampaignLedger: Sendable {
  let store: any ShopStore

  private static let campaigns = "campaigns"
  private static let customers = "campaign-customers"
  private static let partSize = 5_000

  /// All campaigns, the newest first.
  func all() async throws -> [Campaign] {
    try await store.documents(collection: Self.campaigns).map { try Self.decode($0.document) }
      .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
  }

  /// One campaign.
  ///
  /// - Throws: `ApplicationError.notFound`.
  func campaign(_ id: String) async throws -> Campaign {
    guard let document = try await store.document(collection: Self.campaigns, key: id) else {
      throw ApplicationError.notFound(what: "campaign", id: id)
    }
    return try Self.decode(document)
  }

  /// Saves a campaign.
  func save(_ campaign: Campaign) async throws {
    try await store.put(try JSONValue(encoding: campaign), collection: Self.campaigns, key: campaign.id)
  }

  private static func decode(_ document: JSONValue) throws -> Campaign {
    try JSONDecoder().decode(Campaign.self, from: Data(document.serialized))
  }

  // MARK: Customers

  /// Saves who was assigned to which arm, in place of what was there.
  func save(_ entries: [CampaignAssignment.Entry], of id: String) async throws {
    let parts = max(1, (entries.count + Self.partSize - 1) / Self.partSize)
    for part in 0..<parts {
      let range = part * Self.partSize..<min(entries.count, (part + 1) * Self.partSize)
      try await store.put(
        [
          "parts": JSONValue(parts),
          "customers": .array(
            entries[range].map { .array([.string($0.customer), .string($0.arm.rawValue)]) }),
        ], collection: Self.customers, key: Self.key(id, part))
    }
  }

  /// Who was assigned to which arm; nobody before it began.
  func entries(of id: String) async throws -> [CampaignAssignment.Entry] {
    var (found, part, parts) = ([CampaignAssignment.Entry](), 0, 1)
    while part < parts {
      guard let document = try await store.document(collection: Self.customers, key: Self.key(id, part))
      else { break }
      parts = document["parts"]?.integer ?? 1
      for row in document["customers"]?.array ?? [] {
        guard let pair = row.array, pair.count == 2, let customer = pair[0].string,
          let arm = pair[1].string.flatMap({ CampaignAssignment.Arm(rawValue: $0) })
        else { continue }
        found.append(.init(customer: customer, arm: arm))
      }
      part += 1
    }
    return found
  }

  /// How often each customer was contacted after a moment, over all campaigns.
  func contacts(since moment: Timestamp) async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for campaign in try await all() where campaign.startedAt.map({ $0 > moment }) ?? false {
      for entry in try await entries(of: campaign.id) where entry.arm == .treated {
        counts[entry.customer, default: 0] += 1
      }
    }
    return counts
  }

  private static func key(_ id: String, _ part: Int) -> String { "\(id)/\(String(format: "%06d", part))" }
}
