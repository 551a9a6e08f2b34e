/// Something the shop sells.
public struct Item: Sendable, Hashable, Codable {
  /// The shop's id of the item.
  public var itemID: String
  /// The name shown to customers.
  public var title: String?
  /// The category at which needs are mined: about as fine as a shelf label ("COFFEE").
  public var category: String?
  /// The categories from broad to narrow, for drilling; the need's category is among them.
  public var categoryPath: [String]
  /// The brand or maker.
  public var brand: String?
  /// The undiscounted price of one unit.
  public var price: Money?
  /// When the item went on sale.
  public var availableFrom: Timestamp?
  /// Everything else: package size, colour, …
  public var attributes: [String: JSONValue]

  /// An item; only the id is required.
  public init(
    itemID: String, title: String? = nil, category: String? = nil, categoryPath: [String] = [],
    brand: String? = nil, price: Money? = nil, availableFrom: Timestamp? = nil,
    attributes: [String: JSONValue] = [:]
  ) {
    self.itemID = itemID
    self.title = title
    self.category = category
    self.categoryPath = categoryPath
    self.brand = brand
    self.price = price
    self.availableFrom = availableFrom
    self.attributes = attributes
  }

  private enum CodingKeys: String, CodingKey {
    case itemID = "item_id"
    case title, category
    case categoryPath = "category_path"
    case brand, price
    case availableFrom = "available_from"
    case attributes
  }

  /// Decodes an item; whatever is absent keeps its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      itemID: try container.decode(String.self, forKey: .itemID),
      title: try container.decodeIfPresent(String.self, forKey: .title),
      category: try container.decodeIfPresent(String.self, forKey: .category),
      categoryPath: try container.decodeIfPresent([String].self, forKey: .categoryPath) ?? [],
      brand: try container.decodeIfPresent(String.self, forKey: .brand),
      price: try container.decodeIfPresent(Money.self, forKey: .price),
      availableFrom: try container.decodeIfPresent(Timestamp.self, forKey: .availableFrom),
      attributes: try container.decodeIfPresent([String: JSONValue].self, forKey: .attributes) ?? [:])
  }
}

/// Someone who buys, as the shop describes them.
public struct Customer: Sendable, Hashable, Codable {
  /// The shop's id of the customer.
  public var customerID: String
  /// When the customer joined.
  public var joinedAt: Timestamp?
  /// Everything the shop knows: age group, income, city, …
  public var attributes: [String: JSONValue]

  /// A customer; only the id is required.
  public init(customerID: String, joinedAt: Timestamp? = nil, attributes: [String: JSONValue] = [:]) {
    self.customerID = customerID
    self.joinedAt = joinedAt
    self.attributes = attributes
  }

  private enum CodingKeys: String, CodingKey {
    case customerID = "customer_id"
    case joinedAt = "joined_at"
    case attributes
  }

  /// Decodes a customer; whatever is absent keeps its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      customerID: try container.decode(String.self, forKey: .customerID),
      joinedAt: try container.decodeIfPresent(Timestamp.self, forKey: .joinedAt),
      attributes: try container.decodeIfPresent([String: JSONValue].self, forKey: .attributes) ?? [:])
  }
}
