import Commerce
import Foundation

/// Whom a campaign is for, as a request says it: a list of customers, a saved cohort of fixed customers, or what customers have
/// done. Of several members all must hold.
struct CampaignAudience: Sendable, Equatable {
  var customers: [String]?
  var cohort: String?
  var query: String?
  var minOrders = 0
  var minSpend: Double?
  var daysSinceLastOrder: ClosedRange<Int>?

  static let mostListed = 1_000_000
  private static let anyDays = 0...100_000
  private static let members: Set<String> = [
    "customers", "cohort", "query", "min_orders", "min_spend", "min_days_since_last_order",
    "max_days_since_last_order",
  ]

  /// - Throws: `ApplicationError.invalidParameter` naming the member.
  init(_ json: JSONValue) throws {
    guard let object = json.object else {
      throw ApplicationError.invalidParameter(
        name: "audience", value: nil, expected: "an object such as {\"min_orders\": 2}")
    }
    if let wrong = object.keys.sorted().first(where: { !Self.members.contains($0) }) {
      throw ApplicationError.invalidParameter(
        name: "audience.\(wrong)", value: "given", expected: Self.members.sorted().joined(separator: ", "))
    }
    func whole(_ name: String) throws -> Int? {
      guard let value = object[name], value != .null else { return nil }
      guard let number = value.integer, Self.anyDays.contains(number) else {
        throw ApplicationError.invalidParameter(
          name: "audience.\(name)", value: "another", expected: "a whole number of at most 100000")
      }
      return number
    }
    func text(_ name: String) throws -> String? {
      guard let value = object[name], value != .null else { return nil }
      guard let text = value.string, (1...512).contains(text.utf8.count) else {
        throw ApplicationError.invalidParameter(
          name: "audience.\(name)", value: "another", expected: "a text of 1 to 512 bytes")
      }
      return text
    }
    (cohort, query) = (try text("cohort"), try text("query"))
    minOrders = try whole("min_orders") ?? 0
    if let spend = object["min_spend"], spend != .null {
      guard let number = spend.number, number.isFinite else {
        throw ApplicationError.invalidParameter(
          name: "audience.min_spend", value: "another", expected: "a number")
      }
      minSpend = number
    }
    let (least, most) = (try whole("min_days_since_last_order"), try whole("max_days_since_last_order"))
    if least != nil || most != nil {
      let (low, high) = (least ?? 0, most ?? Self.anyDays.upperBound)
      guard low <= high else {
        throw ApplicationError.invalidParameter(
          name: "audience.max_days_since_last_order", value: String(high), expected: "at least \(low)")
      }
      daysSinceLastOrder = low...high
    }
    customers = try Self.ids(object["customers"])
  }

  private static func ids(_ value: JSONValue?) throws -> [String]? {
    guard let value, value != .null else { return nil }
    let ids = (value.array ?? []).compactMap(\.string).filter { (1...512).contains($0.utf8.count) }
    guard let array = value.array, ids.count == array.count, ids.count <= mostListed else {
      throw ApplicationError.invalidParameter(
        name: "audience.customers", value: "another", expected: "a list of at most \(mostListed) ids")
    }
    return ids
  }

  /// Whether an entry of the directory belongs to it, its list and cohort aside.
  func admits(_ entry: CustomerDirectory.Entry, currency: Currency, asOf moment: Timestamp) -> Bool {
    if entry.orders < minOrders { return false }
    if let query, !entry.id.lowercased().contains(query.lowercased()) { return false }
    if let minSpend, Money(minorUnits: entry.spend, currency: currency).amount < minSpend { return false }
    if let range = daysSinceLastOrder {
      guard let days = entry.daysSinceLastOrder(asOf: moment), range.contains(days) else { return false }
    }
    return true
  }
}
