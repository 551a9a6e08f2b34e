/// What a customer or the shop did in one event.
public enum EventKind: String, Sendable, Codable, CaseIterable, Hashable {
  /// An item's page was seen.
  case view
  /// A list of items was seen.
  case listView = "list_view"
  /// A search was made; `query` holds its words.
  case search
  /// A search result, recommendation or list entry was followed.
  case click
  /// An item went into the cart.
  case cartAdd = "cart_add"
  /// An item left the cart.
  case cartRemove = "cart_remove"
  /// An item was put on a wish list.
  case wishlist
  /// A checkout began.
  case checkout
  /// One line of an order was bought.
  case purchase
  /// One line of an order was given back; quantity and amount are positive.
  case refund
  /// An item was rated without words.
  case rating
  /// An item was reviewed in words.
  case review
  /// A turn of a conversation with customer service.
  case message
  /// A recommendation was shown.
  case impression
  /// An advertisement was shown.
  case adImpression = "ad_impression"
  /// An advertisement was clicked.
  case adClick = "ad_click"
  /// A coupon was sent.
  case couponSent = "coupon_sent"
  /// A coupon was redeemed.
  case couponRedeemed = "coupon_redeemed"

  /// A kind from its own name or from the Segment e-commerce specification's event name, such as "Product Viewed".
  public init?(name: String) {
    if let kind = EventKind(rawValue: name) {
      self = kind
      return
    }
    let key = name.lowercased().filter { $0.isLetter || $0.isNumber }
    guard let kind = Self.aliases[key] ?? Self.allCases.first(where: { $0.compactName == key }) else {
      return nil
    }
    self = kind
  }

  private var compactName: String { rawValue.filter { $0 != "_" } }

  private static let aliases: [String: EventKind] = [
    "productviewed": .view, "productlistviewed": .listView, "productssearched": .search,
    "productclicked": .click,
    "productadded": .cartAdd, "productremoved": .cartRemove, "productaddedtowishlist": .wishlist,
    "checkoutstarted": .checkout, "ordercompleted": .purchase, "orderrefunded": .refund,
    "productrated": .rating, "productreviewed": .review, "promotionviewed": .adImpression,
    "promotionclicked": .adClick, "couponapplied": .couponRedeemed, "order": .purchase, "buy": .purchase,
    "cart": .cartAdd, "addtocart": .cartAdd, "pv": .view, "fav": .wishlist, "addtowishlist": .wishlist,
  ]

  /// How much the event says about a customer's liking of an item, when a shop has not configured its own.
  public var defaultWeight: Double {
    switch self {
    case .purchase: 1
    case .cartAdd, .checkout, .wishlist, .couponRedeemed: 0.5
    case .review, .rating: 0.4
    case .click, .adClick: 0.2
    case .view: 0.1
    case .cartRemove, .refund: -0.5
    case .listView, .search, .message, .impression, .adImpression, .couponSent: 0
    }
  }

  /// A small stable number for columns and stores. Numbers are never reused.
  public var code: UInt8 {
    switch self {
    case .view: 0
    case .listView: 1
    case .search: 2
    case .click: 3
    case .cartAdd: 4
    case .cartRemove: 5
    case .wishlist: 6
    case .checkout: 7
    case .purchase: 8
    case .refund: 9
    case .rating: 10
    case .review: 11
    case .message: 12
    case .impression: 13
    case .adImpression: 14
    case .adClick: 15
    case .couponSent: 16
    case .couponRedeemed: 17
    }
  }

  /// The kind of a stored number.
  public init?(code: UInt8) {
    guard code < Self.kindByCode.count else { return nil }
    self = Self.kindByCode[Int(code)]
  }

  // The order of the cases is the order of the codes: new kinds are added at the end.
  private static let kindByCode = allCases
}
