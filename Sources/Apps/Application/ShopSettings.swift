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
  /// How many days decisions are kept.
  public var decisionRetentionDays: Int
  /// How many versions of each model are kept; the live one and the one before it are kept besides.
  public var modelVersionsKept: Int
  /// After how many days with new events models are trained again; 0 for never by themselves.
  public var retrainDays: Int

  /// After how many days models are trained again unless the shop says otherwise.
  public static let defaultRetrainDays = 7
  /// How long decisions are kept unless the shop says otherwise.
  public static let defaultDecisionRetentionDays = 90
  /// How many versions of each model are kept unless the shop says otherwise.
  public static let defaultModelVersionsKept = 10

  /// Settings; by default dollars and UTC.
  public init(
    name: String, currency: Currency = .usd, timeZone: String = "UTC", categoryLabel: String = "category",
    decisionRetentionDays: Int = defaultDecisionRetentionDays,
    modelVersionsKept: Int = defaultModelVersionsKept, retrainDays: Int = defaultRetrainDays
  ) {
    self.name = name
    self.currency = currency
    self.timeZone = timeZone
    self.categoryLabel = categoryLabel
    self.decisionRetentionDays = decisionRetentionDays
    self.modelVersionsKept = modelVersionsKept
    self.retrainDays = retrainDays
  }

  /// Decodes settings; what an earlier version did not save has its default.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    currency = try values.decode(Currency.self, forKey: .currency)
    timeZone = try values.decode(String.self, forKey: .timeZone)
    categoryLabel = try values.decode(String.self, forKey: .categoryLabel)
    decisionRetentionDays =
      try values.decodeIfPresent(Int.self, forKey: .decisionRetentionDays)
      ?? Self.defaultDecisionRetentionDays
    modelVersionsKept =
      try values.decodeIfPresent(Int.self, forKey: .modelVersionsKept) ?? Self.defaultModelVersionsKept
    retrainDays = try values.decodeIfPresent(Int.self, forKey: .retrainDays) ?? Self.defaultRetrainDays
  }

  private enum CodingKeys: String, CodingKey {
    case name, currency
    case timeZone = "time_zone"
    case categoryLabel = "category_label"
    case decisionRetentionDays = "decision_retention_days"
    case modelVersionsKept = "model_versions_kept"
    case retrainDays = "retrain_days"
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
  /// - Throws: `ApplicationError.invalidParameter` for an unknown time zone, an empty name, or a number out of range.
  public func save(to store: any DocumentStore) async throws {
    guard TimeZone(identifier: timeZone) != nil else {
      throw ApplicationError.invalidParameter(
        name: "time_zone", value: timeZone, expected: "an IANA time zone such as Asia/Shanghai")
    }
    guard (1...100).contains(name.count) else {
      throw ApplicationError.invalidParameter(name: "name", value: name, expected: "1 to 100 characters")
    }
    func require(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws {
      guard range.contains(value) else {
        throw ApplicationError.invalidParameter(
          name: name, value: String(value), expected: "\(range.lowerBound) to \(range.upperBound)")
      }
    }
    try require(decisionRetentionDays, in: 1...36_500, "decision_retention_days")
    try require(modelVersionsKept, in: 1...1000, "model_versions_kept")
    try require(retrainDays, in: 0...3650, "retrain_days")
    try await store.put(try JSONValue(encoding: self), collection: Self.collection, key: Self.key)
  }
}
