import Recommendation

/// The place that a page of recommendations is made for.
public enum PageContext: String, Sendable, Codable, CaseIterable {
  /// The shop's first page, for a customer or for anyone.
  case home
  /// Beside one item: what is like it.
  case item
  /// Beside the cart: what goes with it.
  case cart
  /// A visit whose customer is not known: what follows from what was looked at.
  case session
  /// One category: its items in the order that suits the customer.
  case category
  /// A message sent to the customer.
  case email
}

/// What a page is asked for.
public struct PlacementRequest: Sendable, Hashable {
  /// Where it will be shown.
  public var context: PageContext
  /// For whom; nil when that is not known.
  public var customerID: String?
  /// The visit, whose events count like the customer's own.
  public var sessionID: String?
  /// The item beside which it is shown.
  public var itemID: String?
  /// What is in the cart.
  public var cart: [String]
  /// What was looked at in this visit, oldest first, as far as the shop has no events of it.
  public var viewed: [String]
  /// The category, at any level, to which the page keeps.
  public var category: String?
  /// Where it is shown from, such as `app`; rules can ask for it.
  public var channel: String?
  /// How many items.
  public var count: Int
  /// Whether items bought before may come again; nil for what the context usually wants.
  public var repeatPurchases: RepeatPurchases?

  /// A request; by default ten items for the first page.
  public init(
    context: PageContext = .home, customerID: String? = nil, sessionID: String? = nil, itemID: String? = nil,
    cart: [String] = [], viewed: [String] = [], category: String? = nil, channel: String? = nil,
    count: Int = 10, repeatPurchases: RepeatPurchases? = nil
  ) {
    self.context = context
    self.customerID = customerID
    self.sessionID = sessionID
    self.itemID = itemID
    self.cart = cart
    self.viewed = viewed
    self.category = category
    self.channel = channel
    self.count = count
    self.repeatPurchases = repeatPurchases
  }

  /// Whether items bought before may come again: by default in messages and categories, where people look for what they
  /// know, and nowhere else.
  public var repeats: RepeatPurchases {
    if let repeatPurchases { return repeatPurchases }
    return context == .email || context == .category ? .allow : .never
  }
}
