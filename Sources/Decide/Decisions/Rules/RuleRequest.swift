import Commerce

/// What is known of the request for a page when its rules are chosen.
///
/// ```swift
/// let request = RuleRequest(context: "email", customerID: "c7", customer: ["tier": .string("gold")])
/// rules.active(for: request).map(\.name)
/// ```
public struct RuleRequest: Sendable, Equatable {
  /// The contexts that a page can be made for, as they stand in rules.
  public static let contexts = ["home", "item", "cart", "session", "category", "email"]

  /// The place the page is for, one of `contexts`.
  public var context: String
  /// The shop's id of the customer; nil for a visitor who is not known.
  public var customerID: String?
  /// Where the request comes from, such as `app`.
  public var channel: String?
  /// How many items the cart holds.
  public var cartSize: Int
  /// How many events of the customer or session are known.
  public var historySize: Int
  /// The hour of the day in the shop's time zone, 0…23.
  public var hour: Int
  /// The day of the week in the shop's time zone, 1 for Monday to 7 for Sunday.
  public var weekday: Int
  /// The customer's attributes.
  public var customer: [String: JSONValue]

  /// A request; whatever is not given is unknown or zero, on the home page on a Monday at midnight.
  public init(
    context: String = "home", customerID: String? = nil, channel: String? = nil, cartSize: Int = 0,
    historySize: Int = 0, hour: Int = 0, weekday: Int = 1, customer: [String: JSONValue] = [:]
  ) {
    self.context = context
    self.customerID = customerID
    self.channel = channel
    self.cartSize = cartSize
    self.historySize = historySize
    self.hour = hour
    self.weekday = weekday
    self.customer = customer
  }
}
