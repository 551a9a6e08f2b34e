import Commerce
import Features

/// A shop's items in memory.
struct Catalogue: Sendable {
  private(set) var items: [String: Item] = [:]

  init(_ items: [Item] = []) { insert(items) }

  /// Adds items, or replaces those with the same id.
  mutating func insert(_ items: [Item]) {
    for item in items { self.items[item.itemID] = item }
  }

  subscript(id: String) -> Item? { items[id] }

  /// What to call an item: its title, else its category and id.
  func title(of id: String) -> String {
    guard let item = items[id] else { return id }
    return item.title ?? item.category.map { "\($0) \(id)" } ?? id
  }

  /// Categories and brands by number, in an order that depends on the items alone.
  var index: CatalogueIndex {
    CatalogueIndex(items.keys.sorted().map { items[$0]! })
  }

  func category(of id: String) -> String? { items[id]?.category }
}

extension Item {
  /// The item as the API shows it.
  var json: JSONValue {
    var json: JSONValue = [
      "item_id": .string(itemID), "title": .string(title ?? category.map { "\($0) \(itemID)" } ?? itemID),
      "category": JSONValue(category), "category_path": JSONValue(categoryPath), "brand": JSONValue(brand),
      "price": JSONValue(price), "attributes": .object(attributes),
    ]
    if let availableFrom { json["available_from"] = JSONValue(availableFrom) }
    return json
  }
}
