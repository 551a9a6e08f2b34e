import Commerce
import Foundation
import Storage

/// What is particular to a shop.
public struct ShopSettings: Sendable, Equatable, Codable {
  /// The name shown on the dashboard.
  public var name: String
  /// The currency of its amounts.
  public var currency: Currency
  /// The IANA time zone in which hours, days and weeks are counted.
  public var timeZone: String
  /// What the shop calls the categories at which needs are mined.
  public var categoryLabel: String

  /// Settings; by default dollars and UTC.
  public init(
    name: String, currency: Currency = .usd, timeZone: String = "UTC", categoryLabel: String = "category"
  ) {
    self.name = name
    self.currency = currency
    self.timeZone = timeZone
    self.categoryLabel = categoryLabel
  }

  private enum CodingKeys: String, CodingKey {
    case name, currency
    case timeZone = "time_zone"
    case categoryLabel = "category_label"
  }

  private static let collection = "settings"
  private static let key = "shop"

  /// The shop's saved settings; nil before any were saved.
  public static func load(from store: any DocumentStore) async throws -> ShopSettings? {
    try await store.document(collection: collection, key: key)
      .map { try JSONDecoder().decode(ShopSettings.self, from: Data($0.serialized)) }
  }

  /// Saves the settings.
  ///
  /// - Throws: `ApplicationError.invalidParameter` for an unknown time zone or an empty name.
  public func save(to store: any DocumentStore) async throws {
    guard TimeZone(identifier: timeZone) != nil else {
      throw ApplicationError.invalidParameter(
        name: "time_zone", value: timeZone, expected: "an IANA time zone such as Asia/Shanghai")
    }
    guard (1...100).contains(name.count) else {
      throw ApplicationError.invalidParameter(name: "name", value: name, expected: "1 to 100 characters")
    }
    try await store.put(try JSONValue(encoding: self), collection: Self.collection, key: Self.key)
  }
}
