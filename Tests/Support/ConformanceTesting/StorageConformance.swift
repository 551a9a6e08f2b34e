import Commerce
import Learning
import Storage
import Testing

/// What every backend of the store protocols does. A backend's tests make an empty store and run each case on it:
///
/// ```swift
/// @Test(arguments: StorageConformance.cases)
/// func conforms(_ conformance: StorageConformance) async throws { try await conformance.run(InMemoryStore()) }
/// ```
public struct StorageConformance: Sendable, CustomTestStringConvertible {
  /// What the case holds the store to.
  public let name: String
  private let body: @Sendable (any ShopStore) async throws -> Void

  init(_ name: String, _ body: @escaping @Sendable (any ShopStore) async throws -> Void) {
    self.name = name
    self.body = body
  }

  /// The name, for the test's report.
  public var testDescription: String { name }

  /// Runs the case on an empty store.
  public func run(_ store: any ShopStore) async throws { try await body(store) }

  /// All cases.
  public static let cases: [StorageConformance] = eventCases + recordCases + modelCases

  /// Ids that break careless code: quotes, wildcards, control characters, two spellings of one look, great length.
  public static let hostileIDs = [
    "", " ", "'", "\"; DROP TABLE events; --", "%", "_", "\\", "a\u{0}b", "a\u{0}c", "\u{0}", "caf\u{E9}",
    "cafe\u{301}", "商品\n1", "🛒", "\u{202E}abc", "null", "../../etc", String(repeating: "x", count: 5000),
  ]

  /// An event with every field set, made of a number.
  public static func fullEvent(_ number: Int) -> Event {
    Event(
      eventID: "full-\(number)", kind: .purchase, customerID: "c\(number % 3)", sessionID: "s\(number)",
      itemID: "i\(number % 5)", timestamp: Timestamp(milliseconds: 1_500_000_000_000 + Int64(number) * 1000),
      quantity: 1.5, amount: Money(minorUnits: 1234, currency: .cny), rating: 4.5, text: "很好 👍", query: "咖啡",
      dwellMilliseconds: 1200, orderID: "o\(number)", decisionID: "d\(number % 2)", channel: "app",
      device: "phone",
      properties: [
        "discount": .number(0.1), "nested": .object(["a": .array([.null, .bool(true), .string("\u{1}")])]),
      ])
  }

  /// A small event: purchase of an item by a customer at a second.
  public static func event(_ id: String, customer: String? = nil, item: String? = nil, second: Int64 = 0)
    -> Event
  {
    Event(
      eventID: id, kind: .purchase, customerID: customer, itemID: item,
      timestamp: Timestamp(milliseconds: second * 1000))
  }
}
